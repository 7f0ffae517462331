"""Rows of encoder models equal transformers' own, one text at a time; what their files say of pooling is what is done."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.numpy import save_file

from alignscape.encoders.text.rows import text_rows
from alignscape.encoders.text.sentence.block import Sentence
from alignscape.encoders.text.sentence.layers import read_layers
from alignscape.encoders.text.sentence.model import embed_texts
from alignscape.errors import UserError
from tests.helpers.tiny_models import TEXTS
from tests.helpers.tiny_text_encoders import save_tiny_encoder

IDS = [f"{n}ABC" for n in range(len(TEXTS))]
ARCHITECTURES = ["bert", "roberta", "modernbert", "gemma3", "t5"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    root, made = tmp_path_factory.mktemp("encoders"), {}

    def of(architecture: str) -> Path:
        if architecture not in made:
            made[architecture] = save_tiny_encoder(architecture, root / architecture)
        return made[architecture]

    return of


@pytest.fixture
def copy(folder: Callable[[str], Path], tmp_path: Path) -> Path:
    """A folder of the tiny BERT that a test may change."""
    return Path(shutil.copytree(folder("bert"), tmp_path / "bert"))


def block(folder: Path, **options: object) -> Sentence:
    return Sentence(name="tiny", encoder="sentence", model=str(folder), **options)


def embed(config: Sentence, tmp_path: Path, texts: list[str] = TEXTS) -> np.ndarray:
    ids, rows, omissions, _ = embed_texts(config, IDS[: len(texts)], texts, cache_dir=tmp_path)
    assert (ids, omissions) == (IDS[: len(texts)], [])
    assert rows.dtype == np.float32
    return rows


def one_by_one(folder: Path, texts: list[str] = TEXTS) -> dict[str, np.ndarray]:
    """The reference by pooling: the whole model, one text without padding, its tokenizer's own call."""
    from transformers import AutoModel, AutoTokenizer, T5EncoderModel

    kind = T5EncoderModel if folder.name == "t5" else AutoModel
    tokenizer, model = AutoTokenizer.from_pretrained(folder), kind.from_pretrained(folder, dtype=torch.float32).eval()
    with torch.no_grad():
        states = [model(**tokenizer(text, return_tensors="pt")).last_hidden_state[0].numpy() for text in texts]
    return {
        "mean": np.stack([state.mean(axis=0) for state in states]),
        "cls": np.stack([state[0] for state in states]),
        "last": np.stack([state[-1] for state in states]),
    }


def relative_difference(found: np.ndarray, expected: np.ndarray) -> float:
    return float((np.linalg.norm(found - expected, axis=-1) / np.linalg.norm(expected, axis=-1)).max())


def describe(folder: Path, **files: object) -> None:
    """Writes JSON files of a model's folder; `__` in a name stands for a folder."""
    for name, content in files.items():
        path = folder / (name.replace("__", "/") + ".json")
        path.parent.mkdir(exist_ok=True)
        path.write_text(json.dumps(content))


def modules(*kinds: str, package: str = "sentence_transformers.models") -> list[dict[str, object]]:
    return [
        {"idx": i, "name": str(i), "path": f"{i}_{kind}" if i else "", "type": f"{package}.{kind}"}
        for i, kind in enumerate(kinds)
    ]


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_batches_equal_single_texts(folder: Callable[[str], Path], architecture: str, tmp_path: Path) -> None:
    """Texts of 1 to 60 tokens in padded batches, little and large, by every pooling, to 1e-5."""
    place = folder(architecture)
    for pooling, expected in one_by_one(place).items():
        for budget in (16, 9999):
            found = embed(block(place, pooling=pooling, token_budget=budget), tmp_path)
            assert relative_difference(found, expected) < 1e-5, (pooling, budget)


@pytest.mark.parametrize(
    ("said", "pooling"),
    [
        ({"pooling_mode_mean_tokens": True, "pooling_mode_cls_token": False, "include_prompt": True}, "mean"),
        ({"pooling_mode_mean_tokens": False, "pooling_mode_cls_token": True}, "cls"),
        ({"pooling_mode_lasttoken": True, "word_embedding_dimension": 32}, "last"),
        ({"pooling_mode": "cls"}, "cls"),
        (None, "mean"),
    ],
)
def test_the_models_own_files_say_how_to_pool(copy: Path, tmp_path: Path, said: dict | None, pooling: str) -> None:
    """The flags of older files, the word of newer ones, mean where nothing is said; the config's word counts more."""
    if said is not None:
        describe(copy, modules=modules("Transformer", "Pooling"), **{"1_Pooling__config": said})
    expected = one_by_one(copy)
    assert relative_difference(embed(block(copy), tmp_path), expected[pooling]) < 1e-5
    assert relative_difference(embed(block(copy, pooling="last"), tmp_path), expected["last"]) < 1e-5


def test_dense_layers_and_unit_length_are_respected(copy: Path, tmp_path: Path) -> None:
    """EmbeddingGemma's order: mean, two dense layers, unit length; against plain products."""
    rng, kinds = np.random.default_rng(1), ("Transformer", "Pooling", "Dense", "Dense", "Normalize")
    first, second, bias = rng.normal(size=(64, 32)), rng.normal(size=(8, 64)), rng.normal(size=8)
    describe(
        copy,
        modules=modules(*kinds, package="sentence_transformers.base.modules.dense"),
        **{
            "1_Pooling__config": {"pooling_mode_mean_tokens": True},
            "2_Dense__config": {"activation_function": "torch.nn.modules.linear.Identity", "bias": False},
            "3_Dense__config": {"activation_function": "torch.nn.modules.activation.Tanh", "bias": True},
        },
    )
    save_file({"linear.weight": first.astype(np.float32)}, copy / "2_Dense/model.safetensors")
    save_file(
        {"linear.weight": second.astype(np.float32), "linear.bias": bias.astype(np.float32)},
        copy / "3_Dense/model.safetensors",
    )
    expected = np.tanh(one_by_one(copy)["mean"] @ first.T @ second.T + bias)
    expected /= np.linalg.norm(expected, axis=1, keepdims=True)
    options = {"seed": 1, "cache_dir": tmp_path, "adapter": None, "reference": (), "device": "cpu"}
    rows, meta = text_rows(block(copy, dimension=8), IDS, TEXTS, **options)
    assert relative_difference(rows, expected) < 1e-5
    assert meta.weights_source.endswith("; mean of tokens, 2 dense layers, unit length")
    before = meta.weights_sha256
    save_file({"linear.weight": 2 * first.astype(np.float32)}, copy / "2_Dense/model.safetensors")
    assert text_rows(block(copy), IDS, TEXTS, **options)[1].weights_sha256 != before


def test_prompts_stand_before_each_text(copy: Path, tmp_path: Path) -> None:
    """The model's default prompt unless the config has one; an empty one is none."""
    describe(copy, config_sentence_transformers={"prompts": {"doc": "text: "}, "default_prompt_name": "doc"})
    prompted = one_by_one(copy, [f"text: {text}" for text in TEXTS])["mean"]
    assert relative_difference(embed(block(copy), tmp_path), prompted) < 1e-5
    assert relative_difference(embed(block(copy, prompt=""), tmp_path), one_by_one(copy)["mean"]) < 1e-5
    query = one_by_one(copy, [f"query: {text}" for text in TEXTS])["mean"]
    assert relative_difference(embed(block(copy, prompt="query: "), tmp_path), query) < 1e-5


def test_long_texts_are_omitted_or_cut_as_asked(copy: Path, tmp_path: Path) -> None:
    """The limit is that of the model's files for sentence-transformers; a cut text keeps its last special token."""
    from transformers import AutoTokenizer

    describe(copy, sentence_bert_config={"max_seq_length": 12})
    ids, _, omissions, _ = embed_texts(
        block(copy), ["A", "B", "C"], ["", "Chains A and B.", TEXTS[3]], cache_dir=tmp_path
    )
    assert ids == ["B"]
    assert [(o.id, o.stage, o.encoder) for o in omissions] == [("A", "embed", "tiny"), ("C", "embed", "tiny")]
    assert omissions[0].reason == "its text is empty"
    assert "tokens, the model takes 12 (`long_texts: cut` reads the first 12)" in omissions[1].reason
    tokenizer = AutoTokenizer.from_pretrained(copy)
    shorter = tokenizer.decode(tokenizer(TEXTS[3]).input_ids[1:11])
    found = embed(block(copy, long_texts="cut"), tmp_path, [TEXTS[3]])
    assert relative_difference(found, one_by_one(copy, [shorter])["mean"]) < 1e-5


@pytest.mark.parametrize(
    ("files", "line"),
    [
        (
            {"modules": modules("Transformer", "LSTM")},
            "found a layer 'sentence_transformers.models.LSTM' in '1_LSTM'; known are",
        ),
        (
            {"modules": [{"path": "../away", "type": "x.Pooling"}]},
            "a layer lies in '../away'; expected a folder beside",
        ),
        (
            {"modules": modules("Transformer", "Pooling"), "1_Pooling__config": {"pooling_mode_max_tokens": True}},
            "pools by max; known are mean, cls, lasttoken: set `pooling: mean`",
        ),
        (
            {"modules": modules("Transformer", "Dense"), "1_Dense__config": {"activation_function": "x.GELU"}},
            "activation_function GELU; known are Identity and Tanh",
        ),
        (
            {"modules": modules("Transformer", "Dense"), "1_Dense__config": {}},
            "weights are read from .safetensors only",
        ),
    ],
)
def test_what_is_not_known_is_refused_in_one_line(tmp_path: Path, files: dict, line: str) -> None:
    describe(tmp_path, **files)
    with pytest.raises(UserError, match=line) as error:
        read_layers(tmp_path)
    assert "\n" not in str(error.value)


def test_another_dimension_than_the_config_says_is_refused(folder: Callable[[str], Path], tmp_path: Path) -> None:
    with pytest.raises(UserError, match="tiny: dimension: its rows have 32 numbers, the config says 384"):
        embed(block(folder("bert"), dimension=384), tmp_path)


def test_a_row_that_is_not_finite_stops_the_job(folder: Callable[[str], Path], tmp_path: Path) -> None:
    """T5's activations overflow in float16, and so does a BERT whose last norm is large."""
    from safetensors.torch import load_file
    from safetensors.torch import save_file as save_torch

    place = Path(shutil.copytree(folder("bert"), tmp_path / "huge"))
    weights = load_file(place / "model.safetensors")
    (norm,) = [name for name in weights if name.endswith("layer.2.output.LayerNorm.weight")]
    weights[norm] = weights[norm].abs() * 1e6
    save_torch(weights, place / "model.safetensors", metadata={"format": "pt"})
    assert np.isfinite(embed(block(place), tmp_path)).all()
    with pytest.raises(
        UserError, match=r"the row of 0ABC is not finite in dtype: float16 \(6 of 6 rows\); .* bfloat16"
    ):
        embed(block(place, dtype="float16"), tmp_path)
