"""What a finished study measured of its pairs, from its pairs.tsv: which is best, and what each can do."""

import csv
import math
from collections.abc import Mapping
from pathlib import Path

from ..errors import UserError
from ..report.labels import SPLITS
from ..storage.files import read_json

Row = Mapping[str, str]  # a line of pairs.tsv


def headline_split(folder: Path) -> str:
    """The split that a study's answer rests on. Raises UserError if `folder`, results/<study>, holds no finished study."""
    pairs, summary = folder / "pairs.tsv", folder / "summary.json"
    if not pairs.exists() or not summary.exists():
        raise UserError(f"{folder}: there is no finished study here; run `snakemake --cores all` first")
    return str(read_json(summary)["split"])


def trained_rows(path: Path, split: str) -> list[Row]:
    """The lines of all trained pairs under a split, that of the highest calibrated score first."""
    rows = [row for row in read_rows(path) if row["split"] == split and row["state"] == "trained"]
    return sorted(rows, key=lambda row: -_number(row["calibrated"], -math.inf))


def read_rows(path: Path) -> list[Row]:
    """All lines."""
    with open(path, encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle, delimiter="\t"))


def is_main(row: Row) -> bool:
    """Whether it is of a pair that the study is about, no baseline and no option."""
    return row["gdm_role"] == row["llm_role"] == "main"


def is_baseline(row: Row) -> bool:
    """Whether it is of a pair with a baseline on one side, and of nothing but baselines and main encoders."""
    roles = {row["gdm_role"], row["llm_role"]}
    return "baseline" in roles and roles <= {"main", "baseline"}


def best_pair(folder: Path) -> tuple[str, str]:
    """The (GDM, LLM) with the highest calibrated score. Raises UserError where the study is not finished."""
    split = headline_split(folder)
    for row in trained_rows(folder / "pairs.tsv", split):
        if is_main(row) and row["variant"] == "layers1":
            return row["gdm"], row["llm"]
    raise UserError(f"{folder}: no pair was trained; name a structure encoder and a language model")


def row_of(folder: Path, gdm: str, llm: str, heads: str) -> Row | None:
    """A pair's line under the headline split; None where the study is not finished, or has no such line."""
    try:
        split = headline_split(folder)
    except UserError:
        return None
    rows = trained_rows(folder / "pairs.tsv", split)
    return next((r for r in rows if (r["gdm"], r["llm"], r["variant"]) == (gdm, llm, heads)), None)


def what_it_finds(row: Row, *, text_asked: bool) -> str:
    """How often the pair finds the right protein, in a sentence. text_asked: whether one searches by a text."""
    what, column = ("structure by its text", "structure") if text_asked else ("text by its structure", "text")
    right, chance = _number(row[f"recall_{column}_1"]), _number(row["chance_recall_1"])
    if math.isnan(right) or math.isnan(chance):
        return "how often this pair finds the right protein was not measured"
    among = f" among {1 / chance:.0f}" if chance else ""
    return (
        f"of {row['n']} test proteins ({SPLITS.get(row['split'], row['split'])}) it found the right {what}{among} first "
        f"for {100 * right:.0f} % (chance {100 * chance:.0f} %)"
    )


def _number(text: str, otherwise: float = math.nan) -> float:
    return float(text) if text else otherwise
