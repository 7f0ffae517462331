"""How alike rows are that ought to be the same: their difference, against how far rows of different proteins lie apart."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from .findings import Finding

Rows = Mapping[str, NDArray[np.float32]]  # by id
# Largest difference that rounding makes in rows computed in each number type.
TOLERANCE = {"float32": 1e-3, "float16": 0.03, "bfloat16": 0.2}
_SHOWN = 3  # ids


def spread(rows: Rows) -> float:
    """The median distance between two of the rows; 0 of fewer than two."""
    table = np.stack(list(rows.values())).astype(np.float64) if rows else np.empty((0, 0))
    first, second = np.triu_indices(len(table), k=1)
    return float(np.median(np.linalg.norm(table[first] - table[second], axis=1))) if len(first) else 0.0


def are_distinct(rows: Rows) -> Finding:
    """Whether rows of different things differ by more than rounding."""
    largest = max((float(np.abs(row).max()) for row in rows.values()), default=0.0)
    if len(rows) < 2:
        return Finding("distinct", None, "fewer than two have a row")
    apart = spread(rows)
    return Finding("distinct", apart > 1e-6 * largest, f"half of the pairs are {apart:.3g} or more apart")


def are_same(
    asked: str, rows: Rows, others: Rows, *, among: Rows, number_type: str, why_lost: Mapping[str, str]
) -> Finding:
    """Whether rows (d,) of the same ids are the same but for rounding.

    others: may lack some, for a reason. among: the rows whose distances the difference is measured by.
    """
    wanted = sorted(rows)
    if not wanted:
        return Finding(asked, None, "there is no row to compare")
    if lost := [id_ for id_ in wanted if id_ not in others]:
        return Finding(asked, False, f"no row of {_some(lost)}: {why_lost.get(lost[0], 'lost')}")
    if any(others[id_].shape != rows[id_].shape for id_ in wanted):
        return Finding(asked, False, "the rows have another width")
    if all(np.array_equal(rows[id_], others[id_]) for id_ in wanted):
        return Finding(asked, True, "to the last bit")
    unit = spread(among) or max(float(np.linalg.norm(rows[id_])) for id_ in wanted) or 1.0
    difference = {id_: float(np.linalg.norm(rows[id_].astype(np.float64) - others[id_])) / unit for id_ in wanted}
    off = [id_ for id_ in wanted if not difference[id_] <= TOLERANCE[number_type]]
    largest = f"differs by up to {max(difference.values()):.1g} of the usual distance between two"
    return Finding(asked, not off, f"{largest}, in {_some(off)}" if off else largest)


def _some(ids: list[str]) -> str:
    more = len(ids) - _SHOWN
    return ", ".join(ids[:_SHOWN]) + (f" and {more} more" if more > 0 else "")
