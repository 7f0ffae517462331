"""The structure encoders by name, those of installed packages among them, and the module that makes each.

A member is a folder: `block.py` has what a config may say (`BLOCK`), `model.py` the function `build`, and `official.py`,
if there is one, says where published weights are. A folder may hold the same encoder made in another way, chosen by the
block's `backend`: the module of that name then has the `build`. A small encoder may be one module that has all of it and
imports torch inside `build`. Nothing heavy is imported here.
"""

import importlib.util
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...config.door import Member, block_of, home_of, import_part, own_members, with_plugins
from ...config.encoders import StructureEncoderBlock
from .official import Official

if TYPE_CHECKING:
    from .interface import StructureEncoder

GROUP = "alignscape.structure_encoders"


@cache
def members(*, plugins: bool = True) -> dict[str, Member]:
    """The encoders by the word that the config calls them. Raises UserError where a plug-in has the word of another."""
    own = own_members(str(__package__), mark="BLOCK")
    return with_plugins(own, GROUP) if plugins else own


def blocks(*, plugins: bool = True) -> tuple[type[StructureEncoderBlock], ...]:
    """The config blocks of all encoders. Raises UserError for a plug-in that does not fit."""
    return tuple(block_of(member, StructureEncoderBlock) for member in members(plugins=plugins).values())


def implementation(block: StructureEncoderBlock) -> str:
    """The full name of the module whose `build` makes the block's encoder: the root of the encoder's own digest."""
    home, is_folder = home_of(block)
    if not is_folder:
        return home
    backend = getattr(block, "backend", "native")
    return f"{home}.{'model' if backend == 'native' else backend}"


def build_encoder(block: StructureEncoderBlock) -> "StructureEncoder":
    """The block's encoder with fresh weights, drawn from torch's generator."""
    return import_part(implementation(block)).build(block)


def official_of(block: StructureEncoderBlock) -> Official | None:
    """The published files that the block's weights are downloaded from; None where it asks for other weights."""
    return _said_of_weights(block, "official")


def shipped_with(block: StructureEncoderBlock) -> Path | None:
    """The file of weights that an installed package ships; None for an encoder without one.

    Raises UserError where the package is not installed.
    """
    return _said_of_weights(block, "shipped")


def _said_of_weights(block: StructureEncoderBlock, function: str) -> Any:
    home, is_folder = home_of(block)
    name = f"{home}.official" if is_folder else home
    if importlib.util.find_spec(name) is None:
        return None
    ask = getattr(import_part(name), function, None)
    return ask(block) if ask else None
