"""A page of any number of proteins has a size: texts go first, then proteins, evenly; what is left is where it was."""

import base64

import numpy as np
import pytest

from alignscape.report.fitting import DISPENSABLE, MEASURES, fitted, held
from alignscape.report.payload import MISSING, STEPS, pack, protein_columns
from alignscape.report.results import StudyResults
from alignscape.report.section import MOST_SAVED, Column, Table
from tests.helpers.made_study import made_study


@pytest.fixture(scope="module")
def results() -> StudyResults:
    return made_study(400)


def test_what_fits_is_left_as_it_is(results: StudyResults) -> None:
    found = protein_columns(results)
    assert fitted(found) == found | {"without": [], "of": len(found["columns"]["id"])}
    assert held(fitted(found)) == ""


@pytest.mark.parametrize("share", [0.8, 0.4, 0.3])
def test_the_packed_columns_stay_within_their_room(results: StudyResults, share: float) -> None:
    """With room for a share of what all would take; only as much is left out as must be."""
    found = protein_columns(results)
    n = len(found["columns"]["id"])
    most = int(share * (len(pack(found)) + MEASURES * n))
    made = fitted(found, most)
    kept = len(made["columns"]["id"])
    assert (
        len(pack(made)) + MEASURES * kept < 1.15 * most
    )  # columns packed apart are a little smaller or larger than together
    assert made["without"] == list(DISPENSABLE)[: len(made["without"])]
    assert (kept == n) == (share == 0.8)
    if kept < n:
        assert made["without"] == list(DISPENSABLE)
        assert len(pack(made)) + MEASURES * kept > 0.7 * most


def test_proteins_that_stay_are_evenly_drawn_and_keep_their_scores(results: StudyResults) -> None:
    made = fitted(protein_columns(results), 5000)
    ids = made["columns"]["id"]
    places = [i for i, id_ in enumerate(protein_columns(results)["columns"]["id"]) if id_ in set(ids)]
    assert len(ids) > 20
    assert np.ptp(np.diff(places)) <= 1
    rows = {row["id"]: row for row in results.rows("proteins")}
    for pair, packed in zip(made["pairs"], made["scores"], strict=True):
        numbers = np.frombuffer(base64.b64decode(packed), "<i2").tolist()
        assert numbers == [round(rows[i][pair["label"]] * STEPS) if i in rows else MISSING for i in ids]
    assert made["of"] == 405
    assert f"this page has {len(ids)} of 405 proteins" in held(made)
    assert "no descriptions, titles of entries" in held(made)


def test_a_long_table_is_saved_in_part_and_says_so() -> None:
    """The button and the file agree; a short table's button promises all."""
    for n, part in ((MOST_SAVED, False), (MOST_SAVED + 5, True)):
        table = Table("ledger", "Line by line", [{"id": str(i)} for i in range(n)], [Column("Id", lambda r: r["id"])])
        assert len(table.data()["rows"]) == MOST_SAVED
        assert (", first 10\u202f000 rows" in table.html()) == part
