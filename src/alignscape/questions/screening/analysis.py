"""How well training-free measures predict the trained score."""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from ...alignment.kernels import KernelScores, kernel_scores
from ...statistics.association import spearman
from ...statistics.clusters import Clusters, Floats
from ...statistics.distributions import mid_ranks
from ...storage.embeddings import read_meta
from ..evidence.evidence import Evidence
from ..evidence.score_table import ScoreTable
from ..evidence.tables import Result, Row, not_testable, result

MEASURES = ("mutual_knn", "cka", "cknna")
COLUMNS = (
    "label", "gdm", "llm", *(f"{m}{suffix}" for m in MEASURES for suffix in ("", "_null", "_z", "_p")), "calibrated", "score",
)  # fmt: skip
METHOD = (
    "Mutual k nearest neighbours, unbiased CKA and CKNNA between raw embeddings of the same test proteins (one of "
    "each sequence cluster, as texts can be exchanged between unrelated proteins only; a random sample of many), each "
    "with its null of exchanged texts. Spearman's rho over the pairs with the calibrated score of trained heads, with "
    "a bootstrap over GDMs and a p by exchanging GDMs, as the pairs of one GDM are not independent."
)
SAMPLE = 1000  # proteins: the cost grows with their square
PERMUTATIONS = 200
FEWEST_PAIRS = 5


def embedding_rows(evidence: Evidence, encoder: str, ids: list[str]) -> Floats:
    """Raw embeddings (n, d) of some proteins, of which no more than these are read."""
    path = evidence.embeddings[encoder]
    place = {id_: row for row, id_ in enumerate(read_meta(path).ids)}
    stored = np.load(path, mmap_mode="r", allow_pickle=False)
    return np.asarray(stored[[place[i] for i in ids]], dtype=np.float64)


def _columns(found: KernelScores) -> Row:
    row: Row = {}
    for measure in MEASURES:
        null = getattr(found, f"{measure}_null")
        row |= {measure: getattr(found, measure), f"{measure}_null": null.mean}
        row |= {f"{measure}_z": null.z, f"{measure}_p": null.p}
    return row


def predicts(rows: list[Row], *, draws: int, generator: np.random.Generator) -> list[Row]:
    """Spearman's rho of each measure with the calibrated score over the pairs; nothing for fewer than five pairs.

    Pairs of one GDM are not independent: the bootstrap draws GDMs, and the permutation exchanges them.
    """
    if len(rows) < FEWEST_PAIRS:
        return []
    score, gdms = np.array([r["calibrated"] for r in rows], dtype=float), Clusters.of([r["gdm"] for r in rows])
    found = []
    for measure in MEASURES:
        values = np.array([[r[measure] for r in rows]], dtype=float)
        rho = spearman(score, values, gdms, draws=draws, generator=generator).rho
        ends = {"spearman": rho.value[0], "low": rho.low[0], "high": rho.high[0]}
        p = gdm_permutation_p(score, values[0], rows, generator=generator)
        found.append({"measure": measure, "pairs": len(rows), "p": p} | ends)
    return found


def gdm_permutation_p(
    x: Floats, y: Floats, pairs: Sequence[Row], *, generator: np.random.Generator, permutations: int = 9999
) -> float:
    """Two-sided p of Spearman's rho when whole GDMs exchange their y, (1 + as extreme) / (1 + permutations).

    pairs: `gdm` and `llm` of each value. GDMs exchange with those that have the same language models.
    """
    a, b = (mid_ranks(v) - (len(x) + 1) / 2 for v in (x, y))
    null = np.zeros(permutations)
    for places in _exchangeable(pairs):  # (g, m) each
        products = a[places] @ b[places].T
        orders = generator.permuted(np.tile(np.arange(len(places)), (permutations, 1)), axis=1)
        null += products[np.arange(len(places)), orders].sum(axis=1)
    return float((1 + (np.abs(null) >= abs(b @ a) - 1e-9).sum()) / (1 + permutations))


def _exchangeable(pairs: Sequence[Row]) -> list[np.ndarray]:
    """Places (g, m) of the pairs of GDMs that have the same language models, one row per GDM."""
    own: dict[str, dict[str, int]] = {}
    for place, pair in enumerate(pairs):
        own.setdefault(pair["gdm"], {})[pair["llm"]] = place
    alike: dict[tuple[str, ...], list[list[int]]] = {}
    for found in own.values():
        alike.setdefault(tuple(sorted(found)), []).append([found[m] for m in sorted(found)])
    return [np.array(rows) for rows in alike.values()]


def run(evidence: Evidence) -> Result:
    """Measures without training beside the trained score, for every pair with one-layer heads (docs/outputs.md)."""
    catalogue = evidence.catalogue
    table = evidence.table(evidence.select(gdms=catalogue.gdms, llms=catalogue.llms))
    encoders = {name for r in table.results for name in (r.structure_encoder, r.language_model)}
    why = evidence.too_few(table.families) if table.results else "there is no pair"
    if missing := sorted(encoders - set(evidence.embeddings)):
        why = why or f"the embeddings of {', '.join(missing)} are not at hand"
    if why:
        more = {"n": 0, "neighbours": evidence.analysis.neighbours, "predicts": []}
        return not_testable("screening", why, columns=COLUMNS, method=METHOD, **more)
    generator = evidence.generator("screening")
    ids = _sample(table, generator)
    embeddings = {name: embedding_rows(evidence, name, ids) for name in sorted(encoders)}
    rows, neighbours = [], evidence.analysis.neighbours
    for r, name, score, calibrated in zip(table.results, table.labels, table.score, table.calibrated, strict=True):
        structure, text = embeddings[r.structure_encoder], embeddings[r.language_model]
        permutations = min(PERMUTATIONS, evidence.permutations)
        found = kernel_scores(structure, text, neighbours=neighbours, permutations=permutations, generator=generator)
        names = {"label": name, "gdm": r.structure_encoder, "llm": r.language_model}
        rows.append(names | {"calibrated": calibrated, "score": score} | _columns(found))
        neighbours = found.neighbours
    told = predicts(rows, draws=evidence.bootstrap, generator=generator)
    found_out: dict[str, Any] = {"n": len(ids), "neighbours": neighbours, "predicts": told}
    return result("screening", rows, columns=COLUMNS, answer=_answer(told, len(rows)), method=METHOD, **found_out)


def _sample(table: ScoreTable, generator: np.random.Generator) -> list[str]:
    """One random protein of each sequence cluster, and of too many clusters a random part; sorted."""
    order = generator.permutation(table.n)
    _, first = np.unique(table.families.codes[order], return_index=True)
    chosen = order[first]
    if len(chosen) > SAMPLE:
        chosen = generator.choice(chosen, SAMPLE, replace=False)
    return [table.ids[i] for i in np.sort(chosen)]


def _answer(told: Iterable[Row], pairs: int) -> str:
    names = {"mutual_knn": "mutual kNN", "cka": "CKA", "cknna": "CKNNA"}
    said = [f"{names[t['measure']]} {t['spearman']:+.2f} (p {t['p']:.2g})" for t in told if np.isfinite(t["spearman"])]
    if not said:
        return f"{pairs} pairs are too few to say how well measures without training predict the score."
    return f"Rank correlation with the calibrated score of trained heads over {pairs} pairs: {', '.join(said)}."
