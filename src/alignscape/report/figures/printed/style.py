"""Matplotlib set up once: quiet axes, widths of a journal's columns, text that stays text, equal numbers give equal bytes."""

import textwrap
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ....storage.files import atomic
from ...palette import in_print

if TYPE_CHECKING:
    from matplotlib.figure import Figure

WIDTHS = {1: 85.0, 2: 178.0}  # millimetres, by columns of a page
INCH = 25.4  # millimetres
DPI = 300
POINTS = 7  # of all text
CHARACTER = 1.5  # millimetres, a generous mean at that size
KINDS = ("svg", "png", "pdf")
FONTS = ["DejaVu Sans", "Verdana", "Arial", "Helvetica"]  # the first comes with matplotlib, the second has its widths
STYLE: dict[str, Any] = {
    "font.family": ["sans-serif"],
    "font.sans-serif": FONTS,
    "font.size": POINTS,
    "text.color": in_print("ink"),
    "axes.labelcolor": in_print("ink"),
    "axes.edgecolor": in_print("muted"),
    "axes.linewidth": 0.6,
    "axes.labelsize": POINTS,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.titlesize": POINTS,
    "axes.titlelocation": "left",
    "axes.axisbelow": True,
    "grid.color": in_print("faint"),
    "grid.linewidth": 0.6,
    "xtick.color": in_print("muted"),
    "ytick.color": in_print("muted"),
    "xtick.labelsize": POINTS,
    "ytick.labelsize": POINTS,
    "legend.frameon": False,
    "legend.fontsize": POINTS,
    "pdf.fonttype": 42,  # TrueType, whole letters: journals refuse type 3
    "svg.fonttype": "none",
    "svg.hashsalt": "alignscape",
    "text.parse_math": False,
    "figure.dpi": DPI,
}


@contextmanager
def style() -> Iterator[None]:
    """Matplotlib without a screen, in our style, whatever the user's own settings are."""
    import matplotlib

    with matplotlib.rc_context():
        matplotlib.rcdefaults()
        matplotlib.rcParams.update(STYLE)
        yield


def blank(width: float, height: float) -> "Figure":
    """An empty figure of so many millimetres."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width / INCH, height / INCH))
    FigureCanvasAgg(figure)
    return figure


def note(text: str, *, columns: int) -> "Figure":
    """A figure that says why there is nothing to show."""
    lines = wrapped(text, WIDTHS[columns])
    figure = blank(WIDTHS[columns], 20 + 4 * len(lines))
    figure.text(0.5, 0.5, "\n".join(lines), ha="center", va="center", color=in_print("muted"))
    return figure


def save(figure: "Figure", stem: Path, *, title: str, caption: str) -> list[Path]:
    """`stem`.svg, .png and .pdf, whole or absent; title and caption are in the files."""
    figure.draw_without_rendering()  # one layout for all three
    figure.set_layout_engine("none")
    title, caption = shown(title), shown(caption)
    metadata = {
        "svg": {"Date": None, "Title": title, "Description": caption},
        "png": {"Software": None, "Title": title, "Description": caption},
        "pdf": {"CreationDate": None, "Creator": None, "Producer": None, "Title": title, "Subject": caption},
    }
    paths = [stem.with_name(f"{stem.name}.{kind}") for kind in KINDS]
    for path, kind in zip(paths, KINDS, strict=True):
        with atomic(path) as temporary:
            figure.savefig(temporary, format=kind, dpi=DPI, metadata=metadata[kind])
    return paths


def shown(text: str) -> str:
    """A text without the characters that an SVG file cannot hold."""
    return "".join(c for c in text if c.isprintable())


def wrapped(text: str, width: float) -> list[str]:
    """Lines of a text that fit into a width in millimetres."""
    return textwrap.wrap(shown(text), max(10, int(width / CHARACTER)))
