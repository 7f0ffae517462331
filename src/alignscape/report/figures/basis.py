"""What a figure rests on, in a line: how many proteins and seeds, under which split."""

from ..labels import SPLITS
from ..numbers import plural
from ..results import StudyResults


def basis(results: StudyResults, *, seeds: bool = True, split: bool = True) -> str:
    """`60 test proteins, 3 seeds, k-fold, random`, of the headline split. Without seeds or split where they do not matter."""
    pairs = results.questions["pairs"]
    headline = pairs.get("headline", "")
    tested = max((row["n"] for row in pairs["rows"] if row["split"] == headline), default=0)
    parts = [plural(tested, "test protein")]
    parts += [plural(results.study.alignment.seeds, "seed")] if seeds else []
    return "; ".join([", ".join(parts), *([SPLITS.get(headline, headline)] if split and headline else [])])
