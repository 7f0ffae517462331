"""A finished study on the terminal: its pairs as a table, its answer, and where the report is."""

import csv
from pathlib import Path

from ..errors import UserError
from ..storage.files import read_json


def show_study(folder: Path) -> None:
    """Prints the headline pairs of `results/<study>`. Raises UserError if the study was not run to the end."""
    from rich.box import SIMPLE
    from rich.console import Console
    from rich.table import Table

    pairs, summary = folder / "pairs.tsv", folder / "summary.json"
    if not pairs.exists() or not summary.exists():
        raise UserError(f"{folder}: there is no finished study here; run `snakemake --cores all` first")
    console, facts = Console(), read_json(summary)
    table = Table(
        title=facts["title"],
        caption=f"scores over {facts['n']} test proteins, {facts['split']} split",
        box=SIMPLE,
        padding=0,
    )
    for column in ("GDM", "LLM", "calibrated [95 %]", "paper's score", "untrained", "weights"):
        left = column in ("GDM", "LLM", "weights")
        table.add_column(column, justify="left" if left else "right", no_wrap=True)
    for row in headline_rows(pairs, facts["split"]):
        table.add_row(*row)
    console.print(table)
    console.print(facts["answer"], soft_wrap=True)
    if facts["omissions"]:
        console.print(f"{facts['omissions']} lines in {folder / 'ledger.tsv'} say what was left out and why.")
    console.print(f"Report: {(folder / 'report.html').resolve()}", soft_wrap=True)


def headline_rows(path: Path, split: str) -> list[list[str]]:
    """The table's cells, best pair first, of the main pairs under one split."""
    with open(path, encoding="utf-8", newline="") as handle:
        rows = [row for row in csv.DictReader(handle, delimiter="\t") if row["split"] == split]
    untrained = {row["label"]: row["score"] for row in rows if row["state"] == "untrained"}
    trained = [row for row in rows if row["state"] == "trained" and row["gdm_role"] == row["llm_role"] == "main"]
    trained.sort(key=lambda row: -float(row["calibrated"] or "-inf"))
    return [
        [
            row["gdm"],
            row["llm"],
            f"{_number(row['calibrated'])} [{_number(row['calibrated_low'])}, {_number(row['calibrated_high'])}]",
            _number(row["score"]),
            _number(untrained.get(row["label"], "")),
            row["gdm_weights"],
        ]
        for row in trained
    ]


def _number(text: str) -> str:
    return f"{float(text):.3f}" if text else "-"
