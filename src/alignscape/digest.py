"""Digests of what makes a result: the import closure of a module's syntax trees, and plain values."""

import ast
import hashlib
from collections.abc import Iterable
from functools import cache
from pathlib import Path

_ROOT = Path(__file__).parent
_PACKAGE = __package__


def _file_of(module: str) -> Path | None:
    """The source file of a module of this package; None for other packages and for names that are no module."""
    parts = module.split(".")
    if parts[0] != _PACKAGE:
        return None
    base = _ROOT.joinpath(*parts[1:])
    for candidate in (base.with_suffix(".py"), base / "__init__.py"):
        if len(parts) > 1 and candidate.is_file():
            return candidate
    return None


def _imported(tree: ast.AST, module: str, *, is_package: bool) -> set[str]:
    """Names of modules that an import anywhere in the tree, also inside functions, may refer to."""
    found = set()
    for node in ast.walk(tree):
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
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) and ast.get_docstring(
            node
        ):
            node.body = node.body[1:] or [ast.Pass()]
    return tree


@cache
def _tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


@cache
def import_closure(module: str) -> frozenset[str]:
    """Modules of this package that `module` reaches by imports, itself included. Raises ValueError if there is none."""
    if _file_of(module) is None:
        raise ValueError(f"{module} is no module of {_PACKAGE}")
    seen: set[str] = set()
    waiting = [module]
    while waiting:
        current = waiting.pop()
        path = _file_of(current)
        if current in seen or path is None:
            continue
        seen.add(current)
        waiting.extend(_imported(_tree(path), current, is_package=path.name == "__init__.py"))
    return frozenset(seen)


@cache
def _module_digest(module: str) -> str:
    path = _file_of(module)
    assert path is not None
    return hashlib.sha256(
        ast.dump(_without_docstrings(ast.parse(path.read_text(encoding="utf-8")))).encode()
    ).hexdigest()


# Modules on every closure that cannot change a number: the config's own text counts through the blocks it yields.
_NEUTRAL = ("config", "errors")


def _is_neutral(module: str) -> bool:
    return module.split(".")[1] in _NEUTRAL


def code_digest(*modules: str, leave_out: Iterable[str] = ()) -> str:
    """SHA-256 over the syntax trees of the modules and all they import here; comments and docstrings do not count.

    leave_out: modules whose effect is known otherwise, e.g. a download's, by the digest of what was downloaded.
    """
    reached = frozenset[str]().union(*(import_closure(m) for m in modules))
    closure = {m for m in reached - set(leave_out) if not _is_neutral(m)}
    return hashlib.sha256("".join(f"{m}:{_module_digest(m)}\n" for m in sorted(closure)).encode()).hexdigest()
