"""Every pair of the first screen: baselines, main pairs that the best cannot be told from, and the rest."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ...statistics.bootstrap import holm
from ..results import StudyResults

ALPHA = 0.05
BASELINE, LEVEL, BEHIND = "baseline", "level", "behind"
Row = Mapping[str, Any]


@dataclass(frozen=True)
class Ranked:
    """A pair with trained heads under the main split, and the same under the split that holds relatives out."""

    row: Row  # of `pairs`
    held: Row | None
    group: str  # BASELINE, LEVEL or BEHIND
    above: bool  # above shuffled texts, corrected for the number of main pairs
    held_above: bool | None  # the same with relatives held out; None without such a split

    @property
    def label(self) -> str:
        """`<gdm> × <llm>`."""
        return str(self.row["label"])

    @property
    def spoken(self) -> str:
        """`<gdm> with <llm>`."""
        return f"{self.row['gdm']} with {self.row['llm']}"


@dataclass(frozen=True)
class Ranking:
    """Best first."""

    main: Sequence[Ranked]
    baselines: Sequence[Ranked]
    split: str
    held_out: str | None  # the split that holds relatives out, where it is another

    @property
    def level(self) -> list[Ranked]:
        """The highest pair and those that it cannot be told from."""
        return [r for r in self.main if r.group == LEVEL]

    @property
    def behind(self) -> list[Ranked]:
        """Pairs that the highest is better than."""
        return [r for r in self.main if r.group == BEHIND]


def ranking(results: StudyResults) -> Ranking:
    """The main pairs and the baselines of a study by their calibrated scores."""
    question = results.questions["pairs"]
    rows = [r for r in question["rows"] if r["state"] == "trained"]
    split = question.get("headline", "")
    held_out = next((s for s in question.get("splits", ()) if "cluster" in s and s != split), None)
    here, there = _by_label(rows, split), _by_label(rows, held_out)
    separability = results.questions.get("separability", {})
    level = {*separability.get("level", ()), *(p["label"] for p in separability.get("pairs", ())[:1])}
    main = sorted((r for r in here.values() if _roles(r) == {"main"}), key=_score)
    held = [there[r["label"]] for r in main if r["label"] in there]
    above, held_above = _above(main), _above(held)
    ranked = [
        Ranked(
            r,
            there.get(r["label"]),
            BEHIND if level and r["label"] not in level else LEVEL,
            r["label"] in above,
            r["label"] in held_above if r["label"] in there else None,
        )
        for r in main
    ]
    found = sorted((r for r in here.values() if BASELINE in _roles(r) and _roles(r) <= {"main", BASELINE}), key=_score)
    alone = {r["label"]: r["calibrated_p"] < ALPHA for r in found}
    baselines = [Ranked(r, there.get(r["label"]), BASELINE, alone[r["label"]], None) for r in found]
    return Ranking(ranked, baselines, split, held_out)


def _by_label(rows: Sequence[Row], split: str | None) -> dict[str, Row]:
    return {r["label"]: r for r in rows if r["split"] == split and r["calibrated"] is not None}


def _roles(row: Row) -> set[str]:
    return {row["gdm_role"], row["llm_role"]}


def _score(row: Row) -> float:
    return -float(row["calibrated"])


def _above(rows: Sequence[Row]) -> set[str]:
    """Labels of the pairs above chance, Holm's correction over all of them."""
    if not rows:
        return set()
    corrected = holm([r["calibrated_p"] for r in rows])
    return {r["label"] for r, p in zip(rows, corrected, strict=True) if p < ALPHA}
