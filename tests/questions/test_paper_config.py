"""The paper's study as a config, against the numbers of the specification."""

from pathlib import Path

import pytest
import yaml

from alignscape.config.load import load
from alignscape.questions.evidence.catalogue import build_catalogue
from alignscape.questions.findings import paper_numbers

CONFIG = Path(__file__).parents[2] / "config" / "paper.yaml"
SHARED = Path(__file__).parents[3] / "shared" / "targets.yaml"


@pytest.fixture(scope="module")
def targets():
    """The specification's table of the paper's numbers."""
    if not SHARED.is_file():
        pytest.skip(f"{SHARED} is absent")
    return yaml.safe_load(SHARED.read_text())


def test_the_papers_study_is_valid_and_complete():
    """All four GDMs and three language models are main, Llama comes in two sizes, and RQ4 to RQ6 are asked."""
    study = load(CONFIG)
    catalogue = build_catalogue(study)
    assert {catalogue.gdms[g].kind for g in catalogue.main_gdms} == {"gearnet", "gvp", "scannet", "gat"}
    assert catalogue.main_llms == ["gemma2-2b", "llama3.1-8b", "llama3.1-70b"]
    assert {f: [m.name for m in models] for f, models in catalogue.families().items()} == {
        "llama-3.1": ["llama3.1-8b", "llama3.1-70b"]
    }
    assert catalogue.main_of_kind("gat").name == "gat-cora"
    assert [sum(h) for h in study.dimension_ladder.hidden] == list(paper_numbers.DIMENSIONS)
    assert {f.base for f in study.fine_tuning} == set(catalogue.main_llms)
    assert study.proteins.sample.n == 20000


def test_the_given_lists_are_the_papers(targets):
    """Popular and rare ids are those of the specification."""
    analysis = load(CONFIG).analysis
    assert analysis.popular_ids == targets["fig4b_rarity"]["popular"]
    assert analysis.rare_ids == targets["fig4b_rarity"]["rare"]


def test_the_papers_numbers_are_those_of_the_specification(targets):
    """Every table of paper_numbers equals its entry in targets.yaml."""
    equal = {
        "TRAINED": targets["table1"]["trained"],
        "UNTRAINED": targets["table1"]["untrained"],
        "POS": {g: v["pos"] for g, v in targets["fig2"].items()},
        "NEG": {g: v["neg"] for g, v in targets["fig2"].items()},
        "SLOPE": targets["fig4a_length"]["slope"],
        "CHAINS": targets["fig4c_chains_median"],
        "LAYERS": targets["fig5_layers"],
        "FINE_TUNED": targets["fig6_finetune"],
        "DIMENSIONS": targets["fig3b_dim"]["dims"],
        "PEARSON": targets["fig3a_pearson"]["upper_triangle"],
        "PEARSON_ORDER": [name.split("_")[0] for name in targets["fig3a_pearson"]["order"]],
        "BY_DIMENSION": [targets["fig3b_dim"][m] for m in targets["table1"]["columns"]],
    }
    for name, theirs in equal.items():
        assert as_lists(getattr(paper_numbers, name)) == theirs, name
    ranges = targets["fig4b_rarity"]["gearnet_gemma_ranges"]
    assert [list(paper_numbers.POPULAR), list(paper_numbers.RARE)] == [ranges["popular"], ranges["rare"]]


def as_lists(value):
    """Tuples as YAML has them."""
    if isinstance(value, dict):
        return {k: as_lists(v) for k, v in value.items()}
    return [as_lists(v) for v in value] if isinstance(value, tuple) else value


def test_the_papers_own_table_contradicts_its_first_claim():
    """GAT's trained heads score below untrained ones: nine of twelve pairs are above, and the text says so."""
    assert "above 0 in 9 of 12 pairs" in paper_numbers.paper_texts()[1]
