"""Single marks on matplotlib's axes."""

from typing import TYPE_CHECKING, Any

from ...palette import in_print

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes

MARKERS = {"dot": "o", "ring": "o", "diamond": "D", "square": "s", "triangle": "^", "wedge": "v", "tick": "|"}
MARKERS |= {"plus": "P", "cross": "X", "star": "*", "pentagon": "p"}
SIZES = {"dot": 4.4, "ring": 4.0, "diamond": 4.0, "square": 4.0, "triangle": 4.8, "wedge": 4.8, "tick": 6.0}
SIZES |= {"plus": 5.0, "cross": 5.0, "star": 6.2, "pentagon": 4.8}
DASHES: dict[str, Any] = {"solid": "-", "dashed": (0, (5, 3)), "dotted": (0, (1, 2))}
REFERENCE: dict[str, Any] = {"color": in_print("muted"), "lw": 0.8, "ls": (0, (3, 3)), "zorder": 1}


def look(shape: str, colour: str) -> dict[str, Any]:
    """A mark of a shape, as keywords of matplotlib's lines."""
    colour = in_print(colour)
    inside = in_print("paper") if shape == "ring" else colour
    return {"marker": MARKERS[shape], "ms": SIZES[shape], "color": colour, "mfc": inside, "mec": colour, "mew": 0.9}


def shape(axes: "Axes", x: float, y: float, kind: str, colour: str, **more: Any) -> None:
    """One mark at x and y."""
    axes.plot([x], [y], ls="none", **look(kind, colour), **more)


def interval(axes: "Axes", x: tuple[float, float], y: tuple[float, float], colour: str, **more: Any) -> None:
    """The line of an interval from one place to another."""
    axes.plot(x, y, color=in_print(colour), lw=1.2, alpha=0.6, solid_capstyle="butt", **more)


def key(shape: str, colour: str, text: str) -> "Artist":
    """A mark for a legend."""
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    if shape == "cell":
        return Patch(facecolor=in_print(colour), label=text)
    if shape in DASHES:
        return Line2D([], [], color=in_print(colour), lw=1.2, ls=DASHES[shape], label=text)
    return Line2D([], [], ls="none", label=text, **look(shape, colour))
