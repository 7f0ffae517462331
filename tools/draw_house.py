"""Draws docs/house.svg: the rooms of the package and who imports whom, from the imports themselves.

python tools/draw_house.py            writes the picture
python tools/draw_house.py --check    says whether the picture is that of the code, by its exit status

A room is a folder or a module at the root of src/alignscape, and the scripts of the workflow. It stands above all that it
imports. A line is drawn from a room to those that it imports and that it does not reach through another room.
"""

import ast
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from graphlib import CycleError, TopologicalSorter
from html import escape
from itertools import pairwise
from pathlib import Path

ROOT = Path(__file__).parents[1]
PICTURE = ROOT / "docs" / "house.svg"
WIDTH, BOX, MARGIN = 1000, (226, 66), 24  # pixels
GAP = 20  # where a line passes a floor
STEP = 112  # from one floor to the next
LETTERS = 35  # in a line of small print
STYLE = """
svg { background: #fff; font-family: system-ui, sans-serif; }
rect { fill: #f3f6f9; stroke: #5b7083; } path { fill: none; stroke: #8a9bab; stroke-width: 1.4; }
marker path { fill: #8a9bab; stroke: none; } .name { font-size: 15px; font-weight: 600; fill: #14222e; }
.about { font-size: 11px; fill: #3d4d5a; }
@media (prefers-color-scheme: dark) {
svg { background: #10161c; } rect { fill: #1c2730; stroke: #7f96a8; } path { stroke: #6d8091; }
marker path { fill: #6d8091; } .name { fill: #eef3f7; } .about { fill: #b9c6d1; } }
"""


@dataclass
class Room:
    """A folder or module of the package: what it says of itself, and the other rooms that its modules import."""

    about: str
    imports: set[str] = field(default_factory=set)


def main() -> int:
    """The exit status: 1 if the picture is not that of the code and was to be checked only."""
    drawn = draw(rooms(ROOT))
    current = PICTURE.is_file() and PICTURE.read_text(encoding="utf-8") == drawn
    if "--check" not in sys.argv[1:]:
        PICTURE.write_text(drawn, encoding="utf-8")
    elif not current:
        print("docs/house.svg is not the picture of the code; draw it with: python tools/draw_house.py")
        return 1
    return 0


def rooms(root: Path) -> dict[str, Room]:
    """The rooms by name, with what they import."""
    package = root / "src" / "alignscape"
    names = {p.stem for p in package.iterdir() if (p / "__init__.py").is_file() or p.suffix == ".py"} - {"__init__"}
    found = {name: Room(_about(package, name)) for name in sorted(names)}
    for path in sorted(package.rglob("*.py")):
        parts = ("alignscape", *path.relative_to(package).with_suffix("").parts)
        if parts[1] in found:
            _read(found, parts[1], path, parts[:-1])
    found["workflow"] = Room("The rules' scripts: one for each rule, without logic of their own.")
    for path in sorted((root / "workflow" / "scripts").glob("*.py")):
        _read(found, "workflow", path, ())
    return found


def _about(package: Path, name: str) -> str:
    path = package / name / "__init__.py"
    text = ast.get_docstring(ast.parse((path if path.is_file() else package / f"{name}.py").read_text("utf-8")))
    return (text or "").partition("\n")[0]


def _read(found: dict[str, Room], room: str, path: Path, folder: tuple[str, ...]) -> None:
    names = {name for name in _imported(ast.parse(path.read_text("utf-8")), folder) if name[0] == "alignscape"}
    found[room].imports |= {name[1] for name in names if len(name) > 1} & found.keys() - {room}


def _imported(tree: ast.AST, folder: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """Full names that the file's imports, also those inside functions, may mean; `folder` is where relative ones start."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (tuple(alias.name.split(".")) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = folder[: len(folder) - node.level + 1] if node.level else ()
            base = (*base, *(node.module.split(".") if node.module else ()))
            yield from ((*base, alias.name) for alias in node.names)


def heights(found: Mapping[str, Room]) -> dict[str, int]:
    """The floor of each room, 0 at the bottom: above all that it imports, and high up if that makes lines shorter.

    Raises ValueError, which names the rooms, if imports run in a circle.
    """
    try:
        order = list(TopologicalSorter({name: room.imports for name, room in found.items()}).static_order())
    except CycleError as error:
        raise ValueError(f"rooms import each other: {' -> '.join(reversed(error.args[1]))}") from None
    height: dict[str, int] = {}
    for name in order:
        height[name] = 1 + max((height[below] for below in found[name].imports), default=-1)
    lines = direct(found)
    for name in reversed(order):
        above = [a for a, b in lines if b == name]
        if len(above) > sum(a == name for a, _ in lines):
            height[name] = min(height[a] for a in above) - 1
    return height


def direct(found: Mapping[str, Room]) -> list[tuple[str, str]]:
    """The imports between rooms that do not also follow from others: what the lines of the picture are."""

    @cache
    def reached(name: str) -> frozenset[str]:
        return frozenset(found[name].imports).union(*map(reached, found[name].imports))

    return [
        (name, below)
        for name, room in found.items()
        for below in sorted(room.imports)
        if not any(below in reached(other) for other in room.imports if other != below)
    ]


def draw(found: Mapping[str, Room]) -> str:
    """The picture as SVG, the same for the same code."""
    height = heights(found)
    lines = {line: [line[0], *_bends(line, height), line[1]] for line in direct(found)}
    floors = _in_order(height, list(lines.values()))
    place = {stop: spot for level, floor in enumerate(floors) for stop, spot in _spots(floor, level, found).items()}
    tall = STEP * (len(floors) - 1) + BOX[1] + 2 * MARGIN
    tip = '<path d="M0 0 L8 4 L0 8 z"/>'
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {tall}" width="{WIDTH}" role="img">',
            "<title>The rooms of alignscape, each above what it imports</title>",
            f"<style>{STYLE}</style>",
            f'<defs><marker id="tip" markerWidth="8" markerHeight="8" refX="8" refY="4" orient="auto">{tip}</marker></defs>',
            *(_line([place[stop] for stop in stops]) for stops in lines.values()),
            *(_box(name, room, place[name]) for name, room in found.items()),
            "</svg>\n",
        ]
    )


def _bends(line: tuple[str, str], height: Mapping[str, int]) -> list[str]:
    """Names of the gaps through which a long line passes the floors between its ends."""
    return [f"{line[0]} {line[1]} {level}" for level in range(height[line[0]] - 1, height[line[1]], -1)]


def _in_order(height: Mapping[str, int], lines: list[list[str]]) -> list[list[str]]:
    """Rooms and gaps by floor, from the top down, each floor in an order in which few lines cross."""
    top = max(height.values())
    level = {name: top - at for name, at in height.items()}
    for stops in lines:
        level |= {stop: level[stops[0]] + i for i, stop in enumerate(stops)}
    floors = [sorted(stop for stop in level if level[stop] == at) for at in range(top + 1)]
    steps = [step for stops in lines for step in pairwise(stops)]
    for sweep in range(8):
        for at in range(top + 1) if sweep % 2 == 0 else range(top, -1, -1):
            place = {stop: (i + 0.5) / len(floor) for floor in floors for i, stop in enumerate(floor)}
            floors[at].sort(key=lambda stop: _mean([place[x] for x in _neighbours(stop, steps)] or [place[stop]]))
    return floors


def _neighbours(stop: str, steps: list[tuple[str, str]]) -> list[str]:
    return [a if b == stop else b for a, b in steps if stop in (a, b)]


def _mean(values: list[float]) -> float:
    return sum(values) / len(values)


def _spots(floor: list[str], level: int, found: Mapping[str, Room]) -> dict[str, tuple[float, float, float]]:
    """Left upper corner and width of each box and each gap of a floor."""
    widths = [BOX[0] if stop in found else GAP for stop in floor]
    space = (WIDTH - sum(widths)) / (len(floor) + 1)
    left = [space * (i + 1) + sum(widths[:i]) for i in range(len(floor))]
    return {stop: (x, MARGIN + level * STEP, width) for stop, x, width in zip(floor, left, widths, strict=True)}


def _line(stops: list[tuple[float, float, float]]) -> str:
    """From the bottom of the first box, straight down through each gap, to the top of the last box."""
    x, y = stops[0][0] + stops[0][2] / 2, stops[0][1] + BOX[1]
    path = [f"M{x:.0f} {y:.0f}"]
    for left, top, width in stops[1:]:
        to, bend = left + width / 2, (top - 2 - y) / 2
        path.append(f"C{x:.0f} {y + bend:.0f} {to:.0f} {top - 2 - bend:.0f} {to:.0f} {top - 2:.0f} v{BOX[1] + 2}")
        x, y = to, top + BOX[1]
    return f'<path d="{" ".join(path).rpartition(" ")[0]}" marker-end="url(#tip)"/>'


def _box(name: str, room: Room, spot: tuple[float, float, float]) -> str:
    x, y, _ = spot
    whom = ", ".join(sorted(room.imports)) or "no other room"
    about = _wrapped(room.about)
    small = "".join(
        f'<text class="about" x="{x + 10:.0f}" y="{y + 38 + 15 * i:.0f}">{escape(line)}</text>'
        for i, line in enumerate(about)
    )
    return (
        f"<g><title>{escape(f'{name} imports {whom}')}</title>"
        f'<rect x="{x:.0f}" y="{y:.0f}" width="{BOX[0]}" height="{BOX[1]}" rx="6"/>'
        f'<text class="name" x="{x + 10:.0f}" y="{y + 20:.0f}">{escape(name)}</text>{small}</g>'
    )


def _wrapped(text: str) -> list[str]:
    """The text in at most two lines of small print. Raises ValueError where it needs more."""
    import textwrap

    lines = textwrap.wrap(text.rstrip("."), LETTERS)
    if len(lines) > 2:
        raise ValueError(f"what a room says of itself needs more than two lines of {LETTERS} letters: {text}")
    return lines


if __name__ == "__main__":
    sys.exit(main())
