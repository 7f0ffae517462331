"""A described figure as a part of the page."""

from collections.abc import Sequence

from markupsafe import Markup

from ...markup import tag
from ...prose import prose
from ..figure import Figure, Key, Matrix, Panel, Plane, Rows
from .clouds import canvas_name, cloud_of
from .marks import key
from .matrix import matrix
from .plane import plane
from .rows import rows
from .words import name

HINT = (
    "Point at a protein for its name, press it for its page; with the keyboard, left and right move through the points "
    "and Enter opens the page."
)


def render(figure: Figure) -> Markup | None:
    """Heading, legend, choices, panels and caption; None for a figure that has nothing to draw."""
    if figure.absent:
        return None
    drawn = [_panel(figure, i, panel) for i, panel in enumerate(figure.panels)]
    side_by_side = len(drawn) > 1 and all(isinstance(panel, Plane) for panel in figure.panels)
    subtitle = tag("p", prose(figure.subtitle), cls="subtitle") if figure.subtitle else None
    hint = f" {HINT}" if any(isinstance(panel, Plane) and cloud_of(panel) for panel in figure.panels) else ""
    return tag(
        "figure",
        _tools(figure),
        tag("h3", figure.title),
        subtitle,
        _legend(figure.legend),
        _choices(figure),
        tag("div", *drawn, cls="panels") if side_by_side else tag("div", *drawn),
        tag("figcaption", prose(figure.caption + hint)),
        id=f"figure-{figure.name}",
    )


def _tools(figure: Figure) -> Markup:
    """Buttons that save the figure as it is seen, and its numbers."""
    about = tag("span", f" of {figure.title}", cls="unseen")
    kinds = [tag("button", kind, about, type="button", data_export=kind.lower()) for kind in ("SVG", "PNG", "TSV")]
    return tag("div", *kinds, cls="tools")


def _legend(entries: Sequence[Key]) -> Markup | None:
    if not entries:
        return None
    return tag("ul", *(tag("li", key(e.shape, e.colour), " ", e.text) for e in entries), cls="legend")


def _choices(figure: Figure) -> Markup | None:
    if not figure.choices:
        return None
    selects = [
        tag("label", c.label, " ", tag("select", *(tag("option", o, value=o) for o in c.options), data_choice=i))
        for i, c in enumerate(figure.choices)
    ]
    return tag("div", *selects, cls="choices")


def _panel(figure: Figure, number: int, panel: Panel) -> Markup:
    wanted = [panel.chosen.get(c.label) for c in figure.choices]
    hidden = any(w not in (None, c.options[0]) for w, c in zip(wanted, figure.choices, strict=True))
    chosen = {f"data_option_{i}": w for i, w in enumerate(wanted)}
    title = tag("h4", name(panel.title)) if panel.title else None
    return tag("div", title, _drawing(figure, number, panel), cls="panel", hidden=hidden, **chosen)


def _drawing(figure: Figure, number: int, panel: Panel) -> Markup:
    label = f"{panel.title.text}: {figure.title}" if panel.title else figure.title
    if isinstance(panel, Rows):
        return rows(panel)
    if isinstance(panel, Matrix):
        return matrix(panel, label=label)
    if cloud := cloud_of(panel):
        label = f"{panel.title.text + ': ' if panel.title else ''}{panel.y.title} against {panel.x.title}"
        says = f"{label}, {len(cloud.known)} proteins. Arrow keys, Page Up, Page Down, Home and End move through them, Enter opens one."
        hint = tag("p", "These points need JavaScript; the table of proteins has the same numbers.", cls="no-script")
        about = {"role": "application", "aria_roledescription": "scatter plot", "aria_label": says}
        points = tag("div", tabindex=0, cls="cloud", data_cloud=canvas_name(figure, number), **about)
        return tag("div", hint, tag("div", panel.y.label, cls="y-title"), points)
    return plane(panel, label=f"{label}: {panel.y.title} against {panel.x.title}")
