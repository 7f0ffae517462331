"""A plain LoRA adapter added to a model's weights without peft, whose import takes longer than reading some hundred texts."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...errors import UserError
from ...storage.files import read_json
from . import model_files

if TYPE_CHECKING:
    from torch import nn
    from transformers import PreTrainedModel

# What an adapter's settings may say; whatever else one has been given is left to peft.
_READ = {"lora_alpha", "r", "target_modules"}
_WITHOUT_EFFECT = {
    "auto_mapping",
    "base_model_name_or_path",
    "inference_mode",
    "lora_dropout",  # in training only
    "megatron_core",
    "peft_version",
    "qalora_group_size",  # of a kind that has a switch of its own
    "revision",
    "task_type",
}
_EXPECTED = {"bias": "none", "init_lora_weights": True, "peft_type": "LORA"}


def is_plain(adapter: Path) -> bool:
    """Whether an adapter is what `fine_tune` writes: LoRA at linear layers that it names, scaled by alpha / r, nothing more."""
    settings = read_json(adapter / "adapter_config.json")
    if any(settings.get(key) != value for key, value in _EXPECTED.items()):
        return False
    if not isinstance(settings.get("target_modules"), list) or not settings.get("r"):
        return False
    return not any(value for key, value in settings.items() if key not in _READ | _WITHOUT_EFFECT | set(_EXPECTED))


def require_all_keys(places: set[str], found: set[str], *, adapter: Path, name: str) -> None:
    """Raises UserError unless an adapter has an array for each of its places in the model, and no others."""
    if places == found:
        return
    which = (
        f"it has {min(found - places)}, which the model has not"
        if found - places
        else f"it lacks {min(places - found)}"
    )
    raise UserError(
        f"adapter {adapter} does not fit the model {name!r}: {which} ({len(found ^ places)} of {len(places | found)} arrays do "
        "not fit); use the model that it was trained on"
    )


def add_adapter(model: "PreTrainedModel", adapter: Path, *, name: str) -> None:
    """Adds B A alpha / r to the weight of each linear layer that a plain adapter has A and B for (arXiv 2106.09685).

    model: without its head, in float32: in fewer bits the sums would be rounded. Numbers are those of peft's merging.
    Raises UserError if an array does not fit.
    """
    import torch
    from safetensors.torch import load_file

    settings = read_json(adapter / "adapter_config.json")
    layers = dict(_layers(model, settings["target_modules"]))
    places = {_key(model, layer, side) for layer in layers for side in "AB"}
    require_all_keys(places, set(model_files.tensor_shapes(adapter)), adapter=adapter, name=name)
    arrays = load_file(adapter / "adapter_model.safetensors")
    with torch.no_grad():
        for layer, module in layers.items():
            a, b = (arrays[_key(model, layer, side)].to(module.weight) for side in "AB")  # (r, in), (out, r)
            if (len(b), len(a), a.shape[1]) != (len(module.weight), b.shape[1], module.weight.shape[1]):
                raise UserError(
                    f"adapter {adapter} does not fit the model {name!r}: size mismatch at {layer}, whose weight is "
                    f"{tuple(module.weight.shape)}, found {tuple(b.shape)} times {tuple(a.shape)}"
                )
            module.weight += (b @ a) * (settings["lora_alpha"] / settings["r"])


def _layers(model: "PreTrainedModel", targets: list[str]) -> "Iterator[tuple[str, nn.Linear]]":
    from torch import nn

    for layer, module in model.named_modules():
        if isinstance(module, nn.Linear) and any(layer == t or layer.endswith(f".{t}") for t in targets):
            yield layer, module


def _key(model: Any, layer: str, side: str) -> str:
    """How peft calls an array of a layer: under the model with its head, in which ours has a name."""
    return f"base_model.model.{model.base_model_prefix}.{layer}.lora_{side}.weight"
