"""Requests that end by a deadline, from the look-up of the host's name to the last byte, whatever the server does.

A timeout of an HTTP client is for one silence: a server that sends a byte now and then, of the head or of the body, never
meets it. What waits on an event loop can be given up at any point, so the requests run on one, in a thread of its own.
"""

import threading
import time
from collections.abc import Callable, Coroutine
from types import TracebackType
from typing import TYPE_CHECKING, Any, TypeVar

from .server_limits import Overstepped

if TYPE_CHECKING:
    import httpx

T = TypeVar("T")


class DeadlineClient:
    """An `httpx.AsyncClient` with these options for callers that wait, in several threads or under another event loop."""

    def __init__(self, **options: Any) -> None:
        import asyncio

        import httpx

        self._http = httpx.AsyncClient(**options)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="requests", daemon=True)
        self._thread.start()

    def __enter__(self) -> "DeadlineClient":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._wait_for(self._http.aclose())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def run(self, talk: "Callable[[httpx.AsyncClient], Coroutine[Any, Any, T]]", *, ends: float) -> T:
        """What a talk with a server comes to. ends: of `time.monotonic()`. Raises Overstepped once that is past."""
        import asyncio

        async def bounded() -> T:
            try:
                async with asyncio.timeout(max(0.0, ends - time.monotonic())) as limit:
                    return await talk(self._http)
            except TimeoutError:
                if not limit.expired():
                    raise
                raise Overstepped("the server takes too long: the answer is not whole, though it still sends") from None

        return self._wait_for(bounded())

    def _wait_for(self, work: Coroutine[Any, Any, T]) -> T:
        import asyncio

        future = asyncio.run_coroutine_threadsafe(work, self._loop)
        try:
            return future.result()
        except BaseException:  # of the work, or Ctrl-C while waiting for it
            future.cancel()
            raise
