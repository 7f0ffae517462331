"""The members' blocks, handed in from above: `config` itself knows base classes only.

The registries lie on higher floors than `config`, which must not import them. So the package, when it is imported, leaves
a function here that asks them (`alignscape/__init__.py`), and a config that is read calls it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .encoders import StructureEncoderBlock, TextEncoderBlock
    from .proteins import SourceBlock


@dataclass(frozen=True)
class Members:
    """The blocks that a config may use."""

    structure_encoders: tuple["type[StructureEncoderBlock]", ...]
    text_encoders: tuple["type[TextEncoderBlock]", ...]
    usual_text_encoder: str  # of a block that has no `encoder`
    sources: tuple[tuple[str, "type[SourceBlock]"], ...]  # with the word of each


_asked: list[Callable[[bool], Members]] = []


def hand_over(ask: Callable[[bool], Members]) -> None:
    """Leaves the function that gives the members, with plug-ins or without."""
    _asked[:] = [ask]


def members(*, plugins: bool) -> Members:
    """The blocks that a config may use. Raises UserError for a plug-in that does not fit."""
    return _asked[0](plugins)
