"""Where one chain ends and the next begins, by all that a file says of it together.

A chain's name, a segment's name, a TER record, numbers that begin again and a terminal oxygen each mislead alone:
programs leave chains nameless, write TER at gaps, number on over chains or anew within one. Residues that are bonded
are one chain whatever else is said; those that are not are parted where the other signs agree.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import chain as concatenated
from itertools import product
from string import ascii_lowercase, ascii_uppercase, digits

import numpy as np
from numpy.typing import NDArray

from .atom_table import Names
from .backbone import Backbone, has_atom, read_backbone
from .grouping import Atoms

_LONGEST_GAP = 30  # residues; a TER at a longer one is believed
_PER_RESIDUE = 3.8  # angstrom
_NEAREST = 3.5  # angstrom; C-alphas of two residues are farther apart


def chain_parts(atoms: Atoms, nucleic: NDArray[np.bool_]) -> NDArray[np.int64]:
    """(r,) chains of polymer residues `atoms`, numbered in the order of the file; -1 for a chain that is there again."""
    names = atoms.residue_label.codes
    order = np.argsort(names, kind="stable")
    if len(order) == 0:
        return names
    before, after = order[:-1], order[1:]
    new = names[before] != names[after]
    split = _splits(atoms, nucleic, order)
    part = np.empty(len(order), dtype=np.int64)
    part[order] = np.append(0, (new | split).cumsum())
    copy = np.zeros(len(order), dtype=bool)
    if split.any():
        backbone = read_backbone(atoms)
        copy = _copies(atoms, backbone, part)
        part = _rejoined(atoms, backbone, np.where(copy, -1, part))
    _, first, codes = np.unique(part, return_index=True, return_inverse=True)
    first[codes[copy]] = -1  # so that the others are numbered from 0
    return np.where(copy, -1, (np.argsort(np.argsort(first)) - int(copy.any()))[codes])


def _splits(atoms: Atoms, nucleic: NDArray[np.bool_], order: NDArray[np.int64]) -> NDArray[np.bool_]:
    """(r - 1,) whether a chain begins between neighbours in `order` to which the file gives one chain name."""
    before, after = order[:-1], order[1:]
    number, insertion, segment = atoms.residue_number, atoms.residue_insertion, atoms.residue_segment
    named_segment = segment.each(bool, bool)
    ended = (atoms.residue_block[after] > atoms.residue_block[before]) | (after - before > 1)
    segmented = (segment.codes[before] != segment.codes[after]) & named_segment[before] & named_segment[after]
    restarted = number[after] < number[before]
    again = _again(atoms)[after] if restarted.any() else np.zeros(len(before), dtype=bool)
    terminal = has_atom(atoms, "OXT")[before]
    other_kind = nucleic[before] != nucleic[after]
    possible = ended | segmented | restarted | terminal | other_kind  # `again` goes with `restarted`
    possible &= (atoms.residue_label.codes[before] == atoms.residue_label.codes[after]) & ~(
        (number[before] == number[after]) & (insertion[before] == insertion[after])
    )
    split = np.zeros(len(before), dtype=bool)
    if possible.any():
        signs = tuple(sign[possible] for sign in (ended, segmented, restarted, again, terminal, other_kind))
        split[possible] = _signs_agree(atoms, before[possible], after[possible], *signs)
    return split


def _signs_agree(
    atoms: Atoms,
    before: NDArray[np.int64],
    after: NDArray[np.int64],
    ended: NDArray[np.bool_],
    segmented: NDArray[np.bool_],
    restarted: NDArray[np.bool_],
    again: NDArray[np.bool_],
    terminal: NDArray[np.bool_],
    other_kind: NDArray[np.bool_],
) -> NDArray[np.bool_]:
    """(n,) whether what is said of the place between residues amounts to the end of a chain.

    Residues of one chain name are parted by numbers that begin again or by another segment, with a second sign; nameless
    ones by any sign where the backbone is broken, but by TER alone only where no residues can be missing. That a residue
    was there before is such a sign.
    """
    backbone = read_backbone(atoms)
    bonded, apart = backbone.bonded(before, after)
    n_signs = ended.astype(int) + segmented + restarted + again + terminal
    of_named = (restarted | segmented) & (n_signs >= np.where(apart, 2, 3))
    jump = np.subtract(atoms.residue_number[after], atoms.residue_number[before], dtype=np.int64)
    gap = _gap(backbone, before, after, jump)
    of_nameless = apart & (restarted | segmented | terminal | (ended & ~gap))
    of_nameless |= (~apart & (n_signs >= 2)) | other_kind
    nameless = ~atoms.residue_author.each(bool, bool)[after]
    return ~bonded & np.where(nameless, of_nameless, of_named)


def _again(atoms: Atoms) -> NDArray[np.bool_]:
    """(r,) residues whose chain, number and name another residue before them has."""
    parts = (atoms.residue_label.codes, atoms.residue_number, atoms.residue_insertion, atoms.residue_name.codes)
    first = np.unique(np.stack([np.asarray(part, dtype=np.int64) for part in parts]), axis=1, return_index=True)[1]
    again = np.ones(atoms.n_residues, dtype=bool)
    again[first] = False
    return again


def _copies(atoms: Atoms, backbone: Backbone, part: NDArray[np.int64]) -> NDArray[np.bool_]:
    """(r,) residues of a chain that is an earlier one again, at its place, as another model of it is.

    Two chains of one name with the same residues are one where their C-alphas are mostly nearer than any two can be.
    """
    copy = np.zeros(atoms.n_residues, dtype=bool)
    alphas = backbone.middle
    kept: dict[tuple[bytes, ...], list[NDArray[np.int64]]] = defaultdict(list)
    for number in range(int(part.max()) + 1):
        own = np.flatnonzero(part == number)
        columns = (atoms.residue_label.codes, atoms.residue_number, atoms.residue_insertion, atoms.residue_name.codes)
        alike = kept[tuple(column[own].tobytes() for column in columns)]
        distances = [np.linalg.norm(alphas[own] - alphas[other], axis=1) for other in alike]
        if any(np.isfinite(d).any() and np.nanmedian(d) < _NEAREST for d in distances):
            copy[own] = True
        else:
            alike.append(own)
    return copy


def _gap(
    backbone: Backbone, before: NDArray[np.int64], after: NDArray[np.int64], jump: NDArray[np.int64]
) -> NDArray[np.bool_]:
    """(n,) whether residues that are not there could lie between: the numbers skip some, and the distance allows it."""
    distance, _ = backbone.distance(before, after)
    with np.errstate(invalid="ignore"):
        return (jump > 1) & (jump <= _LONGEST_GAP) & (distance <= _PER_RESIDUE * (jump + 1))


def _rejoined(atoms: Atoms, backbone: Backbone, part: NDArray[np.int64]) -> NDArray[np.int64]:
    """The parts with those joined of which residues with successive numbers are bonded: residues may stand in any order."""
    by_number: dict[tuple[int, int], list[int]] = defaultdict(list)
    for index, key in enumerate(zip(atoms.residue_label.codes.tolist(), atoms.residue_number.tolist(), strict=True)):
        by_number[key].append(index)
    pairs = [
        (i, j)
        for (name, number), indices in by_number.items()
        for i, j in product(indices, by_number.get((name, number + 1), ()))
        if part[i] != part[j] and part[i] >= 0 and part[j] >= 0
    ]
    if not pairs:
        return part
    before, after = np.array(pairs).T
    joined = part.copy()
    for i, j in np.array(pairs)[backbone.bonded(before, after)[0]].tolist():
        joined[joined == joined[j]] = joined[i]
    return joined


def free_names(taken: Iterable[str]) -> Iterator[str]:
    """Names of chains that are not taken: A to Z, a to z, 0 to 9, then pairs of letters."""
    used = set(taken)
    pairs = (first + second for first, second in product(ascii_uppercase, ascii_uppercase + digits))
    return (name for name in concatenated(ascii_uppercase, ascii_lowercase, digits, pairs) if name not in used)


def with_chain_names(atoms: Atoms, part: NDArray[np.int64], names: dict[int, str]) -> Atoms:
    """The same residues with parts called by `names`, both by label and by author; parts not in it keep theirs."""
    if not names:
        return atoms
    values = {}
    for field in ("residue_label", "residue_author"):
        texts = [names.get(p, text) for p, text in zip(part.tolist(), getattr(atoms, field).tolist(), strict=True)]
        values[field] = Names.of(texts)
    return Atoms(**{**vars(atoms), **values})
