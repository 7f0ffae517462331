"""The changelog has the format that it says it has, and begins with this version."""

import re
from itertools import pairwise
from pathlib import Path

from packaging.version import Version

import alignscape

TEXT = (Path(__file__).parents[2] / "CHANGELOG.md").read_text(encoding="utf-8")
KINDS = ("Added", "Changed", "Deprecated", "Removed", "Fixed", "Security")  # of Keep a Changelog, in its order


def test_versions_go_down_from_this_one_each_with_a_date_or_unreleased() -> None:
    headings = re.findall(r"^## (.*)$", TEXT, re.MULTILINE)
    matches = [re.fullmatch(r"\[(\d+\.\d+\.\d+)\] - (\d{4}-\d\d-\d\d|unreleased)", heading) for heading in headings]
    versions = [match[1] for match in matches if match]
    assert len(versions) == len(headings)
    assert versions[0] == alignscape.__version__
    assert all(Version(newer) > Version(older) for newer, older in pairwise(versions))


def test_kinds_of_changes_stand_once_a_version_in_their_order_and_are_not_empty() -> None:
    for version in re.split(r"^## ", TEXT, flags=re.MULTILINE)[1:]:
        kinds = re.findall(r"^### (.*)\n\n(.?)", version, re.MULTILINE)
        assert [kind for kind, _ in kinds] == [kind for kind in KINDS if kind in dict(kinds)]
        assert all(first == "-" for _, first in kinds)
