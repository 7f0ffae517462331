"""Where the residues of a chain stand in its full sequence, and whether that sequence is theirs."""

import re
from collections.abc import Mapping, Sequence

import gemmi
import numpy as np
from numpy.typing import NDArray

from .amino_acids import known_parent, letters
from .backbone import read_backbone
from .grouping import Atoms

_BLANK = 32
_AGREEMENT = 0.8  # of a chain's residues; below it the stated sequence is another chain's, or a part


def sequence_positions(chain: Atoms, sequence: Sequence[str]) -> NDArray[np.int32]:
    """(r,) 1-based places of a chain's residues in `sequence`, residue names; 0 for one that has none.

    Residue numbers count where they fit the sequence throughout, else the two are aligned with gemmi, gaps where the
    backbone has one.
    """
    names = [known_parent(name) or name for name in chain.residue_name.tolist()]
    full = [known_parent(name) or name for name in sequence]
    if names == full:
        return np.arange(1, len(full) + 1, dtype=np.int32)
    if _numbers_fit(chain, names, full):
        return chain.residue_number.astype(np.int32)
    return _aligned(chain, names, full)


def _numbers_fit(chain: Atoms, names: list[str], full: list[str]) -> bool:
    """Whether the residue numbers are places in `full`: all ascend and name the residue there, but for single mutations."""
    number = chain.residue_number
    if not len(names) or (chain.residue_insertion != _BLANK).any() or number[0] < 1 or number[-1] > len(full):
        return False
    if (np.diff(number) < 1).any():
        return False
    equal = np.array([full[n - 1] == name for n, name in zip(number.tolist(), names, strict=True)])
    return bool(equal[0] and equal[-1] and (equal[1:] | equal[:-1]).all() and equal.mean() > 0.9)


def _aligned(chain: Atoms, names: list[str], full: list[str]) -> NDArray[np.int32]:
    """Places by alignment, with the scores that gemmi gives a model in its sequence: gaps are free where the chain has one."""
    scoring = gemmi.AlignmentScoring("p")
    index = np.arange(len(names) - 1)
    distance, limit = read_backbone(chain).distance(index, index + 1)
    with np.errstate(invalid="ignore"):
        connected = distance <= np.where(limit < 3, 2.01, 5.0)  # gemmi's limits: a bond's one and a half, two C-alphas
    opening = [0, *np.where(connected, scoring.bad_gapo, scoring.good_gapo).tolist(), 0]
    result = gemmi.align_string_sequences(full, names, opening, scoring)
    places: list[int] = []
    place = 0
    for length, step in re.findall(r"(\d+)([MID])", result.cigar_str()):
        if step == "M":
            places += range(place + 1, place + int(length) + 1)
        elif step == "D":
            places += [0] * int(length)
        place += int(length) if step != "D" else 0
    return np.array(places, dtype=np.int32)


def agrees(
    names: Sequence[str], positions: NDArray[np.int32], sequence: Sequence[str], modified: Mapping[str, str]
) -> bool:
    """Whether a stated sequence is the chain's: nearly all residues with these names stand at their places in it."""
    own, full = letters(names, modified), letters(sequence, modified)
    pairs = [(a, full[p - 1] if p else "-") for a, p in zip(own, positions.tolist(), strict=True)]
    return sum(a == b or (a == "X" and b != "-") or b == "X" for a, b in pairs) >= _AGREEMENT * len(pairs)


def sequence_fits(observed: str, sequence: str) -> bool:
    """Whether a stated sequence of letters can be the observed chain's: nearly all of it aligns with equal letters."""
    if not observed or observed in sequence:
        return True
    if len(sequence) < _AGREEMENT * len(observed):
        return False
    result = gemmi.align_string_sequences(list(sequence), list(observed), [])
    unknown = min(observed.count("X") + sequence.count("X"), len(observed))
    return result.match_count + unknown >= _AGREEMENT * len(observed)
