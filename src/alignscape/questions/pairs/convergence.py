"""Whether a pair's heads had learned what they could when training ended."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from ...report.numbers import plural
from ..evidence.tables import Row

LATE = 0.05  # last part of the epochs; a head whose best epoch lies in it may not have reached its best
_FALL = 0.01  # of the validation loss's whole fall: less than this in that last part is a floor


def convergence(summary: Mapping[str, Any]) -> Row:
    """late_heads: share of the heads whose best epoch is in the last 5 % of the epochs (at least one epoch); not_converged:
    whether these are half of them, or their mean validation loss still falls there. Nulls where nothing was trained."""
    training = summary.get("training")
    if not training:
        return {"late_heads": None, "not_converged": None}
    best, loss = np.asarray(training["best_epochs"]), np.asarray(training["loss_validation"])
    last = max(1, round(LATE * len(loss)))
    late = float(np.mean(best > len(loss) - last))
    falls = len(loss) > last and loss[-1 - last] - loss[-1] > _FALL * (loss[0] - loss.min())
    return {"late_heads": late, "not_converged": bool(late >= 0.5 or falls)}


def unconverged(rows: list[Row]) -> str:
    """A sentence about the pairs among these rows whose training had not ended; "" if there are none."""
    count = sum(bool(row["not_converged"]) for row in rows)
    if not count:
        return ""
    were = "was" if count == 1 else "were"
    return (
        f"{count} of {plural(len(rows), 'pair')} {were} still learning when training ended: their order may change with more epochs, "
        "a higher learning rate, or standardised inputs."
    )
