"""Descriptions of entries with several entities by a language model behind an OpenAI-compatible endpoint (paper-notes X2).

The endpoint is told what the header states, never the sequence. Every answer is stored before it is looked at, so that
none is paid for twice; an answer that leaves something out is asked for once more, and then the template is used. An
endpoint that does not answer at all ends the job, so that the next run asks again.
"""

import asyncio
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from ..config.proteins import Droppable, OpenAIDescriber
from ..errors import UserError
from ..proteins.facts import Entity, ProteinFacts
from ..storage.files import digest_of, read_given
from ..storage.ledger import Omission
from ..storage.plain_text import plain_line
from .answer_cache import Answer, AnswerCache
from .answer_check import Demand, complaints, molecule_names
from .endpoint import Endpoint, Unanswered
from .template import chain_names, describe, organisms

PROMPT = Path(__file__).parent / "prompts" / "describe.txt"
_ASKS = 2  # the first time, and once more after a bad answer
_PATIENCE = 3  # proteins in a row without an answer: then the endpoint is out of order, not the question
_ARE_YOU_THERE = [{"role": "system", "content": "Answer with one word."}, {"role": "user", "content": "Are you there?"}]


@dataclass
class Usage:
    """What the answers cost. `paid` counts this run's requests, `total` all that the texts rest on."""

    requests: int = 0
    paid_answers: int = 0
    cached_answers: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    usd_paid: float = 0.0
    usd_total: float = 0.0

    def line(self) -> str:
        """One line for the log."""
        return (
            f"describer: {self.paid_answers} answers paid for now ({self.requests} requests, {self.usd_paid:.4f} USD),"
            f" {self.cached_answers} from the cache; {self.input_tokens} tokens in, {self.output_tokens} out,"
            f" {self.usd_total:.4f} USD in all"
        )


@dataclass
class Written:
    """One text per protein, in the order given, who wrote each, what fell back to the template, and the cost."""

    texts: list[str] = field(default_factory=list)
    writers: list[Literal["template", "openai"]] = field(default_factory=list)
    omissions: list[Omission] = field(default_factory=list)
    usage: Usage = field(default_factory=Usage)


@dataclass(frozen=True)
class Prompt:
    """Instructions and their version, which is part of every answer's key."""

    version: str
    text: str


def read_prompt(path: Path | None) -> Prompt:
    """The prompt of a file whose first line is `version: ...`; the one that ships with alignscape if `path` is None.

    Raises UserError for a file without that line.
    """
    path = path or PROMPT
    if not path.is_file():
        raise UserError(f"text.openai.prompt: there is no file {path}")
    first, _, rest = read_given(path, key="text.openai.prompt").partition("\n")
    if not first.startswith("version:") or not rest.strip():
        raise UserError(f"{path}: expected a first line `version: ...` and instructions below, found {first[:40]!r}")
    return Prompt(first.removeprefix("version:").strip(), rest.strip())


def write_descriptions(
    config: OpenAIDescriber,
    facts: Sequence[ProteinFacts],
    *,
    cache: Path,
    drop: Collection[Droppable] = (),
    first_pause: float = 1.0,
) -> Written:
    """A text for each protein: by the endpoint for entries of several entities, by the template for the others.

    `cache` is the folder of answers, shared by all jobs and runs. Raises UserError when there is no key, the
    endpoint refuses all questions, or it is out of order; what was answered until then is kept.
    """
    describer = _Describer(config, cache=AnswerCache(cache), drop=tuple(sorted(drop)))
    return asyncio.run(describer.write(facts, first_pause=first_pause))


def opening_of(facts: ProteinFacts, *, drop: Collection[Droppable] = ()) -> str:
    """The sentence an answer has to start with: the template's first, "" where the length is left out."""
    return "" if "length" in drop else describe(facts, drop=drop).partition(" Here is more information")[0]


def header_of(facts: ProteinFacts, *, drop: Collection[Droppable] = ()) -> str:
    """What the endpoint is told: the entities with their chains, names and organisms, and never the sequence."""
    opening = opening_of(facts, drop=drop)
    lines = [] if "id" in drop else [f"Entry: {facts.id}"]
    lines += [f"Required opening: {opening}"] if opening else []
    for entity in facts.entities:
        stated = _stated(entity, drop)
        lines.append(f"Entity {entity.number} ({entity.kind}): " + "; ".join(f"{k}: {v}" for k, v in stated.items()))
    return "\n".join(lines)


def _stated(entity: Entity, drop: Collection[Droppable]) -> dict[str, str]:
    values = {
        "chains": ", ".join(chain_names(entity)),
        "name": " / ".join(molecule_names(entity.name)),
        "organism": " / ".join(organisms(entity)),
    }
    return {key: value or "not stated" for key, value in values.items() if key not in drop}


def demand_of(facts: ProteinFacts, *, drop: Collection[Droppable] = ()) -> Demand:
    """What an answer about the entry has to contain."""

    def each(key: Droppable, values: list[str]) -> tuple[str, ...]:
        return () if key in drop else tuple(dict.fromkeys(value for value in values if value))

    entities = facts.entities
    return Demand(
        id=facts.id,
        opening=opening_of(facts, drop=drop),
        chains=each("chains", [chain for entity in entities for chain in entity.chains_label]),
        names=each("name", [name for entity in entities for name in molecule_names(entity.name)]),
        organisms=each("organism", [name for entity in entities for name in organisms(entity)]),
    )


class _Describer:
    """One run over some proteins."""

    def __init__(self, config: OpenAIDescriber, *, cache: AnswerCache, drop: tuple[Droppable, ...]) -> None:
        self.config, self.cache, self.drop = config, cache, drop
        self.prompt = read_prompt(config.prompt)
        self.written = Written()
        self.endpoint: Endpoint | None = None
        self.unanswered_in_a_row = 0
        self.stopped: UserError | None = None

    async def write(self, facts: Sequence[ProteinFacts], *, first_pause: float) -> Written:
        self.first_pause = first_pause
        places = asyncio.Semaphore(self.config.concurrency)
        results = await asyncio.gather(*(self._one(f, places) for f in facts), return_exceptions=True)
        if self.endpoint is not None:
            await self.endpoint.close()
        for result in results:
            if isinstance(result, BaseException):
                raise result
            self.written.texts.append(result[0])
            self.written.writers.append(result[1])
        self.written.omissions.sort(key=lambda omission: omission.id)
        return self._counted()

    def _counted(self) -> Written:
        usage = self.written.usage
        usage.requests = self.endpoint.requests if self.endpoint else 0
        return self.written

    async def _one(self, facts: ProteinFacts, places: asyncio.Semaphore) -> tuple[str, Literal["template", "openai"]]:
        if facts.n_entities < 2:
            return describe(facts, drop=self.drop), "template"
        async with places:
            if self.stopped is not None:
                raise self.stopped
            try:
                text, wrong = await self._ask_until_good(facts)
            except Unanswered as error:
                text, wrong = await self._ask_later(facts, error)
            except UserError as error:
                self.stopped = error  # nothing new is asked, but what is under way is waited for and stored
                raise
        if not wrong:
            return text, "openai"
        self.written.omissions.append(
            Omission(facts.id, "describe", "", f"described by the template: {'; '.join(wrong)}")
        )
        return describe(facts, drop=self.drop), "template"

    async def _ask_later(self, facts: ProteinFacts, error: Unanswered) -> tuple[str, list[str]]:
        """A question without answer is the template's only if the endpoint answers another, but this one not again.

        Raises UserError where it answers nothing: what passes with time is never written down as final.
        """
        if error.refused:
            return "", [f"no answer from {error}"]
        self.unanswered_in_a_row += 1
        if self.unanswered_in_a_row >= _PATIENCE:
            raise self._out_of_order(error)
        try:
            self._count(await self._open_endpoint().ask(_ARE_YOU_THERE), paid=True)
        except Unanswered as silence:
            raise self._out_of_order(silence) from None
        try:
            return await self._ask_until_good(facts)
        except Unanswered as again:
            return "", [f"no answer from {again}, though it answers other questions"]

    def _out_of_order(self, error: Unanswered) -> UserError:
        self.stopped = UserError(f"{error}; the endpoint is out of order, start again later: no answer is lost")
        return self.stopped

    def _open_endpoint(self) -> Endpoint:
        if self.endpoint is None:
            self.endpoint = Endpoint(self.config, first_pause=self.first_pause)
        return self.endpoint

    async def _ask_until_good(self, facts: ProteinFacts) -> tuple[str, list[str]]:
        """The text and what is wrong with it (nothing, unless both answers were bad)."""
        header, demand = header_of(facts, drop=self.drop), demand_of(facts, drop=self.drop)
        messages = [{"role": "system", "content": self.prompt.text}, {"role": "user", "content": header}]
        text, wrong = "", [""]
        for attempt in range(_ASKS):
            answer = await self._answer(messages, header, attempt, facts.id)
            text = plain_line(answer.text)
            wrong = _unfinished(answer) or complaints(text, demand, header=header)
            if not wrong:
                break
            again = f"This cannot be used: {'; '.join(wrong)}. Write the whole paragraph again."
            messages += [{"role": "assistant", "content": answer.text}, {"role": "user", "content": again}]
        return text, wrong

    async def _answer(self, messages: list[dict[str, str]], header: str, attempt: int, id_: str) -> Answer:
        """From the cache, or from the endpoint and then into the cache, before anything else is done with it."""
        key = self._key(header)
        answer, usage = self.cache.get(key, attempt), self.written.usage
        if answer is not None:
            usage.cached_answers += 1
        else:
            paid = await self._open_endpoint().ask(messages)
            self.cache.put(key, attempt, paid, asked_for=id_)
            self.unanswered_in_a_row = 0
            usage.paid_answers += 1
        self._count(answer or paid, paid=answer is None)
        return answer or paid

    def _count(self, answer: Answer, *, paid: bool) -> None:
        usage = self.written.usage
        usage.input_tokens += answer.input_tokens
        usage.output_tokens += answer.output_tokens
        usage.usd_total += self._usd(answer)
        usage.usd_paid += self._usd(answer) if paid else 0

    def _key(self, header: str) -> str:
        asked = [
            self.config.base_url,
            self.config.model,
            self.config.seed,
            self.config.max_tokens,
            self.prompt.version,
            self.prompt.text,
        ]
        return digest_of([*asked, header], length=64)

    def _usd(self, answer: Answer) -> float:
        price_in, price_out = self.config.usd_per_million_input_tokens, self.config.usd_per_million_output_tokens
        return (answer.input_tokens * price_in + answer.output_tokens * price_out) / 1e6


def _unfinished(answer: Answer) -> list[str]:
    if answer.finish_reason == "length":
        return ["it was cut off at max_tokens"]
    return [] if answer.text.strip() else [f"it is empty (finish reason {answer.finish_reason!r})"]
