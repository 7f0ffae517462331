"""The locks' packages as the check for wheels reads them; what it asks of an index is not tested here."""

import re
from pathlib import Path

import pytest

from tools.check_wheels import _NO_WHEEL, name_of, pins

ROOT = Path(__file__).parents[2]


def test_every_hashed_package_of_a_lock_is_asked_for():
    """As many packages as have hashes, each with an exact version."""
    lock = ROOT / "requirements.lock"
    found = pins(lock)
    assert len(found) == len(re.findall(r"\\\n    --hash", re.sub(r"(--hash=\S+) \\\n", r"\1\n", lock.read_text())))
    assert all(re.match(r"[A-Za-z0-9._-]+(\[.*\])?==\S+( ; .+)?$", pin) for pin in found)


@pytest.mark.parametrize(
    ("pin", "name"), [("Jinja2==3.1.6", "jinja2"), ("a_b.c==1 ; python_version < '3.12'", "a-b-c"), ("x[y]==2", "x")]
)
def test_a_name_is_written_as_the_resolver_does(pin, name):
    assert name_of(pin) == name


@pytest.mark.parametrize("named", ["biotite==1.6.0", "biotite{platform_machine == 'x86_64'}==1.6.0", "biotite"])
def test_the_resolver_names_what_has_no_wheel(named):
    said = f"Because {named} has no usable wheels and you require {named}, we can conclude"
    assert _NO_WHEEL.search(said)[1] == "biotite"
