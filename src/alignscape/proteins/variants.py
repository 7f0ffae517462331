"""The same protein put otherwise: moved, mirrored, with its atoms or chains in another order; and proteins made of others."""

from collections.abc import Sequence
from dataclasses import fields, replace

import numpy as np
from numpy.typing import NDArray

from .structure import Structure


def rotated(structure: Structure) -> Structure:
    """The protein turned about the origin, by no special angle."""
    turn, _ = np.linalg.qr(np.random.default_rng(0).normal(size=(3, 3)))
    return _placed(structure, structure.atom_xyz.astype(np.float64) @ (turn * np.linalg.det(turn)))


def shifted(structure: Structure, by: tuple[float, float, float] = (61.0, -37.0, 23.0)) -> Structure:
    """The protein in another place, so many angstrom away along each axis."""
    return _placed(structure, structure.atom_xyz.astype(np.float64) + np.asarray(by))


def mirrored(structure: Structure) -> Structure:
    """The protein's mirror image."""
    return _placed(structure, structure.atom_xyz * np.array([-1, 1, 1], dtype=np.float32))


def _placed(structure: Structure, xyz: NDArray[np.floating]) -> Structure:
    return replace(structure, atom_xyz=xyz.astype(np.float32))


def with_atoms_reordered(structure: Structure) -> Structure:
    """The protein with the atoms of each residue in another order."""
    order = np.lexsort((np.random.default_rng(0).random(structure.n_atoms), structure.atom_residue))
    return _taken(structure, atoms=order, residues=np.arange(structure.n_residues))


def with_chains_reversed(structure: Structure) -> Structure:
    """The protein with its last chain first; within a chain nothing changes."""
    last = len(structure.chain_label) - 1
    residues = np.argsort(last - structure.residue_chain, kind="stable")
    place = np.argsort(residues)
    atoms = np.argsort(place[structure.atom_residue], kind="stable")
    turned = _taken(structure, atoms=atoms, residues=residues)
    chains = {f.name: getattr(structure, f.name)[::-1] for f in fields(Structure) if f.name.startswith("chain_")}
    return replace(turned, **chains, residue_chain=(last - turned.residue_chain).astype(np.int32))


def _taken(structure: Structure, *, atoms: NDArray[np.integer], residues: NDArray[np.integer]) -> Structure:
    """The structure with its atoms and residues in these orders."""
    order = {"atom": atoms, "residue": residues}
    kinds = [(f.name, f.name.partition("_")[0]) for f in fields(Structure)]
    values = {name: getattr(structure, name)[order[kind]] for name, kind in kinds if kind in order}
    values["atom_residue"] = np.argsort(residues)[structure.atom_residue][atoms].astype(np.int32)
    return replace(structure, **values)


def first_residues(structure: Structure, n: int) -> Structure:
    """The first n residues with a whole backbone of each chain."""
    whole, chain = structure.has_backbone, structure.residue_chain
    before: NDArray[np.integer] = np.cumsum(whole) - whole  # of whole residues, in all chains so far
    start = np.searchsorted(chain, chain)  # of a residue's chain
    return structure.select(whole & (before - before[start] < n))


def side_by_side(structures: Sequence[Structure], n_residues: int, *, apart: float = 60.0, id: str) -> Structure:
    """One protein of so many residues: the chains of all of them, again and again, each protein `apart` angstrom on."""
    repeats = -(-n_residues // sum(s.n_residues for s in structures))
    parts = [shifted(s, (apart * i, 0, 0)) for i, s in enumerate([*structures] * repeats)]
    ends = {
        kind: np.cumsum([0, *(len(getattr(s, name)) for s in parts)])
        for kind, name in (("residue", "residue_type"), ("chain", "chain_label"))
    }
    joined = {f.name: np.concatenate([getattr(s, f.name) for s in parts]) for f in fields(Structure) if f.name != "id"}
    for name, kind in (("atom_residue", "residue"), ("residue_chain", "chain")):
        numbers = [getattr(s, name) + end for s, end in zip(parts, ends[kind], strict=False)]
        joined[name] = np.concatenate(numbers).astype(np.int32)
    return Structure(id=id, **joined).select(np.arange(ends["residue"][-1]) < n_residues)
