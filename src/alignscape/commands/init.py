"""A short, commented config for a person's own proteins, to start from."""

import re
import shlex
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import yaml

from ..config.load import parse
from ..config.proteins import Proteins
from ..errors import UserError
from ..proteins.ids import entry_of
from ..proteins.sources.entry_ids import is_entry_id
from ..storage.files import read_given, write_text
from ..storage.plain_text import plain_line

MachineName = Literal["laptop", "gpu", "slurm"]
FEWEST = 10  # proteins; below, no split leaves anything to learn from
_FOLDS_BELOW = 2000  # proteins; from here on one split's tenth is enough to test on
_TRAINING_SHARE, _MOST_TRAINING = 0.3, 400  # of encoders trained here: more proteins take hours on a processor


@dataclass(frozen=True)
class Machine:
    """What a study is cut to."""

    name: MachineName
    words: str
    run: str  # the command that runs it
    trains: bool  # whether encoders are trained here instead of being downloaded


def _machine(name: MachineName, config: Path) -> Machine:
    command = f"alignscape run {shlex.quote(str(config))}"
    if name == "laptop":
        return Machine(name, "a machine without a GPU", command, trains=True)
    if name == "gpu":
        return Machine(name, "a machine with a GPU", f"{command} --profile local", trains=False)
    return Machine(name, "a SLURM cluster", f"{command} --profile slurm", trains=False)


@dataclass(frozen=True)
class Found:
    """The proteins that were named: where they come from and how many there are."""

    source: Literal["directory", "rcsb", "alphafold_db"]
    n: int
    title: str
    directory: str | None = None
    ids: str | None = None  # the path of the id list, or of the table


def write_first_study(
    proteins: Path,
    *,
    machine: MachineName,
    out: Path | None,
    study: str | None,
    say: Callable[[str], None],
) -> Path:
    """Writes a config for a folder of structure files, a list of ids or a table with a column of ids; returns its path.

    Raises UserError, before anything is written, for what holds no proteins, for a name that no study may have, and for
    a config that is there already.
    """
    study = study or re.sub(r"[^A-Za-z0-9.+_-]+", "-", proteins.resolve().stem).strip("-._+")[:64] or "mine"
    out = out or Path(f"{study}.yaml")
    if out.exists():
        raise UserError(f"{out} is there already and was left as it is; name another with --out")
    found = _find(proteins, say=say)
    if found.n < FEWEST:
        raise UserError(
            f"{proteins}: {found.n} proteins found; a study needs at least {FEWEST}, and some hundreds to tell pairs apart"
        )
    text = _config(found, _machine(machine, out), study)
    parse(yaml.safe_load(text), path=str(out))  # a name that no study may have is said before anything is written
    write_text(out, text)
    return out


def next_steps(config: Path, machine: MachineName) -> str:
    """What to type next, for a config that was written."""
    return (
        f"{config} is written. Read it, then\n"
        f"  alignscape doctor --config {shlex.quote(str(config))}    # checks it before hours are spent\n"
        f"  {_machine(machine, config).run}"
    )


def _config(found: Found, machine: Machine, study: str) -> str:
    import jinja2

    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("alignscape.commands", "."),
        undefined=jinja2.StrictUndefined,
        keep_trailing_newline=True,
    )
    environment.policies["json.dumps_kwargs"] = {"ensure_ascii": False}
    fraction = min(_TRAINING_SHARE, round(_MOST_TRAINING / found.n, 3))
    return environment.get_template("first_study.yaml.jinja").render(
        **vars(found),
        machine=machine,
        study=study,
        fraction=fraction,
        trained=round(fraction * found.n),
        folds=found.n < _FOLDS_BELOW,
        tenth=found.n // 10,
    )


def _find(proteins: Path, *, say: Callable[[str], None]) -> Found:
    if proteins.is_dir():
        return _folder(proteins, say=say)
    if not proteins.is_file():
        raise UserError(f"{proteins}: there is no such folder or file")
    is_table = proteins.suffix.lower() in (".tsv", ".csv")
    ids = _ids_of_table(proteins) if is_table else _ids_of_list(proteins)
    source = _archive(ids, proteins)
    return Found(
        source,
        len(ids),
        plain_line(f"{len(ids)} proteins of {proteins.name}"),
        ids=str(proteins),
    )


def _folder(directory: Path, *, say: Callable[[str], None]) -> Found:
    from ..proteins.sources.open import open_source

    source = open_source(Proteins(source="directory", directory=directory), cache_dir=Path(".cache"))
    n, left = len(source.ids()), len(source.not_read())
    if left:
        say(
            f"{directory}: {left} {'file is' if left == 1 else 'files are'} not read as a protein; `alignscape inspect {directory}` says what they are"
        )
    return Found("directory", n, plain_line(f"{n} proteins of {directory.resolve().name}"), directory=str(directory))


def _ids_of_list(path: Path) -> list[str]:
    from ..proteins.sources.id_lists import read_ids

    return read_ids(path)


def _ids_of_table(path: Path) -> list[str]:
    """The ids of a table's column of a usual name, each once. Raises UserError where no column has one."""
    from ..proteins.sources.id_lists import ids_of_table, table_rows

    return ids_of_table(table_rows(read_given(path, key="table").splitlines()), where=str(path))


def _archive(ids: list[str], path: Path) -> Literal["rcsb", "alphafold_db"]:
    """Which archive has these ids. Raises UserError for a list of neither, or of both."""
    from ..proteins.sources.alphafold_db.archive import is_model_id

    entries = [id_ for id_ in ids if is_entry_id(entry_of(id_))]
    accessions = [id_ for id_ in ids if is_model_id(entry_of(id_).upper())]
    if ids and len(entries) >= len(accessions) and len(entries) > len(ids) / 2:
        return "rcsb"
    if ids and len(accessions) > len(ids) / 2:
        return "alphafold_db"
    strange = next((id_ for id_ in ids if id_ not in entries and id_ not in accessions), "")
    found = f"{len(ids)} words, {len(entries)} PDB ids and {len(accessions)} UniProt accessions among them"
    raise UserError(
        f"{path}: expected PDB ids (1ABC) or UniProt accessions (P69905), one a line; found {found}"
        + (f", such as {strange!r}" if strange else "")
    )
