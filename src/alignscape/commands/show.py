"""A finished study on the terminal: its answer, its pairs as a table, what to do next, and where the report is."""

import os
import sys
from pathlib import Path

from ..report.labels import SPLITS
from ..report.numbers import fixed, interval, plural, share
from ..report.weights import said_of
from ..storage.files import read_json
from .measured_pairs import Row, headline_split, is_baseline, is_main, read_rows, trained_rows

_MOST_BASELINES = 3  # as on the page
_COLUMNS = ("pair", "score [95 %]", "held out", "right text", "weights")


def show_study(folder: Path) -> None:
    """Prints the headline pairs of `results/<study>`. Raises UserError if the study was not run to the end."""
    from rich.box import SIMPLE
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    split = headline_split(folder)
    console, facts = Console(), read_json(folder / "summary.json")
    # As plain text: brackets are no markup of rich's.
    table = Table(title=escape(facts["title"]), caption=_caption(facts, split), box=SIMPLE, padding=0)
    for column in _COLUMNS:
        left = column in ("pair", "weights")
        table.add_column(column, justify="left" if left else "right", no_wrap=column != "weights")
    for group in shown_rows(folder / "pairs.tsv", split, facts.get("held_out")):
        for row in group:
            table.add_row(*row)
        table.add_section()
    console.print(table)
    console.print(escape(facts["answer"]), soft_wrap=True)
    for step in facts.get("next", ()):
        console.print(escape(f"- {step['what']}{': ' if step['write'] else ''}{step['write']}"), soft_wrap=True)
    if facts["omissions"]:
        lines = plural(facts["omissions"], "line")
        says = "says" if facts["omissions"] == 1 else "say"
        console.print(f"{lines} in {folder / 'ledger.tsv'} {says} what was left out and why.", soft_wrap=True)
    console.print(f"Report: {(folder / 'report.html').resolve()}", soft_wrap=True)


def _caption(facts: dict, split: str) -> str:
    proteins = f"{plural(facts['n'], 'test protein')}, {SPLITS.get(split, split)}"
    return f"{proteins}. Calibrated score: 0 at chance, 1 at best. Right text: found first (by chance)."


def shown_rows(path: Path, split: str, held_out: str | None) -> list[list[list[str]]]:
    """The table's cells: the highest baselines, then the main pairs, the best of each first.

    held_out: the split that holds relatives out, if the study has one beside the main one.
    """
    held = {row["label"]: row for row in read_rows(path) if row["split"] == held_out and row["state"] == "trained"}
    rows = [row for row in trained_rows(path, split) if row["variant"] == "layers1"]
    groups = ([row for row in rows if is_baseline(row)][:_MOST_BASELINES], [row for row in rows if is_main(row)])
    return [[_cells(row, held.get(row["label"])) for row in group] for group in groups if group]


def _cells(row: Row, held: Row | None) -> list[str]:
    bounds = interval(_number(row["calibrated_low"]), _number(row["calibrated_high"]))
    found, chance = (_number(row[name]) for name in ("recall_text_1", "chance_recall_1"))
    return [
        row["label"],
        f"{fixed(_number(row['calibrated']))} {bounds}".strip(),
        fixed(_number(held["calibrated"] if held else "")),
        share(found) + (f" ({share(chance)})" if chance else ""),
        said_of(row["gdm_weights"] or "none").partition(" with ")[0],  # a line has 80 characters
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


def _number(text: str) -> float | None:
    return float(text) if text else None
