"""A plain LoRA adapter added to a model's weights without peft, whose import takes seconds."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

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


def add_adapter(model: "PreTrainedModel", adapter: Path) -> bool:
    """Adds B A alpha / r to the weight of each linear layer that a plain adapter has A and B for (arXiv 2106.09685).

    model: without its head, in float32: in fewer bits the sums would be rounded. Numbers are those of peft's merging.
    Returns whether the adapter has arrays for all its places in the model and for no others; if not, nothing was added.
    """
    import torch
    from safetensors.torch import load_file

    settings, shapes = read_json(adapter / "adapter_config.json"), model_files.tensor_shapes(adapter)
    layers = dict(_layers(model, settings["target_modules"]))
    above, rank = _name_of_model(shapes, layers), settings["r"]
    expected = {f"{above}{layer}.lora_A.weight": (rank, module.in_features) for layer, module in layers.items()}
    expected |= {f"{above}{layer}.lora_B.weight": (module.out_features, rank) for layer, module in layers.items()}
    if {name: tuple(shape) for name, shape in shapes.items()} != expected:
        return False
    arrays = load_file(adapter / "adapter_model.safetensors")
    with torch.no_grad():
        for layer, module in layers.items():
            a, b = (arrays[f"{above}{layer}.lora_{side}.weight"].to(module.weight) for side in "AB")
            module.weight += (b @ a) * (settings["lora_alpha"] / rank)
    return True


def _layers(model: "PreTrainedModel", targets: list[str]) -> "Iterator[tuple[str, nn.Linear]]":
    from torch import nn

    for layer, module in model.named_modules():
        if isinstance(module, nn.Linear) and any(layer == t or layer.endswith(f".{t}") for t in targets):
            yield layer, module


def _name_of_model(arrays: Iterable[str], layers: Iterable[str]) -> str:
    """What stands before a layer's name in an adapter's: the model's own under its head, `model` or `transformer` or another."""
    endings = [f".{layer}.lora_A.weight" for layer in layers]
    for name in sorted(arrays):
        for ending in endings:
            if name.endswith(ending):
                return name.removesuffix(ending[1:])
    return "base_model.model.model."
