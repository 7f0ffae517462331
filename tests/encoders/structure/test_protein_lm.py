"""Rows of protein language models equal transformers' own, one chain at a time, whatever the batch, layer or window."""

import math
import shutil
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import huggingface_hub.constants
import numpy as np
import pytest
import torch

from alignscape.config.load import parse
from alignscape.encoders.structure.protein_lm.block import BLOCK
from alignscape.encoders.structure.registry import build_encoder
from alignscape.encoders.structure.rows import structure_rows
from alignscape.encoders.structure.sequence_model import as_fetched, cut_windows, model_folder
from alignscape.encoders.text.model_files import weights_sha256
from alignscape.errors import ProteinRejected, UserError
from alignscape.plan.inputs import collect_inputs
from alignscape.plan.plan import Plan
from alignscape.proteins.structure import Structure
from alignscape.storage.files import write_json
from tests.helpers.hub_server import COMMIT, serve
from tests.helpers.made_structures import made_structure, moved, with_chains_reversed
from tests.helpers.tiny_protein_models import BERT, save_tiny

ARCHITECTURES = ["esm", "esm1", "bert", "t5"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    root, made = tmp_path_factory.mktemp("models"), {}

    def of(architecture: str) -> Path:
        if architecture not in made:
            made[architecture] = save_tiny(architecture, root / architecture)
        return made[architecture]

    return of


def block(folder: Path, **options: object) -> BLOCK:
    return BLOCK(name="lm", encoder="protein_lm", model=str(folder), **options)


def proteins() -> list[Structure]:
    """Proteins of one chain and of several, of very different lengths, with residues of no known type."""
    made = [made_structure(n, chains=c, seed=n, id=f"P{n}") for n, c in ((1, 1), (7, 1), (40, 3), (130, 2))]
    types = made[2].residue_type.copy()
    types[[0, 17, 39]] = 20
    return [*made[:2], replace(made[2], residue_type=types), made[3]]


def one_chain_at_a_time(folder: Path) -> dict[int, np.ndarray]:
    """The reference, by layer: the tokenizer's own call on each chain's letters, special tokens cut off, the mean over residues."""
    from transformers import AutoModel, AutoTokenizer, T5EncoderModel

    kind = T5EncoderModel if folder.name == "t5" else AutoModel
    model, tokenizer = kind.from_pretrained(folder, dtype=torch.float32).eval(), AutoTokenizer.from_pretrained(folder)
    first = 0 if folder.name == "t5" else 1  # T5 puts nothing before a sequence
    rows: dict[int, list[np.ndarray]] = {-1: [], 1: [], 0: []}
    for structure in proteins():
        outputs = []
        for chain in range(len(structure.chain_label)):
            letters = structure.select(structure.residue_chain == chain).sequence
            text = letters if folder.name.startswith("esm") else " ".join(letters)
            with torch.no_grad():
                outputs.append(model(**tokenizer(text, return_tensors="pt"), output_hidden_states=True))
            assert outputs[-1].last_hidden_state.shape[1] == first + len(letters) + 1
        for layer, found in rows.items():
            states = [o.last_hidden_state if layer == -1 else o.hidden_states[layer] for o in outputs]
            found.append(torch.cat([state[0, first:-1] for state in states]).mean(dim=0).numpy())
    return {layer: np.stack(found) for layer, found in rows.items()}


def relative(found: np.ndarray, expected: np.ndarray) -> float:
    return float((np.linalg.norm(found - expected, axis=-1) / np.linalg.norm(expected, axis=-1)).max())


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_batches_equal_transformers_one_chain_at_a_time(folder: Callable[[str], Path], architecture: str) -> None:
    """Chains of 1 to 65 residues in padded batches, little and large, at every kind of layer: to 1e-5."""
    place = folder(architecture)
    for layer, expected in one_chain_at_a_time(place).items():
        for budget in (16, 9999):
            found = build_encoder(block(place, layer=layer, token_budget=budget)).embed(proteins())
            assert found.shape == (4, 32)
            assert relative(found.numpy(), expected) < 1e-5, (layer, budget)


def test_a_wrong_special_token_would_show(folder: Callable[[str], Path]) -> None:
    """Without what the tokenizer puts before a chain the rows are others: the reference can tell."""
    encoder = build_encoder(block(folder("esm")))
    before = encoder.embed(proteins())
    encoder.vocabulary = replace(encoder.vocabulary, before=())
    assert relative(encoder.embed(proteins()).numpy(), before.numpy()) > 1e-3


def test_residues_are_their_own_states_in_the_order_of_the_structure(folder: Callable[[str], Path]) -> None:
    """`forward` has one row a residue, also where two chains share a computation, and the readout is their mean."""
    two = made_structure(60, chains=2)
    types = np.concatenate([two.residue_type[:30], two.residue_type[:30]])
    alike, encoder = replace(two, residue_type=types), build_encoder(block(folder("esm")))
    batch = encoder.collate([encoder.featurise(alike)])
    assert len(batch["windows"]) == 1
    rows = encoder(batch)
    assert torch.equal(rows[:30], rows[30:])
    single = alike.select(alike.residue_chain == 0)
    torch.testing.assert_close(rows[:30], encoder(encoder.collate([encoder.featurise(single)])))
    torch.testing.assert_close(encoder.readout(rows, batch)[0], rows.mean(dim=0))


@pytest.mark.parametrize("n_residues", [1, 15, 16, 17, 24, 25, 40, 41, 100, 333])
def test_windows_take_each_residue_where_it_is_farthest_from_an_end(n_residues: int) -> None:
    windows = cut_windows(n_residues, window=16, overlap=6)
    assert [r for _, _, first, last in windows for r in range(first, last)] == list(range(n_residues))
    for start, end, first, last in windows:
        assert end - start == min(16, n_residues)
        for residue in range(first, last):
            room = {(s, e): min(residue - s, e - 1 - residue) for s, e, _, _ in windows if s <= residue < e}
            # an end of the chain is no end of a window: nothing lies beyond it
            room = {
                k: min(residue - k[0] if k[0] else math.inf, k[1] - 1 - residue if k[1] < n_residues else math.inf)
                for k in room
            }
            assert room[start, end] >= max(room.values()) - 1
    assert all(b - a <= 10 for (a, *_), (b, *_) in pairwise(windows))


def test_a_long_chain_is_read_in_windows(folder: Callable[[str], Path]) -> None:
    """Each residue's row is the one that its window gives when it is read as a chain of its own."""
    encoder, chain = build_encoder(block(folder("esm"), window=32, overlap=8)), made_structure(100)
    rows = encoder(encoder.collate([encoder.featurise(chain)]))
    whole = build_encoder(block(folder("esm")))
    for start, end, first, last in cut_windows(100, window=32, overlap=8):
        part = chain.select((np.arange(100) >= start) & (np.arange(100) < end))
        alone = whole(whole.collate([whole.featurise(part)]))
        torch.testing.assert_close(rows[first:last], alone[first - start : last - start], atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize("change", [moved, with_chains_reversed])
def test_geometry_and_the_order_of_chains_do_not_matter(folder: Callable[[str], Path], change: Callable) -> None:
    structure, encoder = made_structure(50, chains=2), build_encoder(block(folder("t5")))
    torch.testing.assert_close(encoder.embed([change(structure)]), encoder.embed([structure]), atol=1e-5, rtol=1e-5)


def test_the_sidecar_says_what_the_model_is(folder: Callable[[str], Path], tmp_path: Path) -> None:
    place = folder("bert")
    options = {"seed": 3, "cache_dir": tmp_path, "trained": None, "device": "cpu"}
    rows, meta = structure_rows(block(place, dtype="bfloat16"), proteins(), **options)
    assert (meta.dtype, meta.dimension, meta.weights_state, meta.weights_source) == (
        "bfloat16",
        32,
        "pretrained",
        str(place),
    )
    assert meta.weights_sha256 == weights_sha256(place, cache_dir=tmp_path)
    exact, _ = structure_rows(block(place), proteins(), **options)
    assert 1e-5 < relative(rows, exact) < 0.05
    random, drawn = structure_rows(block(place, weights="random"), proteins(), **options)
    again, _ = structure_rows(block(place, weights="random"), proteins(), **options)
    assert drawn.weights_state == "random"
    assert np.array_equal(random, again)
    assert relative(random, exact) > 0.1


def test_a_job_reads_the_fetched_folder_without_a_word_to_the_hub(
    folder: Callable[[str], Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As `prepare_weights` noted it: compute nodes may have no network. The sidecar says the same as of the hub's id."""
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_CACHE", str(tmp_path / "hub"))
    note, how = tmp_path / "note.json", {"seed": 0, "cache_dir": tmp_path, "trained": None, "device": "cpu"}
    with serve() as hub:
        hub.repositories = {"tiny/esm": folder("esm")}
        monkeypatch.setenv("HF_ENDPOINT", hub.url)
        named = BLOCK(name="lm", encoder="protein_lm", model="tiny/esm")
        write_json(note, {"file": str(model_folder(named))})
        rows, meta = structure_rows(named, proteins(), **how)
        asked = len(hub.requests)
        again, same = structure_rows(as_fetched(named, note), proteins(), **how)
        assert len(hub.requests) == asked > 0
    assert np.array_equal(rows, again)
    assert meta.weights_source == same.weights_source == f"tiny/esm@{COMMIT}"
    assert as_fetched(named, None) == named


def test_a_protein_without_residues_is_refused(folder: Callable[[str], Path]) -> None:
    with pytest.raises(ProteinRejected, match="no observed residue"):
        build_encoder(block(folder("esm"))).featurise(made_structure(3).select(np.zeros(3, dtype=bool)))


@pytest.mark.parametrize(
    ("architecture", "options", "line"),
    [
        ("esm", {"dimension": 64}, "lm: dimension: found 32 in .*config.json, the config says 64"),
        ("esm", {"layer": 4}, "model 'lm': layer 4 does not exist; it has 0 to 3"),
        ("esm1", {"window": 1023}, "lm: window: found 1023, but the model takes 1022 residues at once"),
    ],
)
def test_what_does_not_fit_is_one_line(folder, architecture: str, options: dict, line: str) -> None:
    with pytest.raises(UserError, match=line) as error:
        build_encoder(block(folder(architecture), **options))
    assert "\n" not in str(error.value)


def test_windows_that_do_not_move_on_are_refused() -> None:
    with pytest.raises(ValueError, match="overlap: found 64, expected less than window, which is 64"):
        block(Path("m"), window=64, overlap=64)


def test_a_tokenizer_without_a_token_for_each_residue_is_refused(folder: Callable[[str], Path], tmp_path: Path) -> None:
    """Tryptophan would be read as an unknown word, and the row would be one of something else."""
    from transformers import BertTokenizer

    place = Path(shutil.copytree(folder("bert"), tmp_path / "words"))
    (place / "words.txt").write_text("\n".join(BERT).replace("W", "THE"))
    BertTokenizer(str(place / "words.txt"), do_lower_case=False).save_pretrained(place)
    with pytest.raises(UserError, match="its tokenizer has not one token for each residue"):
        build_encoder(block(place))


def test_the_models_files_are_in_the_digest_of_its_rows(folder: Callable[[str], Path], tmp_path: Path) -> None:
    """Another file in the model's folder makes the rows stale; another place for the same block does too."""
    place = Path(shutil.copytree(folder("esm"), tmp_path / "model"))
    (tmp_path / "structures").mkdir()
    (tmp_path / "structures" / "1abc.pdb").write_text("HEADER\n")
    study = parse(
        {
            "proteins": {"source": "directory", "directory": str(tmp_path / "structures")},
            "structure_encoders": [{"name": "lm", "encoder": "protein_lm", "model": str(place)}],
            "language_models": [{"name": "words", "encoder": "tfidf"}],
            "cache_dir": str(tmp_path / "cache"),
        }
    )
    before = Plan(study, collect_inputs(study)).embedding_digest("lm")
    assert Plan(study, collect_inputs(study)).embedding_digest("lm") == before
    (place / "vocab.txt").write_text("L\nA\n")
    assert Plan(study, collect_inputs(study)).embedding_digest("lm") != before
