"""Our docstrings with sections, as `make docs` shows them.

Docstrings here say what a parameter is on a line of its own, `ids: sorted, row i of both arrays`, and begin the sentence about
an exception with `Raises ValueError for`. The site shows both as tables; in the source they stay prose.
"""

import re
from collections.abc import Iterable

SENTENCE = re.compile(r"(?s)Raises (\w+)\s+((?:for|if|where|unless|when)\b.*?[^.]\.)(?=\s|$)")


def with_sections(text: str, parameters: Iterable[str]) -> str:
    """A docstring with sections `Args` and `Raises` after its prose."""
    prose, described = _separate(text.splitlines(), set(parameters))
    raised = [(name, about) for name, about in SENTENCE.findall(prose)]
    prose = re.sub(r" {2,}(?=\S)", " ", SENTENCE.sub("", prose)).strip() if raised else prose
    return "\n\n".join(filter(None, [prose, _section("Args", described), _section("Raises", raised)]))


def _separate(lines: Iterable[str], names: set[str]) -> tuple[str, list[tuple[str, str]]]:
    """The prose, and the parameters with what is said of each; a line may speak of several."""
    prose: list[str] = []
    described: list[str] = []
    current = prose
    for line in lines:
        if line.partition(": ")[0] in names:
            current = described
            current.append(line)
        elif current is described and line.startswith("    "):
            current[-1] += f" {line.strip()}"
        else:
            current = prose
            current.append(line)
    starts = "|".join(map(re.escape, sorted(names)))
    each = [part for line in described for part in re.split(rf"(?<=[.;]) (?=(?:{starts}): )", line)]
    return "\n".join(prose).strip(), [(name, about) for name, _, about in (part.partition(": ") for part in each)]


def _section(title: str, items: list[tuple[str, str]]) -> str:
    lines = [f"    {name}: {' '.join(about.split())}" for name, about in items]
    return "\n".join([f"{title}:", *lines]) if lines else ""
