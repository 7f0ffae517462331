"""RQ6: language models fine-tuned on descriptions, against their base and against a shuffled control."""

from ...statistics.contrast import paired_differences
from ..evidence.catalogue import Encoder
from ..evidence.evidence import Evidence
from ..evidence.score_table import SCORES, ScoreTable, changed
from ..evidence.tables import Result, Row, not_testable, result

COLUMNS = ("gdm", "llm", "base", "kind", *SCORES, "n")
METHOD = (
    "LoRA on question and description (paper A.8), of training proteins only, then one-layer heads as for every pair. "
    "`shuffled` was tuned on the same descriptions, each asked for by another protein's id: a control of the link "
    "between id and description, which leaves the facts inside a description as they are. Each model was tuned once. "
    "Differences are of the calibrated score, paired over proteins, with errors over sequence clusters and seeds; "
    "Holm's correction over all of them."
)
_PAIRS = (("tuned", "base"), ("shuffled", "base"), ("tuned", "shuffled"))


def kind_of(model: Encoder) -> str:
    """`base`, `tuned` or `shuffled`."""
    if model.base is None:
        return "base"
    return "shuffled" if model.shuffled else "tuned"


def tuning_table(evidence: Evidence) -> ScoreTable:
    """The main GDMs with every fine-tuned model and its base, on the proteins that all have."""
    llms = evidence.catalogue.llms
    tuned = [name for name, m in llms.items() if m.base]
    bases = sorted({str(llms[name].base) for name in tuned})
    return evidence.table(evidence.select(llms=[*bases, *tuned]))


def comparisons(table: ScoreTable, evidence: Evidence) -> list[tuple[Row, tuple[int, int]]]:
    """What is compared: names, and the two places in the table."""
    llms, found = evidence.catalogue.llms, []
    base = [llms[r.language_model].base or r.language_model for r in table.results]
    kind = [kind_of(llms[r.language_model]) for r in table.results]
    for i, a in enumerate(table.results):
        for j, b in enumerate(table.results):
            if a.structure_encoder == b.structure_encoder and base[i] == base[j] and (kind[i], kind[j]) in _PAIRS:
                names = {"gdm": a.structure_encoder, "base": base[i], "a": a.language_model, "b": b.language_model}
                found.append((names | {"kinds": f"{kind[i]} - {kind[j]}"}, (i, j)))
    return found


def run(evidence: Evidence) -> Result:
    """Scores of bases, tuned models and controls, and their differences (docs/outputs.md)."""
    table = tuning_table(evidence)
    why = (
        evidence.too_few(table.families) if table.results else "the study fine-tunes no language model (`fine_tuning`)"
    )
    found = comparisons(table, evidence)
    if why or not found:
        why = why or "no fine-tuned model has its base beside it"
        return not_testable("fine_tuning", why, columns=COLUMNS, method=METHOD, differences=[])
    llms = evidence.catalogue.llms
    kinds = [
        {"base": llms[r.language_model].base or r.language_model, "kind": kind_of(llms[r.language_model])}
        for r in table.results
    ]
    rows = [s | k for s, k in zip(table.summaries(), kinds, strict=True)]
    numbers = paired_differences(table.means("calibrated"), [places for _, places in found])
    differences = [names | d for (names, _), d in zip(found, numbers, strict=True)]
    return result(
        "fine_tuning",
        rows,
        columns=COLUMNS,
        answer=_answer(table, found, differences),
        method=METHOD,
        differences=differences,
    )


def _answer(table: ScoreTable, found: list[tuple[Row, tuple[int, int]]], differences: list[Row]) -> str:
    said = []
    for kinds, words in (("tuned - base", "its base"), ("tuned - shuffled", "the shuffled control")):
        some = [d for d in differences if d["kinds"] == kinds]
        if some:
            of = [places for names, places in found if names["kinds"] == kinds]
            said.append(f"Against {words}, fine-tuning (one training per model) changes {changed(table, of, some)}.")
    return " ".join(said)
