"""How large a language model is, by its block: what it multiplies for a token, and how wide its rows are."""

import re

from ..config.encoders import TextEncoderBlock
from ..encoders.text.official import registry_model


def parameters(block: TextEncoderBlock) -> float:
    """How many weights a language model multiplies for a token: what its block or its name says (`-8B`), a billion if neither."""
    shipped = registry_model(getattr(block, "model", ""))
    if shipped is not None:
        return shipped.multiplied
    said = getattr(block, "parameters_billion", None)
    found = re.findall(r"(?<![a-z0-9.])(\d+(?:\.\d+)?)([bm])(?![a-z0-9])", getattr(block, "model", "").lower())
    named = float(found[-1][0]) * {"b": 1, "m": 1e-3}[found[-1][1]] if found else 1.0
    return (said or named) * 1e9


def text_width(block: TextEncoderBlock) -> float:
    """Numbers in a text's row: what the block says, or what models of such a size have."""
    given = getattr(block, "dimension", None)
    return given or round(1600 * (parameters(block) / 1e9) ** 0.45)
