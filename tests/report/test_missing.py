"""What the page says of the ledger: proteins that were lost, and files that are no protein's, apart from each other."""

from alignscape.config.load import parse
from alignscape.report.results import StudyResults
from alignscape.report.sections.missing import LINES, missing

STUDY = parse(
    {
        "structure_encoders": [{"name": "a", "encoder": "gat"}],
        "language_models": [{"name": "x", "encoder": "tfidf"}],
    }
)
FILE = {"id": "sub/<b>.mmtf", "stage": "source", "encoders": "", "reason": "not read: MMTF"}
LOST = {"id": "1ABC", "stage": "parse", "encoders": "", "reason": "empty file"}


def sentence(*ledger: dict[str, str]) -> str:
    return str(missing(StudyResults(study=STUDY, questions={"pairs": {}}, ledger=list(ledger))).answer)


def test_a_file_that_is_no_protein_is_no_lost_protein() -> None:
    """It is counted on its own; only a protein's line links to a protein."""
    assert sentence() == "No protein was lost: every encoder took every one."
    assert sentence(FILE) == f"{sentence()} 1 file of the folder is no protein's."
    assert sentence(LOST, FILE, FILE | {"id": "c"}).startswith("1 protein was left out somewhere (1 at parse)")
    again = sentence(LOST, LOST | {"stage": "embed"}, LOST | {"id": "2ABC"})
    assert again.startswith("2 proteins were left out somewhere, for 3 reasons in all (1 at embed and 2 at parse)")
    assert sentence(LOST, FILE, FILE | {"id": "c"}).endswith(" 2 files of the folder are no protein's.")
    link = LINES[0].cell
    assert "href" in str(link(LOST))
    assert "href" not in str(link(FILE))
