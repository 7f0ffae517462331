"""What the structure encoders hold to, on the page: only what was found in this run."""

from dataclasses import replace

from alignscape.encoders.checking.findings import Checked, Finding
from alignscape.report.sections.study import study
from tests.helpers.made_study import made_study
from tests.helpers.whole_page import render_page

FOUND = Checked(
    "structure",
    "gearnet",
    "weights: shipped",
    "3 proteins of 37 to 60 residues",
    [
        Finding("rotation", True, "to the last bit"),
        Finding("chain_order", False, "differs in 2BEG", "as in the <b>original</b>"),
        Finding("batch", False, "differs in 1CRN"),
        Finding("mirror_image", False, is_open=True),
    ],
    {},
)


def test_found_and_not_promised_stand_beside_the_encoder() -> None:
    results = replace(made_study(40), checks={"gearnet": FOUND.to_json()})
    (table,) = [table for table in study(results).tables if table.name == "encoder-checks"]
    shown = str(table.html())
    assert [shown.count(f">{word}</span>") for word in ("yes", "no", "broken")] == [1, 2, 1]
    assert "not promised: as in the &lt;b&gt;original&lt;/b&gt;" in shown
    assert "<b>original" not in render_page(results)
    columns, (row,) = table.data()["columns"], table.data()["rows"]
    saved = dict(zip(columns, row, strict=True))
    assert (saved["name"], saved["rotation"], saved["chain_order"], saved["translation"]) == (
        "gearnet",
        "yes",
        "no",
        None,
    )
    assert saved["batch_detail"] == "differs in 1CRN"


def test_a_study_that_tried_none_has_no_such_table() -> None:
    results = made_study(40)
    assert results.checks == {}
    assert "encoder-checks" not in [table.name for table in study(results).tables]
