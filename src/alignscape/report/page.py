"""The report: one HTML file that needs nothing else, read from top to bottom."""

import base64
import hashlib
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import jinja2
from markupsafe import Markup

from ..storage.files import write_text
from .figures.figure import Figure
from .figures.page.clouds import Columns, cloud_panels, clouds
from .figures.page.render import render
from .figures.table import figure_table
from .fitting import fitted, held
from .glossary import glossed
from .leading import leading, said
from .palette import gdm_colours
from .payload import embed_json, pack, protein_columns
from .prose import prose
from .results import StudyResults
from .section import PARTS, Section
from .sections.answer import answer
from .sections.cite import cite
from .sections.dataset import dataset
from .sections.foot import foot, meta
from .sections.measured import measured
from .sections.missing import missing
from .sections.study import study
from .theme import style_sheet
from .weights import never_trained

SectionMaker = Callable[[StudyResults], Section | None]
Described = Mapping[str, Sequence[Figure]]  # question -> its figures
# The page's own sections, with the question whose figures each shows; those of the questions stand between them.
FIRST: tuple[tuple[str, SectionMaker], ...] = (("separability", answer),)
LAST: tuple[tuple[str, SectionMaker], ...] = (
    ("dataset", dataset), ("", missing), ("", study), ("", measured), ("", cite),
)  # fmt: skip
ARCHIVES = {"embedded": "rcsb", "rcsb": "rcsb", "alphafold_db": "alphafold_db"}  # whose ids by source
AS_TABLE = frozenset({"separability"})  # figures that the page has as a table
SCRIPTS = (
    "data", "tip", "tables", "frames", "sort", "choices", "scatter", "export", "protein", "search", "page", "theme",
)  # fmt: skip


def build_page(results: StudyResults, out: Path, *, sections: Mapping[str, SectionMaker], figures: Described) -> None:
    """Write the report of a study to `out`. Equal results give equal bytes. sections, figures: see `render_page`."""
    write_text(out, render_page(results, sections=sections, figures=figures))


def render_page(results: StudyResults, *, sections: Mapping[str, SectionMaker], figures: Described) -> str:
    """The report as HTML. Everything that came from files or names is escaped; nothing is loaded from outside.

    sections: what makes the section of each question, by its name; a question that was not asked has none.
    figures: the described figures of each question; they stand in its section.
    """
    asked = [(name, make) for name, make in sections.items() if name in results.questions]
    made = [(s, _shown(figures.get(name, ()))) for name, make in (*FIRST, *asked, *LAST) if (s := make(results))]
    made.sort(key=lambda one: PARTS.index(one[0].part))
    drawn = [(section, [found for figure in shown if (found := render(figure))]) for section, shown in made]
    proteins = fitted(protein_columns(leading(results)))
    columns = Columns(proteins["columns"]["id"], proteins["scores"])
    canvases = clouds(cloud_panels(figure for _, shown in made for figure in shown), columns)
    numbers = {figure.name: figure_table(figure) for _, shown in made for figure in shown if not figure.absent}
    script = _script()
    return (
        _environment()
        .get_template("page.html.jinja")
        .render(
            title=results.title,
            sections=drawn,
            menu=[
                (part, next(s.id for s, _ in made if s.part == part))
                for part in PARTS
                if any(s.part == part for s, _ in made)
            ],
            foot=foot(results),
            meta=meta(results),
            held=" ".join(filter(None, [said(results), held(proteins)])),
            colours=Markup(style_sheet()),
            style=Markup(_text("page.css")),
            script=Markup(script),
            script_digest=base64.b64encode(hashlib.sha256(script.encode()).digest()).decode(),
            data=embed_json(
                _data(results, [section for section, _ in made]) | {"clouds": canvases, "figures": numbers}
            ),
            proteins=Markup(pack(proteins | {"measures": columns.measures})),
        )
    )


def _shown(figures: Sequence[Figure]) -> list[Figure]:
    return [figure for figure in figures if figure.name not in AS_TABLE]


def _data(results: StudyResults, sections: list[Section]) -> dict[str, Any]:
    return {
        "study": results.study.study,
        "tables": {table.name: table.data() for section in sections for table in section.tables},
        "colours": gdm_colours(results.rows("pairs")),
        "seen": never_trained(results),
        "archive": ARCHIVES.get(results.study.proteins.source, ""),
    }


@cache
def _environment() -> jinja2.Environment:
    loader = jinja2.FunctionLoader(lambda name: _text(name))
    environment = jinja2.Environment(
        loader=loader, autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters["prose"] = prose
    environment.filters["glossed"] = glossed
    return environment


@cache
def _text(name: str) -> str:
    return (files(__package__) / "templates" / name).read_text(encoding="utf-8")


def _script() -> str:
    """All scripts as one, in a scope of their own."""
    return '(() => {\n"use strict";\n' + "\n".join(_text(f"{name}.js") for name in SCRIPTS) + "\n})();\n"
