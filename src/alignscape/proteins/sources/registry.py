"""The sources of structure files by name, those of installed packages among them, and the module that opens each.

A member is a module with `BLOCK`, what a config may say of it, and `open_entries(proteins, ids, *, cache_dir, seed)`, which
returns a `Source`; and `id_of`, if it writes ids in a way of its own. Or it is a folder: `block.py` with the first, and
`archive.py` with the rest. Nothing heavy is imported here.
"""

from functools import cache
from typing import TypeVar

from ...config.door import Member, block_of, home_of, own_members, with_plugins
from ...config.proteins import Proteins, SourceBlock

GROUP = "alignscape.sources"
S = TypeVar("S", bound=SourceBlock)


@cache
def members(*, plugins: bool = True) -> dict[str, Member]:
    """The sources by the word that the config calls them. Raises UserError where a plug-in has the word of another."""
    own = own_members(str(__package__), mark="BLOCK")
    return with_plugins(own, GROUP) if plugins else own


def blocks(*, plugins: bool = True) -> dict[str, type[SourceBlock]]:
    """The config block of each source. Raises UserError for a plug-in that does not fit."""
    found = members(plugins=plugins)
    for word, member in found.items():
        if member.package and word in Proteins.model_fields:
            raise member.fault(f"`proteins` has a key {word!r} of another meaning")
    return {word: block_of(member, SourceBlock) for word, member in found.items()}


def options(config: Proteins, kind: type[S] = SourceBlock) -> S:  # type: ignore[assignment]
    """The block of the config's source; its defaults for one that has no keys, or a config without them."""
    given = getattr(config, config.source, None)
    if isinstance(given, kind):
        return given
    found = (config.sources or blocks())[config.source]()
    assert isinstance(found, kind)
    return found


def implementation(config: Proteins) -> str:
    """The full name of the module that opens the config's source: the root of its digest."""
    home, is_folder = home_of(options(config))
    return f"{home}.archive" if is_folder else home
