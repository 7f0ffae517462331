"""Square matrices: a colour and a word in each cell, columns numbered as the rows, the tree beside them."""

from typing import TYPE_CHECKING

from ...palette import in_print
from ..figure import Matrix
from .style import shown

if TYPE_CHECKING:
    from matplotlib.axes import Axes

CELL = 6.2  # millimetres, of a matrix that fits the page
LEGIBLE = 5.0  # millimetres of a cell that holds a word
NAMES, TREE, FURNITURE = 52.0, 18.0, 8.0  # millimetres beside and above the cells


def cell(panel: Matrix, width: float) -> float:
    """Millimetres of a cell where the figure is so many millimetres wide."""
    return min(CELL, (width - NAMES - (TREE if panel.linkage else 0)) / max(1, len(panel.names)))


def height(panel: Matrix, width: float) -> float:
    """Millimetres of the whole panel."""
    return cell(panel, width) * len(panel.names) + FURNITURE


def draw(axes: "Axes", panel: Matrix, *, width: float) -> None:
    """Cells, names and tree."""
    import numpy as np
    import seaborn as sns
    from matplotlib.colors import ListedColormap

    n, legible = len(panel.names), cell(panel, width) >= LEGIBLE
    colours = list(dict.fromkeys(c.colour or "paper" for row in panel.cells for c in row))
    codes = np.array([[colours.index(c.colour or "paper") for c in row] for row in panel.cells])
    words = np.array([[shown(c.text) for c in row] for row in panel.cells])
    shades = {"cmap": ListedColormap([in_print(c) for c in colours]), "vmin": -0.5, "vmax": len(colours) - 0.5}
    sns.heatmap(
        codes, annot=words if legible else False, fmt="", cbar=False, square=True, linewidths=0.6, ax=axes, **shades
    )
    if legible:
        for text, found in zip(axes.texts, (c for row in panel.cells for c in row), strict=True):
            text.set(color=in_print(found.ink), size=7)
    names = [" ".join(filter(None, (name.text, name.note))) for name in panel.names]
    axes.set_yticks(np.arange(n) + 0.5, [shown(f"{name}  {i + 1}") for i, name in enumerate(names)], rotation=0)
    axes.set_xticks(np.arange(n) + 0.5, [str(i + 1) for i in range(n)], rotation=0)
    axes.xaxis.tick_top()
    axes.tick_params(length=0)
    for label, name in zip(axes.get_yticklabels(), panel.names, strict=True):
        label.set(fontweight="bold" if name.strong else "normal", color=in_print("ink"))
    _tree(axes, panel, cell(panel, width))


def _tree(axes: "Axes", panel: Matrix, size: float) -> None:
    n = len(panel.names)
    scale = (TREE - 4) / size  # from a share of the largest distance to cells
    for branch in panel.branches():
        x, y = [n + 0.3 + scale * d for d, _ in branch], [row for _, row in branch]
        axes.plot(x, y, color=in_print("muted"), lw=0.7, clip_on=False)
    axes.set(xlim=(0, n), ylim=(n, 0))
