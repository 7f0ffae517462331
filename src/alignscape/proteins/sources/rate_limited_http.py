"""HTTP that neither floods a server nor gives up on it: a request rate, retries with growing pauses, checked answers."""

import json as jsons
import random
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from types import TracebackType
from typing import Any

import httpx

from ...errors import ProteinRejected
from ...storage.deadline_client import DeadlineClient
from ...storage.server_limits import Overstepped, at_most, stay_with

USER_AGENT = "alignscape (protein structure and language model alignment; python-httpx)"
_ABSENT = {404, 410}
_PASSING = {408, 425, 429, 500, 502, 503, 504}
_LONGEST_PAUSE = 120.0  # seconds
_MOST_BYTES = 1024**3  # of one answer; the largest entry of the archive, packed, has a tenth of it
_LONGEST = 600.0  # seconds of one answer, its head included
_HOSTS = (".rcsb.org", ".wwpdb.org")  # which may send a request on to each other


class Unavailable(Exception):
    """What was asked for may exist, but could not be had; the message says what the last try met with."""


class RateLimit:
    """At most so many starts a second over all threads; a pause asked for by the server holds them all."""

    def __init__(self, per_second: float) -> None:
        self._interval, self._next, self._lock = 1 / per_second, 0.0, threading.Lock()

    def wait(self) -> None:
        """Return when the next request may start."""
        with self._lock:
            start = max(self._next, time.monotonic())
            self._next = start + self._interval
        time.sleep(max(0.0, start - time.monotonic()))

    def pause(self, seconds: float) -> None:
        """Let no request start for so long."""
        with self._lock:
            self._next = max(self._next, time.monotonic() + seconds)


class RateLimitedClient:
    """A client that several threads may use at once."""

    def __init__(
        self,
        *,
        requests_per_second: float,
        connections: int,
        retries: int,
        timeout: float,
        backoff: float = 1.0,
        most_bytes: int = _MOST_BYTES,
        longest: float = _LONGEST,
    ) -> None:
        self._most_bytes, self._longest = most_bytes, longest
        self._limit = RateLimit(requests_per_second)
        self._retries, self._backoff = retries, backoff
        self._client = DeadlineClient(
            # Files are compressed already, and the size that is announced has to be the size that is checked.
            headers={"User-Agent": USER_AGENT, "Accept-Encoding": "identity"},
            timeout=timeout,
            follow_redirects=True,
            event_hooks={"response": [stay_with(_HOSTS)]},
            limits=httpx.Limits(max_connections=connections, max_keepalive_connections=connections),
        )

    def __enter__(self) -> "RateLimitedClient":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._client.__exit__(kind, error, trace)

    def ask(self, url: str, *, check: Callable[[bytes], bytes], json: Any = None) -> bytes | None:
        """What `check` makes of the answer's body; None where the server says that there is nothing (404).

        `check` raises ProteinRejected for a body that is not what was asked for; that counts as a failed try, as do
        cut connections, silence, 429 and 5xx. With `json` the request is a POST. Raises Unavailable after the last try, and
        at once for an answer that is too long, takes too long, or leads to a host that is not known.
        """
        problem = ""
        for attempt in range(self._retries + 1):
            self._limit.wait()
            pause = self._backoff * 2**attempt * random.uniform(0.5, 1.0)
            try:
                answer, body = self._answer(url, json)
                if answer.status_code in _ABSENT:
                    return None
                if answer.is_success:
                    return check(body)
                if answer.status_code not in _PASSING:
                    raise Unavailable(f"{url}: HTTP {answer.status_code}")
                problem = f"HTTP {answer.status_code}"
                pause = self._asked_pause(answer) or pause
            except Overstepped as error:
                raise Unavailable(f"{url}: {error}") from None
            except httpx.HTTPError as error:
                problem = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
            except ProteinRejected as error:
                problem = str(error)
            if attempt < self._retries:
                time.sleep(min(pause, _LONGEST_PAUSE))
        raise Unavailable(f"{url}: {problem} ({self._retries + 1} tries)")

    def _answer(self, url: str, json: Any) -> tuple[httpx.Response, bytes]:
        """The answer and its body, which is read only as far as it may go, and not at all of a refusal."""

        async def talk(http: httpx.AsyncClient) -> tuple[httpx.Response, bytes]:
            async with http.stream("GET" if json is None else "POST", url, json=json) as answer:
                if not answer.is_success:
                    return answer, b""
                return answer, b"".join([chunk async for chunk in at_most(answer.aiter_raw(), self._most_bytes)])

        return self._client.run(talk, ends=time.monotonic() + self._longest)

    def _asked_pause(self, answer: httpx.Response) -> float | None:
        """Seconds of the answer's Retry-After, for which every thread waits; None without one."""
        seconds = retry_after(answer.headers.get("Retry-After", ""), now=datetime.now(UTC))
        if seconds is not None:
            self._limit.pause(min(seconds, _LONGEST_PAUSE))
        return seconds


def json_of(body: bytes, *, what: str) -> Any:
    """The value of a JSON body, such as a file can hold. `what` it is, for messages.

    Raises ProteinRejected for a body that is no JSON, is nested without end, or holds half a character or NaN.
    """
    try:
        found = jsons.loads(body)
        jsons.dumps(found, ensure_ascii=False, allow_nan=False).encode()
    except (ValueError, RecursionError):
        raise ProteinRejected(f"{what} is not JSON") from None
    return found


def retry_after(value: str, *, now: datetime) -> float | None:
    """Seconds that a Retry-After header asks for, as a number or a date; None for anything else."""
    try:
        return max(0.0, float(value))
    except ValueError:
        pass
    try:
        return max(0.0, (parsedate_to_datetime(value) - now).total_seconds())
    except (ValueError, TypeError):
        return None
