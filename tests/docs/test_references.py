"""What code, tests and pages refer to is there: laws, lines of the paper notes, files."""

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
CODE = r"[A-Z]\d{1,2}\b"  # longer ones are accessions
LAWS = [int(n) for n in re.findall(r"^(\d+)\. \*\*", (DOCS / "design.md").read_text(encoding="utf-8"), re.MULTILINE)]
NOTES = re.findall(rf"^\| ({CODE}) \|", (DOCS / "paper-notes.md").read_text(encoding="utf-8"), re.MULTILINE)
ENDINGS = {".py", ".md", ".smk", ".yaml", ".yml", ".toml", ".rst", ".jinja", ""}


def texts() -> dict[str, str]:
    """Every text of the project by its path, but for this file and the data."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"], cwd=ROOT, capture_output=True, text=True
    ).stdout
    paths = [Path(p) for p in listed.splitlines() if not p.startswith("data/") and Path(p).suffix in ENDINGS]
    own = Path(__file__).relative_to(ROOT)
    if not paths:
        pytest.skip("not a git repository: which files are the project's is not known")
    return {str(p): (ROOT / p).read_text(encoding="utf-8") for p in paths if p != own and (ROOT / p).is_file()}


def unresolved(text: str) -> Iterator[str]:
    """References in a text to laws and lines that are not there, and codes of which nobody says where they stand."""
    for laws in re.findall(r"\b[Ll]aws? (\d+(?:(?:, | and | to )\d+)*)", text):
        yield from (f"law {n}" for n in re.findall(r"\d+", laws) if int(n) not in LAWS)
    for notes in re.findall(rf"paper-notes(?:\.md)?,? ({CODE}(?:(?:, | and | to ){CODE})*)", text):
        yield from (f"paper-notes {code}" for code in re.findall(CODE, notes) if code not in NOTES)
    yield from re.findall(rf"\bpaper(?:'s)? {CODE}\b(?!\.)|\({CODE}(?:, {CODE})*\)", text)


def missing_files(path: str, text: str) -> Iterator[str]:
    """Pages of docs/ that a text names, and relative links of a Markdown page, that are not there."""
    yield from (name for name in re.findall(r"\bdocs/[\w./-]+\.(?:md|svg|png)", text) if not (ROOT / name).is_file())
    if path.endswith(".md"):
        links = re.findall(r"\]\((?!https?:|#|mailto:)([^)#\s]+)", text)
        yield from (link for link in links if not (ROOT / path).parent.joinpath(link).exists())


def test_laws_and_notes_are_numbered_from_1_without_gaps() -> None:
    assert list(range(1, len(LAWS) + 1)) == LAWS != []
    for letter in dict.fromkeys(code[0] for code in NOTES):
        numbers = [int(code[1:]) for code in NOTES if code[0] == letter]
        assert numbers == list(range(1, len(numbers) + 1))
    rows = re.findall(r"^\| .*\|$", (DOCS / "paper-notes.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert len(NOTES) == len([row for row in rows if not row.startswith("| # |")]) > 20


def test_every_reference_to_a_law_or_a_line_of_the_notes_is_resolved() -> None:
    assert {path: found for path, text in texts().items() if (found := list(unresolved(text)))} == {}


def test_every_page_that_is_named_and_every_link_is_there() -> None:
    assert {path: found for path, text in texts().items() if (found := list(missing_files(path, text)))} == {}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("see laws 1, 4 and 99", ["law 99"]),
        ("as Law 2 says", []),
        ("(paper-notes P3, P44)", ["paper-notes P44"]),
        ("docs/paper-notes.md, X1 to X9", ["paper-notes X9"]),
        ("one split (paper D3, D4)", ["paper D3"]),
        ("the template (T1)", ["(T1)"]),
        ("LoRA (paper A.8), phage T4, haemoglobin (P69905)", []),
    ],
)
def test_what_is_not_resolved_is_found(text: str, found: list[str]) -> None:
    assert list(unresolved(text)) == found


def test_a_page_that_is_not_there_is_found() -> None:
    text = "docs/nowhere.md and [this](outputs.md), [that](nothing.md), [elsewhere](https://example.org/x.md)"
    assert list(missing_files("docs/made.md", text)) == ["docs/nowhere.md", "nothing.md"]
