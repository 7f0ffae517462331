"""HTML and SVG elements from Python values; whatever comes in as plain text is escaped."""

from typing import Any
from urllib.parse import quote

from markupsafe import Markup, escape

VOID = frozenset({"br", "circle", "ellipse", "hr", "input", "line", "path", "polygon", "polyline", "rect", "use"})


def _attribute(name: str, value: Any) -> str:
    name = "class" if name == "cls" else name.rstrip("_").replace("_", "-")
    if value is True:
        return f" {name}"
    text = f"{value:.2f}".rstrip("0").rstrip(".") if isinstance(value, float) else value
    return f' {name}="{escape(text)}"'


def tag(element: str, *children: Any, **attributes: Any) -> Markup:
    """One element. `cls` is class, `data_tip` is data-tip; an attribute that is None or False is left out.

    Children are Markup (kept) or anything else (escaped); None is left out.
    """
    opened = "".join(_attribute(k, v) for k, v in attributes.items() if v is not None and v is not False)
    if element in VOID and not children:
        return Markup(f"<{element}{opened}/>")
    return Markup(f"<{element}{opened}>") + join(*children) + Markup(f"</{element}>")


def protein_link(id_: str) -> Markup:
    """An id that opens its protein's page."""
    return tag("a", id_, href=f"#protein={quote(id_, safe=':,')}")


def join(*children: Any) -> Markup:
    """Children one after the other, escaped where they are not Markup; None is left out."""
    return Markup("").join(child for child in children if child is not None)


def percent(value: float) -> str:
    """A percentage for an SVG coordinate, so that a drawing follows the width of the page."""
    return f"{value:.2f}".rstrip("0").rstrip(".") + "%"
