"""What every part of the config has in common: immutable, and strict about its keys."""

import difflib
from collections.abc import Iterable
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

Name = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9.+_-]*$", max_length=64)]


def _without_secrets(url: str) -> str:
    """The URL. Raises ValueError, without repeating it, for one that holds a password: configs end up in logs and reports."""
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError:
        raise ValueError("this is no URL; expected https://host/path") from None
    if parts.username is not None or parts.password is not None or "@" in parts.netloc:
        raise ValueError(
            "the URL holds a user name or a password, which would end up in logs and in the report; take it out: "
            "keys come from the environment only"
        )
    if parts.scheme not in ("http", "https") or not host:
        raise ValueError("this is no URL of a server; expected https://host/path")
    return url


Url = Annotated[str, AfterValidator(_without_secrets)]


class Block(BaseModel):
    """A part of the config: immutable, and strict about its keys."""

    model_config = ConfigDict(extra="forbid", frozen=True, protected_namespaces=())


def unknown_name(where: str, found: str, allowed: list[str]) -> str:
    """The message for a name that is not one of those allowed, with the nearest one as a hint."""
    return f"{where}: {found!r} is not one of {', '.join(sorted(allowed))}{did_you_mean(found, allowed)}"


def did_you_mean(found: str, allowed: Iterable[str], *, cutoff: float = 0.5) -> str:
    """The end of a message that names the nearest of those allowed; "" where none is at least so alike (0 to 1)."""
    near = difflib.get_close_matches(found, list(allowed), n=1, cutoff=cutoff)
    return f"; did you mean {near[0]!r}?" if near else ""
