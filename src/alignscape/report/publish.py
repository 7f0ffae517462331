"""What a person opens in results/<study>: the page, the pairs, the findings, the ledger, and a summary."""

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..storage.files import atomic, write_json, write_text
from .answer.headline import headline
from .answer.next_steps import next_steps
from .answer.ranking import ranking
from .page import Described, SectionMaker, build_page
from .results import StudyResults

_TABLES = {"pairs": (".tsv",), "findings": (".json",)}


def publish(
    results: StudyResults,
    *,
    sections: Mapping[str, SectionMaker],
    figures: Described,
    analyses: Mapping[str, Path],
    ledger: Path,
    out: Mapping[str, Path],
) -> None:
    """Writes `out`'s files, the stamp last; stamps of other plans go first, so a half-published folder has none.

    sections, figures: see `page.render_page`. analyses: JSON of each question by name. out: paths by name: report, pairs, findings, ledger, summary, stamp.
    """
    for old in out["stamp"].parent.glob("published-*"):
        old.unlink()
    for question, suffixes in _TABLES.items():
        for suffix in suffixes:
            _copy(analyses[question].with_suffix(suffix), out[question])
    _copy(ledger, out["ledger"])
    write_json(out["summary"], summary(results))
    build_page(results, out["report"], sections=sections, figures=figures)
    write_text(out["stamp"], "")


def summary(results: StudyResults) -> dict[str, Any]:
    """The study in a few words, for the terminal."""
    pairs, said = results.questions["pairs"], headline(results)
    tested = [row["n"] for row in pairs["rows"] if row["split"] == pairs["headline"]]
    return {
        "title": results.title,
        "split": pairs["headline"],
        "n": max(tested, default=0),
        "answer": said.sentence,
        "case": said.case,
        "omissions": len(results.ledger),
        "held_out": ranking(results).held_out,
        "next": [{"what": step.what, "write": step.write} for step in next_steps(results)],
    }


def _copy(source: Path, target: Path) -> None:
    with atomic(target) as temporary:
        shutil.copyfile(source, temporary)
