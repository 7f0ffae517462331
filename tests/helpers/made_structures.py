"""Made-up proteins with proper backbones, for tests of what an encoder promises."""

from dataclasses import replace

import numpy as np

from alignscape.proteins.structure import THREE_LETTER, Structure

# Heavy side-chain atoms of each type, in the order of THREE_LETTER.
SIDE_CHAINS = [1, 2, 4, 5, 7, 0, 6, 4, 5, 4, 4, 4, 3, 5, 7, 2, 3, 3, 10, 8]
SIDE_CHAIN_NAMES = ("CB", "CG", "CD", "NE", "OZ", "CH", "SD", "NH", "OE", "CX")
ELEMENT = {"C": 6, "N": 7, "O": 8, "S": 16}


def _place(a, b, c, length, angle, torsion):
    """The atom bonded to c, from three atoms before it (angstrom, radians)."""
    bc = (c - b) / np.linalg.norm(c - b)
    normal = np.cross(b - a, bc)
    normal /= np.linalg.norm(normal)
    along = np.array([-np.cos(angle), np.sin(angle) * np.cos(torsion), np.sin(angle) * np.sin(torsion)]) * length
    return c + along @ np.stack([bc, np.cross(normal, bc), normal])


def _backbone(n, generator):
    """(n, 4, 3) N, CA, C, O of a chain with helical and extended stretches."""
    torsions = np.repeat(generator.permutation(np.resize([[-60, -45], [-120, 130]], (n // 8 + 1, 2))), 8, axis=0)
    atoms = [np.array([0.0, 0, 0]), np.array([1.46, 0, 0]), np.array([2.0, 1.42, 0])]
    for phi, psi in np.deg2rad(torsions[: n - 1] + generator.normal(0, 8, (n - 1, 2))):
        atoms.append(_place(*atoms[-3:], 1.33, np.deg2rad(116), psi))
        atoms.append(_place(*atoms[-3:], 1.46, np.deg2rad(122), np.deg2rad(generator.normal(180, 5))))
        atoms.append(_place(*atoms[-3:], 1.52, np.deg2rad(111), phi))
    ncac = np.array(atoms).reshape(n, 3, 3)
    oxygen = [_place(*residue, 1.23, np.deg2rad(120), 2.4) for residue in ncac]
    return np.concatenate([ncac, np.array(oxygen)[:, None]], axis=1)


def made_structure(n_residues=60, *, chains=1, seed=0, id="MADE"):
    """A protein of so many residues, split evenly over its chains, which lie 15 angstrom apart."""
    generator = np.random.default_rng(seed)
    of_chain = np.arange(n_residues) * chains // n_residues
    backbone = np.concatenate(
        [_backbone((of_chain == c).sum(), generator) + np.array([0, 0, 15.0 * c]) for c in range(chains)]
    )
    kind = generator.integers(0, 20, n_residues)
    names, xyz, residue = [], [], []
    for r in range(n_residues):
        side = SIDE_CHAIN_NAMES[: SIDE_CHAINS[kind[r]]]
        outward = backbone[r, 1] + 1.5 * (1 + np.arange(len(side)))[:, None] * generator.normal(0, 0.5, (len(side), 3))
        names += ["N", "CA", "C", "O", *side]
        xyz.append(np.concatenate([backbone[r], outward]))
        residue += [r] * (4 + len(side))
    return Structure(
        id=id,
        atom_name=np.array(names, dtype="<U4"),
        atom_element=np.array([ELEMENT[name[0]] for name in names], dtype=np.uint8),
        atom_xyz=np.concatenate(xyz).astype(np.float32),
        atom_residue=np.array(residue, dtype=np.int32),
        residue_name=np.array(THREE_LETTER)[kind],
        residue_type=kind.astype(np.int8),
        residue_number=np.arange(1, n_residues + 1, dtype=np.int32),
        residue_insertion=np.full(n_residues, "", dtype="<U1"),
        residue_position=np.arange(1, n_residues + 1, dtype=np.int32),
        residue_plddt=np.full(n_residues, np.nan, dtype=np.float32),
        residue_chain=of_chain.astype(np.int32),
        chain_label=np.array([chr(65 + c % 26) for c in range(chains)], dtype="<U8"),
        chain_author=np.array([chr(65 + c % 26) for c in range(chains)], dtype="<U8"),
        chain_entity=np.ones(chains, dtype=np.int32),
    )


def moved(structure, *, seed=1, shift=(30.0, -20.0, 10.0)):
    """The same protein, rotated at random and shifted."""
    rotation = np.linalg.qr(np.random.default_rng(seed).normal(size=(3, 3)))[0]
    rotation *= np.linalg.det(rotation)  # no mirror image
    xyz = structure.atom_xyz.astype(np.float64) @ rotation.T + np.asarray(shift)
    return replace(structure, atom_xyz=xyz.astype(np.float32))


def with_atoms_shuffled(structure, *, seed=1):
    """The same protein, the atoms of each residue in another order."""
    order = np.lexsort((np.random.default_rng(seed).random(structure.n_atoms), structure.atom_residue))
    atoms = {name: getattr(structure, name)[order] for name in ("atom_name", "atom_element", "atom_xyz")}
    return replace(structure, **atoms)


def with_chains_reversed(structure):
    """The same protein, its chains in the opposite order."""
    chains = len(structure.chain_label)
    order = np.argsort(chains - 1 - structure.residue_chain, kind="stable")
    atom_order = np.argsort(np.argsort(order)[structure.atom_residue], kind="stable")
    values = {n: getattr(structure, n)[order] for n in vars(structure) if n.startswith("residue_")}
    values |= {n: getattr(structure, n)[atom_order] for n in vars(structure) if n.startswith("atom_")}
    values |= {n: getattr(structure, n)[::-1] for n in vars(structure) if n.startswith("chain_")}
    values["atom_residue"] = np.argsort(order)[structure.atom_residue][atom_order].astype(np.int32)
    values["residue_chain"] = (chains - 1 - structure.residue_chain)[order].astype(np.int32)
    return replace(structure, **values)


def with_far_copy(structure, *, distance=500.0):
    """The protein and, far from it, the same once more as further chains."""
    copies = {n: np.concatenate([v, v]) for n, v in vars(structure).items() if isinstance(v, np.ndarray)}
    copies["atom_xyz"][structure.n_atoms :] += np.float32(distance)
    copies["atom_residue"][structure.n_atoms :] += structure.n_residues
    copies["residue_chain"][structure.n_residues :] += len(structure.chain_label)
    return replace(structure, **{n: v for n, v in copies.items() if n in Structure.__dataclass_fields__})
