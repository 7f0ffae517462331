"""ScanNet equals the original network with its published weights, alone and from the structure file on."""

from types import SimpleNamespace

import numpy as np
import pytest
import torch

from alignscape.encoders.structure.scannet.features import atoms_to_pool, known_atoms, nearest
from alignscape.encoders.structure.scannet.model import ScanNet
from alignscape.encoders.structure.scannet.weights import official_state_dict
from alignscape.proteins.parsing.parse import parse_structure
from alignscape.proteins.structure import THREE_LETTER, UNKNOWN

# oracle: (its structure file, its chain if not all)
ORACLES = {
    "1A8O": ("1A8O", None),
    "2BEG_0-A": ("2BEG", "A"),
    "2XHE_A": ("2XHE", "A"),
    "a_structure": ("a_structure", None),
}


def published(shared, preprocessing):
    encoder = ScanNet(preprocessing=preprocessing)
    encoder.load_state_dict(official_state_dict(shared / "weights/scannet/ScanNet_PPI_noMSA.h5"))
    return encoder.eval()


@pytest.fixture(scope="module")
def original(shared):
    return published(shared, "original")


@pytest.fixture(scope="module", params=ORACLES)
def case(shared, request):
    arrays = dict(np.load(shared / "oracles/scannet" / f"{request.param}.npz"))
    return SimpleNamespace(name=request.param, **arrays)


def fed(case, kind):
    """The batch that the arrays the original was fed make; padding rows (only in `net_input`) cut off."""
    triplets, attributes, _, points, atom_triplets, atom_kind, atom_residue, atom_points = (
        getattr(case, f"{kind}_{i}") for i in range(8)
    )
    real, real_atoms = triplets[:, 0] >= 0, atom_triplets[:, 0] >= 0
    batch = {
        "atom_points": atom_points[atom_triplets[real_atoms]],
        "atom_kind": atom_kind[real_atoms] - 1,
        "residue_points": points[triplets[real]],
        "residue_type": np.where(attributes.any(axis=1), attributes.argmax(axis=1), UNKNOWN)[real],
    }
    for level in ("atom", "residue"):
        batch[f"{level}_neighbour"] = nearest(batch[f"{level}_points"][:, 0])
    n = int(real.sum())
    sequence = SimpleNamespace(n_residues=n, residue_chain=np.zeros(n, dtype=np.int32))
    atoms = SimpleNamespace(residue=atom_residue[real_atoms, 0].astype(np.int64))
    batch["residue_atoms"], batch["residue_n_atoms"] = atoms_to_pool(atoms, sequence, preprocessing="original")
    return {name: torch.from_numpy(np.ascontiguousarray(array)) for name, array in batch.items()}


def identities(structure):
    chains = structure.chain_author[structure.residue_chain]
    return [(str(c), int(n)) for c, n in zip(chains, structure.residue_number, strict=True)]


def oracle_identities(case):
    return [(str(c), int(n)) for _, c, n in case.residue_ids]


def as_the_original_read_it(text, case):
    """The file's second model, and of two atoms or residues at one place the one that the original took."""
    taken = {tuple(p) for p in np.round(case.raw_input_7, 3).tolist()}
    types = [THREE_LETTER[t] for t in case.raw_input_1.argmax(axis=1)]
    type_of = dict(zip(oracle_identities(case), types, strict=True))
    lines = []
    for line in text.partition("ENDMDL\n")[2].splitlines(keepends=True):
        if line.startswith(("ATOM", "HETATM")):
            place = tuple(np.round(np.float32([line[30:38], line[38:46], line[46:54]]), 3).tolist())
            type_taken = type_of.get((line[21], int(line[22:26])))
            if place not in taken or line[17:20] not in (type_taken, "SEP"):
                continue
        lines.append(line[:16] + " " + line[17:] if line.startswith(("ATOM", "HETATM")) else line)
    return "".join(lines)


def structure_of(shared, case, tmp_path, *, altlocs="original"):
    name, chain = ORACLES[case.name]
    path = shared / "oracles/structures" / f"{name}.pdb"
    if name == "a_structure":
        text = path.read_text()
        path = tmp_path / path.name
        path.write_text(as_the_original_read_it(text, case) if altlocs == "original" else text.partition("ENDMDL\n")[2])
    structure = parse_structure(path, id=case.name)[0]
    return structure.select(structure.chain_author[structure.residue_chain] == chain) if chain else structure


def rows(encoder, structure):
    with torch.inference_mode():
        return encoder(encoder.collate([encoder.featurise(structure)])).numpy()


def report(record_property, what, difference):
    record_property("max_abs_difference", float(difference))
    print(f"ScanNet {what}: max abs difference {difference:.1e}")


@pytest.mark.parametrize("kind", ["raw_input", "net_input"])
def test_the_network_alone_equals_the_original(original, case, kind, record_property):
    batch = fed(case, kind)
    with torch.inference_mode():
        pooled, ours = original.pool_atoms(batch).numpy(), original(batch).numpy()
    assert np.abs(pooled - case.multi_SCAN_filters_atom_aggregated_activity).max() < 1e-4
    difference = np.abs(ours - case.SCAN_filter_activity_aa).max()
    report(record_property, f"{case.name}, fed {kind}", difference)
    assert difference < 1e-4


def test_every_residue_from_the_file_on(shared, original, case, tmp_path, record_property):
    """Every residue of every oracle, by `preprocessing: original` and the original's choice of altlocs."""
    structure = structure_of(shared, case, tmp_path)
    assert [(c, n) for c, n in identities(structure)] == oracle_identities(case)
    difference = np.abs(rows(original, structure) - case.SCAN_filter_activity_aa).max()
    report(record_property, f"{case.name}, from the file", difference)
    assert difference < 1e-3


def test_the_default_differs_only_around_what_it_corrects(shared, original, case, tmp_path, record_property):
    """`preprocessing: invariant` has other features at these residues only, all that is farther away is equal.

    1A8O: 151, 185, 214 and 215 are selenomethionines, whose side chains the original does not know. 2XHE A 617 and
    a_structure A 0 are one atom each, whose frame the original takes from the file's axes. a_structure B 44 begins a
    chain, which the original joins to chain A's last residue A 86.
    """
    corrected = {
        "1A8O": {("A", 151), ("A", 185), ("A", 214), ("A", 215)},
        "2BEG_0-A": set(),
        "2XHE_A": {("A", 617)},
        "a_structure": {("A", 0), ("A", 86), ("B", 44)},
    }[case.name]
    structure = structure_of(shared, case, tmp_path)
    invariant = published(shared, "invariant")
    ours, theirs = (encoder.featurise(structure) for encoder in (invariant, original))
    residue = structure.atom_residue[: len(ours["atom_kind"])]
    atoms = (ours["atom_points"] - theirs["atom_points"]).abs().amax(dim=(1, 2)) > 1e-3
    atoms |= ours["atom_kind"] != theirs["atom_kind"]
    points = (ours["residue_points"] - theirs["residue_points"]).abs().amax(dim=(1, 2)) > 1e-3
    changed = set(np.flatnonzero(points.numpy())) | set(residue[atoms.numpy()])
    names = identities(structure)
    assert {names[i] for i in changed} == corrected
    reached = reach(theirs, torch.from_numpy(np.isin(residue, list(changed))), points)
    difference = np.abs(rows(invariant, structure) - case.SCAN_filter_activity_aa).max(axis=1)
    report(
        record_property,
        f"{case.name}, default, {(~reached).sum()} residues out of reach",
        difference[~reached].max(initial=0),
    )
    print(f"  differing by 1e-3 or more: {[names[i] for i in np.flatnonzero(difference >= 1e-3)]}")
    assert (difference[~reached] < 1e-3).all()


def reach(features, changed_atoms, changed_residues):
    """(r,) which residues see a changed atom or residue within the network's two neighbourhoods."""
    sees = changed_atoms[features["atom_neighbour"]].any(dim=1) | changed_atoms
    atoms = features["residue_atoms"]
    pooled = (sees[atoms.clamp(min=0)] & (atoms >= 0)).any(dim=1) | changed_residues
    return (pooled[features["residue_neighbour"]].any(dim=1) | changed_residues).numpy()


def test_altlocs_that_we_read_otherwise(shared, tmp_path):
    """a_structure: the parser takes the altloc of highest occupancy (ties to A), the original the last residue name
    at a position and the first altloc in the file. These six residues, and no others, have other atoms."""
    case = SimpleNamespace(name="a_structure", **np.load(shared / "oracles/scannet/a_structure.npz"))
    ours, theirs = (structure_of(shared, case, tmp_path, altlocs=choice) for choice in ("ours", "original"))
    assert identities(ours) == identities(theirs)
    atoms = [{(i, *p) for i, p in zip(a.residue, a.xyz.tolist(), strict=True)} for a in map(known, (ours, theirs))]
    different = {i for i, *_ in atoms[0] ^ atoms[1]} | set(np.flatnonzero(ours.residue_type != theirs.residue_type))
    assert {identities(ours)[i] for i in different} == {("A", n) for n in (10, 14, 16, 74, 80, 81)}


def known(structure):
    return known_atoms(structure, preprocessing="original")
