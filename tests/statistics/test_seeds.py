"""Few seeds are said: by the doctor and on the page."""

import pytest

from alignscape.commands import doctor
from alignscape.statistics.seeds import few_seeds
from tests.helpers.made_study import made_config


@pytest.mark.parametrize(
    ("seeds", "said"), [(1, "1 seed per pair says nothing"), (3, "3 seeds per pair are few"), (4, "from 3 degrees")]
)
def test_fewer_than_five_are_said(seeds, said):
    assert said in few_seeds(seeds)


@pytest.mark.parametrize("seeds", [5, 10])
def test_five_are_enough(seeds):
    assert few_seeds(seeds) == ""


@pytest.mark.parametrize(("seeds", "warned"), [(3, True), (5, False)])
def test_the_doctor_warns_of_few_seeds(seeds, warned, monkeypatch):
    """The network is not asked: models are the registry's."""
    study = made_config(alignment={"seeds": seeds})
    found = [check for check in doctor.examine(study) if check.what == "seeds"]
    assert [check.outcome for check in found] == ["warning"] * warned
