"""Fine-tuning: who is fed, what counts, what is learnt, and that a killed run ends as one that was not."""

import json
import math
import os
import signal
import subprocess
import sys
import time
import warnings
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from peft import LoraConfig, get_peft_model
from safetensors.torch import load_file, save_file
from transformers import AutoModel, AutoModelForCausalLM, AutoTokenizer

from alignscape.compute.number_types import fast_number_type
from alignscape.config.encoders import FineTuning
from alignscape.encoders.text import lora
from alignscape.encoders.text.answer_loss import perplexity, summed_loss
from alignscape.encoders.text.causal_lm.block import CausalLm
from alignscape.encoders.text.causal_lm.model import embed_texts
from alignscape.encoders.text.dialogue import IGNORED, Example, Pair, encode_pair, split_pairs
from alignscape.encoders.text.lora import fine_tune
from alignscape.encoders.text.lora_settings import feasible
from alignscape.encoders.text.lora_step import Run, Standing, train_step
from alignscape.encoders.text.plain_adapter import add_adapter, is_plain
from alignscape.encoders.training.checkpoint import load_checkpoint, save_checkpoint
from alignscape.errors import UserError
from alignscape.proteins.ids import entry_of
from alignscape.storage.files import read_json, write_json
from tests.helpers.tiny_models import save_tiny

IDS = [f"{n}ABC" for n in range(1, 13)]
TEXTS = [f"The protein structure {id_} has a sequence length of {50 + n} amino acids." for n, id_ in enumerate(IDS)]
FAST = {"quantization": "none", "compute_dtype": "float32", "optimizer": "adamw", "learning_rate": 1e-2}


def tuning(**options: object) -> FineTuning:
    return FineTuning(name="tuned", base="tiny", **FAST | {"accumulation": 2, "batch_size": 2, "epochs": 3} | options)


@pytest.fixture(scope="session")
def base(tiny_model: Callable[[str], Path]) -> CausalLm:
    return CausalLm(name="tiny", model=str(tiny_model("llama")))


@pytest.fixture
def train(base: CausalLm, tmp_path: Path) -> Callable[..., tuple[dict, Path]]:
    """Fine-tune the tiny Llama into a new folder; returns card and folder."""

    def run(*, n: int = len(IDS), **options: object) -> tuple[dict, Path]:
        out, cache = tmp_path / f"adapter-{len(list(tmp_path.iterdir()))}", tmp_path / "cache"
        return fine_tune(tuning(**options), base, IDS[:n], TEXTS[:n], cache_dir=cache, out=out, seed=1), out

    return run


def test_training_learns_the_descriptions(train: Callable[..., tuple[dict, Path]]) -> None:
    """Held-out perplexity falls, and the card says what was done."""
    card, out = train(epochs=6)
    assert card["perplexity"]["after"] < 0.8 * card["perplexity"]["before"]
    assert card["loss_last_epoch"] < card["loss_first_epoch"]
    assert (card["steps"], card["control"], card["notes"]) == (18, None, [])
    assert card == json.loads((out / "card.json").read_text())
    assert {p.name for p in out.iterdir()} == {"adapter_model.safetensors", "adapter_config.json", "card.json"}


def test_only_given_proteins_are_fed(train: Callable[..., tuple[dict, Path]], monkeypatch: pytest.MonkeyPatch) -> None:
    """Every token that reaches the model in training is of a training pair, and none of a held-out one."""
    seen: set[tuple[int, ...]] = set()
    forward = torch.nn.Module.__call__

    def watch(module: torch.nn.Module, *arguments: object, **options: object) -> object:
        if type(module).__name__ == "PeftModelForCausalLM" and module.training:
            seen.update(tuple(row.tolist()) for row in options["input_ids"])
        return forward(module, *arguments, **options)

    monkeypatch.setattr(torch.nn.Module, "__call__", watch)
    card, _ = train()
    assert {id_ for pair in card["fed"] for id_ in pair}.isdisjoint(card["held_out"])
    assert sorted([*card["held_out"], *(pair[0] for pair in card["fed"])]) == sorted(IDS)
    fed = {text_id: text for text_id, text in zip(IDS, TEXTS, strict=True) if text_id not in card["held_out"]}
    tokenizer = AutoTokenizer.from_pretrained(card["base"])
    words = [tokenizer.decode(row) for row in seen]
    assert words
    assert all(sum(text in word for text in fed.values()) == 1 for word in words)
    assert not any(id_ in word for word in words for id_ in card["held_out"])


def test_control_gets_descriptions_of_others(train: Callable[..., tuple[dict, Path]]) -> None:
    """Under `shuffled` no question has its own answer, each description is used once, and held-out pairs are the same."""
    card, _ = train(shuffled=True, epochs=1)
    true, _ = train(epochs=1)
    assert all(asked != answered for asked, answered in card["fed"])
    assert sorted(answered for _, answered in card["fed"]) == sorted(asked for asked, _ in card["fed"])
    assert all(asked == answered for asked, answered in true["fed"])
    assert card["held_out"] == true["held_out"]
    assert card["perplexity"]["before"] == true["perplexity"]["before"]


def test_same_seed_same_adapter(train: Callable[..., tuple[dict, Path]]) -> None:
    """Equal runs leave equal bytes; another learning rate does not."""
    (_, first), (_, second), (_, other) = train(), train(), train(learning_rate=1e-3)
    for name in ("adapter_model.safetensors", "adapter_config.json", "card.json"):
        assert (first / name).read_bytes() == (second / name).read_bytes()
    assert (first / "adapter_model.safetensors").read_bytes() != (other / "adapter_model.safetensors").read_bytes()


TRAIN = """
import sys, torch
from pathlib import Path
sys.path.insert(0, sys.argv[1])
torch.set_num_threads(1)
from tests.encoders.text.test_lora import IDS, TEXTS, tuning
from alignscape.encoders.text.causal_lm.block import CausalLm
from alignscape.encoders.text.lora import fine_tune
fine_tune(tuning(epochs=8, save_steps=2), CausalLm(name="tiny", model=sys.argv[2]), IDS, TEXTS,
          cache_dir=Path(sys.argv[3]), out=Path(sys.argv[3]) / "killed", seed=1)
"""


def test_killed_run_ends_as_an_unbroken_one(base: CausalLm, tmp_path: Path) -> None:
    """SIGKILL after a checkpoint, and start again: the adapter and the card have the bytes of a run in one piece."""
    command = [sys.executable, "-c", TRAIN, str(Path(__file__).parents[3]), base.model, str(tmp_path)]
    killed, threads = tmp_path / "killed", torch.get_num_threads()
    process = subprocess.Popen(command, env=os.environ | {"OMP_NUM_THREADS": "1"}, stderr=subprocess.DEVNULL)
    while process.poll() is None and not (killed / "checkpoint.safetensors").exists():
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert not (killed / "card.json").exists(), "killed too late for this test to show anything"
    assert subprocess.run(command, env=os.environ | {"OMP_NUM_THREADS": "1"}, stderr=subprocess.DEVNULL).returncode == 0
    torch.set_num_threads(1)
    fine_tune(
        tuning(epochs=8, save_steps=2), base, IDS, TEXTS, cache_dir=tmp_path / "cache", out=tmp_path / "whole", seed=1
    )
    torch.set_num_threads(threads)
    for name in ("adapter_model.safetensors", "adapter_config.json", "card.json"):
        assert (killed / name).read_bytes() == (tmp_path / "whole" / name).read_bytes(), name
    assert not (killed / "checkpoint.safetensors").exists()


def test_checkpoint_of_another_run_is_not_taken_up(
    train: Callable[..., tuple[dict, Path]], base: CausalLm, tmp_path: Path
) -> None:
    """A checkpoint left by other settings is ignored: the result is that of a fresh run."""
    out = tmp_path / "stale"
    optimizer = torch.optim.AdamW([torch.zeros(1, requires_grad=True)])
    out.mkdir()
    save_checkpoint(
        out / "checkpoint.safetensors", {}, optimizer, key="other", progress={"compute_dtype": "float32", "step": 5}
    )
    fine_tune(tuning(), base, IDS, TEXTS, cache_dir=tmp_path / "cache", out=out, seed=1)
    assert (out / "card.json").read_bytes() == (train()[1] / "card.json").read_bytes()


def test_paged_adamw_gone_on_with_is_unbroken(base: CausalLm, tmp_path: Path) -> None:
    """Three steps, a checkpoint, three more in a new run: every adapter weight as after six steps, bit for bit.

    On a processor bitsandbytes' paged optimizer keeps its moments in ordinary memory; all else is as on a GPU.
    """
    pytest.importorskip("bitsandbytes")
    config = tuning(optimizer="paged_adamw_32bit")
    pairs = split_pairs(config, IDS, TEXTS, seed=1)
    loaded = base.model_copy(update={"dtype": "float32"})  # as `fine_tune` hands it on
    whole, cut, resumed = (
        lora._start(config, loaded, Path(base.model), *pairs, seed=1, device="cpu") for _ in ("whole", "cut", "resumed")
    )

    def losses(run: Run, first: int) -> list[float]:
        standing = Standing("float32", step=first)
        for _ in range(3):
            train_step(run, standing)
        return standing.losses

    assert losses(whole, 0) == losses(cut, 0)
    path = tmp_path / "checkpoint.safetensors"
    save_checkpoint(path, cut.adapter, cut.optimizer, key="run", progress={"step": 3})
    assert load_checkpoint(path, resumed.adapter, resumed.optimizer, key="run") == {"step": 3}
    assert losses(whole, 3) == losses(resumed, 3)
    assert all(torch.equal(weight, resumed.adapter[name]) for name, weight in whole.adapter.items())


def processor(monkeypatch: pytest.MonkeyPatch, *, bfloat16: bool) -> None:
    """Have torch report a processor with, or without, instructions for bfloat16; either computes in both, if slowly."""
    monkeypatch.setattr(torch.backends.cpu, "get_cpu_capability", lambda: "AVX512" if bfloat16 else "AVX2")
    monkeypatch.setattr(torch.cpu, "_is_avx512_bf16_supported", lambda: bfloat16)
    monkeypatch.setattr(torch.cpu, "_is_amx_tile_supported", lambda: False)


@pytest.mark.parametrize(("bfloat16", "expected"), [(True, "bfloat16"), (False, "float32")])
def test_auto_is_what_the_processor_is_fast_in(
    bfloat16: bool, expected: str, train: Callable[..., tuple[dict, Path]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """`auto` gives the bytes that naming the type gives, and the card says which it was."""
    processor(monkeypatch, bfloat16=bfloat16)
    (card, out), (named, by_name) = (train(n=3, compute_dtype=dtype, epochs=1) for dtype in ("auto", expected))
    assert card["settings"]["compute_dtype"] == named["settings"]["compute_dtype"] == expected
    assert (out / "adapter_model.safetensors").read_bytes() == (by_name / "adapter_model.safetensors").read_bytes()
    assert (card["notes"], named["notes"]) == ([f"compute_dtype: {expected} instead of auto (fast on this device)"], [])


@pytest.mark.parametrize("dtype", ["float32", "bfloat16"])
@pytest.mark.parametrize("bfloat16", [True, False])
def test_a_number_type_that_is_named_is_obeyed(dtype: str, bfloat16: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    processor(monkeypatch, bfloat16=bfloat16)
    assert feasible(tuning(compute_dtype=dtype), device="cpu") == (tuning(compute_dtype=dtype), [])


@pytest.mark.parametrize(("begun_with", "kept"), [(True, "bfloat16"), (False, "float32")])
def test_a_run_taken_up_on_another_machine_keeps_its_number_type(
    begun_with: bool, kept: str, base: CausalLm, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Cut off on one processor, gone on with on one that `auto` means another type for: the bytes of the first's run."""

    def run(out: Path) -> dict:
        config = tuning(compute_dtype="auto", save_steps=1, epochs=2)
        return fine_tune(config, base, IDS[:3], TEXTS[:3], cache_dir=tmp_path / "cache", out=out, seed=1)

    def cut_off(run: Run, standing: Standing) -> None:
        if standing.step == 1:
            raise KeyboardInterrupt
        train_step(run, standing)

    processor(monkeypatch, bfloat16=begun_with)
    whole = run(tmp_path / "whole")
    monkeypatch.setattr(lora, "train_step", cut_off)
    with pytest.raises(KeyboardInterrupt):
        run(tmp_path / "moved")
    monkeypatch.setattr(lora, "train_step", train_step)
    processor(monkeypatch, bfloat16=not begun_with)
    moved = run(tmp_path / "moved")
    assert whole["settings"]["compute_dtype"] == moved["settings"]["compute_dtype"] == kept
    assert f"compute_dtype: {kept} instead of {fast_number_type('cpu')} (the run was begun in it)" in moved["notes"]
    assert moved["sha256"] == whole["sha256"]


def test_extraction_from_base_and_adapter(
    train: Callable[..., tuple[dict, Path]], base: CausalLm, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rows of base + adapter are those of peft's own model; an untrained adapter changes nothing."""
    from peft import PeftModel

    card, out = train()
    with monkeypatch.context() as without:
        without.setitem(sys.modules, "peft", None)  # so that its import fails: it takes seconds
        ids, rows, omissions, weights = embed_texts(base, IDS, TEXTS, cache_dir=tmp_path, adapter=out)
    assert (ids, omissions, weights.state, weights.sha256) == (IDS, [], "trained here", card["sha256"])
    model = PeftModel.from_pretrained(AutoModelForCausalLM.from_pretrained(base.model, dtype=torch.float32), str(out))
    tokenizer = AutoTokenizer.from_pretrained(base.model)
    with torch.no_grad():
        states = [
            model.eval()(**tokenizer(text, return_tensors="pt"), output_hidden_states=True).hidden_states[-1][0, -1]
            for text in TEXTS
        ]
    expected = torch.stack(states).numpy()
    assert np.abs(rows - expected).max() < 1e-5 * np.abs(expected).max()
    plain = embed_texts(base, IDS, TEXTS, cache_dir=tmp_path)[1]
    assert np.abs(rows - plain).max() > 1e-3
    _, untrained = train(learning_rate=1e-30, epochs=1)
    assert np.allclose(embed_texts(base, IDS, TEXTS, cache_dir=tmp_path, adapter=untrained)[1], plain, atol=1e-6)


@pytest.mark.parametrize("architecture", ["llama", "gemma3"])
def test_a_plain_adapter_is_added_as_by_peft(
    tiny_model: Callable[[str], Path], tmp_path: Path, architecture: str
) -> None:
    """Every weight to the last bit, whatever the architecture calls the model under its head."""
    folder = tiny_model(architecture)
    whole = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32)
    adapted = get_peft_model(whole, LoraConfig(r=4, lora_alpha=12, target_modules="all-linear", task_type="CAUSAL_LM"))
    for name, weight in adapted.named_parameters():
        if "lora_B" in name:
            torch.nn.init.normal_(weight)
    adapted.save_pretrained(str(tmp_path), save_embedding_layers=False)
    assert is_plain(tmp_path)
    ours = AutoModel.from_pretrained(folder, dtype=torch.float32)
    before = {name: weight.clone() for name, weight in ours.state_dict().items()}
    assert add_adapter(ours, tmp_path)
    theirs = adapted.merge_and_unload().base_model.state_dict()
    assert before.keys() == theirs.keys()
    assert all(torch.equal(weight, theirs[name]) for name, weight in ours.state_dict().items())
    changed = {name.split(".")[-2] for name, weight in before.items() if not torch.equal(weight, theirs[name])}
    assert changed == {"q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"}


@pytest.mark.parametrize(
    "more",
    [
        {"use_dora": True},
        {"use_rslora": True},
        {"rank_pattern": {"q_proj": 4}},
        {"bias": "all"},
        {"init_lora_weights": "pissa"},
        {"modules_to_save": ["lm_head"]},
        {"target_modules": "all-linear"},
        {"peft_type": "IA3"},
        {"a_switch_of_later": True},
    ],
)
def test_any_other_adapter_is_left_to_peft(tmp_path: Path, more: dict[str, object]) -> None:
    """A setting that changes what an adapter adds, or that nobody here knows."""
    LoraConfig(r=4, target_modules=["q_proj"]).save_pretrained(str(tmp_path))
    settings = read_json(tmp_path / "adapter_config.json")
    assert is_plain(tmp_path)
    write_json(tmp_path / "adapter_config.json", settings | more)
    assert not is_plain(tmp_path)


@pytest.mark.parametrize(
    ("change", "line"),
    [
        (
            "another name",
            r"it has base_model.model.model.layers.9.*, which the model has not \(2 of \d+ arrays do not fit\)",
        ),
        ("one less", r"it lacks base_model.model.model.layers.0.*\(1 of \d+ arrays do not fit\)"),
        ("another shape", "does not fit the model 'tiny': .*size mismatch"),
    ],
)
def test_an_adapter_that_does_not_fit_is_refused(
    train: Callable[..., tuple[dict, Path]], base: CausalLm, tmp_path: Path, change: str, line: str
) -> None:
    """peft would go on with the arrays that fit, and fill the others' places with fresh ones."""
    _, out = train(epochs=1)
    arrays = load_file(out / "adapter_model.safetensors")
    name = min(arrays)
    array = arrays.pop(name)
    if change == "another name":
        arrays[name.replace("layers.0", "layers.9")] = array
    elif change == "another shape":
        arrays[name] = torch.cat([array, array])
    save_file(arrays, out / "adapter_model.safetensors", metadata={"format": "pt"})
    with pytest.raises(UserError, match=line) as error:
        embed_texts(base, IDS, TEXTS, cache_dir=tmp_path, adapter=out)
    assert "\n" not in str(error.value)


def test_reading_an_adapter_asks_no_server_about_its_base(
    train: Callable[..., tuple[dict, Path]], base: CausalLm, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """peft would ask the hub whether the base's vocabulary has grown since, on compute nodes without a network too."""
    from peft.utils import save_and_load

    asked: list[str] = []
    monkeypatch.setattr(save_and_load, "check_file_exists_on_hf_hub", lambda name, _: asked.append(name))
    _, out = train(epochs=1)
    settings = read_json(out / "adapter_config.json")
    write_json(out / "adapter_config.json", settings | {"base_model_name_or_path": "someone/of-the-hub"})
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        ids = embed_texts(base, IDS, TEXTS, cache_dir=tmp_path, adapter=out)[0]
    assert (ids, asked) == (IDS, [])


def test_accumulation_equals_one_large_batch(train: Callable[..., tuple[dict, Path]]) -> None:
    """Four texts in one pass, or in passes of one: the same gradient, so the same adapter to rounding."""
    from safetensors.torch import load_file

    large, small = (
        load_file(
            train(batch_size=size, accumulation=4 // size, dropout=0.0, epochs=1)[1] / "adapter_model.safetensors"
        )
        for size in (4, 1)
    )
    assert all(torch.allclose(large[name], small[name], atol=1e-4) for name in large)


def test_loss_counts_the_answer_only(tiny_model: Callable[[str], Path]) -> None:
    """Labels are the answer's tokens under `answer` and all under `all`; the loss is the mean of a plain loop over them."""
    tokenizer = AutoTokenizer.from_pretrained(tiny_model("llama"))
    pair = Pair("1ABC", "1ABC", TEXTS[0])
    answer, whole = (encode_pair(tuning(loss_on=part), pair, tokenizer) for part in ("answer", "all"))
    counted = [label for label in answer.labels if label != IGNORED]
    assert TEXTS[0] in tokenizer.decode(counted)
    assert "What is the protein" not in tokenizer.decode(counted)
    assert whole.labels == whole.tokens == answer.tokens
    model = AutoModelForCausalLM.from_pretrained(tiny_model("llama"), dtype=torch.float32).eval()
    shorter = Example(answer.tokens[:-5], answer.labels[:-5])
    with torch.no_grad():
        expected = 0.0
        for example in (answer, shorter):
            log_p = model(torch.tensor([example.tokens])).logits[0].log_softmax(-1)
            places = [place for place, label in enumerate(example.labels) if label != IGNORED]
            expected -= sum(float(log_p[place - 1, example.labels[place]]) for place in places)
        assert float(summed_loss(model, [answer, shorter])) == pytest.approx(expected, rel=1e-5)
    assert perplexity(model, [answer, shorter]) == pytest.approx(math.exp(expected / (2 * len(counted) - 5)), rel=1e-5)


def test_chat_template_is_used_where_there_is_one(registry_folder: Callable[[str], Path]) -> None:
    """SmolLM2 is asked in its own template; Gemma's base model, which has none, in two plain lines with BOS and EOS."""
    pair, config = Pair("1ABC", "1ABC", TEXTS[0]), tuning()
    smol = AutoTokenizer.from_pretrained(registry_folder("smollm2-135m"))
    messages = [{"role": "user", "content": "What is the protein: 1ABC?"}, {"role": "assistant", "content": TEXTS[0]}]
    expected = smol.apply_chat_template(messages, tokenize=False)
    assert smol.decode(encode_pair(config, pair, smol).tokens) == expected
    gemma = AutoTokenizer.from_pretrained(registry_folder("gemma3-270m"))
    assert gemma.chat_template is None
    assert gemma.decode(encode_pair(config, pair, gemma).tokens) == f"<bos>What is the protein: 1ABC?\n{TEXTS[0]}<eos>"


def test_split_follows_the_seed_and_not_the_order() -> None:
    """The same proteins are held out whatever order they come in; another seed holds out others."""
    first = split_pairs(tuning(), IDS, TEXTS, seed=1)
    assert split_pairs(tuning(), IDS[::-1], TEXTS[::-1], seed=1) == first
    assert split_pairs(tuning(), IDS, TEXTS, seed=2)[1] != first[1]
    assert len(first[1]) == 2


def test_so_many_texts_as_the_config_says_are_used() -> None:
    """Those first in the seed's order, of training and held-out ones together; at least three, and all if there are fewer."""
    training, held_out = split_pairs(tuning(texts=5, held_out=0.2), IDS, TEXTS, seed=1)
    assert (len(training), len(held_out)) == (4, 1)
    assert held_out[0] in split_pairs(tuning(held_out=0.2), IDS, TEXTS, seed=1)[1]
    everything = split_pairs(tuning(texts=1000), IDS, TEXTS, seed=1)
    assert everything == split_pairs(tuning(), IDS, TEXTS, seed=1)


@pytest.mark.parametrize("shuffled", [False, True])
def test_chains_of_an_entry_are_trained_on_together_or_held_out_together(shuffled):
    """And under the control no chain is given a text of its own entry."""
    ids = [f"{n}ABC:{chain}" for n in range(1, 9) for chain in "ABCD"[: 1 + n % 4]]
    for seed in range(10):
        training, held_out = split_pairs(tuning(shuffled=shuffled), ids, ids, seed=seed)
        assert sorted(pair.id for pair in training + held_out) == ids
        assert not {entry_of(pair.id) for pair in training} & {entry_of(pair.id) for pair in held_out}
        assert sorted(pair.text_id for pair in training) == [pair.id for pair in training]
        assert shuffled == all(entry_of(pair.id) != entry_of(pair.text_id) for pair in training)
    with pytest.raises(UserError, match="8 training proteins of 2 entries, at least 3 are needed"):
        split_pairs(tuning(shuffled=shuffled), *[[i for i in ids if i[0] in "37"]] * 2, seed=0)


def test_too_few_proteins(base: CausalLm, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="2 training proteins, at least 3 are needed"):
        fine_tune(tuning(), base, IDS[:2], TEXTS[:2], cache_dir=tmp_path, out=tmp_path / "out", seed=1)


def test_paper_settings_run_on_a_processor(registry_folder: Callable[[str], Path], tmp_path: Path) -> None:
    """The paper's settings (nf4, float16, paged AdamW) train on a processor, with what was replaced in the card."""
    pytest.importorskip("bitsandbytes")
    folder = save_tiny("llama", registry_folder("smollm2-135m"), tmp_path / "base")
    config = FineTuning(
        name="paper", base="tiny", compute_dtype="float16", epochs=2, accumulation=4, learning_rate=1e-2
    )
    card = fine_tune(
        config, CausalLm(name="tiny", model=str(folder)), IDS, TEXTS, cache_dir=tmp_path, out=tmp_path / "out", seed=1
    )
    assert [note.partition(" (")[0] for note in card["notes"]] == [
        f"compute_dtype: {fast_number_type('cpu')} instead of float16",
        "optimizer: adamw instead of paged_adamw_32bit",
    ]
    assert card["settings"]["quantization"] == "nf4"
    assert card["perplexity"]["after"] < card["perplexity"]["before"]


def test_nf4_step_after_evaluation_has_gradients(registry_folder: Callable[[str], Path], tmp_path: Path) -> None:
    """A training step that follows an eval forward on nf4 weights has non-zero gradients below the last layer.

    The model is wide enough for bitsandbytes to repack its weights, which on processors with avx512_bf16 makes every
    gradient through them zero unless it is forbidden.
    """
    pytest.importorskip("bitsandbytes")
    folder = save_tiny(
        "llama", registry_folder("smollm2-135m"), tmp_path / "wide", hidden_size=128, intermediate_size=256
    )
    config = tuning(quantization="nf4", compute_dtype="bfloat16", dropout=0.0)
    pairs = split_pairs(config, IDS, TEXTS, seed=1)
    base = CausalLm(name="wide", model=str(folder), dtype="float32")
    run = lora._start(config, base, folder, *pairs, seed=1, device="cpu")
    perplexity(run.model, run.held_out)
    run.model.train()
    summed_loss(run.model, run.training).backward()
    gradients = {name: float(weight.grad.abs().max()) for name, weight in run.adapter.items() if "lora_B" in name}
    assert len(gradients) == 3 * 7
    assert all(value > 0 for value in gradients.values()), gradients
