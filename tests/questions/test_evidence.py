"""Evidence from files, training sets, categories and tables."""

import json
from dataclasses import replace

import numpy as np
import pytest

from alignscape.alignment.split import Split, save_splits
from alignscape.config.load import parse
from alignscape.questions.evidence.catalogue import build_catalogue
from alignscape.questions.evidence.category import categories, clean
from alignscape.questions.evidence.evidence import load_evidence
from alignscape.questions.evidence.on_demand import OnDemand
from alignscape.questions.evidence.tables import plain, result, to_tsv, write
from alignscape.questions.evidence.training import training_of
from alignscape.questions.pairs.analysis import run
from alignscape.storage.embeddings import EmbeddingMeta, write_shard
from alignscape.storage.files import read_json, write_jsonl, write_text

CONFIG = {
    "structure_encoders": [
        {"name": "g", "encoder": "gat"},
        {"name": "g-random", "encoder": "gat", "weights": "random"},
        {"name": "composition", "encoder": "composition"},
    ],
    "language_models": [{"name": "a", "model": "x"}, {"name": "tfidf", "encoder": "tfidf"}],
    "fine_tuning": [{"name": "a-lora", "base": "a"}, {"name": "a-shuffled", "base": "a", "shuffled": True}],
    "alignment": {"splits": ["random"], "bootstrap": 400, "permutations": 200},
    "seed": 7,
}


def test_files_give_the_same_answer_as_memory(study, made, protein, tmp_path):
    """Evidence written to files and loaded again answers with the same numbers."""
    study_config = parse(CONFIG)
    gdms = build_catalogue(study_config).gdms
    evidence = study({("g", "a"): made(), ("g", "tfidf"): made()}, gdms=gdms, llms=build_catalogue(study_config).llms)
    ids = evidence.results[0].ids
    for k, r in enumerate(evidence.results):
        r.save(tmp_path / f"{k}.npz")
    for name in ("g", "a", "tfidf"):
        meta = EmbeddingMeta(ids, name, "trained here", "0" * 64, "here", 3, "float32", 7)
        write_shard(tmp_path / f"{name}.npy", np.ones((len(ids), 3), np.float32), meta)
    write_jsonl(tmp_path / "facts.jsonl", [f.to_json() for f in evidence.facts.values()])
    write_jsonl(tmp_path / "texts.jsonl", [{"id": i, "text": i} for i in ids])
    write_text(tmp_path / "clusters.tsv", "id\tcluster\n" + "".join(f"{i}\t{k}\n" for k, i in enumerate(ids)))
    write_text(tmp_path / "nearest.tsv", "split\tid\tnearest\tidentity\tany_length\nrandom\tP00399\tP00007\t0.5\t0.6\n")
    parts = tuple("train" if k < 100 else "test" for k in range(400))
    parts = ("validation", "validation", *parts[2:])
    save_splits(tmp_path / "splits.tsv", {"random": Split("random", tuple(ids), parts)})
    loaded = load_evidence(
        study_config,
        pairs=[tmp_path / f"{k}.npz" for k in range(2)], rows=[tmp_path / f"{n}.npy" for n in ("g", "a", "tfidf")],
        splits=tmp_path / "splits.tsv", nearest=tmp_path / "nearest.tsv",
        clusters=tmp_path / "clusters.tsv", facts=tmp_path / "facts.jsonl",
        descriptions=tmp_path / "texts.jsonl",
    )  # fmt: skip
    ours, theirs = run(loaded)["rows"], run(evidence)["rows"]
    assert [r["score"] for r in ours] == [r["score"] for r in theirs]
    assert [(r["low"], r["high"]) for r in ours] == [(r["low"], r["high"]) for r in theirs]
    assert ours[0]["gdm_sha256"] == "0" * 64
    assert loaded.nearest["random"]["P00399"] == ("P00007", 0.5)
    assert loaded.any_length == {"random": {"P00399": 0.6}}
    assert loaded.training["random"].training.sum() == 98


def test_facts_and_texts_are_read_when_a_question_looks_at_them(study, made, tmp_path):
    """They are by far the largest files of a large study, and most questions look at neither."""
    read: list[str] = []

    def facts() -> dict[str, str]:
        read.append("facts")
        return {"A": "of A"}

    evidence = replace(study({("g", "a"): made()}), facts=OnDemand(facts), texts=OnDemand(facts))
    run(evidence)
    assert read == []
    assert (dict(evidence.facts), evidence.facts["A"], len(evidence.facts)) == ({"A": "of A"}, "of A", 1)
    assert read == ["facts"]


def test_catalogue_knows_roles_and_origins():
    """Baselines and fine-tuned models are not main; a fine-tuned model knows its base; random weights are known."""
    catalogue = build_catalogue(parse(CONFIG))
    assert catalogue.main_gdms == ["g", "g-random"]
    assert catalogue.main_llms == ["a"]
    assert (catalogue.llms["a-lora"].base, catalogue.llms["a-shuffled"].shuffled) == ("a", True)
    assert catalogue.gdms["g-random"].is_random
    assert not catalogue.gdms["g"].is_random
    assert catalogue.main_of_kind("gvp") is None
    assert catalogue.families() == {}


def test_training_of_folds_leaves_out_the_validating_fold():
    """Under k-fold a test protein's training proteins are those of its own fold's heads; validation does not count."""
    ids = tuple(f"P{k}" for k in range(24))
    split = Split("kfold", ids, tuple("train" if k < 9 else str(k % 3) for k in range(24)))
    training = training_of(split)
    counts = training.counts({i: ["x"] for i in ids})
    assert training.tested == list(ids[9:])
    # 9 that are always trained on, and the 5 of the one fold that neither tests nor validates.
    assert {c["x"] for c in counts.values()} == {14}


def test_names_are_compared_without_dress():
    """Old wrapping, case and punctuation make no other category; different proteins stay different."""
    assert clean("PROTEIN (UBIQUITIN)") == clean("Ubiquitin") == "ubiquitin"
    assert clean("HEMOGLOBIN (ALPHA CHAIN)") != clean("HEMOGLOBIN (BETA CHAIN)")
    assert clean("HLA class-I,  A*02:01 ") == "hla class i a 02 01"


def test_categories_join_name_and_organism(protein):
    """Each entity's category once; a name that tells nothing is no category."""
    assert categories(protein("X", entities=2, name="Lysozyme C")) == ["lysozyme c | homo sapiens"]
    assert categories(protein("X", name="Uncharacterized protein")) == []


def test_values_become_plain_json():
    """NumPy values become Python's, and what is not finite null."""
    value = {"a": np.float32(0.5), "b": [np.nan, np.int64(2)], "c": np.array([[1.0, np.inf]]), 1: (True, "x")}
    assert plain(value) == {"a": 0.5, "b": [None, 2], "c": [[1.0, None]], "1": [True, "x"]}


def test_tables_survive_hostile_names(tmp_path):
    """Tabs, quotes and line breaks inside a name neither break a line nor get quoted."""
    text = to_tsv([{"name": 'a "b"\t<c>\nd', "x": None}], ["name", "x"])
    assert text == 'name\tx\na "b" <c> d\t\n'


def test_a_result_is_written_with_its_table(tmp_path):
    """JSON and TSV hold the same rows, in the order of the columns."""
    found = result("q", [{"b": 1.5, "a": "x"}], columns=("a", "b"), answer="yes", method="looked", extra=[1])
    write(tmp_path / "q.json", found)
    assert read_json(tmp_path / "q.json") == json.loads(json.dumps(found))
    assert (tmp_path / "q.tsv").read_text() == "a\tb\nx\t1.5\n"


def test_a_row_without_a_column_is_an_error():
    """A row that lacks a documented column cannot be written."""
    with pytest.raises(ValueError, match="q: a row lacks b"):
        result("q", [{"a": 1}], columns=("a", "b"), answer="", method="")
