"""Signs for verdicts: a word and a mark, never a colour alone."""

from markupsafe import Markup

from .markup import tag

MARKS = {
    "holds": ("✓", "good"),
    "does not hold": ("✗", "bad"),
    "undecided": ("·", "open"),
    "not testable": ("–", "open"),
    "better": ("▲", "good"),
    "worse": ("▽", "bad"),
    "equal": ("=", "open"),
}


def pill(verdict: str) -> Markup:
    """The verdict as a small label."""
    mark, mood = MARKS.get(verdict, ("", "open"))
    return tag("span", tag("span", mark, aria_hidden="true"), " ", verdict, cls=f"pill {mood}")
