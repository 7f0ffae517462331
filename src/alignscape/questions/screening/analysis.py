"""How well training-free measures predict the trained score."""

from collections.abc import Iterable
from typing import Any

import numpy as np

from ...alignment.gromov_wasserstein import MISSING, has_pot
from ...alignment.measures import DIMENSIONS, MEASURES
from ...alignment.screen import Found, Screened, one_of_each, screen
from ...report.numbers import count, probability
from ...storage.embeddings import read_rows_of
from ..evidence.evidence import Evidence
from ..evidence.score_table import ScoreTable
from ..evidence.tables import Result, Row, not_testable, result
from .prediction import predicts

COLUMNS = (
    "label", "gdm", "llm", *(f"{m}{suffix}" for m in MEASURES for suffix in ("", "_null", "_z", "_p")),
    *DIMENSIONS, "calibrated", "score",
)  # fmt: skip
SAMPLE = 1000  # proteins: the cost grows with their square
EXCHANGES = 200
METHOD = (
    "Measures between raw embeddings of the same test proteins, one of each sequence cluster, as texts can be exchanged "
    f"between unrelated proteins only (of more than {count(SAMPLE)} clusters a random sample of so many), each with its null "
    "of exchanged texts: mutual k nearest neighbours, unbiased CKA, CKNNA, bias-corrected distance correlation, "
    "information imbalance both ways, and where the package pot is installed the Gromov-Wasserstein distance that a "
    "descent from the known pairing reaches. Intrinsic dimension by TwoNN. Spearman's rho over the pairs with the "
    "calibrated score of trained heads, above 0 where more alike goes with a higher score, with a bootstrap over "
    "structure encoders (of the texts' dimension over language models) and a p by exchanging them, as the pairs of one "
    "encoder are not independent; corrected by Holm over the measures."
)


def run(evidence: Evidence) -> Result:
    """Measures without training beside the trained score, for every pair with one-layer heads (docs/outputs.md)."""
    catalogue = evidence.catalogue
    table = evidence.table(evidence.select(gdms=catalogue.gdms, llms=catalogue.llms))
    encoders = {name for r in table.results for name in (r.structure_encoder, r.language_model)}
    why = evidence.too_few(table.families) if table.results else "there is no pair"
    if missing := sorted(encoders - set(evidence.embeddings)):
        why = why or f"the embeddings of {', '.join(missing)} are not at hand"
    if why:
        more = {"n": 0, "neighbours": evidence.analysis.neighbours, "predicts": [], "dimensions": [], "left_out": ""}
        return not_testable("screening", why, columns=COLUMNS, method=METHOD, **more)
    generator = evidence.generator("screening")
    ids = [table.ids[i] for i in one_of_each(table.families, SAMPLE, generator)]
    found = screen(
        [(r.structure_encoder, r.language_model) for r in table.results],
        lambda name: read_rows_of(evidence.embeddings[name], ids),
        n=len(ids),
        neighbours=evidence.analysis.neighbours,
        exchanges=min(EXCHANGES, evidence.permutations),
        generator=generator,
    )
    rows = _rows(table, found)
    told = predicts(rows, draws=evidence.bootstrap, generator=generator)
    found_out: dict[str, Any] = {"n": found.n, "neighbours": found.neighbours, "predicts": told}
    found_out |= {"dimensions": dimension_rows(found), "left_out": "" if has_pot() else MISSING}
    return result("screening", rows, columns=COLUMNS, answer=_answer(told, len(rows)), method=METHOD, **found_out)


def _rows(table: ScoreTable, screened: Screened) -> list[Row]:
    rows = []
    for r, name, score, calibrated in zip(table.results, table.labels, table.score, table.calibrated, strict=True):
        pair = r.structure_encoder, r.language_model
        row: Row = {"label": name, "gdm": pair[0], "llm": pair[1]} | measured(screened.pairs[pair])
        dimensions = (screened.dimensions[encoder].value for encoder in pair)
        rows.append(row | dict(zip(DIMENSIONS, dimensions, strict=True)) | {"calibrated": calibrated, "score": score})
    return rows


def measured(found: dict[str, Found]) -> Row:
    """`<x>`, `<x>_null`, `<x>_z` and `<x>_p` of every measure, null for one that was left out."""
    row: Row = {}
    for name in MEASURES:
        value, null = found.get(name, (None, None))
        row |= {name: value, f"{name}_null": null and null.mean}
        row |= {f"{name}_z": null and null.z, f"{name}_p": null and null.p}
    return row


def dimension_rows(found: Screened) -> list[Row]:
    """The intrinsic dimension of every encoder, structure encoders first."""
    sides = {
        name: side
        for place, side in enumerate(("structure", "text"))
        for name in sorted({p[place] for p in found.pairs})
    }
    return [
        {"encoder": name, "side": side, "dimension": d.value, "low": d.low, "high": d.high, "n": d.n}
        for name, side in sides.items()
        for d in [found.dimensions[name]]
    ]


def _answer(told: Iterable[Row], pairs: int) -> str:
    found = {t["measure"]: t for t in told if t["measure"] in MEASURES and _finite(t["spearman"])}
    if not found:
        return f"{pairs} pairs are too few to say how well measures without training predict the score."
    best, *others = sorted(found.values(), key=lambda t: -t["spearman"])
    between = f"; the others from {others[-1]['spearman']:.2f} to {others[0]['spearman']:.2f}" if others else ""
    return (
        f"Of {len(found)} measures without training, {MEASURES[best['measure']].title} goes best with the calibrated score of "
        f"trained heads: rank correlation {best['spearman']:.2f} over {pairs} pairs (p {probability(best['p'])}, "
        f"{probability(best['p_corrected'])} corrected for the number of measures){between}."
    )


def _finite(value: float | None) -> bool:
    return value is not None and bool(np.isfinite(value))
