"""Names as the page writes them: broken after the sign between two names, never inside one."""

from markupsafe import Markup

from ...markup import join, tag
from ...palette import on_page, shape_of
from ..figure import Name

TIMES = " × "


def name(what: Name) -> Markup:
    """A name behind its coloured dot, with its note."""
    first, times, second = what.text.partition(TIMES)
    dot = {"cls": "whole"}
    if what.colour:
        dot = {"cls": f"gdm s{shape_of(what.colour)} whole", "style": f"--c:{on_page(what.colour)}"}
    words = tag("span", first, times.rstrip(), **dot)
    words = join(words, " ", tag("span", second, cls="whole")) if second else words
    note = tag("span", f" {what.note}", cls="note") if what.note else None
    return join(tag("strong", words) if what.strong else words, note)
