"""Who is in: which of the study's proteins a pair is trained on, and which a table of pairs compares.

The study's own list is made once, by `eligibility`, and lies in splits.tsv with every protein's part. From there it only
becomes shorter, and only here: by the proteins that an encoder failed on after all, and by those that were not tested.
"""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..storage.embeddings import mapped_rows
from .result import PairResult, SplitScores
from .split import Split


class PairRows(NamedTuple):
    """Rows of both encoders of a pair: row i of either is of protein ids[i]."""

    ids: list[str]  # (n,), sorted
    structure: NDArray[np.float32]  # (n, d_s)
    text: NDArray[np.float32]  # (n, d_t)


def shared_ids(lists: Iterable[Iterable[str]]) -> list[str]:
    """The ids that every one of the lists has, sorted; none if there is no list."""
    sets = [set(ids) for ids in lists]
    return sorted(set.intersection(*sets)) if sets else []


def pair_rows(structure: str | Path, text: str | Path, splits: Mapping[str, Split]) -> PairRows:
    """The rows of the study's proteins that both encoders have a row for.

    structure, text: all rows of an encoder (.npy with sidecar). splits: of the study, any of which has its whole list.
    Raises UserError for a file that does not fit its sidecar.
    """
    shards = [mapped_rows(path) for path in (structure, text)]
    study_ids = next(iter(splits.values())).ids
    ids = shared_ids([study_ids, *(meta.ids for _, meta in shards)])
    return PairRows(ids, *(_of_ids(rows, meta.ids, ids) for rows, meta in shards))


def _of_ids(rows: NDArray[np.float32], own: list[str], ids: list[str]) -> NDArray[np.float32]:
    """Rows of `ids` among rows of `own`: the same ones, not a copy, where these are all of them in order."""
    if own == ids:
        return rows
    place = {id_: row for row, id_ in enumerate(own)}
    return rows[[place[id_] for id_ in ids]]


def compared_ids(results: Sequence[PairResult], split: str) -> list[str]:
    """The proteins that every pair has all scores for under `split`, sorted."""
    return shared_ids(r.ids_of(split)[_tested(r.splits[split])].tolist() for r in results)


def _tested(scores: SplitScores) -> NDArray[np.bool_]:
    """Which proteins (n,) have every score, of all seeds and all untrained draws."""
    arrays = (scores.score, scores.negative, scores.untrained_score, scores.untrained_negative)
    return np.logical_and.reduce([np.isfinite(a).all(axis=0) for a in arrays])
