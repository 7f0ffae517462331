"""The matches of proteins of one chain and of several."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from ...report.figures.axis import Axis
from ...report.figures.basis import basis
from ...report.figures.figure import Choice, Figure, Name, Row, Rows
from ...report.figures.marks import Distribution
from ...report.leading import of_leading_pairs
from ...report.numbers import count, fixed
from ...report.palette import INK, gdm_colours
from ...report.results import StudyResults
from ...report.scale import spanning

MODEL = "Language model"


@of_leading_pairs
def chains(results: StudyResults) -> Figure:
    """Fig. 4c: violin, box and points of single and multiple, by GDM, one panel per language model."""
    title = "Single and multiple chains"
    points, pairs = results.rows("proteins"), results.questions.get("proteins", {}).get("pairs", ())
    if not points or not pairs:
        return Figure("chains", title, absent="The matches protein by protein are not part of this run.")
    colours, llms = gdm_colours(results.rows("pairs")), list(dict.fromkeys(p["llm"] for p in pairs))
    scale = spanning(p[pair["label"]] for p in points for pair in pairs)
    axis, panels = Axis("match of a protein with its own text", low=scale.low, high=scale.high, reference=0.0), []
    for llm in llms:
        found = [
            _row(points, p, colours.get(p["gdm"], INK), single=single)
            for p in pairs
            if p["llm"] == llm
            for single in (True, False)
        ]
        panels.append(Rows([r for r in found if r], axis, title=Name(f"with {llm}"), chosen={MODEL: llm}))
    return Figure("chains", title, panels, choices=[Choice(MODEL, llms)], subtitle=basis(results))


def _row(points: Sequence, pair: Mapping[str, Any], colour: str, *, single: bool) -> Row | None:
    chosen = [p for p in points if (p["entities"] == 1) == single and p[pair["label"]] is not None]
    if not chosen:
        return None
    values = [p[pair["label"]] for p in chosen]
    name = Name(pair["gdm"], colour, note="· single" if single else "· multiple")
    text = f"median {fixed(float(np.median(values)))}, n = {count(len(values))}"
    return Row(name, [Distribution(values, [p["id"] for p in chosen], colour)], text, pair["gdm"])
