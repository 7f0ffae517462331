"""The number type of a text encoder whose config leaves it to the device (`dtype: auto`)."""

from typing import TypeVar

from ...compute.number_types import fast_number_type
from ...config.encoders import TextEncoderBlock

B = TypeVar("B", bound=TextEncoderBlock)


def in_number_type(block: B, *, device: str) -> B:
    """The block with `auto` replaced by what the device is fast in; a fixed type is obeyed."""
    if getattr(block, "dtype", "") != "auto":
        return block
    return block.model_copy(update={"dtype": fast_number_type(device)})
