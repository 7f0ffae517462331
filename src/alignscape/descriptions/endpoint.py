"""Client for OpenAI-compatible endpoints with a rate limit, exponential backoff and a retry limit."""

import asyncio
import math
import os
import random
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

from ..config.proteins import OpenAIDescriber
from ..errors import UserError
from ..storage.plain_text import plain_line
from ..storage.server_limits import TooMuch, at_most
from .answer_cache import Answer

_FIRST_PAUSE, _LONGEST_PAUSE = 1.0, 60.0  # seconds
_MOST_BYTES = 16 * 1024**2  # of one answer, which is a paragraph
_SHORTEST_SECRET = 6  # characters: "none" for an endpoint without keys is no secret


class Unanswered(Exception):
    """One question that the endpoint did not answer, however often it was asked; the message says why.

    refused: the endpoint will not answer it, now or later; else it may be the endpoint's state, not the question.
    """

    def __init__(self, why: str, *, refused: bool = False) -> None:
        super().__init__(why)
        self.refused = refused


class Endpoint:
    """The client of one job. `first_pause` is in seconds and doubles with each failure of a question.

    An answer may have `most_bytes` and take three times `timeout` in all; a redirect is an answer like any other.
    """

    def __init__(
        self, config: OpenAIDescriber, *, first_pause: float = _FIRST_PAUSE, most_bytes: int = _MOST_BYTES
    ) -> None:
        from openai import AsyncOpenAI, DefaultAsyncHttpxClient

        self.config = config
        self.requests = 0
        self._first_pause = first_pause
        self._next_start = 0.0  # of the clock: the next place in the rate
        self._pause_ends = 0.0  # of the clock: where the endpoint asked for a pause
        hooks: Any = {"response": [_bounded_by(most_bytes)]}
        self._client = AsyncOpenAI(
            api_key=_key(),
            base_url=config.base_url,
            timeout=config.timeout,
            max_retries=0,
            http_client=DefaultAsyncHttpxClient(follow_redirects=False, event_hooks=hooks),
        )

    async def close(self) -> None:
        """Give the connections back."""
        await self._client.close()

    async def ask(self, messages: list[dict[str, str]]) -> Answer:
        """The answer to a conversation. Raises Unanswered for this question, UserError for all questions."""
        last: Exception | None = None
        for attempt in range(self.config.retries + 1):
            await self._turn()
            try:
                return _read(await self._request(messages))
            except Exception as error:
                pause = self._pause(error, attempt)
                last = error
            if pause is None:
                raise Unanswered(f"{self.config.base_url}: {_in_a_line(last)}", refused=True)
            await asyncio.sleep(pause)
        raise Unanswered(f"{self.config.base_url}: {_in_a_line(last)}")

    async def _request(self, messages: list[dict[str, str]]) -> Any:
        self.requests += 1
        longest = 3 * self.config.timeout
        try:
            async with asyncio.timeout(longest):
                return await self._client.chat.completions.create(
                    model=self.config.model,
                    messages=messages,  # type: ignore[arg-type]
                    temperature=0,
                    seed=self.config.seed,
                    max_tokens=self.config.max_tokens,
                )
        except TimeoutError:
            raise ValueError(f"no whole answer within {longest:g} s, though the server still sends") from None

    async def _turn(self) -> None:
        """Wait for this request's place in the rate, and for the end of any pause that the endpoint asked for."""
        start = max(time.monotonic(), self._next_start)
        self._next_start = start + 60 / self.config.requests_per_minute
        await asyncio.sleep(start - time.monotonic())
        while (left := self._pause_ends - time.monotonic()) > 0:
            await asyncio.sleep(left)

    def _pause(self, error: Exception, attempt: int) -> float | None:
        """Seconds until the question is worth asking again; None if it never is. Raises UserError if none is."""
        import openai

        if isinstance(error, openai.APIStatusError):
            _refused(error, self.config)
            if _filtered(error):
                return None
        elif not isinstance(error, (openai.APIConnectionError, openai.APIResponseValidationError, ValueError, TooMuch)):
            raise error
        pause = min(self._first_pause * 2**attempt, _LONGEST_PAUSE) * random.uniform(0.75, 1.25)
        asked = _retry_after(error)
        if asked is not None:
            self._pause_ends = max(self._pause_ends, time.monotonic() + asked)  # for every request of this job
            return asked
        return pause


def _bounded_by(most_bytes: int) -> Callable[[Any], Awaitable[None]]:
    """A hook for the client's responses after which reading more than so many bytes raises TooMuch."""

    async def bound(response: Any) -> None:
        http = sys.modules[type(response).__module__.partition(".")[0]]  # whichever client the SDK is built on
        inner = response.stream

        class Bounded(http.AsyncByteStream):  # type: ignore[name-defined]
            def __aiter__(self) -> AsyncIterator[bytes]:
                return at_most(inner, most_bytes)

            async def aclose(self) -> None:
                await inner.aclose()

        response.stream = Bounded()

    return bound


def _key() -> str:
    key = os.environ.get("OPENAI_API_KEY", "")
    if not key:
        raise UserError(
            "text.describer: openai needs the environment variable OPENAI_API_KEY (any value for an endpoint without keys)"
        )
    return key


def _refused(error: Any, config: OpenAIDescriber) -> None:
    """Raises UserError for a status that no other question would change."""
    status, where = error.status_code, f"text.openai ({config.base_url})"
    if status in (401, 403):
        raise UserError(f"{where}: the endpoint refuses the key ({status}); check OPENAI_API_KEY") from None
    if status == 404:
        raise UserError(
            f"{where}: the endpoint knows no model {config.model!r} (404); check model and base_url"
        ) from None
    if status == 429 and "insufficient_quota" in f"{error.code} {error.type}":
        raise UserError(
            f"{where}: the account's quota is used up (429); top it up and start again, no answer is lost"
        ) from None
    if status not in (408, 409, 429) and status < 500 and not _filtered(error):
        raise UserError(f"{where}: the endpoint refuses the request ({status}): {_in_a_line(error)}") from None


def _filtered(error: Any) -> bool:
    return error.status_code == 400 and "content_filter" in f"{error.code} {error.type}"


def _retry_after(error: Exception) -> float | None:
    """Seconds that the endpoint asked to wait, if it did; at most ten minutes."""
    response = getattr(error, "response", None)
    value = response.headers.get("retry-after") if response is not None else None
    try:
        return None if not value or math.isnan(seconds := float(value)) else min(max(seconds, 0.0), 600.0)
    except ValueError:  # a date; the growing pause serves as well
        return None


def _read(completion: Any) -> Answer:
    """The answer of a completion. Raises ValueError for what is none (some servers send a page instead)."""
    try:
        choice, usage = completion.choices[0], completion.usage
        return Answer(
            text=_whole(choice.message.content or ""),
            finish_reason=_whole(choice.finish_reason or ""),
            input_tokens=_count(usage.prompt_tokens) if usage else 0,
            output_tokens=_count(usage.completion_tokens) if usage else 0,
            model=_whole(completion.model or ""),
        )
    except (AttributeError, IndexError, TypeError):
        raise ValueError(f"the answer is no chat completion: {_in_a_line(completion)[:80]!r}") from None


def _count(value: Any) -> int:
    """A number of tokens as the endpoint states it; 0 where it states none, so that a paid answer can be stored."""
    return int(value) if isinstance(value, int) and 0 <= value < 2**31 else 0


def _whole(text: str) -> str:
    """`text` as every file can hold it: JSON may spell half a surrogate pair, which is no character."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _in_a_line(value: object) -> str:
    """At most 200 characters, without the key, which some servers repeat in what they refuse."""
    text, key = str(value), os.environ.get("OPENAI_API_KEY", "")
    text = text.replace(key, "***") if len(key) >= _SHORTEST_SECRET else text
    return plain_line(text, most=200) or type(value).__name__
