"""SaProt's tokens are an amino acid and a 3Di state, and its rows equal transformers' on the sequence written out."""

from collections.abc import Collection
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from alignscape.encoders.structure.foldseek_states import STATES, read_states
from alignscape.encoders.structure.registry import build_encoder
from alignscape.encoders.structure.saprot.block import BLOCK
from alignscape.encoders.structure.saprot.model import WORDS
from alignscape.errors import UserError
from alignscape.proteins.structure import AMINO_ACIDS
from tests.helpers.made_structures import made_structure, moved, with_chains_reversed
from tests.helpers.tiny_protein_models import SAPROT, save_tiny

pytest.importorskip("mini3di", reason="mini3di is not installed")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_tiny("saprot", tmp_path_factory.mktemp("models") / "saprot")


def block(folder: Path, **keys: object) -> BLOCK:
    return BLOCK(name="sa", encoder="saprot", model=str(folder), **keys)


def written_out(structure, hidden: Collection[int] = ()) -> list[str]:
    """Each chain as SaProt's project writes it: a letter, or # for none of the 20, and the state's in lower case, or #."""
    states = [STATES[state].lower() if state >= 0 else "d" for state in read_states(structure)]
    states = ["#" if place in hidden else state for place, state in enumerate(states)]
    words = [(AMINO_ACIDS + "#")[kind] + state for kind, state in zip(structure.residue_type, states, strict=True)]
    chains = np.split(np.array(words), np.flatnonzero(np.diff(structure.residue_chain)) + 1)
    return ["".join(chain) for chain in chains]


def test_rows_equal_transformers_on_the_sequence_written_out(folder: Path) -> None:
    """Batches of chains against one chain at a time, by the tokenizer's own call."""
    from transformers import AutoModel, AutoTokenizer

    two = made_structure(70, chains=2)
    types = two.residue_type.copy()
    types[5] = 20
    proteins = [replace(two, residue_type=types), made_structure(33, seed=4, id="B"), made_structure(2, seed=5, id="C")]
    model, tokenizer = (
        AutoModel.from_pretrained(folder, dtype=torch.float32).eval(),
        AutoTokenizer.from_pretrained(folder),
    )
    found = build_encoder(block(folder)).embed(proteins)
    for row, protein in zip(found, proteins, strict=True):
        with torch.no_grad():
            outputs = [model(**tokenizer(chain, return_tensors="pt")) for chain in written_out(protein)]
        states = torch.cat([output.last_hidden_state[0, 1:-1] for output in outputs])
        assert len(states) == protein.n_residues
        torch.testing.assert_close(row, states.mean(dim=0), rtol=1e-5, atol=1e-5)


def test_states_of_low_plddt_are_hidden_as_the_authors_hide_them(folder: Path) -> None:
    """Of a predicted model, the ends of its chain among them, and of nothing else; the key moves the bound, or takes it away."""
    plain, low = made_structure(40), (0, 7, 8, 30)
    plddt = np.full(40, 70.0, dtype=np.float32)
    plddt[list(low)] = 69.99
    model = replace(plain, residue_plddt=plddt)

    def words(structure, **keys: object) -> str:
        encoder = build_encoder(block(folder, **keys))
        return "".join(WORDS[kind] for kind in encoder.kinds(structure))

    assert [words(model)] == written_out(model, low)
    assert [words(plain)] == [words(model, plddt_below=None)] == [words(model, plddt_below=69)] == written_out(model)
    assert [words(model, plddt_below=71)] == written_out(model, range(40))


def test_the_words_are_those_of_the_published_vocabulary() -> None:
    assert sorted(WORDS) == sorted(word for word in SAPROT if len(word) == 2)


@pytest.mark.parametrize("change", [moved, with_chains_reversed])
def test_a_moved_protein_has_the_same_row(folder: Path, change) -> None:
    structure, encoder = made_structure(50, chains=2), build_encoder(block(folder))
    torch.testing.assert_close(encoder.embed([change(structure)]), encoder.embed([structure]), rtol=1e-4, atol=1e-5)


def test_a_model_without_structure_tokens_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="not one token for each residue \\(tried 'Aa' to '##'\\)"):
        build_encoder(block(save_tiny("esm", tmp_path / "esm")))
