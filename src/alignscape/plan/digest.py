"""Digests of what makes a result: the import closure of a module's syntax trees, and plain values."""

import ast
import hashlib
from collections.abc import Iterable, Iterator
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple

_ROOT = Path(__file__).parents[1]
_PACKAGE = __package__.partition(".")[0]


@cache
def _file_of(module: str) -> Path | None:
    """The source file of a module, if it is known where its package lies; None for a name that is no module."""
    package, *parts = module.split(".")
    for folder in _folders(package):
        base = folder.joinpath(*parts)
        for candidate in (base.with_suffix(".py"), base / "__init__.py"):
            if candidate.is_file() and (parts or package != _PACKAGE):
                return candidate
    return None


def _folders(package: str) -> list[Path]:
    """Where the modules of a package lie, as files beside which a name may stand; nothing is imported."""
    if package == _PACKAGE:
        return [_ROOT]
    spec = find_spec(package)
    if spec is None:
        return []
    return [
        Path(place)
        for place in spec.submodule_search_locations or ([spec.origin.removesuffix(".py")] if spec.origin else [])
    ]


def _statements(node: ast.AST) -> Iterator[ast.AST]:
    """The node and every statement below it, where imports and docstrings are; expressions are ten times as many nodes."""
    yield node
    for block in ("body", "orelse", "finalbody", "handlers", "cases"):
        for child in getattr(node, block, ()):
            yield from _statements(child)


def _imported(tree: ast.Module, module: str, *, is_package: bool) -> set[str]:
    """Names of modules that an import anywhere in the tree, also inside functions, may refer to."""
    found: set[str] = set()
    for node in _statements(tree):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = module.split(".")
            if node.level:
                base = base[: len(base) - node.level + (1 if is_package else 0)]
                prefix = ".".join([*base, *([node.module] if node.module else [])])
            else:
                prefix = node.module or ""
            found.add(prefix)
            found.update(f"{prefix}.{alias.name}" for alias in node.names)
    return found


def _without_docstrings(tree: ast.Module) -> ast.Module:
    for node in _statements(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) and ast.get_docstring(
            node
        ):
            # of a file of nothing but a docstring the same is left as of an empty file, elsewhere the same as of `pass`
            node.body = node.body[1:] or ([] if isinstance(node, ast.Module) else [ast.Pass()])
    return tree


class _Code(NamedTuple):
    """What a digest asks of a module's source file."""

    imported: frozenset[str]
    digest: str


_codes: dict[tuple[str, str, int, int], _Code] = {}  # by path, module, and when (ns) and how large it was written


def known_code() -> list[Any]:
    """What this process has read of source files, JSON-able, for `take_code` of another."""
    return [[*key, sorted(code.imported), code.digest] for key, code in sorted(_codes.items())]


def take_code(known: list[Any]) -> None:
    """What another process has read counts here too, of files that are as they were then."""
    for path, module, time, size, imported, digest in known:
        _codes.setdefault((path, module, time, size), _Code(frozenset(imported), digest))


def _read(path: Path, module: str) -> _Code:
    tree = ast.parse(path.read_text(encoding="utf-8"), filename=str(path))
    imported = _imported(tree, module, is_package=path.name == "__init__.py")
    return _Code(frozenset(imported), hashlib.sha256(ast.dump(_without_docstrings(tree)).encode()).hexdigest())


def _code(module: str) -> _Code:
    path = _file_of(module)
    assert path is not None
    stat = path.stat()
    key = str(path), module, stat.st_mtime_ns, stat.st_size
    if key not in _codes:  # a plan asks for each a hundred times, and parsing takes long
        _codes[key] = _read(path, module)
    return _codes[key]


@cache
def import_closure(module: str) -> frozenset[str]:
    """Modules that `module` reaches by imports, itself included: of this package, and of its own if it is a plug-in's.

    Raises ValueError if there is none of this name.
    """
    if _file_of(module) is None:
        raise ValueError(f"there is no module {module}")
    packages = {_PACKAGE, module.partition(".")[0]}
    seen: set[str] = set()
    waiting = {module}
    while waiting:
        current = waiting.pop()
        if current.partition(".")[0] in packages and _file_of(current):
            seen.add(current)
            waiting |= _code(current).imported - seen
    return frozenset(seen)


# Rooms that cannot change a number: what a config says counts through the values it yields, what storage writes is held to
# the byte by a test, and a download is known by the digest of what was downloaded.
_CANNOT_CHANGE_RESULTS = ("config", "errors", "storage")
# Modules of these names, of plug-ins too: `official` says where files are, which count by their checksums
# (`Official.identity`), and `block` what a config may say of a member, which counts through the values it yields.
_NEUTRAL_NAMES = ("official", "block")
# Counts up when storage writes other bytes for the same values: that makes every result stale.
STORAGE_FORMAT = 2


def is_neutral(module: str) -> bool:
    """Whether a module is left out of every digest."""
    parts = module.split(".")
    return parts[-1] in _NEUTRAL_NAMES or (
        parts[0] == _PACKAGE and len(parts) > 1 and parts[1] in _CANNOT_CHANGE_RESULTS
    )


def digest_modules(*modules: str, leave_out: Iterable[str] = ()) -> frozenset[str]:
    """The modules whose code makes the digest of `modules`: themselves and all that they reach, but for neutral ones.

    leave_out: modules whose effect is known otherwise, e.g. a converter's, by the digest of what it converted.
    """
    reached = frozenset[str]().union(*(import_closure(m) for m in modules)) - set(leave_out)
    return frozenset(m for m in reached if m in modules or not is_neutral(m))


def code_digest(*modules: str, leave_out: Iterable[str] = ()) -> str:
    """SHA-256 over the syntax trees of `digest_modules`; comments and docstrings do not count."""
    chosen = sorted(digest_modules(*modules, leave_out=leave_out))
    lines = [f"storage:{STORAGE_FORMAT}\n", *(f"{m}:{_code(m).digest}\n" for m in chosen)]
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def full_names(modules: Iterable[str]) -> tuple[str, ...]:
    """Full names of modules of this package that are given with its name or without."""
    prefix = "alignscape."
    return tuple(module if module.startswith(prefix) else prefix + module for module in modules)
