"""Batched extraction equals one text at a time, for every architecture and option; what cannot be read is an omission."""

import json
import re
import shutil
import struct
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file
from transformers import AutoModelForCausalLM, AutoTokenizer

from alignscape.encoders.text.backbone import load_backbone
from alignscape.encoders.text.causal_lm.block import CausalLm
from alignscape.encoders.text.causal_lm.model import embed_layers, embed_texts
from alignscape.encoders.text.from_folder import require_gpus_only
from alignscape.encoders.text.progress import text_progress
from alignscape.encoders.text.special_tokens import first_token, load_encode
from alignscape.errors import UserError
from tests.helpers.tiny_models import TEXTS
from tests.helpers.tiny_text_encoders import save_tiny_encoder

IDS = [f"{n}ABC" for n in range(len(TEXTS))]
ARCHITECTURES = ["llama", "gemma2", "gemma3", "qwen2"]


def config(folder: Path, **options: object) -> CausalLm:
    return CausalLm(name="tiny", model=str(folder), **options)


def one_by_one(folder: Path) -> Iterator[tuple[int, str, np.ndarray]]:
    """The reference: the whole model with its head, one text and no padding, its tokenizer's own call.

    Yields layer, pooling and rows.
    """
    tokenizer = AutoTokenizer.from_pretrained(folder)
    model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32).eval()
    with torch.no_grad():
        outputs = [model(**tokenizer(text, return_tensors="pt"), output_hidden_states=True) for text in TEXTS]
    for layer in (-1, 1, 0):
        states = [output.hidden_states[layer][0] for output in outputs]
        yield layer, "last", np.stack([state[-1] for state in states])
        yield layer, "mean", np.stack([state.mean(dim=0) for state in states])


def relative_difference(found: np.ndarray, expected: np.ndarray) -> float:
    return float((np.linalg.norm(found - expected, axis=-1) / np.linalg.norm(expected, axis=-1)).max())


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_batches_equal_single_texts(architecture: str, tiny_model: Callable[[str], Path], tmp_path: Path) -> None:
    """Texts of 1 to 100 tokens in one padded batch give what each gives alone, to 1e-5 relative in float32."""
    folder = tiny_model(architecture)
    backbone = load_backbone(config(folder), cache_dir=tmp_path, device="cpu")
    for layer, pooling, expected in one_by_one(folder):
        ids, rows, omissions = embed_layers(backbone, IDS, TEXTS, layers=[layer], pooling=pooling, token_budget=100_000)
        assert (ids, omissions) == (IDS, [])
        assert rows.dtype == np.float32
        assert relative_difference(rows[:, 0], expected) < 1e-5, (layer, pooling)


def test_token_budget_changes_nothing(tiny_model: Callable[[str], Path], tmp_path: Path) -> None:
    """Any packing of the texts gives the same rows in the same order."""
    folder = tiny_model("llama")
    embedded = [
        embed_texts(config(folder, token_budget=budget), IDS, TEXTS, cache_dir=tmp_path)[1]
        for budget in (16, 150, 9999)
    ]
    assert relative_difference(embedded[0], embedded[1]) < 1e-5
    assert relative_difference(embedded[0], embedded[2]) < 1e-5


def test_several_layers_from_one_pass(tiny_model: Callable[[str], Path], tmp_path: Path) -> None:
    """The list of layers gives, layer by layer, what each gives on its own; negative numbers count from the end."""
    backbone = load_backbone(config(tiny_model("gemma3")), cache_dir=tmp_path, device="cpu")
    _, rows, _ = embed_layers(backbone, IDS, TEXTS, layers=[0, 2, -1, 3])
    for column, layer in enumerate([0, -2, 3, -1]):
        _, single, _ = embed_layers(backbone, IDS, TEXTS, layers=[layer])
        assert relative_difference(rows[:, column], single[:, 0]) < 1e-6


@pytest.mark.parametrize("architecture", ["llama", "gemma2"])
def test_special_tokens_are_the_tokenizers(architecture: str, tiny_model: Callable[[str], Path]) -> None:
    """BOS where the tokenizer adds one (Gemma), none where it does not (SmolLM2), and never an end-of-text token."""
    folder = tiny_model(architecture)
    tokenizer = AutoTokenizer.from_pretrained(folder)
    (tokens,) = load_encode(folder)(["Chains A and B."])
    assert tokens == tokenizer("Chains A and B.").input_ids
    assert (tokens[0] == tokenizer.bos_token_id) == (architecture == "gemma2")
    assert tokens[-1] != tokenizer.eos_token_id


@pytest.mark.parametrize("name", ["smollm2-135m", "gemma3-270m"])
def test_converted_models_encode_as_transformers_does(name: str, registry_folder: Callable[[str], Path]) -> None:
    """The short way to the tokens of a converted model gives the tokenizer's own ids."""
    folder = registry_folder(name)
    assert load_encode(folder)(TEXTS) == AutoTokenizer.from_pretrained(folder)(TEXTS)["input_ids"]


def ended_by(tokenizer: Any, *tokens: str) -> None:
    """Lets a tokenizer put these tokens after every text, and <|im_start|> before it."""
    from tokenizers.processors import TemplateProcessing

    ids = [(token, tokenizer.convert_tokens_to_ids(token)) for token in ("<|im_start|>", *tokens)]
    tokenizer.backend_tokenizer.post_processor = TemplateProcessing(
        single=" ".join(["<|im_start|>", "$A", *tokens]), special_tokens=ids
    )


@pytest.mark.parametrize(
    ("after", "changes"),
    [
        (["<|endoftext|>"], {}),
        (["<|im_end|>", "<|endoftext|>"], {"eos_token": "<|im_end|>"}),  # an end of turn, and then one of text
        (["<|im_end|>"], {"pad_token": "<|im_end|>", "eos_token": "<|im_end|>", "padding_side": "left"}),
        ([], {"pad_token": None, "padding_side": "left", "truncation_side": "left"}),
    ],
    ids=["an EOS", "two ends", "padding is EOS, on the left", "no padding token"],
)
def test_the_row_is_that_of_the_texts_last_token(
    tiny_model: Callable[[str], Path], tmp_path: Path, after: list[str], changes: dict
) -> None:
    """Whatever a tokenizer puts behind a text and however it pads: the same as the text's own tokens alone, in any batch."""
    folder = Path(shutil.copytree(tiny_model("llama"), tmp_path / "model"))
    tokenizer = AutoTokenizer.from_pretrained(folder, **{k: v for k, v in changes.items() if v is not None})
    ended_by(tokenizer, *after)
    if changes.get("pad_token", "") is None:
        tokenizer.pad_token = None
    tokenizer.save_pretrained(folder)
    saved = AutoTokenizer.from_pretrained(folder)
    assert saved("A").input_ids[1:] == [
        *saved("A", add_special_tokens=False).input_ids,
        *map(saved.convert_tokens_to_ids, after),
    ]
    start = saved.convert_tokens_to_ids("<|im_start|>")
    model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32).eval()
    with torch.no_grad():
        rows = [[start, *saved(text, add_special_tokens=False).input_ids] for text in TEXTS]
        states = [
            model(torch.tensor([row]), output_hidden_states=True).hidden_states[-1][0, -1].numpy() for row in rows
        ]
    for budget in (16, 9999):
        found = embed_texts(config(folder, token_budget=budget), IDS, TEXTS, cache_dir=tmp_path)[1]
        assert relative_difference(found, np.stack(states)) < 1e-5


@pytest.mark.parametrize("architecture", ["llama", "gemma2"])
def test_bos_is_as_asked_for(architecture: str, tiny_model: Callable[[str], Path]) -> None:
    """SmolLM2's tokenizer puts none before a text, Gemma's does; `always` and `never` say so for any."""
    folder = tiny_model(architecture)
    tokenizer = AutoTokenizer.from_pretrained(folder)
    plain = [tokenizer(text, add_special_tokens=False).input_ids for text in TEXTS]
    assert load_encode(folder, bos="never")(TEXTS) == plain
    assert load_encode(folder, bos="always")(TEXTS) == [[tokenizer.bos_token_id, *row] for row in plain]
    assert load_encode(folder)(TEXTS) == load_encode(folder, bos="always" if architecture == "gemma2" else "never")(
        TEXTS
    )
    words = (
        "texts begin with '<bos>', the beginning" if architecture == "gemma2" else "texts begin with 'A', which is no"
    )
    assert first_token(folder, bos="tokenizer").startswith(words)


def test_bos_where_there_is_none_is_refused(tiny_model: Callable[[str], Path], tmp_path: Path) -> None:
    folder = Path(shutil.copytree(tiny_model("llama"), tmp_path / "model"))
    tokenizer = AutoTokenizer.from_pretrained(folder)
    tokenizer.bos_token = None
    tokenizer.save_pretrained(folder)
    with pytest.raises(UserError, match="bos: always, but its tokenizer has no beginning-of-text token"):
        load_encode(folder, bos="always")


@pytest.mark.parametrize(
    ("architecture", "why"),
    [
        ("bert", "a token's hidden state depends on what comes after it"),
        (
            "gemma3",
            "a token's hidden state depends on what comes after it",
        ),  # one that sees both ways, as EmbeddingGemma
        ("t5", "t5 has an encoder and a decoder"),
    ],
)
def test_a_model_that_is_not_causal_is_refused(architecture: str, why: str, tmp_path: Path) -> None:
    """By what it does, not by its name: Gemma 3 is a causal model, but for this one."""
    folder = save_tiny_encoder(architecture, tmp_path / architecture)
    with pytest.raises(UserError, match=rf"'tiny' is not causal \({why}\).*use `encoder: sentence`") as error:
        load_backbone(config(folder), cache_dir=tmp_path, device="cpu")
    assert "\n" not in str(error.value)


def test_a_row_that_is_not_finite_stops_the_job(tiny_model: Callable[[str], Path], tmp_path: Path) -> None:
    """One line names the protein, the number type and what to try; float32 holds what float16 does not."""
    folder = tmp_path / "large"
    shutil.copytree(tiny_model("llama"), folder)
    weights = load_file(folder / "model.safetensors")
    weights["model.norm.weight"] = weights["model.norm.weight"].abs() * 1e6
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})
    assert np.isfinite(embed_texts(config(folder), IDS, TEXTS, cache_dir=tmp_path)[1]).all()
    with pytest.raises(
        UserError, match=r"'tiny': the row of 0ABC is not finite in dtype: float16 .* dtype: bfloat16"
    ) as e:
        embed_texts(config(folder, dtype="float16"), IDS, TEXTS, cache_dir=tmp_path)
    assert "\n" not in str(e.value)


def test_texts_that_do_not_fit_are_omissions(tiny_model: Callable[[str], Path], tmp_path: Path) -> None:
    """An empty text, and one longer than the model takes, go to the ledger with plain reasons."""
    ids, rows, omissions, _ = embed_texts(
        config(tiny_model("llama")), ["A", "B", "C"], ["", "Chain A.", "word " * 300], cache_dir=tmp_path
    )
    assert (ids, rows.shape) == (["B"], (1, 32))
    assert [omission.id for omission in omissions] == ["A", "C"]
    assert omissions[0].reason == "its text has no tokens"
    assert "tokens, the model takes 256" in omissions[1].reason


def test_no_texts_give_no_rows(tiny_model: Callable[[str], Path], tmp_path: Path) -> None:
    ids, rows, omissions, _ = embed_texts(config(tiny_model("llama")), [], [], cache_dir=tmp_path)
    assert (ids, rows.shape, omissions) == ([], (0, 32), [])


def test_missing_weights_are_no_random_ones(tiny_model: Callable[[str], Path], tmp_path: Path) -> None:
    """A file that lacks a matrix of its architecture is refused."""
    folder = tmp_path / "partial"
    shutil.copytree(tiny_model("llama"), folder)
    weights = load_file(folder / "model.safetensors")
    del weights["model.layers.1.mlp.up_proj.weight"]
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})
    with pytest.raises(UserError, match=r"lacks weights of its architecture: layers\.1\.mlp\.up_proj\.weight"):
        load_backbone(config(folder), cache_dir=tmp_path, device="cpu")


def test_layer_that_does_not_exist(tiny_model: Callable[[str], Path], tmp_path: Path) -> None:
    with pytest.raises(UserError, match="layer 4 does not exist; it has 0 to 3"):
        embed_texts(config(tiny_model("llama"), layer=4), IDS, TEXTS, cache_dir=tmp_path)


def test_bfloat16_is_close_to_float32(tiny_model: Callable[[str], Path], tmp_path: Path) -> None:
    """The pinned dtype is the one computed in: close to float32, and not equal to it."""
    folder = tiny_model("qwen2")
    full = embed_texts(config(folder), IDS, TEXTS, cache_dir=tmp_path)[1]
    half = embed_texts(config(folder, dtype="bfloat16"), IDS, TEXTS, cache_dir=tmp_path)[1]
    cosine = (full * half).sum(1) / np.linalg.norm(full, axis=1) / np.linalg.norm(half, axis=1)
    assert cosine.min() > 0.99
    assert not np.array_equal(full, half)


def test_nf4_is_close_to_full_weights(tiny_model: Callable[[str], Path], tmp_path: Path) -> None:
    """4-bit weights load and stay near the full ones."""
    pytest.importorskip("bitsandbytes")
    folder = tiny_model("llama")
    full = embed_texts(config(folder), IDS, TEXTS, cache_dir=tmp_path)[1]
    small = embed_texts(config(folder, quantization="nf4"), IDS, TEXTS, cache_dir=tmp_path)[1]
    cosine = (full * small).sum(1) / np.linalg.norm(full, axis=1) / np.linalg.norm(small, axis=1)
    assert 0.9 < cosine.min() < 0.9999


def test_model_without_room_is_refused_before_loading(tiny_model: Callable[[str], Path], tmp_path: Path) -> None:
    """A file that announces 70 billion weights stops in one line with what it needs, and what to do."""
    folder = tmp_path / "huge"
    shutil.copytree(tiny_model("llama"), folder)
    header = json.dumps({"w": {"dtype": "F16", "shape": [70_000_000, 10_000], "data_offsets": [0, 0]}}).encode()
    (folder / "model.safetensors").write_bytes(struct.pack("<Q", len(header)) + header)
    with pytest.raises(UserError, match=r"needs 1400\.0 GB for its weights in float16, .* are free on cpu; use .* nf4"):
        embed_texts(config(folder, dtype="float16"), IDS, TEXTS, cache_dir=tmp_path)


def test_batch_without_room_is_halved(tiny_model: Callable[[str], Path], tmp_path: Path) -> None:
    """Out of memory on a batch costs time, not results; out of memory on one text ends in one line."""
    backbone = load_backbone(config(tiny_model("llama")), cache_dir=tmp_path, device="cpu")
    expected = embed_layers(backbone, IDS, TEXTS)[1]
    room, sizes = [2], []

    def refuse(module: object, arguments: tuple, options: dict) -> None:
        sizes.append(len(options["input_ids"]))
        if sizes[-1] > room[0]:
            raise torch.OutOfMemoryError("CUDA out of memory")

    backbone.model.register_forward_pre_hook(refuse, with_kwargs=True)
    ids, rows, omissions = embed_layers(backbone, IDS, TEXTS, token_budget=100_000)
    assert (ids, omissions) == (IDS, [])
    assert max(sizes) > 2
    assert relative_difference(rows, expected) < 1e-5
    room[0] = 0
    with pytest.raises(UserError, match="no memory left for one text"):
        embed_layers(backbone, IDS, TEXTS)


def test_model_that_spills_off_the_gpus_is_refused(tiny_model: Callable[[str], Path]) -> None:
    """A placement that accelerate spread over GPUs and slow memory is an error, one on GPUs alone is none."""
    model = AutoModelForCausalLM.from_pretrained(tiny_model("llama"), dtype=torch.float32)
    model.hf_device_map = {"model.layers.0": 0, "model.layers.1": 1}
    assert require_gpus_only(model, config(tiny_model("llama"))) is model
    model.hf_device_map["model.layers.2"] = "disk"
    with pytest.raises(UserError, match=r"does not fit into the GPUs given \(part of it would go to disk\)"):
        require_gpus_only(model, config(tiny_model("llama")))


def test_unknown_architecture_is_one_line(tiny_model: Callable[[str], Path], tmp_path: Path) -> None:
    folder = tmp_path / "alien"
    shutil.copytree(tiny_model("llama"), folder)
    settings = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps(settings | {"model_type": "alien", "architectures": ["Alien"]}))
    with pytest.raises(UserError, match=r"cannot be loaded: .*alien") as caught:
        load_backbone(config(folder), cache_dir=tmp_path, device="cpu")
    assert "\n" not in str(caught.value)


def test_progress_tells_rate_and_time_left() -> None:
    """The bar counts proteins per second, also when one takes longer than a second, and the time left."""
    with text_progress(100, "tiny") as progress:
        progress.update(20)
        progress.start_t -= 100
        assert re.search(r"tiny: +20%.* 20/100 \[01:40<06:40, +0\.20 proteins/s\]", str(progress))


def test_weights_checksum_follows_the_weights(tiny_model: Callable[[str], Path], tmp_path: Path) -> None:
    """The sidecar's checksum is that of the weights: the same for a copy, another for other weights."""
    copy = tmp_path / "copy"
    shutil.copytree(tiny_model("llama"), copy)

    def checksum(folder: Path) -> str:
        return load_backbone(config(folder), cache_dir=tmp_path, device="cpu").weights.sha256

    before = checksum(copy)
    assert before == checksum(tiny_model("llama"))
    weights = load_file(copy / "model.safetensors")
    weights["model.norm.weight"] += 1
    save_file(weights, copy / "model.safetensors", metadata={"format": "pt"})
    assert checksum(copy) != before
