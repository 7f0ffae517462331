"""Which proteins train, validate and test the heads: one saved split for all pairs (paper-notes P3, P4)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import numpy as np
from numpy.typing import NDArray

from ..config.study import Alignment, SplitName
from ..errors import UserError
from ..proteins.ids import entry_of
from ..storage.files import write_text
from ..storage.plain_text import from_cell, to_cell
from .encoder_training import first_groups
from .relatives import Relative

Indices = NDArray[np.int64]
TRAIN, VALIDATION, TEST = "train", "validation", "test"
MINIMUM = {TRAIN: 4, VALIDATION: 2, TEST: 3}  # fewer proteins than this in a part: the split is not testable
_HELD_OUT = 0.1  # of all proteins, once for validation and once for test


@dataclass(frozen=True, eq=False)
class Run:
    """One training: rows of the ID list in each of its three parts, each sorted."""

    train: Indices
    validation: Indices
    test: Indices


@dataclass(frozen=True)
class Split:
    """The part of every protein.

    `parts[i]` belongs to `ids[i]`: train, validation or test; under k-fold the number of its fold ("0", "1", ...),
    or train for a protein that is never held out. Fold f is tested by run f, which validates on fold f + 1 (the
    first after the last) and trains on all the rest, so that a file of fold numbers says everything.
    """

    name: SplitName
    ids: tuple[str, ...]
    parts: tuple[str, ...]

    @property
    def n_folds(self) -> int:
        """Folds of a k-fold split, 0 of the others."""
        numbers = [int(part) for part in self.parts if part.isdigit()]
        return max(numbers, default=-1) + 1

    @property
    def runs(self) -> list[Run]:
        """One run, or one a fold; none where the split is not testable."""
        return [] if self.reason else self._runs()

    @property
    def tested(self) -> Indices:
        """Rows that some run tests, sorted."""
        runs = self.runs
        return np.sort(np.concatenate([run.test for run in runs])) if runs else np.empty(0, np.int64)

    @property
    def reason(self) -> str | None:
        """Why nothing can be tested, in words for the report; None if it can."""
        runs = self._runs()
        if not runs:
            return f"{len(self.ids)} proteins leave none to test"
        for part, least in MINIMUM.items():
            found = min(len(getattr(run, part)) for run in runs)
            if found < least:
                return f"{len(self.ids)} proteins give a {part} part of {found}, at least {least} are needed"
        return None

    def restrict(self, ids: Iterable[str]) -> "Split":
        """The same split of fewer proteins: every protein stays in its part."""
        keep = set(ids)
        rows = [(id_, part) for id_, part in zip(self.ids, self.parts, strict=True) if id_ in keep]
        return Split(self.name, tuple(id_ for id_, _ in rows), tuple(part for _, part in rows))

    def _runs(self) -> list[Run]:
        parts = np.array(self.parts, dtype="U10")
        if not self.name.startswith("kfold"):
            return [Run(*(np.flatnonzero(parts == part) for part in (TRAIN, VALIDATION, TEST)))]
        k = self.n_folds
        return [_fold_run(parts, fold, (fold + 1) % k) for fold in range(k)]


def _fold_run(parts: NDArray[np.str_], tested: int, validated: int) -> Run:
    test, validation = parts == str(tested), parts == str(validated)
    return Run(np.flatnonzero(~test & ~validation), np.flatnonzero(validation & ~test), np.flatnonzero(test))


def make_splits(
    ids: Sequence[str],
    encoder_training: Iterable[str],
    clusters: Mapping[str, int] | None,
    *,
    relatives: Mapping[str, Relative] | None = None,
    config: Alignment,
    seed: int,
) -> dict[str, Split]:
    """Every split that the config names, by name. Chains of one entry have the same part in all.

    ids: the study's shared ID list; its order does not matter, it is sorted before anything is drawn.
    encoder_training: proteins that encoders were trained on here, also those that are not in the list: always `train`,
        and their whole clusters with them in the cluster splits. They count into the 80 % of an 80/10/10 split.
    clusters: cluster number by id, of these proteins too; needed by `cluster` and `kfold_cluster` only.
    relatives: proteins related to one that weights or texts which ship were learned from. The cluster splits never test
        them, nor their clusters; the others never test those that were themselves learned from.
    Raises ValueError for a cluster split without clusters, and if a cluster spans two parts.
    """
    ordered = sorted(set(ids))
    relatives = relatives or {}
    fixed = {*encoder_training, *(id_ for id_, one in relatives.items() if one.is_of(id_))}
    entries = {id_: entry_of(id_) for id_ in {*ordered, *fixed, *relatives}}
    never = {name: fixed | {*relatives} if name.endswith("cluster") else fixed for name in config.splits}
    return {name: _make(name, ordered, never[name], entries, clusters, config.folds, seed) for name in config.splits}


def _make(
    name: SplitName,
    ids: list[str],
    fixed: set[str],
    entries: Mapping[str, str],
    clusters: Mapping[str, int] | None,
    folds: int,
    seed: int,
) -> Split:
    by_cluster = name.endswith("cluster")
    groups: Mapping[str, int | str] | None = clusters if by_cluster else entries
    if groups is None:
        raise ValueError(f"split {name!r} needs the proteins' clusters")
    generator = np.random.default_rng([seed, *name.encode()])
    free = _free_groups(ids, fixed, groups, generator)
    parts = _deal(free, folds) if name.startswith("kfold") else _hold_out(free, round(_HELD_OUT * len(ids)))
    split = Split(name, tuple(ids), tuple(parts.get(id_, TRAIN) for id_ in ids))
    assert_whole_clusters(split, groups)
    return split


def _free_groups(
    ids: list[str], fixed: set[str], groups: Mapping[str, int | str], generator: np.random.Generator
) -> list[list[str]]:
    """The groups without a fixed protein, listed or not, in random order that the numbering of clusters does not change."""
    members: dict[int | str, list[str]] = {}
    for id_ in ids:
        members.setdefault(groups[id_], []).append(id_)
    taken = {groups[id_] for id_ in fixed if id_ in groups}
    free = sorted(group for number, group in members.items() if number not in taken)
    return [free[place] for place in generator.permutation(len(free))]


def _hold_out(groups: list[list[str]], size: int) -> dict[str, str]:
    """Test, then validation: the next whole groups in order that come nearest to `size` proteins.

    A group larger than `size` is trained on. Where less than twice `size` is free, the two parts share it evenly.
    """
    size = min(size, sum(map(len, groups)) // 2)
    groups = [group for group in groups if len(group) <= size]
    parts: dict[str, str] = {}
    for part in (TEST, VALIDATION):
        count = first_groups(groups, size)
        parts |= {id_: part for group in groups[:count] for id_ in group}
        groups = groups[count:]
    return parts


def _deal(groups: list[list[str]], folds: int) -> dict[str, str]:
    """Fold numbers: largest group first, each to the fold that holds the fewest proteins so far."""
    sizes = [0] * folds
    parts: dict[str, str] = {}
    for group in sorted(groups, key=len, reverse=True):
        fold = sizes.index(min(sizes))
        sizes[fold] += len(group)
        parts |= dict.fromkeys(group, str(fold))
    return parts


def assert_whole_clusters(split: Split, clusters: Mapping[str, int | str]) -> None:
    """Raises ValueError if a cluster, or another group, spans two parts of the split."""
    seen: dict[int | str, str] = {}
    for id_, part in zip(split.ids, split.parts, strict=True):
        if seen.setdefault(clusters[id_], part) != part:
            raise ValueError(f"{split.name}: cluster {clusters[id_]} of {id_} spans {seen[clusters[id_]]} and {part}")


def save_splits(path: str | Path, splits: Mapping[str, Split]) -> None:
    """A tab-separated file: id, and one column per split. Raises ValueError if the splits are of different ID lists."""
    ids = next(iter(splits.values())).ids
    if any(split.ids != ids for split in splits.values()):
        raise ValueError(f"{path}: the splits are of different ID lists")
    rows = zip(map(to_cell, ids), *(split.parts for split in splits.values()), strict=True)
    lines = ["\t".join(("id", *splits)), *("\t".join(row) for row in rows)]
    write_text(path, "\n".join(lines) + "\n")


def load_splits(path: str | Path) -> dict[str, Split]:
    """What `save_splits` wrote. Raises UserError for a file that is none."""
    header, *rows = [line.split("\t") for line in _lines(path)]
    if header[0] != "id" or any(len(row) != len(header) for row in rows):
        raise UserError(f"{path}: not a split file: expected a column `id` and one a split; delete it and start again")
    ids = tuple(from_cell(row[0]) for row in rows)
    return {
        name: Split(cast(SplitName, name), ids, tuple(row[column] for row in rows))
        for column, name in enumerate(header)
        if column
    }


def _lines(path: str | Path) -> list[str]:
    return Path(path).read_text(encoding="utf-8").removesuffix("\n").split("\n")
