"""A person's own texts as descriptions: whose they are, which of several, what of them is dropped, how they are shown."""

from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from alignscape.alignment.same_text import text_groups
from alignscape.config.load import parse
from alignscape.config.proteins import Text
from alignscape.descriptions.masked_facts import mask_facts
from alignscape.descriptions.own_texts import own_descriptions
from alignscape.descriptions.template import describe
from alignscape.encoders.text.rows import text_rows, texts_of
from alignscape.encoders.text.tfidf.block import Tfidf
from alignscape.encoders.text.tfidf.model import embed_texts
from alignscape.errors import UserError
from alignscape.proteins.facts import Entity, ProteinFacts
from alignscape.report.sections.dataset import dataset
from tests.helpers.made_study import made_study

TRYPSIN = Entity(1, "polypeptide", ["A", "B"], ["A", "B"], "TRYPSIN", "BOS TAURUS", 9913, "M" * 223, ["3.4.21.4"])


def facts(id_: str = "1TST") -> ProteinFacts:
    return ProteinFacts(id_, "", "", "", [TRYPSIN], 220, 220, 220, 1700, "")


def described(
    tmp_path: Path, table: str, ids: str, seed: int = 42, **own: str
) -> tuple[dict[str, dict[str, Any]], list[Any]]:
    """Rows by id of proteins called by single letters, and the omissions."""
    path = tmp_path / "t.tsv"
    path.write_text(table)
    rows, omissions = own_descriptions(Text(source="table", table=path, own=own), [facts(i) for i in ids], seed=seed)
    return {row["id"]: row for row in rows}, omissions


TABLE = "id\ttext\nA\tone\nB\tfirst\nb\tsecond\nB\tfirst\nZ\tother\n"


def test_a_protein_has_its_own_text_or_the_templates(tmp_path: Path) -> None:
    rows, omissions = described(tmp_path, TABLE, "ABC")
    assert (rows["A"]["text"], rows["A"]["describer"]) == ("one", "table")
    assert (rows["C"]["text"], rows["C"]["describer"]) == (describe(facts("C")), "template")
    assert rows["B"]["text"] in ("first", "second")
    assert (list(rows), omissions) == (["A", "B", "C"], [])


def test_or_a_line_in_the_ledger(tmp_path: Path) -> None:
    rows, omissions = described(tmp_path, TABLE, "ABC", without_text="ledger")
    assert list(rows) == ["A", "B"]
    assert [(o.id, o.stage, o.reason) for o in omissions] == [
        ("C", "describe", f"{tmp_path / 't.tsv'} has no text of it")
    ]


def test_the_seed_draws_each_of_several_texts_alike_often(tmp_path: Path) -> None:
    """The same seed the same text, whoever else is in the shard."""
    drawn = [described(tmp_path, TABLE, "AB", seed)[0]["B"]["text"] for seed in range(200)]
    assert drawn[:20] == [described(tmp_path, TABLE, "B", seed)[0]["B"]["text"] for seed in range(20)]
    assert 70 < Counter(drawn)["first"] < 130


def test_averaged_rows_are_numpys_mean(tmp_path: Path) -> None:
    """Of the different texts of a protein; of those that the encoder takes, where it does not take all."""
    rows, _ = described(tmp_path, f"{TABLE}A\t,,,\nC\t...\n", "ABC", several="average")
    assert rows["B"]["texts"] == ["first", "second"]
    ids, texts = texts_of(rows.values())
    assert (ids, texts) == (["A", "A", "B", "B", "C"], ["one", ",,,", "first", "second", "..."])
    block = Tfidf(encoder="tfidf", name="words", dimension=32)
    found, meta = text_rows(block, ids, texts, seed=1, cache_dir=tmp_path, adapter=None, reference=[], device="cpu")
    _, single, _, _ = embed_texts(block, ["x", "y", "z"], ["one", "first", "second"])
    assert meta.ids == ["A", "B"]
    np.testing.assert_allclose(found, [single[0], np.mean(single[1:], axis=0)], rtol=1e-6)
    assert [(o.id, o.reason) for o in meta.omissions] == [("C", "its text has no words")]


# --- drop ---------------------------------------------------------------------------------------------------

SAID = "1TST (chains A and B of 1tst) is bovine Trypsin, a 223-residue enzyme of Bos taurus with 220 amino acids in chain A; trypsinogen."


@pytest.mark.parametrize(
    ("drop", "expected"),
    [
        ([], SAID),
        (["id"], SAID.replace("1TST", "this protein").replace("1tst", "this protein")),
        (["name"], SAID.replace("Trypsin,", "the protein,")),
        (["organism"], SAID.replace("Bos taurus", "an organism")),
        (["length"], SAID.replace("223-residue", "residue").replace("220 amino", "amino")),
        (["chains"], SAID.replace("chains A and B", "chains").replace("chain A;", "chain;")),
    ],
)  # fmt: skip
def test_a_dropped_fact_is_gone_and_nothing_else(drop: list[str], expected: str) -> None:
    """Whole words only, in upper or lower case: the name does not take trypsinogen with it."""
    assert mask_facts(SAID, facts(), drop) == expected


def test_numbers_and_chains_of_others_stay() -> None:
    text = "It binds 5 residues of chain X, 1,223 residues in all; chain reactions."
    assert mask_facts(text, facts(), ["id", "name", "organism", "length", "chains"]) == text


def test_dropped_facts_are_gone_from_the_descriptions(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text(f'id,text\n1TST,"{SAID}"\n')
    [row], _ = own_descriptions(Text(source="table", table=path, drop=["id", "organism"]), [facts()], seed=1)
    assert "1TST" not in row["text"]
    assert "Bos taurus" not in row["text"]
    assert row["facts"]["id"] == "1TST"


# --- config, leakage, page ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ({"source": "table"}, "text: source: table needs `table`"),
        ({"table": "t.tsv"}, "`table` and `own` are read for `source: table` only"),
        ({"source": "table", "table": "t.tsv", "describer": "openai"}, "`describer: openai` writes from facts"),
        ({"source": "table", "table": "t.tsv", "own": {"several": "mean"}}, "'mean' is not one of average, draw"),
    ],
)
def test_a_config_that_does_not_fit_is_one_line(text: dict[str, Any], said: str) -> None:
    study = {"structure_encoders": [{"name": "g", "encoder": "gat"}], "language_models": [{"name": "m", "model": "m"}]}
    with pytest.raises(UserError, match=said):
        parse(study | {"text": text})


def test_the_same_own_text_counts_as_the_same_text(tmp_path: Path) -> None:
    """The leakage table's `same_text` and the duplicate-aware negatives see them, the id aside."""
    rows, _ = described(tmp_path, "id\ttext\nP1\tP1 cuts\nP2\tP2 cuts\nP3\tP3 binds\n", [])  # type: ignore[arg-type]
    rows, _ = described(tmp_path, "id\ttext\nA\tA cuts\nB\tB cuts\nC\tC binds\n", "ABC")
    groups = text_groups([row["text"] for row in rows.values()], list(rows))
    assert groups[0] == groups[1] != groups[2]


def test_markup_in_a_text_stays_text_on_the_page() -> None:
    results = made_study(20)
    hostile = "<script>alert(1)</script><img src=x onerror=alert(2)>"
    shown = dataset(replace(results, descriptions=dict.fromkeys(results.descriptions, hostile)))
    assert shown is not None
    assert "<script>alert" not in str(shown.body)
    assert "<img" not in str(shown.body)
    assert "&lt;script&gt;alert(1)&lt;/script&gt;&lt;img src=x" in str(shown.body)
