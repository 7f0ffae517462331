"""Which of the training proteins are kept back to measure on: whole families, so that the numbers are honest."""

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from ...errors import UserError
from ...proteins.ids import entry_of
from ...proteins.structure import AMINO_ACIDS, Structure

WORD = 4  # residues
_ALPHABET = len(AMINO_ACIDS) + 1
_PAIRS = 1_000_000  # of proteins, compared at once


def hold_out(structures: Sequence[Structure], *, share: float, seed: int) -> tuple[list[int], list[int]]:
    """Positions of the proteins to train on and of those to measure on, both ascending.

    Families are drawn in a seeded order, whatever the order of `structures`, and kept back as long as all of them
    together hold at most `share` of the residues; if each holds more, the smallest is kept back. Raises UserError where
    all proteins are one family.
    """
    family = families(structures)
    size = np.bincount(family, weights=[s.n_residues for s in structures])
    if len(size) < 2:
        raise UserError(
            f"encoder_training: {len(structures)} proteins of one family, at least two unrelated are needed"
        )
    by_id = [int(family[i]) for i in sorted(range(len(structures)), key=lambda i: structures[i].id)]
    drawn = np.random.default_rng(seed).permutation(list(dict.fromkeys(by_id)))
    kept_back, residues, most = set[int](), 0.0, share * size.sum()
    for number in drawn.tolist():
        if residues + size[number] <= most:
            kept_back.add(number)
            residues += size[number]
    kept_back = kept_back or {int(min(drawn, key=lambda number: size[number]))}
    held = [i for i, number in enumerate(family.tolist()) if number in kept_back]
    return [i for i, number in enumerate(family.tolist()) if number not in kept_back], held


def families(structures: Sequence[Structure]) -> NDArray[np.int64]:
    """(n,) family of each protein: proteins that share more words of four residues than chance would have it.

    Links anything above about 40 % identity, and chains of one entry. Needs no aligner, so it gives the same on every
    machine.
    """
    rows = [_words(s) for s in structures]
    start = np.cumsum([0, *map(len, rows)])
    shape = (len(rows), _ALPHABET**WORD)
    words = csr_array((np.ones(start[-1], dtype=np.int32), np.concatenate(rows), start), shape=shape)
    _, first, entry = np.unique([entry_of(s.id) for s in structures], return_index=True, return_inverse=True)
    everyone = np.arange(len(rows))
    family = _joined(everyone, first[entry])
    for one, other in _kin(words):
        firsts = np.unique(family, return_index=True)[1][family]  # of each one's family so far
        family = _joined(np.concatenate([everyone, one]), np.concatenate([firsts, other]))
    return family


def _kin(words: csr_array) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """Pairs of proteins that share more words than by chance, some proteins' at a time: most pairs share one by chance.

    words: (n, words), 1 where a protein has the word.
    """
    size, holders = np.diff(words.indptr), words.T.tocsr()
    at_once = max(1, _PAIRS // words.shape[0])
    for begin in range(0, words.shape[0], at_once):
        shared = (words[begin : begin + at_once] @ holders).tocoo()
        row = shared.row + begin
        by_chance = size[row] * size[shared.col] / len(AMINO_ACIDS) ** WORD
        kin = shared.data >= 5 + 5 * by_chance
        yield row[kin], shared.col[kin]


def _joined(one: NDArray[np.int64], other: NDArray[np.int64]) -> NDArray[np.int64]:
    """(n,) the family of each of n proteins, of which all are among `one`: what `one` and `other` link, in their order."""
    n = int(one.max(initial=-1)) + 1
    links = csr_array((np.ones(len(one)), (one, other)), shape=(n, n))
    return connected_components(links, directed=False)[1].astype(np.int64)


def _words(structure: Structure) -> NDArray[np.int64]:
    """The distinct words in a protein's observed sequence, as numbers, ascending."""
    types = structure.residue_type.astype(np.int64)
    places = np.lib.stride_tricks.sliding_window_view(types, min(WORD, len(types)))
    return np.unique(places @ _ALPHABET ** np.arange(places.shape[1]))
