"""Square matrices: a colour and a word in each cell, columns numbered as the rows, the tree beside them."""

from dataclasses import dataclass
from math import ceil
from typing import TYPE_CHECKING

from ...palette import in_print
from ..figure import Matrix
from .style import CHARACTER, shown, wrapped

if TYPE_CHECKING:
    from matplotlib.axes import Axes

CELL = 6.2  # millimetres, of a matrix that fits the page
LEGIBLE, SIGN = 5.0, 2.4  # millimetres of a cell that holds a word, and of one that holds a sign
TREE, FURNITURE = 18.0, 8.0  # millimetres beside and above the cells
LINE, NUMBER = 3.1, 3.4  # millimetres: what a name needs down the page, and a column's number across
NAMES = 0.42  # of the width: what names may take before they are broken into lines


@dataclass(frozen=True)
class Room:
    """Millimetres of a cell across and down, of the tree (a narrow figure has none), and of all that is beside the names."""

    across: float
    down: float
    tree: float
    whole: float


def room(panel: Matrix, width: float) -> Room:
    """How large a cell is where the figure is so many millimetres wide. Rows are never lower than their names."""
    lines = [name.split("\n") for name in _names(panel, width)]
    names = CHARACTER * max((len(line) for name in lines for line in name), default=0) + 3
    cells = [(min(CELL, (width - names - tree) / max(1, len(panel.names))), tree) for tree in (TREE, 0.0)]
    across, tree = cells[0] if panel.linkage and cells[0][0] >= LINE else cells[1]
    return Room(across, max(across, LINE * max(map(len, lines), default=1)), tree, width - names)


def height(panel: Matrix, width: float) -> float:
    """Millimetres of the whole panel."""
    return room(panel, width).down * len(panel.names) + FURNITURE


def _names(panel: Matrix, width: float) -> list[str]:
    """Names in lines, with their numbers, which stand above the columns."""
    names = [" ".join(filter(None, (name.text, name.note))) for name in panel.names]
    return ["\n".join(wrapped(name, NAMES * width)) + f"  {i + 1}" for i, name in enumerate(names)]


def draw(axes: "Axes", panel: Matrix, *, width: float) -> None:
    """Cells, names and tree."""
    import numpy as np
    import seaborn as sns
    from matplotlib.colors import ListedColormap

    n, size = len(panel.names), room(panel, width)
    signs = all(len(c.text) <= 1 for row in panel.cells for c in row)
    legible = size.across >= (SIGN if signs else LEGIBLE)
    colours = list(dict.fromkeys(c.colour or "paper" for row in panel.cells for c in row))
    codes = np.array([[colours.index(c.colour or "paper") for c in row] for row in panel.cells])
    words = np.array([[shown(c.text) for c in row] for row in panel.cells])
    shades = {"cmap": ListedColormap([in_print(c) for c in colours]), "vmin": -0.5, "vmax": len(colours) - 0.5}
    sns.heatmap(codes, annot=words if legible else False, fmt="", cbar=False, linewidths=0.6, ax=axes, **shades)
    if legible:
        for text, found in zip(axes.texts, (c for row in panel.cells for c in row), strict=True):
            text.set(color=in_print(found.ink), size=7)
    axes.set_aspect("auto")
    axes.set_yticks(np.arange(n) + 0.5, _names(panel, width), rotation=0)
    every = ceil(NUMBER / size.across)
    axes.set_xticks(np.arange(0, n, every) + 0.5, [str(i + 1) for i in range(0, n, every)], rotation=0)
    axes.xaxis.tick_top()
    axes.tick_params(length=0)
    for label, name in zip(axes.get_yticklabels(), panel.names, strict=True):
        label.set(fontweight="bold" if name.strong else "normal", color=in_print("ink"))
    if size.tree:
        _tree(axes, panel, size)
    axes.set(xlim=(0, max(n, size.whole / size.across)), ylim=(n, 0))  # the rest of the width is the tree's, or empty


def _tree(axes: "Axes", panel: Matrix, size: Room) -> None:
    n = len(panel.names)
    scale = (size.tree - 4) / size.across  # from a share of the largest distance to cells
    for branch in panel.branches():
        x, y = [n + 0.3 + scale * d for d, _ in branch], [row for _, row in branch]
        axes.plot(x, y, color=in_print("muted"), lw=0.7, clip_on=False)
