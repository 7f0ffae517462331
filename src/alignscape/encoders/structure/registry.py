"""The structure encoders by name, and the module that makes each.

A member is a module of this package with a function `build` (`composition.py`), or a folder whose `model.py` has one
(`gearnet/`); the config calls it by the name of the module or folder. A folder may hold the same encoder made in another
way, chosen by the block's `backend`: the module of that name then has the `build`. Nothing heavy is imported here.
"""

import ast
import importlib.util
import pkgutil
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from ...config.encoders import StructureEncoderBlock
from .official import Official

if TYPE_CHECKING:
    from .interface import StructureEncoder

_FOLDER = Path(__file__).parent


@cache
def members() -> dict[str, str]:
    """The full name of the module or folder of each encoder, by the name that the config calls it."""
    found = pkgutil.iter_modules([str(_FOLDER)])
    return {m.name: f"{__package__}.{m.name}" for m in found if m.ispkg or _has_build(_FOLDER / f"{m.name}.py")}


def _has_build(path: Path) -> bool:
    body = ast.parse(path.read_text(encoding="utf-8")).body
    return any(isinstance(node, ast.FunctionDef) and node.name == "build" for node in body)


def implementation(block: StructureEncoderBlock) -> str:
    """The full name of the module whose `build` makes the block's encoder: the root of the encoder's own digest."""
    member = members()[block.encoder]
    if not _is_folder(member):
        return member
    backend = getattr(block, "backend", "native")
    return f"{member}.{'model' if backend == 'native' else backend}"


def build_encoder(block: StructureEncoderBlock) -> "StructureEncoder":
    """The block's encoder with fresh weights, drawn from torch's generator."""
    return import_module(implementation(block)).build(block)


def official_of(block: StructureEncoderBlock) -> Official | None:
    """The published files that the block's weights are read from; None where it asks for other weights."""
    member = members()[block.encoder]
    if not _is_folder(member) or importlib.util.find_spec(f"{member}.official") is None:
        return None
    return import_module(f"{member}.official").official(block)


def _is_folder(member: str) -> bool:
    spec = importlib.util.find_spec(member)
    return spec is not None and spec.submodule_search_locations is not None
