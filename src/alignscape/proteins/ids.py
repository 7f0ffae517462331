"""Ids of proteins: a whole entry (4HHB), one chain of it (4HHB:A), or several (4HHB:A,B).

What stands before the colon is the entry; no entry's own id holds one. Chains are called as the structure's authors call them,
in sorted order, each once, so that chains in another order are the same protein.
"""

import re
from collections.abc import Iterable
from urllib.parse import quote, unquote

_PLAIN = "!\"#$&'()*+-./:;<=>?@[\\]^_`{|}~"  # what a chain's name keeps in an id, beside letters and digits


def entry_of(id_: str) -> str:
    """The entry that a protein is of: 4HHB for 4HHB, 4HHB:A and 4HHB:A,B."""
    return id_.partition(":")[0]


def chains_of(id_: str) -> tuple[str, ...]:
    """The chains that an id names, sorted, each once; none for a whole entry."""
    named = re.split(r"[\s,]+", id_.partition(":")[2])
    return tuple(sorted({unquote(chain) for chain in named} - {""}))


def id_of_chains(entry: str, chains: Iterable[str]) -> str:
    """The id of chains of an entry, of the whole one if there are none.

    A comma, a blank, a percent sign or a character outside ASCII in a chain's name is written as in URLs (%2C).
    """
    named = ",".join(quote(chain, safe=_PLAIN) for chain in sorted(set(chains)))
    return f"{entry}:{named}" if named else entry
