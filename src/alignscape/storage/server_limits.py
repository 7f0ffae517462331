"""What a server may do to a client of ours: send so much, take so long, and send it on to listed hosts only."""

from collections.abc import AsyncIterable, AsyncIterator, Awaitable, Callable, Sequence
from typing import Any


class Overstepped(Exception):
    """A server went beyond a limit; the message says which. Asking again would be of no use."""


class TooMuch(Overstepped):
    """A server sends, or announces, more bytes than it may."""


async def at_most(chunks: AsyncIterable[bytes], most_bytes: int) -> AsyncIterator[bytes]:
    """The chunks of a body. Raises TooMuch once they are more than `most_bytes`."""
    total = 0
    async for chunk in chunks:
        total += len(chunk)
        if total > most_bytes:
            raise TooMuch(f"the server sends more than the {most_bytes} bytes that it may")
        yield chunk


def stay_with(hosts: Sequence[str]) -> Callable[[Any], Awaitable[None]]:
    """A hook for an `httpx.AsyncClient`'s responses that raises Overstepped for a redirect to any host but its own or these.

    A host that begins with a dot stands for all below it. From https nothing leads to http, on no host.
    """

    async def check(response: Any) -> None:
        if not response.has_redirect_location:
            return
        here = response.request.url
        if why := why_not(here, here.join(response.headers["Location"]), hosts):
            raise Overstepped(f"the server redirects {why}")

    return check


def why_not(here: Any, there: Any, hosts: Sequence[str]) -> str:
    """Why nothing may lead from one address (an `httpx.URL`) to another, "" if it may: `stay_with` has the rule."""
    known = there.host == here.host or any(
        there.host == host.lstrip(".") or (host.startswith(".") and there.host.endswith(host)) for host in hosts
    )
    if not known or there.scheme not in ("http", "https"):
        return f"to {there.scheme}://{there.host}, which is none of its hosts"
    return f"from https to {there.scheme}" if here.scheme == "https" and there.scheme != "https" else ""
