"""Which proteins train encoders here: whole sequence clusters, so that what is left to test has families of every size."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

import numpy as np

from ..proteins.ids import entry_of
from ..storage.files import hash_fraction
from .clusters import load_clusters


def encoder_training_ids(
    named: Iterable[str] | None, clusters: Mapping[str, int], *, fraction: float, seed: int
) -> list[str]:
    """The proteins that encoders are trained on here, sorted.

    named: the ids that the config lists, each of which stands for all proteins of its entry; None to take whole clusters
    (cluster number by id) instead, until they are nearest to `fraction` of the proteins. Their order is by a hash of seed and first id, so
    that proteins added later hardly change the choice; a cluster larger than the whole share is never taken.
    """
    if named is not None:
        entries = {entry_of(id_) for id_ in named}
        return sorted(id_ for id_ in clusters if entry_of(id_) in entries)
    members: dict[int, list[str]] = {}
    for id_ in sorted(clusters):
        members.setdefault(clusters[id_], []).append(id_)
    size = round(fraction * len(clusters))
    ordered = sorted(members.values(), key=lambda ids: hash_fraction(seed, ids[0]))
    fitting = [ids for ids in ordered if len(ids) <= size]
    return sorted(id_ for ids in fitting[: first_groups(fitting, size)] for id_ in ids)


def trains_encoders(clusters: Sequence[str | Path], *, fraction: float, seed: int) -> Callable[[str], bool]:
    """Tells of a protein's id whether encoders are trained on it here.

    clusters: the file of all proteins' clusters; empty for a job that is given none but proteins that the config names.
    """
    if not clusters:
        return lambda _: True
    (path,) = clusters
    return set(encoder_training_ids(None, load_clusters(Path(path)), fraction=fraction, seed=seed)).__contains__


def first_groups(groups: Sequence[Sequence[str]], size: int) -> int:
    """How many of the first groups together have the number of members nearest to `size`; none if it is 0.

    Filling up to `size` with whatever still fits would instead take the small groups and leave out the large.
    """
    totals = np.cumsum([0, *map(len, groups)])
    return int(np.argmin(np.abs(totals - size)))
