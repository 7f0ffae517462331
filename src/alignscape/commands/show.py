"""A finished study on the terminal: its pairs as a table, its answer, and where the report is."""

import os
import sys
from pathlib import Path

from ..storage.files import read_json
from .measured_pairs import headline_split, is_main, read_rows, trained_rows


def show_study(folder: Path) -> None:
    """Prints the headline pairs of `results/<study>`. Raises UserError if the study was not run to the end."""
    from rich.box import SIMPLE
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    split = headline_split(folder)
    console, facts = Console(), read_json(folder / "summary.json")
    table = Table(
        title=escape(facts["title"]),  # as plain text: brackets are no markup of rich's
        caption=f"scores over {facts['n']} test proteins, {split} split",
        box=SIMPLE,
        padding=0,
    )
    for column in ("GDM", "LLM", "calibrated [95 %]", "paper's score", "untrained", "weights"):
        left = column in ("GDM", "LLM", "weights")
        table.add_column(column, justify="left" if left else "right", no_wrap=True)
    for row in headline_rows(folder / "pairs.tsv", split):
        table.add_row(*row)
    console.print(table)
    console.print(escape(facts["answer"]), soft_wrap=True)
    if facts["omissions"]:
        console.print(f"{facts['omissions']} lines in {folder / 'ledger.tsv'} say what was left out and why.")
    console.print(f"Report: {(folder / 'report.html').resolve()}", soft_wrap=True)


def headline_rows(path: Path, split: str) -> list[list[str]]:
    """The table's cells, best pair first, of the main pairs under one split."""
    drawn = [row for row in read_rows(path) if row["split"] == split and row["state"] == "untrained"]
    untrained = {row["label"]: row["score"] for row in drawn}
    return [
        [
            row["gdm"],
            row["llm"],
            f"{_number(row['calibrated'])} [{_number(row['calibrated_low'])}, {_number(row['calibrated_high'])}]",
            _number(row["score"]),
            _number(untrained.get(row["label"], "")),
            row["gdm_weights"],
        ]
        for row in trained_rows(path, split)
        if is_main(row)
    ]


def open_page(page: Path) -> str:
    """Opens the report in the web browser; returns a line that says so, or what to do where none can show it."""
    import webbrowser

    address = page.resolve().as_uri()
    windows = sys.platform != "linux" or os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
    if windows and webbrowser.open(address):
        return f"opened {address}"
    return (
        f"no web browser can show it here; copy {page.resolve()} to where there is one (the page needs no other file)"
    )


def _number(text: str) -> str:
    return f"{float(text):.3f}" if text else "-"
