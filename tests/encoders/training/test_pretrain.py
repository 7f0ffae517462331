"""Training here learns, never sees what is kept back, and comes to the same weights when it is cut off and gone on with."""

import json
import threading
from dataclasses import replace

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from alignscape.config.encoders import Pretraining
from alignscape.encoders.structure.gat.block import Gat
from alignscape.encoders.structure.gvp.block import Gvp
from alignscape.encoders.structure.weights import initialise, load_weights
from alignscape.encoders.training import pretrain as module
from alignscape.encoders.training.pretrain import pretrain, save_weights
from alignscape.errors import UserError
from alignscape.proteins.facts import Entity, ProteinFacts
from tests.helpers.made_proteins import made_structure

BLOCK = Gvp(encoder="gvp", name="gvp")
STRUCTURES = [made_structure(n, seed=n, id=f"P{n}") for n in (30, 34, 38, 42)]
RECOVERY = Pretraining(epochs=2, batch_size=1, learning_rate=1e-3, mask_fraction=0.5)
EC = ["3.2.1.17", "3.2.1.1", "2.7.11.1", "3.2.1.17"]


def facts(structure, ec=()):
    entity = Entity(1, "polypeptide", ["A"], ["A"], "made", "nobody", None, structure.sequence, list(ec))
    counts = (structure.n_residues,) * 3
    return ProteinFacts(structure.id, "", "", "", [entity], *counts, structure.n_atoms, "0" * 64)


def trained(tmp_path, structures=STRUCTURES, config=RECOVERY, seed=0, block=BLOCK, ec=EC):
    known = [facts(s, numbers.split()) for s, numbers in zip(structures, ec, strict=False)]
    encoder = initialise(block, seed)
    return pretrain(
        encoder,
        structures,
        known,
        config=config,
        seed=seed,
        device="cpu",
        checkpoint=tmp_path / "checkpoint.safetensors",
    )


def same(a, b):
    return a.keys() == b.keys() and all(torch.equal(a[name], b[name]) for name in a)


def test_the_same_seed_gives_the_same_weights_in_any_order_of_proteins(tmp_path):
    state, card = trained(tmp_path)
    again, card_again = trained(tmp_path, structures=STRUCTURES[::-1])
    other, _ = trained(tmp_path, seed=1)
    assert same(state, again)
    assert card == card_again
    assert not same(state, other)
    assert not same(state, initialise(BLOCK, 0).state_dict())


class OnAnotherDevice:
    """A task whose weights seem to lie elsewhere than on the processor, so that its batches are made ahead."""

    def __init__(self, prepared):
        self.prepared = prepared

    def parameters(self):
        return iter([torch.nn.Parameter(torch.zeros(1, device="meta"))])


def test_a_batch_is_made_while_the_one_before_is_in_use():
    made, new = [], threading.Semaphore(0)

    def prepared(examples, generator):
        made.append(examples)
        new.release()
        return examples, generator.integers(1000)

    batches, seeds = ["a", "b", "c", "d"], [[0, 0, n] for n in range(4)]
    ahead = module._made_ahead(OnAnotherDevice(prepared), batches, seeds)
    first = next(ahead)
    assert new.acquire(timeout=30)
    assert new.acquire(timeout=30)
    assert made == ["a", "b"]
    assert [first, *ahead] == [
        (b, np.random.default_rng(s).integers(1000)) for b, s in zip(batches, seeds, strict=True)
    ]


@pytest.mark.parametrize("task", ["residue_recovery", "enzyme_commission"])
def test_batches_made_ahead_train_to_the_same_weights(tmp_path, monkeypatch, task):
    config, make = RECOVERY.model_copy(update={"task": task}), module._made_ahead
    state, card = trained(tmp_path, config=config)
    monkeypatch.setattr(module, "_made_ahead", lambda task, *rest: make(OnAnotherDevice(task.prepared), *rest))
    ahead, card_ahead = trained(tmp_path, config=config)
    assert same(state, ahead)
    assert card == card_ahead


def test_torchs_own_generator_is_left_as_it_was(tmp_path):
    torch.manual_seed(5)
    expected = torch.rand(3)
    torch.manual_seed(5)
    trained(tmp_path, config=RECOVERY.model_copy(update={"epochs": 1}))
    assert torch.equal(torch.rand(3), expected)


@pytest.mark.parametrize("stop_after", [1, 3, 4, 5])
def test_a_training_cut_off_at_any_step_comes_to_the_same_weights(tmp_path, monkeypatch, stop_after):
    whole, card = trained(tmp_path)
    monkeypatch.setattr(module, "SAVE_EVERY", 0.0)
    steps, step = [], module._step

    def cut(*arguments):
        if len(steps) == stop_after:
            raise KeyboardInterrupt
        steps.append(None)
        return step(*arguments)

    monkeypatch.setattr(module, "_step", cut)
    with pytest.raises(KeyboardInterrupt):
        trained(tmp_path)
    taken = len(steps)
    monkeypatch.setattr(module, "_step", lambda *arguments: (steps.append(None), step(*arguments))[1])
    resumed, resumed_card = trained(tmp_path)
    assert (taken, len(steps)) == (stop_after, 6)  # three proteins, two epochs: no step was done again
    assert same(whole, resumed)
    assert card == resumed_card
    assert not (tmp_path / "checkpoint.safetensors").exists()


def test_a_checkpoint_of_another_training_or_a_damaged_one_is_not_gone_on_from(tmp_path, monkeypatch):
    expected, _ = trained(tmp_path, seed=1)
    monkeypatch.setattr(module, "SAVE_EVERY", 0.0)
    monkeypatch.setattr(module.Path, "unlink", lambda *a, **k: None)
    trained(tmp_path, seed=0)
    checkpoint = tmp_path / "checkpoint.safetensors"
    assert checkpoint.exists()
    assert same(trained(tmp_path, seed=1)[0], expected)
    checkpoint.write_bytes(checkpoint.read_bytes()[:100])
    assert same(trained(tmp_path, seed=1)[0], expected)


def test_proteins_kept_back_do_not_touch_the_weights(tmp_path):
    state, card = trained(tmp_path)
    (held,) = card["held_out"]
    changed = [made_structure(s.n_residues, seed=99, id=s.id) if s.id == held else s for s in STRUCTURES]
    state_of_changed, card_of_changed = trained(tmp_path, structures=changed)
    assert card_of_changed["held_out"] == [held]
    assert same(state, state_of_changed)
    assert card["metrics"] != card_of_changed["metrics"]


def test_what_can_be_learned_is_learned(tmp_path):
    """Ten types where the chain is helical, the other ten elsewhere: the backbone tells them apart."""
    structures = []
    for seed in range(6):
        structure = made_structure(90, seed=seed, id=f"P{seed}")
        helical = np.append(np.linalg.norm(structure.ca[3:] - structure.ca[:-3], axis=1) < 7, [False] * 3)
        types = np.random.default_rng(seed).integers(0, 10, 90) + np.where(helical, 0, 10)
        structures.append(replace(structure, residue_type=types.astype(np.int8)))
    config = Pretraining(epochs=8, batch_size=1, learning_rate=3e-3, mask_fraction=0.9)
    _, card = trained(tmp_path, structures=structures, config=config, ec=EC * 2)
    assert card["metrics"]["gain_in_nats_interval"][0] > 0.3  # of ln 2 = 0.69
    assert card["losses"][-1] < card["losses"][0]


def test_enzyme_classes_are_trained_on_and_measured(tmp_path):
    config = Pretraining(task="enzyme_commission", epochs=2, batch_size=2, held_out=0.3, truncate=20)
    state, card = trained(tmp_path, config=config, block=Gat(encoder="gat", name="gat"))
    assert not same(state, initialise(Gat(encoder="gat", name="gat"), 0).state_dict())
    assert card["proteins"] == 3
    assert card["metrics"]["labels"] >= 5
    assert len(card["losses"]) == 2


def test_enzyme_classes_may_come_from_a_table(tmp_path):
    table = tmp_path / "ec.tsv"
    table.write_text("".join(f"{s.id}\t{number}\n" for s, number in zip(STRUCTURES, EC, strict=True)))
    config = Pretraining(task="enzyme_commission", epochs=1, batch_size=2, held_out=0.3)
    from_table = config.model_copy(update={"ec_table": table})
    state, _ = trained(tmp_path, config=config)
    state_of_table, _ = trained(tmp_path, config=from_table, ec=[""] * 4)
    assert same(state, state_of_table)


def test_without_enzymes_there_is_one_clear_line(tmp_path):
    with pytest.raises(UserError, match="enzyme_commission: the entries' COMPND records give 1 training proteins EC"):
        trained(tmp_path, config=Pretraining(task="enzyme_commission"), ec=["3.2.1.17", "", "", ""])


def test_proteins_that_the_encoder_does_not_take_are_left_out_and_named(tmp_path):
    _, card = trained(tmp_path, structures=[*STRUCTURES, made_structure(2, id="TINY")], ec=EC * 2)
    assert card["left_out"] == {"TINY": "fewer than 3 residues with N, CA, C and O"}
    assert card["proteins"] + len(card["held_out"]) == 4
    with pytest.raises(UserError, match="1 of 2 proteins can be trained on"):
        trained(tmp_path, structures=[STRUCTURES[0], made_structure(2, id="TINY")])


def test_saved_weights_load_as_trained_here(tmp_path):
    state, card = trained(tmp_path)
    path = tmp_path / "weights.safetensors"
    save_weights(path, state, card)
    assert same(load_file(path), state)
    assert json.loads(path.with_suffix(".json").read_text())["task"] == "residue_recovery"
    encoder = initialise(BLOCK, 7)
    info = load_weights(encoder, BLOCK, cache_dir=tmp_path, seed=7, trained=path)
    assert info.state == "trained here"
    assert same(dict(encoder.state_dict()), state)
    first = path.read_bytes()
    save_weights(path, state, card)
    assert path.read_bytes() == first
