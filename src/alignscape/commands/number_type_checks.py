"""What the number types that a config fixes cost on this machine's processor, for the doctor."""

from collections.abc import Iterator
from typing import Literal, get_args

from ..compute.number_types import NumberType, fast_number_type
from ..config.study import Study

Line = tuple[str, Literal["ok", "warning"], str, str]  # what, outcome, found, remedy
# Times that of `auto`, measured on processors with AVX2 and with AVX512-BF16 (benchmarks/text.md).
_EMULATED = {"dtype": "8 to 10", "compute_dtype": "17 to 21"}
_FLOAT32 = "1.6 to 1.8"


def number_type_checks(study: Study) -> Iterator[Line]:
    """A line for each language model and fine-tuning whose fixed type is not what the processor is fast in."""
    if not (fixed := list(_fixed(study))):
        return
    fast = fast_number_type("cpu")
    for name, key, number_type in fixed:
        if cost := cost_of(number_type, fast, key=key):
            found = f"{key}: {number_type} takes {cost} times as long as {fast} on this processor"
            yield f"number type of {name}", "warning", found, f"say {key}: auto, unless it runs on a GPU"


def cost_of(number_type: str, fast: NumberType, *, key: str) -> str:
    """How many times as long a type takes as the processor's fast one, in words; "" for that itself."""
    if number_type == fast:
        return ""
    return _FLOAT32 if number_type == "float32" else _EMULATED[key]


def _fixed(study: Study) -> Iterator[tuple[str, str, str]]:
    """Name, key and value of each number type that the config fixes."""
    for block in study.language_models:
        field = type(block).model_fields.get("dtype")
        chosen: str = getattr(block, "dtype", "auto")
        if field is not None and "auto" in get_args(field.annotation) and chosen != "auto":
            yield block.name, "dtype", chosen
    for tuning in study.fine_tuning:
        if tuning.compute_dtype != "auto":
            yield tuning.name, "compute_dtype", tuning.compute_dtype
