"""The proteins: how long, of how many chains, and some of them with their descriptions."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from markupsafe import Markup

from ...descriptions.bare import REMEDY, bare_ids, bare_sentence
from ...proteins.ids import entry_of
from ..figures.axis import Axis
from ..figures.figure import Figure, Plane
from ..figures.marks import Bar
from ..markup import join, protein_link, tag
from ..numbers import count, plural
from ..results import StudyResults
from ..section import MOST_ROWS, PROTEINS, Column, Section, Table

EXAMPLES = 6
MOST = 8  # the last bar of a count holds the rest
BINS = 30
HEIGHT = 170  # pixels


def dataset(results: StudyResults) -> Section | None:
    """Examples and a table; None if no facts of proteins are at hand."""
    rows = protein_facts(results)
    if not rows:
        return None
    lengths = np.array([r["length"] for r in rows])
    q1, median, q3 = np.percentile(lengths, [25, 50, 75])
    single = sum(r["n_entities"] == 1 for r in rows)
    bare = len(bare_ids(results.facts)) if results.study.text.source == "facts" else 0
    answer = (
        f"{plural(len(rows), 'protein')}, half of them between {count(q1)} and {count(q3)} amino acids long (median "
        f"{count(median)}); {count(single)} have one chain, {count(len(rows) - single)} several different ones."
        + (f" {_capital(bare_sentence(bare, len(results.facts)))}; {REMEDY}." if bare else "")
    )
    table = Table("proteins", "All proteins", rows, COLUMNS) if len(rows) <= MOST_ROWS else None
    body = join(_examples(results, rows), None if table else _download(len(rows)))
    tables = [table] if table else []
    return Section(
        "dataset",
        "The proteins",
        "Proteins",
        answer,
        body,
        tables,
        part=PROTEINS,
        folded=True,
        more="Show lengths, examples and the table",
    )


def _capital(sentence: str) -> str:
    return sentence[:1].upper() + sentence[1:]


COLUMNS = (
    Column("Id", lambda r: protein_link(r["id"]), numeric=False),
    Column("Name", lambda r: r["name"], numeric=False),
    Column("Organism", lambda r: r["organism"], numeric=False),
    Column("Length", lambda r: count(r["length"])),
    Column("Different chains", lambda r: count(r["n_entities"])),
    Column("Chains, copies too", lambda r: count(r["n_chains"])),
)


def protein_facts(results: StudyResults) -> list[dict[str, Any]]:
    """`id, name, organism, length, n_entities, n_chains` of every protein read; of the tested ones if that is all."""
    if results.facts:
        return [_of_facts(f) for f in results.facts]
    keys = {"id": "id", "name": "name", "organism": "organism", "length": "length", "n_entities": "entities"}
    keys |= {"n_chains": "chains"}
    return [{k: row[v] for k, v in keys.items()} for row in results.rows("proteins")]


def _of_facts(facts: Mapping[str, Any]) -> dict[str, Any]:
    polypeptides = [e for e in facts["entities"] if e["kind"] == "polypeptide"]
    joined = {k: "; ".join(dict.fromkeys(e[k] for e in polypeptides if e[k])) for k in ("name", "organism")}
    return {"id": facts["id"]} | joined | {k: facts[k] for k in ("length", "n_entities", "n_chains")}


def lengths_and_counts(results: StudyResults) -> Figure:
    """Fig. 7: lengths, entities and chains of the proteins."""
    rows = protein_facts(results)
    if not rows:
        return Figure("dataset", "Lengths and chains", absent="No facts of proteins are at hand.")
    panels = [
        _lengths(np.array([r["length"] for r in rows])),
        _counts([r["n_entities"] for r in rows], "different chains"),
        _counts([r["n_chains"] for r in rows], "polypeptide chains, copies too"),
    ]
    return Figure("dataset", "Lengths and chains", panels, subtitle=plural(len(rows), "protein"))


def _lengths(lengths: np.ndarray) -> Plane:
    """A histogram in octaves, so that peptides and complexes both show."""
    edges = np.geomspace(max(1, lengths.min()) / 1.1, lengths.max() * 1.1, BINS + 1)
    heights = np.histogram(lengths, bins=edges)[0]
    bars = [
        Bar(float(a), float(b), float(h), tip=f"{count(a)} to {count(b)} amino acids: {plural(int(h), 'protein')}")
        for a, b, h in zip(edges, edges[1:], heights, strict=False)
        if h
    ]
    x = Axis("length", "amino acids", low=float(edges[0]), high=float(edges[-1]), octaves=True, form=count)
    return Plane(x, _up(heights), bars, HEIGHT)


def _counts(values: Sequence[int], what: str) -> Plane:
    heights = np.bincount(np.minimum(values, MOST), minlength=MOST + 1)
    bars = [
        Bar(i - 0.4, i + 0.4, float(h), tip=f"{_or_more(i)} {what}: {plural(int(h), 'protein')}")
        for i, h in enumerate(heights)
        if h
    ]
    ticks = [i for i in range(MOST + 1) if i > 0 or heights[0]]
    return Plane(Axis(what, low=-0.6, high=MOST + 0.6, ticks=ticks, form=_or_more), _up(heights), bars, HEIGHT)


def _up(heights: np.ndarray) -> Axis:
    return Axis("proteins", low=0, high=float(heights.max()) * 1.05, form=count)


def _or_more(value: float) -> str:
    return f"{count(value)}+" if value == MOST else count(value)


def _examples(results: StudyResults, rows: Sequence[Mapping[str, Any]]) -> Markup | None:
    """The proteins the config names, or some from short to long."""
    described = [r for r in rows if results.descriptions.get(r["id"])]
    if not described:
        return None
    wanted = set(results.study.analysis.example_ids)
    named = [r for r in described if wanted & {r["id"], entry_of(r["id"])}]
    by_length = sorted(described, key=lambda r: (r["length"], r["id"]))
    places = np.linspace(0, len(by_length) - 1, min(EXAMPLES, len(by_length)) + 2)[1:-1].round().astype(int)
    chosen = named or [by_length[i] for i in dict.fromkeys(places.tolist())]
    cards = [tag("li", protein_link(r["id"]), tag("blockquote", results.descriptions[r["id"]])) for r in chosen]
    heading = tag("h3", "Some of them, as the language models read them")
    return tag("div", heading, tag("ul", *cards, cls="examples"), cls="block")


def _download(n: int) -> Markup:
    button = tag("button", "Download TSV of all proteins", type="button", cls="download", data_proteins=True)
    return tag("p", f"All {plural(n, 'protein')} with their matches: ", button)
