"""The settings a fine-tuning is run with: as configured, as far as this machine can."""

from importlib.util import find_spec

from ...compute.number_types import NumberType, fast_number_type
from ...config.encoders import FineTuning


def feasible(config: FineTuning, *, device: str) -> tuple[FineTuning, list[str]]:
    """The settings with `auto` resolved and what this machine cannot do replaced, and a note of each such change."""
    changes: dict[str, tuple[str, str]] = {}
    if config.quantization == "nf4" and find_spec("bitsandbytes") is None:
        changes["quantization"] = ("none", "bitsandbytes is not installed")
    if config.compute_dtype == "auto":
        changes["compute_dtype"] = (fast_number_type(device), "fast on this device")
    elif config.compute_dtype == "float16" and device == "cpu":
        changes["compute_dtype"] = (fast_number_type(device), "this processor has no fast float16")
    if config.optimizer == "paged_adamw_32bit" and (device == "cpu" or find_spec("bitsandbytes") is None):
        changes["optimizer"] = ("adamw", "paging is from a GPU's memory")
    notes = [f"{key}: {value} instead of {getattr(config, key)} ({why})" for key, (value, why) in changes.items()]
    return config.model_copy(update={key: value for key, (value, _) in changes.items()}), notes


def gone_on_in(settings: FineTuning, notes: list[str], number_type: NumberType) -> tuple[FineTuning, list[str]]:
    """The settings of a run that was begun in `number_type`, maybe on another machine: it keeps to that, with a note."""
    if settings.compute_dtype == number_type:
        return settings, notes
    note = f"compute_dtype: {number_type} instead of {settings.compute_dtype} (the run was begun in it)"
    return settings.model_copy(update={"compute_dtype": number_type}), [*notes, note]
