"""A converted model is put together directly, and is the one that `from_pretrained` makes."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from alignscape.encoders.text.own_folder import from_own_folder
from tests.helpers.tiny_models import mark_converted


@pytest.fixture
def converted(tiny_model: Callable[[str], Path], tmp_path: Path) -> Callable[..., Path]:
    """A tiny model's folder as the conversion leaves it, with its weights in a number type."""

    def folder(architecture: str, dtype: torch.dtype = torch.float32) -> Path:
        path = Path(shutil.copytree(tiny_model(architecture), tmp_path / architecture))
        weights = {name: tensor.to(dtype) for name, tensor in load_file(path / "model.safetensors").items()}
        save_file(weights, path / "model.safetensors", metadata={"format": "pt"})
        return mark_converted(path)

    return folder


@pytest.mark.parametrize(
    ("architecture", "dtype", "attention"),
    [("gemma3", torch.float32, {}), ("gemma3", torch.bfloat16, {"attn_implementation": "eager"}), ("qwen2", torch.float32, {})],
    ids=["gemma3", "gemma3 in bfloat16", "qwen2"],
)  # fmt: skip
def test_it_is_the_model_that_transformers_loads(
    architecture: str, dtype: torch.dtype, attention: dict[str, str], converted: Callable[..., Path]
) -> None:
    """To the last bit: weights, buffers that are in no file, config, and hidden states."""
    from transformers import AutoModel

    folder = converted(architecture, dtype)
    theirs = AutoModel.from_pretrained(folder, dtype=dtype, local_files_only=True, **attention)
    ours = from_own_folder(AutoModel, folder, dtype=dtype, **attention)
    assert ours is not None
    assert type(ours) is type(theirs)
    assert ours.training == theirs.training
    assert ours.config._attn_implementation == theirs.config._attn_implementation
    assert ours.config.to_dict() | {"_name_or_path": ""} == theirs.config.to_dict() | {"_name_or_path": ""}
    for kind in ("named_parameters", "named_buffers"):
        first, second = dict(getattr(ours, kind)()), dict(getattr(theirs, kind)())
        assert first.keys() == second.keys()
        for name in first:
            assert first[name].dtype == second[name].dtype
            assert torch.equal(first[name], second[name]), name
    ids = torch.arange(40)[None] % 200
    with torch.inference_mode():
        assert torch.equal(ours(input_ids=ids).last_hidden_state, theirs(input_ids=ids).last_hidden_state)


def test_what_is_not_one_for_one_the_models_own_is_left_to_transformers(
    converted: Callable[..., Path], tiny_model: Callable[[str], Path]
) -> None:
    """A folder from elsewhere, a model with a head, weights in another number type, and a weight too few or too many."""
    from transformers import AutoModel, AutoModelForCausalLM

    folder = converted("gemma3")
    assert from_own_folder(AutoModel, tiny_model("gemma3"), dtype=torch.float32) is None
    assert from_own_folder(AutoModelForCausalLM, folder, dtype=torch.float32) is None
    assert from_own_folder(AutoModel, folder, dtype=torch.bfloat16) is None
    whole = load_file(folder / "model.safetensors")
    for weights in (dict(list(whole.items())[1:]), whole | {"model.one_more.weight": torch.zeros(2)}):
        save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})
        assert from_own_folder(AutoModel, folder, dtype=torch.float32) is None


def test_a_version_of_transformers_that_is_otherwise_loads_it_its_own_way(
    converted: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    from transformers import AutoModel, initialization

    folder = converted("gemma3")
    monkeypatch.delattr(initialization, "no_init_weights")
    assert from_own_folder(AutoModel, folder, dtype=torch.float32) is None
