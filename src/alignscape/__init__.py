"""How well do protein structure encoders and language models agree about the same proteins?"""

from typing import TYPE_CHECKING

from .config.members import hand_over

if TYPE_CHECKING:
    from .config.members import Members

__version__ = "0.2.0"


def _members(plugins: bool) -> "Members":
    """The blocks of all members, for `config`, which lies below the registries and does not import them."""
    from .config.members import Members
    from .encoders.structure.registry import blocks as structure_blocks
    from .encoders.text.registry import USUAL
    from .encoders.text.registry import blocks as text_blocks
    from .proteins.sources.registry import blocks as source_blocks

    return Members(
        structure_blocks(plugins=plugins),
        text_blocks(plugins=plugins),
        USUAL,
        tuple(source_blocks(plugins=plugins).items()),
    )


hand_over(_members)
