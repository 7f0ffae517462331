"""The score against how well the training set knows a protein."""

from ...report.figures.axis import Axis
from ...report.figures.basis import basis
from ...report.figures.figure import Figure, Key, Name, Row, Rows
from ...report.figures.marks import Estimate
from ...report.leading import of_leading_pairs
from ...report.numbers import estimate
from ...report.palette import INK, gdm_colours
from ...report.results import StudyResults

MEASURES = {
    "dot": "against log(1 + training entries of the same name and organism)",
    "diamond": "against identity to the nearest training protein",
}


@of_leading_pairs
def rarity(results: StudyResults) -> Figure:
    """Fig. 4b: Spearman's correlation with two measures, by pair."""
    colours, rows = gdm_colours(results.rows("pairs")), []
    for r in results.rows("rarity"):
        colour = colours.get(r["gdm"], INK)
        marks = [
            Estimate(r["spearman"], r["spearman_low"], r["spearman_high"], "dot", colour, 0),
            Estimate(r["identity_spearman"], r["identity_low"], r["identity_high"], "diamond", colour, 1),
        ]
        rows.append(Row(Name(r["label"]), marks, estimate(r, "spearman", 2), r["gdm"]))
    panel = Rows(rows, Axis("Spearman's correlation", reference=0.0, holds=[0.0]), value="entries, ρ [95 %]")
    legend = [Key(text, shape) for shape, text in MEASURES.items()]
    return Figure("rarity", "Known proteins and their match", [panel], legend, subtitle=basis(results))
