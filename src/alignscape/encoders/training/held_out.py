"""Which of the training proteins are kept back to measure on: whole families, so that the numbers are honest."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from ...errors import UserError
from ...proteins.ids import entry_of
from ...proteins.structure import AMINO_ACIDS, Structure

WORD = 4  # residues
_ALPHABET = len(AMINO_ACIDS) + 1


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
    kept_back: list[int] = []
    for number in drawn:
        if size[[*kept_back, number]].sum() <= share * size.sum():
            kept_back.append(int(number))
    kept_back = kept_back or [int(min(drawn, key=lambda number: size[number]))]
    held = [i for i in range(len(structures)) if family[i] in kept_back]
    return [i for i in range(len(structures)) if i not in held], held


def families(structures: Sequence[Structure]) -> NDArray[np.int64]:
    """(n,) family of each protein: proteins that share more words of four residues than chance would have it.

    Links anything above about 40 % identity, and chains of one entry. Needs no aligner, so it gives the same on every
    machine.
    """
    rows = [_words(s) for s in structures]
    start = np.cumsum([0, *map(len, rows)])
    shape = (len(rows), _ALPHABET**WORD)
    words = csr_array((np.ones(start[-1], dtype=np.int32), np.concatenate(rows), start), shape=shape)
    shared = (words @ words.T).tocoo()
    size = np.diff(start)
    by_chance = size[shared.row] * size[shared.col] / len(AMINO_ACIDS) ** WORD
    kin = shared.data >= 5 + 5 * by_chance
    _, first, entry = np.unique([entry_of(s.id) for s in structures], return_index=True, return_inverse=True)
    one = np.concatenate([shared.row[kin], np.arange(len(rows))])
    other = np.concatenate([shared.col[kin], first[entry]])
    links = csr_array((np.ones(len(one)), (one, other)), shape=(len(rows), len(rows)))
    return connected_components(links, directed=False)[1].astype(np.int64)


def _words(structure: Structure) -> NDArray[np.int64]:
    """The distinct words in a protein's observed sequence, as numbers, ascending."""
    types = structure.residue_type.astype(np.int64)
    places = np.lib.stride_tricks.sliding_window_view(types, min(WORD, len(types)))
    return np.unique(places @ _ALPHABET ** np.arange(places.shape[1]))
