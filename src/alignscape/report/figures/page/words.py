"""Names as the page writes them: broken after the sign between two names, never inside one."""

from markupsafe import Markup

from ...markup import join, tag
from ...palette import on_page
from ..figure import Name

TIMES = " × "


def name(what: Name) -> Markup:
    """A name behind its coloured dot, with its note."""
    first, times, second = what.text.partition(TIMES)
    dot = {"cls": "gdm whole", "style": f"--c:{on_page(what.colour)}"} if what.colour else {"cls": "whole"}
    words = tag("span", first, times.rstrip(), **dot)
    words = join(words, " ", tag("span", second, cls="whole")) if second else words
    note = tag("span", f" {what.note}", cls="note") if what.note else None
    return join(tag("strong", words) if what.strong else words, note)
