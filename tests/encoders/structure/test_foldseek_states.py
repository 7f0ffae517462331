"""3Di states are mini3di's, chain by chain, and the baseline counts them."""

import io
from dataclasses import replace

import numpy as np
import pytest
import torch

from alignscape.encoders.structure import foldseek_states, registry
from alignscape.encoders.structure.embed import embed_residues
from alignscape.encoders.structure.foldseek_states import N_STATES, STATES, read_states
from alignscape.errors import ProteinRejected, UserError
from alignscape.proteins.structure import Structure
from tests.helpers.made_structures import made_structure, moved, with_atoms_shuffled, with_chains_reversed

mini3di = pytest.importorskip("mini3di", reason="mini3di is not installed")
BLOCK = next(kind for kind in registry.blocks(plugins=False) if kind.__name__ == "FoldseekStates")
baseline = BLOCK(name="states", encoder="3di")


def by_biopython(structure: Structure) -> str:
    """The reference: the structure as a PDB file, read by Biopython, each chain encoded by mini3di's own function."""
    from Bio.PDB import PDBParser

    names = structure.chain_label[structure.residue_chain]
    lines = [
        f"ATOM  {i % 99999:5d} {name:^4s} {structure.residue_name[r]:3s} {names[r]}{structure.residue_number[r]:4d}    "
        f"{x:8.3f}{y:8.3f}{z:8.3f}  1.00  0.00          {name[0]:>2s}"
        for i, (name, r, (x, y, z)) in enumerate(
            zip(structure.atom_name, structure.atom_residue, structure.atom_xyz, strict=True)
        )
    ]
    model = PDBParser(QUIET=True).get_structure("x", io.StringIO("\n".join(lines)))[0]
    encoder = mini3di.Encoder()
    return "".join(encoder.build_sequence(encoder.encode_chain(chain)) for chain in model)


def rounded(structure: Structure) -> Structure:
    """To the thousandths of a PDB file."""
    return replace(structure, atom_xyz=np.round(structure.atom_xyz, 3))


def without(structure: Structure, name: str, residue: int) -> Structure:
    """The structure with one atom of a residue not observed."""
    lost = (structure.atom_name == name) & (structure.atom_residue == residue)
    return replace(structure, **{k: v[~lost] for k, v in vars(structure).items() if k.startswith("atom_")})


@pytest.mark.parametrize(
    "structure",
    [made_structure(90, chains=2), made_structure(40, chains=3, seed=1), without(made_structure(50, seed=3), "N", 20)],
    ids=["two chains", "three chains", "a missing atom"],
)
def test_states_are_those_of_mini3di_on_a_file(structure: Structure) -> None:
    """Glycine's C-beta is made up, ends of chains and what lies beside missing atoms have no state (Foldseek writes D)."""
    structure = rounded(structure)
    states = read_states(structure)
    assert "".join(STATES[s] if s >= 0 else "D" for s in states) == by_biopython(structure)
    ends = np.flatnonzero(np.diff(structure.residue_chain, prepend=-1, append=-1))
    assert (states[ends[:-1]] == -1).all()
    assert (states[ends[1:] - 1] == -1).all()
    assert len(set(states)) > 4


def test_the_baseline_counts_states_and_neighbours() -> None:
    """Against a plain loop over chains; both parts have fractions that sum to 1, times 20."""
    structure = without(made_structure(120, chains=2, seed=2), "CA", 31)
    states, chain = read_states(structure), structure.residue_chain
    counts, pairs = np.zeros(N_STATES), np.zeros((N_STATES, N_STATES))
    for i, state in enumerate(states):
        if state >= 0:
            counts[state] += 1
        if i and state >= 0 and states[i - 1] >= 0 and chain[i] == chain[i - 1]:
            pairs[states[i - 1], state] += 1
    expected = 20 * np.concatenate([counts / counts.sum(), pairs.ravel() / pairs.sum()])
    row = registry.build_encoder(baseline).embed([structure])[0].numpy()
    np.testing.assert_allclose(row, expected, rtol=1e-5)


@pytest.mark.parametrize("change", [moved, with_atoms_shuffled, with_chains_reversed])
def test_motion_and_order_do_not_matter(change) -> None:
    structure, encoder = made_structure(80, chains=2), registry.build_encoder(baseline)
    torch.testing.assert_close(encoder.embed([change(structure)]), encoder.embed([structure]))


def test_batch_equals_single() -> None:
    made, encoder = [made_structure(n, seed=n) for n in (5, 60, 9)], registry.build_encoder(baseline)
    torch.testing.assert_close(encoder.embed(made), torch.cat([encoder.embed([s]) for s in made]))


def test_a_protein_without_a_state_is_refused() -> None:
    """Two residues are both ends of their chain."""
    assert read_states(made_structure(2)).tolist() == [-1, -1]
    with pytest.raises(ProteinRejected, match="no residue with a 3Di state"):
        registry.build_encoder(baseline).featurise(made_structure(2))


def test_rows_of_residues_have_the_names_of_those_that_have_a_state() -> None:
    """Ends of chains and what lies beside a missing atom have no row, and the others keep chain and number."""
    made, encoder = without(made_structure(60, chains=2, seed=3), "N", 20), registry.build_encoder(baseline)
    ids, rows, _ = embed_residues(encoder, [made], residue_budget=None, device="cpu", name="states")
    states, chains = read_states(made), made.chain_author[made.residue_chain]
    named = zip(chains, made.residue_number, states, strict=True)
    assert ids == [f"{made.id}:{chain}:{number}" for chain, number, state in named if state >= 0]
    assert 0 < len(ids) < made.n_residues
    assert rows.argmax(axis=1).tolist() == states[states >= 0].tolist()


def test_where_mini3di_is_missing_one_line_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(foldseek_states.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(UserError, match=r"states: .* mini3di, which is not installed; pip install mini3di==0.2.1"):
        registry.build_encoder(baseline)
    assert baseline.what_is_missing() == ("the package mini3di is not installed", "pip install mini3di==0.2.1")
