"""The line under the title, and the end of the page: when and with what it was made, and how to make it again."""

import shlex
from datetime import date

from markupsafe import Markup

from ... import __version__
from ...proteins.sources.registry import options
from ..markup import join, tag
from ..numbers import count, plural
from ..results import StudyResults


def meta(results: StudyResults) -> Markup:
    """What was tested, on one line: the study's name where the title hides it, proteins, encoders, language models, seeds, the day."""
    pairs = [r for r in results.rows("pairs") if r["state"] == "trained"]
    main = {side: len({r[side] for r in pairs if r[f"{side}_role"] == "main"}) for side in ("gdm", "llm")}
    tested, training = max((r["n"] for r in pairs), default=0), len(results.encoder_training)
    proteins = f"{plural(tested, 'protein')} tested" + (
        f", {count(training)} more to train encoders" if training else ""
    )
    source: str = options(results.study.proteins).title
    encoders = f"{plural(main['gdm'], 'structure encoder')} × {plural(main['llm'], 'language model')} × {plural(results.study.alignment.seeds, 'seed')}"
    day = tag("span", f" · {_day(results)}", data_timed=True) if results.made.date else None
    cite = tag("a", "cite", href="#cite")
    name = f"study {results.study.study} · " if results.study.title else ""
    return tag("p", f"{name}{proteins} · {source} · {encoders}", day, " · ", cite, cls="meta")


def foot(results: StudyResults) -> Markup:
    """Date, version, command and config of the page."""
    day = tag("span", f" on {_day(results)}", data_timed=True) if results.made.date else None
    made = tag("p", "Made", day, f" by alignscape {__version__}.")
    again = f"alignscape run {shlex.quote(results.made.config or 'my.yaml')}"
    command = tag(
        "p",
        "To make it again: ",
        tag("code", again),
        ". Its configuration is under ",
        tag("a", "How it was measured", href="#measured"),
        ".",
    )
    return tag("footer", join(made, command))


def _day(results: StudyResults) -> str:
    day = date.fromisoformat(results.made.date)
    return f"{day.day} {day:%B %Y}"
