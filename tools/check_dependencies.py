"""Holds declared = imported: what pyproject.toml declares and what the code imports are the same packages.

python tools/check_dependencies.py [folder of the project]

The package and the workflow may import the dependencies and the optional groups that a user may choose; tests, benchmarks and
tools may import the groups `test`, `lint` and `docs` as well. Exceptions stand in pyproject.toml, each with its reason:
`tool.check-dependencies.declared-not-imported` by package, `tool.check-dependencies.imported-not-declared` by module. What a
module's package is called is known where it is installed; elsewhere `tool.check-dependencies.package-of-module` says it.
"""

import ast
import re
import sys
import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.metadata import packages_distributions
from pathlib import Path

PRODUCT = ("Snakefile", "src", "workflow")
DEVELOPMENT = ("tests", "benchmarks", "tools")
FOR_DEVELOPMENT = ("test", "lint", "docs")  # groups that no user has


def main() -> int:
    """The exit status: 1, and a line each, where something is declared or imported alone."""
    problems = check(Path(sys.argv[1]) if len(sys.argv) > 1 else Path())
    print("\n".join(problems) or "what is declared is imported, and the other way round")
    return bool(problems)


def check(root: Path) -> list[str]:
    """One line for each package that is declared or imported alone, and each exception that is none any more."""
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))
    exceptions = project.get("tool", {}).get("check-dependencies", {})
    not_imported = exceptions.get("declared-not-imported", {})
    not_declared = exceptions.get("imported-not-declared", {})
    named = exceptions.get("package-of-module", {})
    groups = declared(project["project"])
    product, development = imported(root, PRODUCT), imported(root, DEVELOPMENT)
    users = set().union(*(names for group, names in groups.items() if group not in FOR_DEVELOPMENT))
    problems = undeclared(product, users, not_declared, named)
    problems += undeclared(development, users.union(*groups.values()), not_declared, named)
    for group, names in groups.items():
        where = product if group == "" else product | development
        used = names & set().union(*(packages(module, named) for module in where))
        problems += [
            f"pyproject.toml: {name} is declared, but nothing imports it" for name in names - used - {*not_imported}
        ]
        problems += [f"pyproject.toml: {name} is imported; drop its reason" for name in used & {*not_imported}]
    unused = [
        f"pyproject.toml: nothing imports {m}; drop its reason"
        for m in {*not_declared} - product.keys() - development.keys()
    ]
    unknown = {*not_imported} - set().union(*groups.values())
    return sorted(problems + unused + [f"pyproject.toml: {name} is not declared; drop its reason" for name in unknown])


def declared(project: Mapping) -> dict[str, set[str]]:
    """Names of packages by optional group, those of all users under the empty name."""
    groups = {"": project.get("dependencies", [])} | project.get("optional-dependencies", {})
    return {group: {_name(re.split(r"[\s<>=!~;\[]", each)[0]) for each in wanted} for group, wanted in groups.items()}


def undeclared(
    modules: Mapping[str, str], allowed: set[str], not_declared: Mapping[str, str], named: Mapping[str, str]
) -> list[str]:
    """One line for each module that comes with none of the packages allowed there."""
    return [
        f"{place}: imports {module}, which pyproject.toml does not declare for it"
        for module, place in modules.items()
        if module not in not_declared and not packages(module, named) & allowed
    ]


def packages(module: str, named: Mapping[str, str]) -> set[str]:
    """Names of the installed packages that bring a module; where none does, the name that is said, or else its own."""
    return {_name(package) for package in _installed().get(module, [named.get(module, module)])}


_installed = cache(packages_distributions)  # a second a call


def imported(root: Path, places: tuple[str, ...]) -> dict[str, str]:
    """Top-level modules from elsewhere that the files import, anywhere in them, each with the first place."""
    found: dict[str, str] = {}
    for path in _files(root, places):
        beside = [] if (path.parent / "__init__.py").exists() else path.parent.glob("*.py")
        own = {p.stem for p in (*beside, *root.glob("*/"), *root.glob("src/*/"))}
        for number, module in _imports(path):
            if module not in sys.stdlib_module_names and module not in own:
                found.setdefault(module, f"{path.relative_to(root)}:{number}")
    return found


def _files(root: Path, places: tuple[str, ...]) -> Iterator[Path]:
    for place in places:
        if (root / place).is_file():
            yield root / place
        yield from sorted(p for p in (root / place).rglob("*") if p.suffix in (".py", ".smk"))


def _imports(path: Path) -> Iterator[tuple[int, str]]:
    """Line and top-level module of each import. Of Snakemake's files, which are not Python, each line for itself."""
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".py":
        yield from _imports_of(ast.parse(text, str(path)), 0)
        return
    for number, line in enumerate(text.splitlines()):
        if re.match(r"\s*(import|from)\s+\w", line):
            first = re.sub(r"\($", "_", line.strip())  # of several lines: the module stands in the first
            yield from _imports_of(ast.parse(first), number)


def _imports_of(tree: ast.AST, before: int) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((before + node.lineno, alias.name.partition(".")[0]) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            yield before + node.lineno, node.module.partition(".")[0]


def _name(package: str) -> str:
    """A package's name as the registry compares it."""
    return re.sub(r"[-_.]+", "-", package).lower()


if __name__ == "__main__":
    sys.exit(main())
