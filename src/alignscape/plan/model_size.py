"""How large a language model is, by its block: what it multiplies for a token, and how wide its rows are."""

from ..config.encoders import TextEncoderBlock, named_size
from ..encoders.text.official import registry_model


def parameters(block: TextEncoderBlock) -> float:
    """How many weights a language model multiplies for a token: what its block or its name says (`-8B`), a billion if neither."""
    shipped = registry_model(getattr(block, "model", ""))
    if shipped is not None:
        return shipped.multiplied
    said = getattr(block, "parameters_billion", None)
    return said * 1e9 if said else named_size(getattr(block, "model", "")) or 1e9


def text_width(block: TextEncoderBlock) -> float:
    """Numbers in a text's row: what the block says, or what models of such a size have."""
    given = getattr(block, "dimension", None)
    return given or round(1600 * (parameters(block) / 1e9) ** 0.45)
