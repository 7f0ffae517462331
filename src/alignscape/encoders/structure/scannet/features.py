"""ScanNet's two point clouds: atoms and residues with the points that span their frames, and their neighbours."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from ....proteins.structure import Structure
from .chemistry import (
    ATOM_AFTER,
    ATOM_BEFORE,
    ATOM_KIND,
    CA,
    MET,
    NO_ATOM,
    SD,
    SE,
    SIDE_CHAIN_MASS,
    C,
    N,
    atom_index,
)

Preprocessing = Literal["invariant", "original"]
NEIGHBOURS = 16
ATOMS_POOLED = 14  # a tryptophan's 15th, the terminal oxygen, is left out, as in the original
RINGS = (0, -1, 1, -2, 2)  # residues in the order of their distance along the sequence


@dataclass(frozen=True, eq=False)
class Cloud:
    """Points with what spans their frames. n points; `before`, `after` NaN where nothing gives that direction."""

    xyz: NDArray[np.float32]  # (n, 3) angstrom
    before: NDArray[np.float32]  # (n, 3) with `after`, spans the xz plane
    after: NDArray[np.float32]  # (n, 3) lies on the z axis


@dataclass(frozen=True, eq=False)
class Atoms:
    """The atoms of a structure that ScanNet knows, sorted by residue and name. a atoms, r residues."""

    xyz: NDArray[np.float32]  # (a, 3)
    residue: NDArray[np.int64]  # (a,) ascending
    name: NDArray[np.int64]  # (a,) index into ATOM_NAMES
    kind: NDArray[np.int64]  # (a,) index into KINDS
    slot: NDArray[np.int64]  # (r + 1, NO_ATOM + 1) index of a residue's atom by name, -1 if absent; the last row is -1


def known_atoms(structure: Structure, *, preprocessing: Preprocessing) -> Atoms:
    """The atoms that have a place in their residue type's walk, so that order in the file does not matter.

    `invariant`: a methionine's selenium is its sulphur; other atoms foreign to a residue's type are left out.
    `original`: selenium is an unbonded carbon; any atom of a known name stays, as a carbon if foreign.
    """
    name, residue = atom_index(structure.atom_name), structure.atom_residue.astype(np.int64)
    residue_type = structure.residue_type.astype(np.int64)[residue]
    if preprocessing == "invariant":
        name = np.where((name == SE) & (residue_type == MET), SD, name)
    kind = ATOM_KIND[residue_type, name]
    keep = kind >= 0 if preprocessing == "invariant" else name < NO_ATOM
    order = np.flatnonzero(keep)[np.argsort(residue[keep] * (NO_ATOM + 1) + name[keep], kind="stable")]
    residue, name = residue[order], name[order]
    slot = np.full((structure.n_residues + 1, NO_ATOM + 1), -1)
    slot[residue, name] = np.arange(len(order))
    return Atoms(structure.atom_xyz[order], residue, name, np.maximum(kind[order], 0), slot)


def adjacent_residues(
    chain: NDArray[np.int32], *, preprocessing: Preprocessing
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """(r,) indices of the residues before and after, -1 where there is none.

    Residues missing from the model are stepped over, as in the original. A chain's ends have no neighbour beyond, but
    with `original` the chains of an entry are one long chain.
    """
    same = np.diff(chain) == 0 if preprocessing == "invariant" else np.ones(len(chain) - 1, dtype=bool)
    index = np.arange(len(chain))
    before, after = np.full(len(chain), -1), np.full(len(chain), -1)
    before[1:] = np.where(same, index[:-1], -1)
    after[:-1] = np.where(same, index[1:], -1)
    return before, after


def atom_cloud(atoms: Atoms, structure: Structure, *, preprocessing: Preprocessing) -> Cloud:
    """The atoms, each with the bonded atoms before and after it.

    A missing one is put where it makes a parallelogram with the atom, its other partner and that one's next partner;
    where that is missing too, it is NaN.
    """
    previous_residue, next_residue = adjacent_residues(structure.residue_chain, preprocessing=preprocessing)
    residue_type = structure.residue_type.astype(np.int64)[atoms.residue]
    before = atoms.slot[atoms.residue, ATOM_BEFORE[residue_type, atoms.name]]
    after = atoms.slot[atoms.residue, ATOM_AFTER[residue_type, atoms.name]]
    nitrogen, carbonyl = np.flatnonzero(atoms.name == N), np.flatnonzero(atoms.name == C)
    before[nitrogen] = atoms.slot[previous_residue[atoms.residue[nitrogen]], C]
    after[carbonyl] = atoms.slot[next_residue[atoms.residue[carbonyl]], N]
    return Cloud(
        atoms.xyz,
        _bonded(atoms.xyz, partner=before, other=after, beyond=after),
        _bonded(atoms.xyz, partner=after, other=before, beyond=before),
    )


def _bonded(
    xyz: NDArray[np.float32], *, partner: NDArray[np.int64], other: NDArray[np.int64], beyond: NDArray[np.int64]
) -> NDArray[np.float32]:
    """(a, 3) position of `partner`; where there is none, that of a virtual atom or NaN (see `atom_cloud`)."""
    point = _rows(xyz, partner)
    lost = np.flatnonzero(partner < 0)
    bridge = other[lost]
    end = np.where(bridge >= 0, beyond[bridge], -1)
    point[lost] = _rows(xyz, bridge) - _rows(xyz, end) + xyz[lost]
    return point


def residue_cloud(atoms: Atoms, structure: Structure, *, preprocessing: Preprocessing) -> Cloud:
    """The residues at their C-alpha, each with the C-alpha before it and the centre of mass of its side chain.

    The first residue of a chain has a virtual C-alpha before it, opposite to the next residue's first atom. Without
    a side chain (glycine) the centre is 3 CA - N' - C, N' being the nitrogen of the residue before as in the original
    (its weights were trained so), or else the residue's last atom.
    """
    previous, following = adjacent_residues(structure.residue_chain, preprocessing=preprocessing)
    count = np.bincount(atoms.residue, minlength=structure.n_residues)
    first = np.cumsum(count) - count
    alpha = atoms.slot[:-1, CA]
    chosen = np.where(alpha >= 0, alpha, np.where(count > 0, first, -1))  # (r,) the atom at the centre
    centre = _centres(atoms, structure, chosen)
    before = centre[previous]
    starts = np.flatnonzero(previous < 0)
    second = following[starts]
    has_atom = (second >= 0) & (count[second] > 0)
    opposite = 2 * centre[starts] - _rows(atoms.xyz, np.where(has_atom, first[second], -1))
    before[starts] = np.where(has_atom[:, None], opposite, np.nan)
    last = np.where(count > 0, first + count - 1, -1)
    return Cloud(centre, before, _side_chain_centres(atoms, previous, last=np.where(last == chosen, -1, last)))


def _rows(xyz: NDArray[np.float32], index: NDArray[np.int64]) -> NDArray[np.float32]:
    """(m, 3) the rows at `index`, NaN where it is negative."""
    rows = np.full((len(index), 3), np.nan, dtype=np.float32)
    found = index >= 0
    rows[found] = xyz[index[found]]
    return rows


def _centres(atoms: Atoms, structure: Structure, chosen: NDArray[np.int64]) -> NDArray[np.float32]:
    """(r, 3) the chosen atom of each residue; the mean of all its atoms where none is known (chosen < 0)."""
    centre = _rows(atoms.xyz, chosen)
    strange = np.flatnonzero(chosen < 0)
    if len(strange):
        members = np.isin(structure.atom_residue, strange)
        which = np.searchsorted(strange, structure.atom_residue[members])
        total = np.zeros((len(strange), 3))
        np.add.at(total, which, structure.atom_xyz[members])
        centre[strange] = total / np.maximum(np.bincount(which, minlength=len(strange)), 1)[:, None]
    return centre


def _side_chain_centres(atoms: Atoms, previous: NDArray[np.int64], *, last: NDArray[np.int64]) -> NDArray[np.float32]:
    """(r, 3), see `residue_cloud`. last: (r,) a residue's last atom, negative (gives NaN) if it is the centre."""
    n_residues, mass = len(last), SIDE_CHAIN_MASS[atoms.name]
    weighted = [np.bincount(atoms.residue, mass * axis, minlength=n_residues) for axis in atoms.xyz.T]
    total = np.bincount(atoms.residue, mass, minlength=n_residues)
    bare = np.flatnonzero(total == 0)
    total[bare] = 1.0
    centre = (np.stack(weighted, axis=1) / total[:, None]).astype(np.float32)  # (r, 3)
    alpha, nitrogen, carbonyl = atoms.slot[bare, CA], atoms.slot[previous[bare], N], atoms.slot[bare, C]
    glycine = 3 * _rows(atoms.xyz, alpha) - _rows(atoms.xyz, nitrogen) - _rows(atoms.xyz, carbonyl)
    fallback = _rows(atoms.xyz, last[bare])
    centre[bare] = np.where(np.isnan(glycine), fallback, glycine)
    return centre


def nearest(xyz: NDArray[np.float32]) -> NDArray[np.int64]:
    """(n, 16) indices of each point's nearest points, itself first; -1 where there are fewer than 16 points."""
    k = min(NEIGHBOURS, len(xyz))
    neighbour = np.full((len(xyz), NEIGHBOURS), -1)
    if k:
        tree = cKDTree(xyz, leafsize=32, balanced_tree=False)  # the quickest to build and ask at this density
        neighbour[:, :k] = tree.query(xyz, k=np.arange(1, k + 1))[1]
    return neighbour


def complete(cloud: Cloud, neighbour: NDArray[np.int64], *, preprocessing: Preprocessing) -> NDArray[np.float32]:
    """(n, 3, 3): each point, the point before and the point after, with directions found for the missing ones.

    The original takes the file's x axis for `before` and z axis for `after`, so that the result depends on how the
    protein lies in its file. `invariant` points to the centroid of the neighbours (and, for `before` where both are
    missing, to the nearest neighbour).
    """
    before, after = cloud.before.copy(), cloud.after.copy()
    lost_before, lost_after = np.isnan(before[:, 0]), np.isnan(after[:, 0])
    if preprocessing == "original":
        before[lost_before] = cloud.xyz[lost_before] + np.array([1, 0, 0], dtype=np.float32)
        after[lost_after] = cloud.xyz[lost_after] + np.array([0, 0, 1], dtype=np.float32)
    else:
        both = lost_before & lost_after
        before[lost_before] = _centroid(cloud.xyz, neighbour[lost_before])
        after[lost_after] = _centroid(cloud.xyz, neighbour[lost_after])
        before[both] = cloud.xyz[np.maximum(neighbour[both, 1], 0)]
    return np.stack([cloud.xyz, before, after], axis=1)


def _centroid(xyz: NDArray[np.float32], neighbour: NDArray[np.int64]) -> NDArray[np.float32]:
    """(m, 3) mean position of each row of neighbours."""
    present = neighbour >= 0
    return (xyz[neighbour] * present[..., None]).sum(axis=1) / np.maximum(present.sum(axis=1), 1)[:, None]


def atoms_to_pool(
    atoms: Atoms, structure: Structure, *, preprocessing: Preprocessing
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """(r, 14) the atoms closest to each residue along the sequence, -1 beyond the last; (r,) how many are its own.

    Its own come first, then those of the residue before, after, second before, second after (of the same chain, but
    for `original`); see `AttentionPooling` for what the others are good for.
    """
    count = np.bincount(atoms.residue, minlength=structure.n_residues)
    rings, sizes = _rings(structure.residue_chain, count, preprocessing=preprocessing)  # (r, 5) each
    ends = np.cumsum(sizes, axis=1)
    place = np.arange(ATOMS_POOLED)
    ring = (place >= ends[:, :, None]).sum(axis=1)  # (r, 14) which ring a place falls in; 5 beyond the last
    filled, ring = ring < len(RINGS), np.minimum(ring, len(RINGS) - 1)
    start = (np.cumsum(count) - count)[rings] - (ends - sizes)  # (r, 5) first atom minus first place
    pooled = np.where(filled, np.take_along_axis(start, ring, axis=1) + place, -1)
    return pooled, np.minimum(count, ATOMS_POOLED)


def _rings(
    chain: NDArray[np.int32], count: NDArray[np.int64], *, preprocessing: Preprocessing
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """(r, 5) the residues at each of RINGS from every residue, and how many atoms they give."""
    wanted = np.arange(len(chain))[:, None] + np.array(RINGS)
    rings = wanted.clip(0, len(chain) - 1)
    reachable = rings == wanted
    if preprocessing == "invariant":
        reachable &= chain[rings] == chain[:, None]
    return rings, count[rings] * reachable
