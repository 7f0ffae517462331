"""RQ5: structure heads of one, two and three layers."""

from ...config.study import Variant
from ...statistics.contrast import paired_differences
from ..evidence.evidence import Evidence
from ..evidence.score_table import SCORES, ScoreTable, changed
from ..evidence.tables import Result, Row, not_testable, result

COLUMNS = ("label", "gdm", "llm", "layers", *SCORES, "n")
METHOD = (
    "The head of the structure side has one, two or three linear layers (paper Sec. 3.6), that of the text side one. "
    "Differences are of the calibrated score, paired over proteins; their errors are over sequence clusters and "
    "seeds; Holm's correction over all of them."
)


def depth_table(evidence: Evidence) -> tuple[ScoreTable, list[int]]:
    """The main pairs that have more than one depth, each depth on the proteins that all have, and the depth of each."""
    found = [(r, layers) for layers in (1, 2, 3) for r in evidence.select(variant=Variant(layers=layers))]
    deep = {(r.structure_encoder, r.language_model) for r, layers in found if layers > 1}
    found = [(r, n) for r, n in found if not deep or (r.structure_encoder, r.language_model) in deep]
    table = evidence.table(r for r, _ in found)
    return table, [layers for r, layers in found if evidence.headline in r.splits]


def steps(table: ScoreTable, layers: list[int]) -> list[tuple[int, int]]:
    """Places (deeper, shallower) in the table of each pair's neighbouring depths."""
    keys = [(r.structure_encoder, r.language_model) for r in table.results]
    place = {(*key, n): i for i, (key, n) in enumerate(zip(keys, layers, strict=True))}
    return [(place[gdm, llm, n + 1], i) for (gdm, llm, n), i in place.items() if (gdm, llm, n + 1) in place]


def _differences(table: ScoreTable, layers: list[int]) -> list[Row]:
    of = steps(table, layers)
    names = [
        {k: rows[k] for k in ("label", "gdm", "llm")} | {"from": layers[b], "to": layers[a]}
        for a, b in of
        for rows in [_name(table, a)]
    ]
    return [n | d for n, d in zip(names, paired_differences(table.means("calibrated"), of), strict=True)]


def _name(table: ScoreTable, i: int) -> Row:
    r = table.results[i]
    return {"label": table.labels[i], "gdm": r.structure_encoder, "llm": r.language_model}


def run(evidence: Evidence) -> Result:
    """Scores by depth and what each further layer adds (docs/outputs.md)."""
    table, layers = depth_table(evidence)
    why = evidence.too_few(table.families) if table.results else "there is no pair"
    if len(set(layers)) < 2:
        why = "the study has heads of one depth only (`alignment.layers`)"
    if why:
        return not_testable("depth", why, columns=COLUMNS, method=METHOD, differences=[])
    rows = [s | {"layers": n} for s, n in zip(table.summaries(), layers, strict=True)]
    differences = _differences(table, layers)
    rows.sort(key=lambda r: (r["label"], r["layers"]))
    return result(
        "depth",
        rows,
        columns=COLUMNS,
        answer=_answer(table, layers, differences),
        method=f"{METHOD} {_tried_on(evidence, table)}".strip(),
        differences=differences,
    )


def _tried_on(evidence: Evidence, table: ScoreTable) -> str:
    """Which of the study's language models have deeper heads; nothing if all have."""
    every, tried = (
        sorted({r.language_model for r in results}) for results in (evidence.select(variant=Variant()), table.results)
    )
    if every == tried:
        return ""
    return f"Tried on {', '.join(tried)}, {len(tried)} of {len(every)} language models (`alignment.depth_models`)."


def _answer(table: ScoreTable, layers: list[int], differences: list[Row]) -> str:
    said = []
    for deeper, name in ((2, "second"), (3, "third")):
        found = [d for d in differences if d["to"] == deeper]
        if not found:
            continue
        of = [step for step in steps(table, layers) if layers[step[0]] == deeper]
        said.append(f"A {name} layer changes {changed(table, of, found)}.")
    return " ".join(said)
