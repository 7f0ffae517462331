"""The rooms of the package: who may import whom, and how large a file or class may be (docs: how the code is laid out)."""

import ast
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

import alignscape

ROOT = Path(alignscape.__file__).parent
# From the top down; a room imports from its own and from lower floors only.
FLOORS = (
    ("cli",),
    ("commands",),
    ("plan",),
    ("questions",),
    ("report",),
    ("alignment", "encoders", "descriptions"),
    ("proteins", "statistics"),
    ("compute", "storage", "config"),
    ("errors",),
)
FLOOR = {room: number for number, rooms in enumerate(FLOORS) for room in rooms}
LONGEST_FILE, LONGEST_CLASS = 300, 150


def name_of(path: Path) -> str:
    """The module below the package that a file holds."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


FILES = {name_of(path): path for path in sorted(ROOT.rglob("*.py"))}


def imports(module: str, path: Path) -> set[str]:
    """Modules of the package that a file imports anywhere, also inside functions."""
    package = [*module.split("."), ""] if path.name == "__init__.py" else module.split(".")
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.level:
            base = ".".join(filter(None, [*package[: len(package) - node.level], node.module or ""]))
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith("alignscape."):
            base = str(node.module).removeprefix("alignscape.")
        else:
            continue
        names = {f"{base}.{alias.name}".lstrip(".") for alias in node.names}
        found |= {name if name in FILES else base for name in names}
    return (found & set(FILES)) - {module, ""}


GRAPH = {module: imports(module, path) for module, path in FILES.items() if module}


def test_only_the_command_line_and_the_errors_lie_loose_at_the_root() -> None:
    assert {path.name for path in ROOT.glob("*.py")} == {"__init__.py", "cli.py", "errors.py"}
    assert {path.parent.name for path in ROOT.glob("*/__init__.py")} == set(FLOOR) - {"cli", "errors"}


def test_imports_go_down_the_floors_only() -> None:
    rooms = {(a, b): (a.split(".")[0], b.split(".")[0]) for a, found in GRAPH.items() for b in found}
    assert len(rooms) > 500
    assert [pair for pair, (a, b) in rooms.items() if a != b and FLOOR[b] <= FLOOR[a]] == []


def test_no_module_imports_back_what_imports_it() -> None:
    try:
        TopologicalSorter(GRAPH).prepare()
    except CycleError as error:
        pytest.fail(" imports ".join(reversed(error.args[1])))


def test_files_and_classes_stay_small_enough_to_read() -> None:
    long_files = {m: n for m, path in FILES.items() if (n := len(path.read_text().splitlines())) > LONGEST_FILE}
    classes = (
        (f"{module}.{node.name}", node.end_lineno - node.lineno + 1)
        for module, path in FILES.items()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ClassDef)
    )
    assert long_files == {}
    assert {name: lines for name, lines in classes if lines > LONGEST_CLASS} == {}
