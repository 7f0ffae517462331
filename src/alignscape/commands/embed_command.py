"""What `alignscape embed` does with its words and options."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from ..descriptions.text_table import read_text_table
from ..encoders.row_writer import require_format, write_rows
from ..errors import UserError
from .embed import Embedded, Per, embed_by_name, embed_files
from .locate import locate
from .trained_pair import open_pair


@dataclass(frozen=True)
class Asked:
    """The command line of `embed`."""

    words: tuple[str, ...]  # the encoder, unless a pair is named, and files
    out: Path | None
    per: Per = "protein"
    texts: tuple[str, ...] = ()
    table: Path | None = None
    weights: str | None = None
    pair: tuple[str, str] | None = None
    heads: str = "layers1"
    config: Path | None = None
    directory: Path | None = None


def _named(out: Path | None) -> Path:
    """The file of --out. Raises UserError where none was named: nothing is written unasked."""
    if out is None:
        raise UserError("say with --out where the rows go: a .npz, .npy, .parquet or .safetensors file")
    return out


def embed_and_write(asked: Asked, *, default_config: Path, say: Callable[[str], None]) -> str:
    """Writes the rows; a sentence about them. say: told a line about each file or text that has none.

    Raises UserError for what cannot be done, and where nothing could be embedded; then nothing is written.
    """
    out = _named(asked.out)
    require_format(out)
    embedded = _of_pair(asked, default_config) if asked.pair else _of_encoder(asked)
    for problem in embedded.problems:
        say(problem)
    if not embedded.ids:
        raise UserError("none of the files could be embedded; nothing was written")
    write_rows(out, embedded.ids, embedded.rows, embedded.made)
    return _sentence(asked, embedded)


def _of_pair(asked: Asked, default_config: Path) -> Embedded:
    if asked.texts or asked.table or asked.weights or asked.per != "protein":
        raise UserError(
            "--pair takes structure files only, one row each; --text, --table, --per and --weights are without it"
        )
    assert asked.pair is not None
    place = locate(asked.config or default_config, asked.directory)
    return embed_files(open_pair(place, *asked.pair, heads=asked.heads), [Path(word) for word in asked.words])


def _of_encoder(asked: Asked) -> Embedded:
    name, *files = asked.words
    if len(files) > 1 and not Path(files[0]).suffix and not Path(files[0]).exists():  # as it was said before 0.2
        raise UserError(
            f"{files[0]} is no file; for the shared space of a trained pair say --pair {name} {files[0]}, and then the files"
        )
    texts = [(f"text {number}", text) for number, text in enumerate(asked.texts, start=1)]
    texts += read_text_table(asked.table) if asked.table else []
    return embed_by_name(
        name,
        files=[Path(file) for file in files],
        texts=texts,
        per=asked.per,
        weights=asked.weights,
        config=asked.config,
        directory=asked.directory,
    )


def _sentence(asked: Asked, embedded: Embedded) -> str:
    n, dimension = embedded.rows.shape
    what = "text" if embedded.made["per"] == "text" else asked.per
    state = f"; weights: {embedded.made['weights_state']}" if "weights_state" in embedded.made else ""
    return f"{asked.out}: {n} {what if n == 1 else f'{what}s'} in {dimension} dimensions{state}"
