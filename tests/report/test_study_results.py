"""Results are loaded from the documented files."""

import json
from dataclasses import asdict, replace
from pathlib import Path

import pytest

from alignscape.errors import UserError
from alignscape.report.costs import Cost, Costs, read_costs
from alignscape.report.results import StudyResults, load_results, study_results
from alignscape.storage.embeddings import EmbeddingMeta
from alignscape.storage.files import write_json, write_jsonl, write_text
from alignscape.storage.ledger import Omission
from tests.helpers.made_study import made_study
from tests.helpers.whole_page import render_page


def write(results: StudyResults, folder: Path) -> dict:
    """The files of a study, as its rules leave them; the arguments that load them."""
    for name, value in results.questions.items():
        columns = list(value["rows"][0])
        write_json(folder / f"{name}-0.json", dict(value) | {"columns": columns})
    write_jsonl(folder / "a.facts.jsonl", results.facts[:10])
    write_jsonl(folder / "b.facts.jsonl", results.facts[10:])
    write_jsonl(folder / "texts.jsonl", [{"id": i, "text": t} for i, t in results.descriptions.items()])
    lines = ["id\tstage\tencoders\treason", *("\t".join(r.values()) for r in results.ledger)]
    write_text(folder / "ledger.tsv", "\n".join(lines) + "\n")
    return {
        "analyses": sorted(folder.glob("*-0.json")),
        "facts": sorted(folder.glob("*.facts.jsonl")),
        "descriptions": [folder / "texts.jsonl"],
        "ledger": folder / "ledger.tsv",
        "encoder_training": sorted(results.encoder_training),
        "labels": results.labels,
    }


def test_what_was_written_is_read(tmp_path: Path) -> None:
    """The page of the loaded files is the page of what is in memory, to the byte."""
    results = replace(made_study(40), embeddings=[], costs=Costs())
    loaded = load_results(results.study, **write(results, tmp_path), made=results.made)
    assert loaded.ledger == results.ledger
    assert render_page(loaded) == render_page(results)


def test_sequences_and_names_of_chains_do_not_stay_in_memory(tmp_path: Path) -> None:
    """No part of the page shows them, and of real proteins they are most of the facts."""
    results = replace(made_study(40), embeddings=[], costs=Costs())
    files = write(results, tmp_path)
    whole = [json.loads(line) for path in files["facts"] for line in Path(path).read_text().splitlines()]
    long = [
        row | {"entities": [e | {"sequence": "A" * 900, "chains_label": ["A"]} for e in row["entities"]]}
        for row in whole
    ]
    write_jsonl(files["facts"][0], long)
    loaded = load_results(results.study, **files | {"facts": files["facts"][:1]}, made=results.made)
    assert "AAAA" not in json.dumps(loaded.facts)
    assert render_page(loaded) == render_page(results)


def test_sidecars_of_one_encoder_are_joined(tmp_path: Path) -> None:
    """Rows and omissions are counted over all shards."""
    results = made_study(20)
    meta = EmbeddingMeta(
        ["A", "B"], "gvp", "random", None, "seed 42", 148, "float32", 42, [Omission("C", "embed", "gvp", "x")]
    )
    paths = [tmp_path / "gvp-1.json", tmp_path / "gvp-2.json"]
    for path in paths:
        write_json(path, asdict(meta))
    loaded = load_results(results.study, **write(results, tmp_path), sidecars=paths)
    assert [(e["encoder"], e["n"], e["n_omissions"]) for e in loaded.embeddings] == [("gvp", 4, 2)]


def test_the_inputs_of_a_rule_are_the_results_of_the_study(tmp_path: Path) -> None:
    """Named as in workflow/rules/report.smk: the same as the files given one by one."""
    results = replace(made_study(30), embeddings=[])
    files = write(results, tmp_path)
    facts = tmp_path / "all.jsonl"
    facts.write_text("".join(path.read_text() for path in files["facts"]))
    training = tmp_path / "training.txt"
    training.write_text("\n".join(sorted(results.encoder_training)) + "\n")
    inputs = {"analyses": files["analyses"], "facts": facts, "descriptions": files["descriptions"][0], "rows": []}
    inputs |= {"ledger": files["ledger"], "training": training}
    assert study_results(results.study, inputs, labels=results.labels) == load_results(results.study, **files)


def test_a_study_without_pairs_is_refused() -> None:
    """One line that says what is missing."""
    results = made_study(20)
    with pytest.raises(UserError, match="needs the analysis `pairs`; found length"):
        StudyResults(study=results.study, questions={"length": results.questions["length"]})


def test_costs_are_those_of_the_jobs_behind_the_rows(tmp_path: Path) -> None:
    """CPU time over all shards by the number of proteins, the largest memory; jobs of other digests do not count."""
    head = "s\th:m:s\tmax_rss\tmean_load\tcpu_time\n"
    for name, line in {
        "embed_structure-gvp-0123456789ab-s0000-aa": "4\t0:04\t1024\t90\t3.0",
        "embed_structure-gvp-0123456789ab-s0001-bb": "4\t0:04\t2048\t90\t5.0",
        "embed_structure-gvp-ba9876543210-s0000-aa": "4\t0:04\t9999\t90\t99.0",
        "embed_structure-gvp-mean-0123456789ab-s0000-aa": "4\t0:04\t9999\t90\t99.0",
        "embed_structure-gat-0123456789ab-s0000-aa": "0\t0:00\tNA\tNA\tNA",
        "pretrain-gvp-00000000000a": "9\t0:09\t512\t90\t8.5",
    }.items():
        write_text(tmp_path / f"{name}.tsv", head + line + "\n")
    rows = {name: Path("embeddings") / name / "0123456789ab" / "all-1.npy" for name in ("gvp", "gat", "other")}
    found = read_costs(tmp_path, rows, {"gvp": 4, "gat": 4, "other": 4})
    assert found.embedding == {"gvp": Cost(2.0, 2.0)}
    assert found.training == {"gvp": Cost(8.5, 0.5)}
