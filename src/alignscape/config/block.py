"""What every part of the config has in common: immutable, and strict about its keys."""

import difflib
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

Name = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9.+_-]*$", max_length=64)]


class Block(BaseModel):
    """A part of the config: immutable, and strict about its keys."""

    model_config = ConfigDict(extra="forbid", frozen=True, protected_namespaces=())


def unknown_name(where: str, found: str, allowed: list[str]) -> str:
    """The message for a name that is not one of those allowed, with the nearest one as a hint."""
    near = difflib.get_close_matches(found, allowed, n=1, cutoff=0.5)
    hint = f"; did you mean {near[0]!r}?" if near else ""
    return f"{where}: {found!r} is not one of {', '.join(sorted(allowed))}{hint}"
