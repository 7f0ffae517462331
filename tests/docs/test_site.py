"""The site of `make docs`, without building it: its pages, the links between them, and docstrings with sections."""

import ast
import inspect
import re
from pathlib import Path

import pytest
import yaml

from tools.docs_pages import PAGES, with_links_of_the_site
from tools.docstring_sections import with_sections

ROOT = Path(__file__).parents[2]
SITE = yaml.safe_load((ROOT / "mkdocs.yml").read_text(encoding="utf-8"))


def pages(entry: object) -> list[str]:
    """Names of the pages of a part of the navigation."""
    if isinstance(entry, str):
        return [entry]
    return [page for each in (entry.values() if isinstance(entry, dict) else entry) for page in pages(each)]


def test_every_page_is_in_the_navigation_once() -> None:
    there = [path.name for path in (ROOT / "docs").glob("*.md")] + list(PAGES.values())
    assert sorted(pages(SITE["nav"])) == sorted(there)
    assert [source for source in PAGES if not (ROOT / source).is_file()] == []


def test_nothing_is_loaded_from_elsewhere() -> None:
    assert SITE["theme"]["font"] is False
    assert "http" not in (ROOT / "mkdocs.yml").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("source", "link", "expected"),
    [
        ("README.md", "docs/commands.md", "commands.md"),
        ("README.md", "config/README.md", "configuration.md"),
        ("README.md", "docs/report.png", "report.png"),
        ("docs/design.md", "../CONTRIBUTING.md", "contributing.md"),
        ("docs/design.md", "outputs.md#pairs", "outputs.md#pairs"),
        ("docs/design.md", "#laws", "#laws"),
        ("docs/design.md", "https://example.org/a.html", "https://example.org/a.html"),
        ("README.md", "data/demo/NOTICE", "data/demo/NOTICE"),
    ],
)
def test_a_link_of_the_repository_is_one_of_the_site(source: str, link: str, expected: str) -> None:
    assert with_links_of_the_site(f"see [it]({link}) there", source) == f"see [it]({expected}) there"


def test_parameters_and_exceptions_become_sections_and_the_rest_stays() -> None:
    text = inspect.cleandoc("""Rows (n, d) of all.

        rows: (n, d) of each protein,
            in order. ids: sorted.
        note: this word is no parameter. Raises ValueError for fewer than
        two. What follows stays.""")
    assert with_sections(text, ["rows", "ids", "unsaid"]) == inspect.cleandoc("""Rows (n, d) of all.

        note: this word is no parameter. What follows stays.

        Args:
            rows: (n, d) of each protein, in order.
            ids: sorted.

        Raises:
            ValueError: for fewer than two.""")


def test_a_docstring_without_parameters_is_left_as_it_is() -> None:
    assert with_sections("One line: and no more.", ["path"]) == "One line: and no more."


def test_every_object_of_the_page_of_functions_is_there_and_says_what_it_is() -> None:
    named = re.findall(r"^::: alignscape\.([\w.]+)$", (ROOT / "docs/api.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert len(named) > 15
    for name in named:
        module, _, own = name.rpartition(".")
        path = ROOT / "src/alignscape" / module.replace(".", "/")
        tree = ast.parse(path.with_suffix(".py").read_text(encoding="utf-8"))
        (found,) = [node for node in tree.body if getattr(node, "name", None) == own]
        assert ast.get_docstring(found), name
