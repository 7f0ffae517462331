"""The points behind RQ3: every test protein of the headline split with its facts and its matches."""

from ..evidence.evidence import Evidence
from ..evidence.tables import Result, Row, not_testable, result
from ..leakage.analysis import leakage_rows
from ..rarity.analysis import category_counts

FACTS = (
    "id", "name", "organism", "length", "total_length", "entities", "chains", "category_count",
    "nearest", "identity", "same_text",
)  # fmt: skip
METHOD = (
    "Matches are S_ii, the cosine of the projections of a protein's structure and of its own text, averaged over seeds."
)


def _facts(evidence: Evidence, id_: str) -> Row:
    facts = evidence.facts[id_]
    first = next(iter(facts.polypeptides), None)
    row: Row = {"id": id_, "name": first.name if first else "", "organism": (first.organism or "") if first else ""}
    row |= {"length": facts.length, "total_length": facts.total_length}
    return row | {"entities": facts.n_entities, "chains": facts.n_chains}


def run(evidence: Evidence) -> Result:
    """A row a test protein (docs/outputs.md)."""
    table, split = evidence.main_table(), evidence.headline
    columns = (*FACTS, *table.labels)
    names = [
        {"label": name, "gdm": r.structure_encoder, "llm": r.language_model}
        for name, r in zip(table.labels, table.results, strict=True)
    ]
    if not table.n:
        return not_testable("proteins", "no protein was tested", columns=columns, method=METHOD, pairs=names)
    known = split in evidence.training
    counts = category_counts(evidence, split) if known else {}
    leaks = {r["id"]: r for r in leakage_rows(evidence, split)} if known else {}
    rows = []
    for i, id_ in enumerate(table.ids):
        leak = {k: leaks.get(id_, {}).get(k) for k in ("nearest", "identity", "same_text")}
        scores = dict(zip(table.labels, table.matched[:, i], strict=True))
        rows.append(_facts(evidence, id_) | {"category_count": counts.get(id_)} | leak | scores)
    answer = f"{table.n} proteins were tested with all {len(names)} pairs."
    return result("proteins", rows, columns=columns, answer=answer, method=METHOD, pairs=names)
