"""`alignscape screen`: which encoders agree about one's own proteins, by measures that need no training."""

import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from ..errors import UserError
from ..plan.launch import one_line_errors

if TYPE_CHECKING:
    from .row_sources import Sources

MeasureName = Literal[
    "mutual_knn",
    "cka",
    "cknna",
    "distance_correlation",
    "imbalance_to_text",
    "imbalance_to_structure",
    "gromov_wasserstein",
]
EXCHANGES, FEWEST, NEIGHBOURS, SEED = 200, 10, 10, 42
_WIDEST = 150  # characters that the table may take where the terminal has fewer: a line then wraps, and nothing is cut


@dataclass(frozen=True)
class Ranked:
    """Pairs from the most alike on, each a row as of docs/outputs.md with `place` and `mean_rank`, and what they rest on."""

    rows: list[dict[str, Any]]
    dimensions: list[dict[str, Any]]
    about: dict[str, Any]


def screen(
    config: Annotated[
        Path | None, typer.Argument(help="A study's config: the rows that the study has.", metavar="[CONFIG]")
    ] = None,
    encoders: Annotated[
        list[str] | None,
        typer.Option(help="Only these of the study's encoders; commas between, or said several times."),
    ] = None,
    structure: Annotated[
        list[Path] | None,
        typer.Option(help="Rows of a structure encoder, as .npz, .npy, .parquet, .safetensors or a folder."),
    ] = None,
    text: Annotated[list[Path] | None, typer.Option(help="Rows of a text encoder, the same.")] = None,
    clusters: Annotated[
        Path | None, typer.Option(help="Sequence clusters of files' proteins: an id, a tab, its cluster, one a line.")
    ] = None,
    proteins: Annotated[int, typer.Option(min=FEWEST, help="A random sample of more proteins than this.")] = 1000,
    by: Annotated[
        MeasureName | None,
        typer.Option(help="Rank by the values of one measure instead of by the mean of the ranks of all z."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
    directory: Annotated[Path | None, typer.Option("--directory", help="Where the study ran, if not found.")] = None,
) -> None:
    """Rank pairs of encoders on your proteins without training: neighbours, kernels, distances, each against chance.

    Prints a table on a terminal, and elsewhere tab-separated lines below a header. Standard error says what it rests on.
    """
    with one_line_errors():
        sources, settings = gather(config, encoders or (), structure or (), text or (), clusters, directory)
        ranked = rank(sources, proteins=proteins, by=by, **settings)
    for line in (*sources.missing, *notes(ranked)):
        typer.echo(line, err=True)
    if as_json:
        print(json.dumps(ranked.about | {"pairs": ranked.rows, "dimensions": ranked.dimensions}, ensure_ascii=False))
    elif sys.stdout.isatty():
        print_tables(ranked)
    else:
        from ..questions.evidence.tables import to_tsv

        print(to_tsv(ranked.rows, list(ranked.rows[0])), end="")


def gather(
    config: Path | None,
    encoders: Sequence[str],
    structures: Sequence[Path],
    texts: Sequence[Path],
    clusters: Path | None,
    directory: Path | None,
) -> tuple["Sources", dict[str, int]]:
    """The rows to compare, and of a study its seed and k. Raises UserError, one line, for what cannot be had."""
    from .locate import locate
    from .row_sources import Sources, read_clusters

    sources, settings = Sources(), {"seed": SEED, "neighbours": NEIGHBOURS}
    if config is not None:
        place = locate(config, directory)
        settings = {"seed": place.study.seed, "neighbours": place.study.analysis.neighbours}
        sources.add_study(place, [name for names in encoders for name in names.split(",") if name])
    elif encoders or directory:
        raise UserError(
            "--encoders and --directory are about a study: name its config first, or files with --structure and --text"
        )
    sources.add_files("structure", structures)
    sources.add_files("text", texts)
    if clusters is not None:
        sources.clusters = read_clusters(clusters)
    return sources, settings


def rank(sources: "Sources", *, proteins: int, by: str | None, seed: int, neighbours: int) -> Ranked:
    """Every pair of a structure and a text encoder. Raises UserError for too few proteins, or a measure that is not there."""
    import numpy as np

    from ..alignment.gromov_wasserstein import MISSING, has_pot
    from ..alignment.screen import one_of_each, screen
    from ..alignment.shared_ids import shared_ids
    from ..questions.evidence.score_table import families_of
    from ..questions.screening.analysis import dimension_rows, measured

    if by == "gromov_wasserstein" and not has_pot():
        raise UserError(MISSING)
    pairs = [(s, t) for s in sources.names("structure") for t in sources.names("text")]
    ids = shared_ids(source.ids for source in sources.found.values())
    families = families_of(ids, sources.clusters or {})
    generator = np.random.default_rng([seed, *b"screen"])
    chosen = [ids[i] for i in one_of_each(families, proteins, generator)]
    _require_enough(sources, ids, chosen)
    found = screen(
        pairs,
        lambda name: sources.found[name].read(chosen),
        n=len(chosen),
        neighbours=neighbours,
        exchanges=EXCHANGES,
        generator=generator,
    )
    rows = [
        {"structure": s, "text": t} | measured(measures)
        | {"structure_dimension": found.dimensions[s].value, "text_dimension": found.dimensions[t].value}
        for (s, t), measures in found.pairs.items()
    ]  # fmt: skip
    about: dict[str, Any] = {
        "proteins": len(ids),
        "clusters": families.count if sources.clusters else None,
        "compared": found.n,
    }
    about |= {
        "neighbours": found.neighbours,
        "exchanges": EXCHANGES,
        "by": by,
        "left_out": "" if has_pot() else MISSING,
    }
    return Ranked(_ranked(rows, by), _plain(dimension_rows(found)), about)


def _require_enough(sources: "Sources", ids: Sequence[str], chosen: Sequence[str]) -> None:
    if len(chosen) >= FEWEST:
        return
    if len(ids) >= FEWEST:
        raise UserError(f"{len(ids)} proteins, but only {len(chosen)} sequence clusters; at least {FEWEST} are needed")
    few = min(sources.found, key=lambda name: len(sources.found[name].ids))
    examples = "; ".join(f"{name}: {', '.join(map(repr, source.ids[:2]))}" for name, source in sources.found.items())
    raise UserError(
        f"only {len(ids)} proteins have a row in all of {len(sources.found)} encoders, at least {FEWEST} are needed "
        f"({few} has {len(sources.found[few].ids)}); ids are written so: {examples}"
    )


def _ranked(rows: list[dict[str, Any]], by: str | None) -> list[dict[str, Any]]:
    """The rows, the most alike first: by the mean of their ranks by z under all measures, or by the value of one of these.

    z, since the chance level of some measures is another for every pair. A measure that no exchange changes has 0.
    """
    import numpy as np

    from ..alignment.measures import MEASURES
    from ..statistics.distributions import mid_ranks

    if by:
        sign = 1 if MEASURES[by].alike == "low" else -1
        ranks = [mid_ranks([sign * row[by] for row in rows])]
    else:
        present = [name for name in MEASURES if rows[0][name] is not None]
        ranks = [mid_ranks([-(row[f"{name}_z"] or 0.0) for row in rows]) for name in present]
    means = np.mean(ranks, axis=0).tolist()
    order = sorted(range(len(rows)), key=lambda i: (means[i], rows[i]["structure"], rows[i]["text"]))
    return _plain([{"place": place, "mean_rank": means[i]} | rows[i] for place, i in enumerate(order, start=1)])


def _plain(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    from ..questions.evidence.tables import plain

    return list(plain(rows))


def notes(ranked: Ranked) -> list[str]:
    """What the table rests on, a line each."""
    about = ranked.about
    of = (
        f"one of each of {about['clusters']:,} sequence clusters"
        if about["clusters"]
        else "each taken as unrelated to all others"
    )
    line = f"{about['compared']:,} of {about['proteins']:,} proteins, {of}; k = {about['neighbours']}; {about['exchanges']} exchanges"
    missing = (
        [] if about["clusters"] else ["sequence clusters are not at hand: where proteins are related, z is too high"]
    )
    return [line, *missing, *filter(None, [about["left_out"]])]


def print_tables(ranked: Ranked) -> None:
    """For a person: the pairs in their order, and each encoder's intrinsic dimension."""
    from rich.box import SIMPLE
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from ..alignment.measures import MEASURES

    present = [name for name in MEASURES if ranked.rows[0][name] is not None]
    console = Console(highlight=False)
    console = Console(highlight=False, width=max(console.width, _WIDEST))
    pairs = Table(box=SIMPLE, padding=0, caption=CAPTION, caption_justify="left")
    for title in ("", "structure", "text", *(_title(name) for name in present)):
        pairs.add_column(title, justify="left" if title in ("structure", "text") else "right")
    for row in ranked.rows:
        cells = (str(row["place"]), row["structure"], row["text"], *(_cell(row, name) for name in present))
        pairs.add_row(*map(Text, cells))  # as plain text: names may hold what rich takes for markup
    console.print(pairs)
    dimensions = Table(box=SIMPLE, padding=0)
    for title in ("encoder", "of", "intrinsic dimension", "95 %"):
        dimensions.add_column(title, justify="right" if title in ("intrinsic dimension", "95 %") else "left")
    for row in ranked.dimensions:
        known = row["dimension"] is not None
        numbers = (f"{row['dimension']:.1f}", f"{row['low']:.1f} to {row['high']:.1f}") if known else ("", "")
        dimensions.add_row(*map(Text, (row["encoder"], f"{row['side']}s", *numbers)))
    console.print(dimensions)


CAPTION = "In brackets z, above 0 where a pair is more alike than with proteins exchanged. Low is alike for imbalance and Gromov-Wasserstein."


def _title(name: str) -> str:
    from ..alignment.measures import MEASURES

    return MEASURES[name].title


def _cell(row: dict[str, Any], name: str) -> str:
    z = row[f"{name}_z"]
    return f"{row[name]:.3f}" + (f" ({z:.1f})" if z is not None else "")
