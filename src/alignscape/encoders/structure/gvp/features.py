"""Backbone geometry as GVP is given it: vectors and scalars of residues and of their nearest neighbours.

Conventions of the original TensorFlow implementation (arXiv 2009.01411, Sec. 3.2), with one difference: it takes an
entry as one uninterrupted chain. Here whatever spans a chain's end or a gap (a peptide bond over 2.5 angstrom) is zero,
and two residues of different chains have no distance in sequence, so the order of chains is of no consequence.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

Floats = NDArray[np.float64]

NEIGHBOURS = 30  # the residue itself is the first
RADIAL = 16  # Gaussians from 0 to 20 angstrom
POSITIONAL = 16  # cosines and sines of the distance in sequence
LONGEST_BOND = 2.5  # angstrom between C and the next N
SHORTEST = 1e-3  # angstrom: the distance that the original gives a residue from itself


class Geometry(NamedTuple):
    """n residues with k = 30 places for neighbours each; vectors have their three components before the channels."""

    node_vectors: NDArray[np.float32]  # (n, 3, 3): towards side chain, next and previous C-alpha
    node_scalars: NDArray[np.float32]  # (n, 6): cosines, then sines, of phi, psi and omega
    neighbour: NDArray[np.int64]  # (n, k), nearest first; places that are not filled hold the residue itself
    filled: NDArray[np.bool_]  # (n, k)
    edge_vectors: NDArray[np.float32]  # (n, k, 3, 1): direction to the neighbour
    edge_scalars: NDArray[np.float32]  # (n, k, 32): radial, then positional


def backbone_geometry(backbone: NDArray[np.floating], chain: NDArray[np.integer]) -> Geometry:
    """Features of n residues with a whole backbone.

    backbone: (n, 4, 3) N, CA, C, O in angstrom, chain by chain. chain: (n,) index of each residue's chain.
    """
    xyz = backbone.astype(np.float64)
    bonded = _bonded(xyz, chain)
    neighbour, filled = _neighbours(xyz[:, 1])
    vectors = [_towards_side_chain(xyz), *_along_the_chain(xyz[:, 1], bonded)]
    angles = _dihedrals(xyz, bonded)
    towards = xyz[neighbour, 1] - xyz[:, None, 1]  # (n, k, 3)
    apart = np.arange(len(chain))[:, None] - neighbour
    positional = _positional(-apart) * (chain[:, None] == chain[neighbour])[..., None]
    radial = _radial(np.linalg.norm(towards, axis=-1).clip(min=SHORTEST))
    return Geometry(
        np.stack(vectors, axis=-1).astype(np.float32),
        np.concatenate([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32),
        neighbour,
        filled,
        _unit(towards)[..., None].astype(np.float32),
        np.concatenate([radial, positional], axis=-1).astype(np.float32),
    )


def _bonded(backbone: Floats, chain: NDArray[np.integer]) -> NDArray[np.bool_]:
    """(n - 1,) whether a residue and the next are joined by a peptide bond."""
    length = np.linalg.norm(backbone[1:, 0] - backbone[:-1, 2], axis=1)
    return (chain[1:] == chain[:-1]) & (length < LONGEST_BOND)


def _neighbours(ca: Floats) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """The nearest C-alphas of each, itself first, and which of the 30 places are filled: all but in short proteins."""
    n = len(ca)
    k = min(NEIGHBOURS, n)
    index = np.tile(np.arange(n)[:, None], (1, NEIGHBOURS))
    index[:, :k] = cKDTree(ca).query(ca, k=k)[1].reshape(n, k)
    return index, np.broadcast_to(np.arange(NEIGHBOURS) < k, index.shape)


def _unit(vectors: Floats) -> Floats:
    """Vectors (..., 3) of length one; zero stays zero."""
    length = np.linalg.norm(vectors, axis=-1, keepdims=True)
    return np.divide(vectors, length, out=np.zeros_like(vectors), where=length > 0)


def _towards_side_chain(backbone: Floats) -> Floats:
    """(n, 3) unit vectors from CA to where an ideal tetrahedral side chain begins."""
    n, c = _unit(backbone[:, 0] - backbone[:, 1]), _unit(backbone[:, 2] - backbone[:, 1])
    return -np.sqrt(1 / 3) * _unit(n + c) - np.sqrt(2 / 3) * _unit(np.cross(c, n))


def _along_the_chain(ca: Floats, bonded: NDArray[np.bool_]) -> tuple[Floats, Floats]:
    """(n, 3) unit vectors to the next and to the previous C-alpha; zero where there is none."""
    step = _unit(np.diff(ca, axis=0)) * bonded[:, None]
    none = np.zeros((1, 3))
    return np.concatenate([step, none]), np.concatenate([none, -step])


def _dihedrals(backbone: Floats, bonded: NDArray[np.bool_]) -> Floats:
    """(n, 3) phi, psi and omega in radians; zero where the chain is not continued."""
    n, ca, c = backbone[:, 0], backbone[:, 1], backbone[:, 2]
    angles = np.zeros((len(backbone), 3))
    angles[1:, 0] = _dihedral(c[:-1], n[1:], ca[1:], c[1:]) * bonded
    angles[:-1, 1] = _dihedral(n[:-1], ca[:-1], c[:-1], n[1:]) * bonded
    angles[:-1, 2] = _dihedral(ca[:-1], c[:-1], n[1:], ca[1:]) * bonded
    return angles


def _dihedral(a: Floats, b: Floats, c: Floats, d: Floats) -> NDArray[np.float32]:
    """(n,) angles of the planes a b c and b c d in radians, clockwise positive.

    By arccosine and in float32, like the original. That is off by up to 5e-4 near 180 degrees, where omega usually is,
    and the published weights were trained on angles made that way.
    """
    first, axis, last = (_unit(bond.astype(np.float32)) for bond in (b - a, c - b, d - c))
    left, right = _unit(np.cross(first, axis)), _unit(np.cross(axis, last))
    almost_one = np.float32(1 - 1e-7)
    angle = np.arccos((left * right).sum(-1).clip(-almost_one, almost_one))
    return np.where((first * right).sum(-1) < 0, -angle, angle)


def _radial(distance: Floats) -> Floats:
    """(..., 16) Gaussians of a distance in angstrom."""
    centres = np.linspace(0, 20, RADIAL)
    return np.exp(-(((distance[..., None] - centres) / (20 / RADIAL)) ** 2))


def _positional(apart: NDArray[np.integer]) -> Floats:
    """(..., 16) cosines, then sines, of distances in sequence at frequencies from 1 downwards."""
    frequency = np.exp(np.arange(0, POSITIONAL, 2) * -(np.log(10000) / POSITIONAL))
    angle = apart[..., None] * frequency
    return np.concatenate([np.cos(angle), np.sin(angle)], axis=-1)
