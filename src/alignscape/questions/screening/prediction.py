"""How well each measure without training foretells the calibrated score, over the pairs of a study."""

from collections.abc import Sequence
from typing import Literal

import numpy as np

from ...alignment.measures import MEASURES
from ...statistics.association import spearman
from ...statistics.bootstrap import holm
from ...statistics.clusters import Clusters, Floats
from ...statistics.distributions import mid_ranks
from ..evidence.tables import Row

Side = Literal["gdm", "llm"]
FEWEST_PAIRS = 5
FEWEST_ENCODERS = 4  # that are drawn again for an interval
# Each measure, and the encoders that are drawn and exchanged as a whole: those that share a value.
PREDICTORS: dict[str, Side] = {name: "gdm" for name in MEASURES}
PREDICTORS |= {"structure_dimension": "gdm", "text_dimension": "llm"}


def predicts(rows: list[Row], *, draws: int, generator: np.random.Generator) -> list[Row]:
    """Spearman's rho of each measure with the calibrated score over the pairs; nothing for fewer than five pairs.

    rho is above 0 where more alike goes with a higher score (of a dimension: where more goes with higher). Pairs of one
    encoder are not independent: the bootstrap draws encoders, and the permutation exchanges them. A measure that is the same
    for every pair, or is not there, has no rho, and fewer than four encoders no interval; `why` says so.
    """
    if len(rows) < FEWEST_PAIRS:
        return []
    found = [_predicted(rows, name, side, draws, generator) for name, side in PREDICTORS.items() if _known(rows, name)]
    tested = [row for row in found if row["p"] is not None]
    for row, p in zip(tested, holm([row["p"] for row in tested]), strict=True):
        row["p_corrected"] = float(p)
    return found


def _known(rows: list[Row], measure: str) -> bool:
    return all(row[measure] is not None and np.isfinite(row[measure]) for row in rows)


def _predicted(rows: list[Row], measure: str, side: Side, draws: int, generator: np.random.Generator) -> Row:
    sign = -1 if measure in MEASURES and MEASURES[measure].alike == "low" else 1
    score, values = (np.array([row[key] for row in rows], dtype=float) for key in ("calibrated", measure))
    row: Row = {"measure": measure, "pairs": len(rows), "spearman": None, "low": None, "high": None}
    row |= {"p": None, "p_corrected": None, "why": ""}
    if np.ptp(values) == 0:
        return row | {"why": "the same for every pair"}
    encoders = Clusters.of([r[side] for r in rows])
    rho = spearman(score, sign * values[None], encoders, draws=draws, generator=generator).rho
    row |= {"spearman": rho.value[0], "p": permutation_p(score, values, rows, whole=side, generator=generator)}
    if encoders.count < FEWEST_ENCODERS:
        return row | {
            "why": f"{encoders.count} {'structure encoders' if side == 'gdm' else 'language models'} are too few for an interval"
        }
    return row | {"low": rho.low[0], "high": rho.high[0]}


def permutation_p(
    x: Floats,
    y: Floats,
    pairs: Sequence[Row],
    *,
    generator: np.random.Generator,
    whole: Side = "gdm",
    permutations: int = 9999,
) -> float:
    """Two-sided p of Spearman's rho when whole encoders exchange their y, (1 + as extreme) / (1 + permutations).

    pairs: `gdm` and `llm` of each value. GDMs exchange with those that have the same language models, or the other way round.
    """
    a, b = (mid_ranks(v) - (len(x) + 1) / 2 for v in (x, y))
    null = np.zeros(permutations)
    for places in _exchangeable(pairs, whole):  # (g, m) each
        products = a[places] @ b[places].T
        orders = generator.permuted(np.tile(np.arange(len(places)), (permutations, 1)), axis=1)
        null += products[np.arange(len(places)), orders].sum(axis=1)
    return float((1 + (np.abs(null) >= abs(b @ a) - 1e-9).sum()) / (1 + permutations))


def _exchangeable(pairs: Sequence[Row], whole: Side) -> list[np.ndarray]:
    """Places (g, m) of the pairs of encoders that have the same partners, one row per encoder."""
    partner = "llm" if whole == "gdm" else "gdm"
    own: dict[str, dict[str, int]] = {}
    for place, pair in enumerate(pairs):
        own.setdefault(pair[whole], {})[pair[partner]] = place
    alike: dict[tuple[str, ...], list[list[int]]] = {}
    for found in own.values():
        alike.setdefault(tuple(sorted(found)), []).append([found[m] for m in sorted(found)])
    return [np.array(rows) for rows in alike.values()]
