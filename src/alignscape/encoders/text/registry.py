"""The text encoders by name, those of installed packages among them, and the module that makes each one's rows.

A member is a folder: `block.py` has what a config may say (`BLOCK`), `model.py` the function `embed_texts`
(`interface.py`). A small encoder may be one module with both. Nothing heavy is imported here.
"""

from functools import cache
from typing import TYPE_CHECKING, cast

from ...config.door import Member, block_of, home_of, import_part, own_members, with_plugins
from ...config.encoders import TextEncoderBlock

if TYPE_CHECKING:
    from .interface import EmbedTexts

GROUP = "alignscape.text_encoders"
USUAL = "causal_lm"  # of a block that does not say which `encoder`


@cache
def members(*, plugins: bool = True) -> dict[str, Member]:
    """The encoders by the word that the config calls them. Raises UserError where a plug-in has the word of another."""
    own = own_members(str(__package__), mark="BLOCK")
    return with_plugins(own, GROUP) if plugins else own


def blocks(*, plugins: bool = True) -> tuple[type[TextEncoderBlock], ...]:
    """The config blocks of all encoders. Raises UserError for a plug-in that does not fit."""
    return tuple(block_of(member, TextEncoderBlock) for member in members(plugins=plugins).values())


def implementation(block: TextEncoderBlock) -> str:
    """The full name of the module that has the block's `embed_texts`: the root of the encoder's own digest."""
    home, is_folder = home_of(block)
    return f"{home}.model" if is_folder else home


def embedder(block: TextEncoderBlock) -> "EmbedTexts":
    """What makes the block's rows."""
    return cast("EmbedTexts", import_part(implementation(block)).embed_texts)
