"""Matplotlib set up once: quiet axes, text kept as text, equal numbers give equal bytes."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...storage.files import atomic

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

INK, MUTED, FAINT = "#1d2730", "#586671", "#dfe3e4"
STYLE: dict[str, Any] = {
    "font.family": ["DejaVu Sans"],
    "font.size": 8,
    "text.color": INK,
    "axes.labelcolor": INK,
    "axes.edgecolor": MUTED,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.titlesize": 9,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.axisbelow": True,
    "grid.color": FAINT,
    "xtick.color": MUTED,
    "ytick.color": MUTED,
    "legend.frameon": False,
    "figure.constrained_layout.use": True,
    "svg.fonttype": "none",
    "svg.hashsalt": "alignscape",
    "text.parse_math": False,
}


@contextmanager
def style() -> Iterator[None]:
    """Matplotlib without a screen, in our style, whatever the user's own settings are."""
    import matplotlib

    with matplotlib.rc_context():
        matplotlib.rcdefaults()
        matplotlib.rcParams.update(STYLE)
        yield


def blank(width: float = 6.4, height: float = 3.6, *, columns: int = 1, rows: int = 1) -> tuple["Figure", list["Axes"]]:
    """A figure (inches) and its axes, row by row."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height))
    FigureCanvasAgg(figure)
    axes = figure.subplots(rows, columns, squeeze=False)
    return figure, list(axes.ravel())


def note(text: str) -> "Figure":
    """A figure that says why there is nothing to show."""
    import textwrap

    figure, [axes] = blank(6.4, 1.6)
    axes.axis("off")
    axes.text(0.5, 0.5, "\n".join(textwrap.wrap(text, 70)), ha="center", va="center", color=MUTED)
    return figure


def save(figure: "Figure", stem: Path) -> list[Path]:
    """`stem`.svg and `stem`.png, whole or absent."""
    written = []
    for kind, metadata in (("svg", {"Date": None}), ("png", {"Software": None})):
        path = stem.with_name(f"{stem.name}.{kind}")
        with atomic(path) as temporary:
            figure.savefig(temporary, format=kind, dpi=200, metadata=metadata)
        written.append(path)
    return written


def log_ticks(axes: "Axes", low: float, high: float) -> None:
    """A logarithmic x axis with plain round numbers."""
    ticks = [m * 10**k for k in range(6) for m in (1, 3) if low <= m * 10**k <= high]
    axes.set_xscale("log")
    axes.set_xticks(ticks, [str(t) for t in ticks])
    axes.minorticks_off()


def shown(names: Sequence[str]) -> list[str]:
    """Names without the characters that an SVG file cannot hold."""
    return ["".join(c for c in name if c.isprintable()) for name in names]
