"""A hook of mkdocs: README.md and other pages that lie outside docs/ become pages of the site, and links to them hold there."""

import posixpath
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mkdocs.config.defaults import MkDocsConfig
    from mkdocs.structure.files import Files
    from mkdocs.structure.pages import Page

ROOT = Path(__file__).parents[1]
PAGES = {
    "README.md": "index.md",
    "CONTRIBUTING.md": "contributing.md",
    "CHANGELOG.md": "changelog.md",
    "config/README.md": "configuration.md",
}


def on_files(files: "Files", *, config: "MkDocsConfig") -> "Files":
    """The site's files, with those pages among them."""
    from mkdocs.structure.files import File

    for source, name in PAGES.items():
        files.append(File.generated(config, name, abs_src_path=str(ROOT / source)))
    return files


def on_page_markdown(markdown: str, *, page: "Page", **_: Any) -> str:
    """The page's text, with its relative links as they are in the site."""
    sources = {name: source for source, name in PAGES.items()}
    uri = page.file.src_uri
    return with_links_of_the_site(markdown, sources.get(uri, f"docs/{uri}"))


def with_links_of_the_site(markdown: str, source: str) -> str:
    """The text of a page whose path in the repository is `source`; a link to what is no page of the site stays as it is."""

    def moved(match: re.Match[str]) -> str:
        target, _, place = match[1].partition("#")
        path = posixpath.normpath(posixpath.join(posixpath.dirname(source), target))
        name = PAGES.get(path) or (path.removeprefix("docs/") if path.startswith("docs/") else target)
        return f"]({name}{'#' * bool(place)}{place})" if target else match[0]

    return re.sub(r"\]\(([^)\s:]+)\)", moved, markdown)
