"""Everything the report reads of a study, loaded from the documented files."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from ..config.study import Study
from ..errors import UserError
from ..storage.files import each_jsonl, read_json
from ..storage.plain_text import from_cell
from .costs import Costs, read_costs

ENTITY = ("kind", "name", "organism")  # what the report shows of an entity
_UNSEEN = ("lost", "source_sha256", "b_factors", "n_ca", "n_backbone")


@dataclass(frozen=True)
class Made:
    """When the page was made, and from which config file."""

    date: str = ""
    config: str = ""  # as one would write it in the folder of the run


@dataclass(frozen=True)
class StudyResults:
    """A study's outputs. Only `pairs` must be there; a section without its question is left out and said so."""

    study: Study
    questions: Mapping[str, Mapping[str, Any]]  # name -> docs/outputs.md
    facts: list[dict[str, Any]] = field(default_factory=list)  # ProteinFacts as JSON, a protein each, without sequences
    descriptions: Mapping[str, str] = field(default_factory=dict)  # id -> text
    ledger: list[dict[str, str]] = field(default_factory=list)  # id, stage, encoders, reason
    embeddings: list[dict[str, Any]] = field(default_factory=list)  # one sidecar per encoder
    encoder_training: frozenset[str] = frozenset()  # ids on which encoders were trained here
    checks: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)  # encoder -> what was found of it
    labels: Mapping[str, str] = field(default_factory=dict)  # every question there is, and what it is called
    costs: Costs = field(default_factory=Costs)
    made: Made = field(default_factory=Made)

    def __post_init__(self) -> None:
        if "pairs" not in self.questions:
            raise UserError(f"study {self.study.study}: the report needs the analysis `pairs`; found {found(self)}")

    def rows(self, question: str) -> list[dict[str, Any]]:
        """The table of a question; empty if it was not asked."""
        return list(self.questions.get(question, {}).get("rows", ()))

    @property
    def title(self) -> str:
        """The heading of the page and of the terminal."""
        return self.study.title or f"Alignment of structure and language: {self.study.study}"

    @property
    def absent(self) -> list[str]:
        """Questions that this run did not ask."""
        return [name for name in self.labels if name not in self.questions]


def found(results: StudyResults) -> str:
    """The names of the analyses that are there."""
    return ", ".join(sorted(results.questions)) or "none"


def load_results(
    study: Study,
    *,
    analyses: Iterable[str | Path],
    facts: Iterable[str | Path] = (),
    descriptions: Iterable[str | Path] = (),
    ledger: str | Path | None = None,
    sidecars: Iterable[str | Path] = (),
    encoder_training: Iterable[str] = (),
    checks: Iterable[str | Path] = (),
    labels: Mapping[str, str] | None = None,
    made: Made | None = None,
) -> StudyResults:
    """The results of a study from its files.

    analyses: one JSON file per question. facts, descriptions: JSON lines. ledger: a TSV. sidecars: .json of embedding
    shards, any number an encoder. labels: the questions that there are. Raises UserError if `pairs` is not among the analyses.
    """
    questions = {value["question"]: _in_order(value) for value in map(read_json, analyses)}
    texts = {row["id"]: row["text"] for path in descriptions for row in each_jsonl(path)}
    return StudyResults(
        study=study,
        questions=questions,
        facts=[_shown_facts(row) for path in facts for row in each_jsonl(path)],
        descriptions=texts,
        ledger=read_tsv(ledger) if ledger else [],
        embeddings=_one_an_encoder(map(read_json, sidecars)),
        encoder_training=frozenset(encoder_training),
        checks={one["encoder"]: one for path in checks for one in read_json(path)["encoders"]},
        labels=labels or {},
        made=made or Made(),
    )


def study_results(
    study: Study, inputs: Mapping[str, Any], *, labels: Mapping[str, str], made: Made | None = None
) -> StudyResults:
    """The results of a study from the named inputs of a rule; see `load_results`.

    inputs: analyses, facts, descriptions, ledger, rows of every encoder, and the list of proteins encoders were trained on.
    """
    results = load_results(
        study,
        analyses=inputs["analyses"],
        facts=[inputs["facts"]],
        descriptions=[inputs["descriptions"]],
        ledger=inputs["ledger"],
        sidecars=[Path(path).with_suffix(".json") for path in inputs["rows"]],
        encoder_training=Path(inputs["training"]).read_text(encoding="utf-8").splitlines(),
        checks=inputs.get("checks", ()),
        labels=labels,
        made=made,
    )
    rows = {Path(path).parents[1].name: Path(path) for path in inputs["rows"]}
    embedded = {e["encoder"]: e["n"] for e in results.embeddings}
    folder = study.results_dir / study.study / "benchmarks"
    return replace(results, costs=read_costs(folder, rows, embedded))


def _shown_facts(row: dict[str, Any]) -> dict[str, Any]:
    """A protein's facts without sequences and names of chains, which no part of the report shows and which take most of the memory."""
    entities = [{k: entity[k] for k in ENTITY} for entity in row["entities"]]
    return {k: v for k, v in row.items() if k not in _UNSEEN} | {"entities": entities}


def _in_order(question: dict[str, Any]) -> dict[str, Any]:
    """The question with its rows' keys in the order of `columns`, which JSON files do not keep."""
    columns = question.get("columns", ())
    rows = [{c: row[c] for c in columns if c in row} | row for row in question["rows"]]
    return question | {"rows": rows}


def read_tsv(path: str | Path) -> list[dict[str, str]]:
    """Rows of a tab-separated file with a header line."""
    head, *lines = Path(path).read_text(encoding="utf-8").removesuffix("\n").split("\n")
    return [dict(zip(head.split("\t"), map(from_cell, line.split("\t")), strict=False)) for line in lines]


def _one_an_encoder(sidecars: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """The first sidecar of each encoder, with the number of rows over all its shards instead of their ids."""
    merged: dict[str, dict[str, Any]] = {}
    for sidecar in sidecars:
        rest = {k: v for k, v in sidecar.items() if k not in ("ids", "omissions")}
        one = merged.setdefault(sidecar["encoder"], rest | {"n": 0, "n_omissions": 0})
        one["n"] += len(sidecar["ids"])
        one["n_omissions"] += len(sidecar["omissions"])
    return list(merged.values())
