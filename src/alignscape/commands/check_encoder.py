"""`alignscape check-encoder`: what an encoder's rows depend on, and what it does not promise. Needs no study and no files."""

import json
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ..errors import UserError
from ..plan.launch import one_line_errors

if TYPE_CHECKING:
    from ..config.encoders import TextEncoderBlock
    from ..encoders.checking.findings import Checked
    from ..encoders.structure.rows import Ready

_PATIENCE, _A_SECOND = 20.0, 40e9  # seconds for the long text, and operations in one on a core of a processor with AVX2


def check_encoder(
    name: Annotated[str, typer.Argument(help="An encoder, as `embed` takes it; with --config, a block's name.")],
    weights: Annotated[
        str | None, typer.Option(help="Which weights; if absent, the best at hand, else random ones.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
    config: Annotated[Path | None, typer.Option("--config", help="A config with a block of that name.")] = None,
    directory: Annotated[
        Path | None, typer.Option("--directory", help="Where the config's study ran, for weights trained there.")
    ] = None,
) -> None:
    """Try an encoder on small proteins, or on short texts: rotation, order, batches, odd sizes, time and memory.

    The exit status is 1 if something that the encoder promises does not hold.
    """
    with one_line_errors():
        checked = check(name, weights=weights, config=config, directory=directory)
    if as_json:
        print(json.dumps(checked.to_json(), ensure_ascii=False))
    else:
        print_table(checked)
    raise typer.Exit(1 if checked.broken else 0)


def check(name: str, *, weights: str | None, config: Path | None, directory: Path | None) -> "Checked":
    """What was found of an encoder. Raises UserError, one line, for one that cannot be had."""
    from ..compute.device import pick_device
    from ..encoders.checking.structure_check import check_structure_encoder
    from ..encoders.checking.text_check import check_text_encoder
    from .named_encoder import embed_texts, takes_structures, text_encoder

    if takes_structures(name, config):
        return check_structure_encoder(_ready(name, weights, config, directory), device=pick_device())
    if weights is not None:
        raise UserError(f"{name} embeds texts: --weights is for structures")
    block = text_encoder(name, config)
    device = pick_device() if block.wants_gpu else "cpu"
    return check_text_encoder(
        lambda ids, texts: embed_texts(name, ids, texts, config=config, directory=directory),
        name=block.name,
        not_promised=block.not_promised(),
        device=device,
        too_long=_too_long(block) if device == "cpu" else "",
    )


def _ready(name: str, weights: str | None, config: Path | None, directory: Path | None) -> "Ready":
    """The encoder with its weights; what is asked here hardly depends on them, so random ones do where there are no others."""
    from .named_encoder import open_structure_encoder

    try:
        return open_structure_encoder(name, weights=weights, config=config, directory=directory)[0]
    except UserError:
        if weights is None and config is None:
            with suppress(UserError):
                return open_structure_encoder(name, weights="random", config=None, directory=directory)[0]
        raise


def _too_long(block: "TextEncoderBlock") -> str:
    """How long a processor takes to read 2,000 words with a model of this size, if that is too long to wait for; else ""."""
    from ..config.encoders import LanguageModelBlock
    from ..plan.model_size import parameters

    seconds = 2 * parameters(block) * 2000 / _A_SECOND if isinstance(block, LanguageModelBlock) else 0
    return f"about {seconds:.0f} seconds" if seconds > _PATIENCE else ""


def print_table(checked: "Checked") -> None:
    """For a person: a line for each thing that was asked, what is not promised and why, and what it takes."""
    from rich.box import SIMPLE
    from rich.console import Console
    from rich.table import Table

    from ..encoders.checking.findings import ASKED

    table = Table(box=SIMPLE, padding=0)
    table.add_column("asked")
    table.add_column("holds", no_wrap=True)
    table.add_column("found")
    for finding in checked.findings:
        table.add_row(ASKED[checked.kind][finding.asked], finding.in_a_word, finding.detail)
    console = Console(highlight=False, markup=False)
    console.print(table)
    for line in lines(checked):
        console.print(line, soft_wrap=True)


def lines(checked: "Checked") -> list[str]:
    """What stands below the table."""
    apart = [f"not promised: {f.asked}: {f.not_promised}" for f in checked.findings if f.not_promised]
    takes = [f"{_short(value)} {unit.replace('_', ' ')}" for unit, value in checked.takes.items()]
    cost = [f"takes {', '.join(takes)}"] if takes else []
    broken = ", ".join(finding.asked for finding in checked.broken)
    verdict = f"broken promises: {broken}" if broken else "everything that it promises holds"
    return [f"{checked.encoder}: {checked.about}; tried on {checked.on}", *apart, *cost, verdict]


def _short(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.2g}"
