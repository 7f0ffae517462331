"""What every split tests, beside the whole study: a difference between splits may be one of the proteins tested."""

import numpy as np

from ...report.labels import SPLITS
from ..evidence.evidence import Evidence
from ..evidence.tables import Row

ALL = "all"  # the row of the whole study
LARGE = 10  # members above which a family is called large
EC_CLASSES = range(1, 8)


def composition(evidence: Evidence) -> list[Row]:
    """A row for the whole study, then one a split: shares of singletons, of large families, of enzymes and their classes.

    The size of a cluster is that in the whole study, in every row.
    """
    tested = {split: training.tested for split, training in evidence.training.items() if training.tested}
    everybody = list(evidence.clusters)
    parts = ({ALL: everybody} if everybody else {}) | {s: tested[s] for s in evidence.splits if s in tested}
    return [_row(evidence, part, ids) for part, ids in parts.items()]


def _row(evidence: Evidence, part: str, ids: list[str]) -> Row:
    of_study = np.bincount(list(evidence.clusters.values())) if evidence.clusters else np.empty(0, int)
    sizes = np.array([of_study[evidence.clusters[i]] if i in evidence.clusters else 1 for i in ids])
    row: Row = {"part": part, "n": len(ids), "clusters": evidence.families(ids).count}
    row |= {"alone": (sizes == 1).mean(), "large": (sizes > LARGE).mean()}
    classes = [_classes(evidence, id_) for id_ in ids]
    row |= {"enzymes": np.mean([bool(c) for c in classes])}
    return row | {f"ec_{number}": np.mean([number in c for c in classes]) for number in EC_CLASSES}


def _classes(evidence: Evidence, id_: str) -> set[int]:
    """First numbers of a protein's EC numbers."""
    facts = evidence.facts.get(id_)
    stated = [ec for entity in facts.polypeptides for ec in entity.ec] if facts else []
    return {int(ec.strip()[0]) for ec in stated if ec.strip()[:1].isdigit()}


def other_proteins(rows: list[Row], *, by: float = 0.1) -> str:
    """A sentence if the splits' shares of singletons differ by more than `by`; "" if not."""
    tests = [row for row in rows if row["part"] != ALL]
    shares = [row["alone"] for row in tests]
    if len(tests) < 2 or max(shares) - min(shares) <= by:
        return ""
    said = ", ".join(f"{row['alone']:.0%} with {SPLITS.get(row['part'], row['part'])}" for row in tests)
    return f"The splits test different proteins: without a relative in the study are {said}."
