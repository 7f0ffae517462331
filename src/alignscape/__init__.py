"""How well do protein structure encoders and language models agree about the same proteins?"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from .config.members import hand_over

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

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


def embed(
    encoder: str,
    files: Sequence[str | Path] = (),
    *,
    texts: Sequence[str] | Mapping[str, str] = (),
    per: Literal["protein", "chain", "residue"] = "protein",
    weights: str | None = None,
    config: str | Path | None = None,
) -> "tuple[list[str], NDArray[np.float32]]":
    """Ids and rows (n, d) of structure files, or of texts, by an encoder of that name; no study is needed.

    encoder: as `alignscape embed` takes it: `gearnet`, `smollm2-135m`, a hub id, or with `config` the name of a block there.
    texts: with ids, or without; then they are `text 1`, `text 2`, and so on. weights: if absent, the best that are at hand.
    A file or text that has no row is a warning. Raises UserError for what cannot be had, and where nothing has a row.
    """
    import warnings

    from .commands.embed import embed_by_name
    from .errors import UserError

    numbered = {f"text {number}": text for number, text in enumerate(texts, start=1)}
    named = list((texts if isinstance(texts, Mapping) else numbered).items())
    paths = [Path(file) for file in files]
    place = Path(config) if config is not None else None
    embedded = embed_by_name(encoder, files=paths, texts=named, per=per, weights=weights, config=place)
    for problem in embedded.problems:
        warnings.warn(problem, stacklevel=2)
    if not embedded.ids:
        raise UserError("none of the files could be embedded")
    return embedded.ids, embedded.rows
