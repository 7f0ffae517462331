"""The command line: commands, their options and their help."""

import sys
from pathlib import Path
from typing import Annotated, Literal

import typer

from . import __version__
from .commands.check_encoder import check_encoder
from .commands.screen import screen
from .compute.own_process import own_process
from .plan.launch import one_line_errors

app = typer.Typer(add_completion=False, no_args_is_help=True, pretty_exceptions_enable=False)
Config = Annotated[Path, typer.Option("--config", help="The study's config file.")]
Directory = Annotated[
    Path | None,
    typer.Option(
        "--directory", help="Where snakemake ran; if absent, the current folder, or the config's, or one above it."
    ),
]
MachineName = Literal["laptop", "gpu", "slurm"]
DEFAULT_CONFIG = Path("config/config.yaml")


def _version(wanted: bool) -> None:
    if wanted:
        print(f"alignscape {__version__}")
        raise typer.Exit


@app.callback(help=__doc__)
def _options(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    pass


@app.command(context_settings={"allow_extra_args": True, "allow_interspersed_args": False})
def run(
    options: typer.Context,
    config: Annotated[Path, typer.Argument(help="The study's config file.", metavar="CONFIG")],
) -> None:
    """Run a study from any folder, with the rules that come with alignscape; what follows CONFIG is for Snakemake.

    Results go below the current folder, from which the config's relative paths count too; `--directory` names another one.
    All cores are used unless an option says otherwise. `--profile local` and `--profile slurm` come with alignscape.
    """
    from .commands.run import run

    with one_line_errors():
        run(config, options.args)


@app.command()
def show(
    config: Config = DEFAULT_CONFIG,
    directory: Directory = None,
    page: Annotated[bool, typer.Option("--open", help="Open the report in the web browser too.")] = False,
) -> None:
    """Print a finished study's pairs, and where its report is."""
    from .commands.locate import locate
    from .commands.show import open_page, show_study

    with one_line_errors():
        place = locate(config, directory)
        folder = place.results / place.study.study
        show_study(folder)
    if page:
        print(open_page(folder / "report.html"))


@app.command()
def init(
    proteins: Annotated[
        Path,
        typer.Argument(
            help="A folder of structure files, a list of PDB ids or UniProt accessions (one a line), or a table with a "
            "column of them.",
            metavar="FOLDER|IDS|TABLE",
        ),
    ],
    machine: Annotated[MachineName, typer.Option("--for", help="What the study is cut to.")] = "laptop",
    out: Annotated[Path | None, typer.Option(help="The config to write; <study>.yaml if absent.")] = None,
    study: Annotated[str | None, typer.Option(help="The study's name; the folder's or file's if absent.")] = None,
) -> None:
    """Write a short, commented config for your own proteins, to start from."""
    from .commands.init import next_steps, write_first_study

    with one_line_errors():
        written = write_first_study(proteins, machine=machine, out=out, study=study, say=print)
        print(next_steps(written, machine))


@app.command()
def doctor(
    config: Config = DEFAULT_CONFIG,
    profile: Annotated[Path | None, typer.Option(help="A SLURM profile to check against the cluster.")] = None,
) -> None:
    """Check config, proteins, weights, models, disk, memory, GPUs and SLURM names before hours are spent."""
    from .commands.doctor import examine, report
    from .config.load import load

    with one_line_errors():
        good = report(examine(load(config), profile=profile), config=config, say=print)
    raise typer.Exit(0 if good else 1)


@app.command()
def plan(
    config: Annotated[Path, typer.Argument(help="The study's config file.", metavar="CONFIG")] = DEFAULT_CONFIG,
    cores: Annotated[int | None, typer.Option(min=1, help="On how many cores; all of this machine if absent.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object: seconds, GiB, bytes.")] = False,
) -> None:
    """Say what a study will take before it runs: jobs, time and memory by rule, disk. Writes nothing."""
    from .commands import plan as command
    from .config.load import load

    with one_line_errors():
        found = command.plan_study(load(config), cores=cores)
    if as_json:
        print(command.as_json(found))
    else:
        command.print_table(found)


@app.command()
def inspect(
    paths: Annotated[list[Path], typer.Argument(help="Structure files, or folders of them.", metavar="FILES|FOLDER")],
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a file, and no summary.")] = False,
) -> None:
    """Say what is in structure files: chains, residues, atoms, gaps, what is left out or lost. Needs no study."""
    from .commands import inspect as command

    found = []
    with one_line_errors():
        for each in command.inspect(paths):
            found.append(each)
            print(command.json_line(each) if as_json else command.line(each), flush=True)
    if not as_json:
        print(command.summary(found))
    raise typer.Exit(0 if any(each.error is None for each in found) else 1)


Gdm = Annotated[str, typer.Argument(help="A structure encoder's name in the config.")]
Llm = Annotated[str, typer.Argument(help="A language model's name in the config.")]
Heads = Annotated[str, typer.Option(help="Which heads: layers1, layers2, ... or a method's name.")]


@app.command()
def search(
    gdm: Annotated[str | None, typer.Argument(help="A structure encoder's name; the best pair's if absent.")] = None,
    llm: Annotated[str | None, typer.Argument(help="A language model's name; the best pair's if absent.")] = None,
    text: Annotated[str | None, typer.Option(help="Find proteins whose structure fits this text.")] = None,
    structure: Annotated[Path | None, typer.Option(help="Find proteins whose text fits this structure file.")] = None,
    top: Annotated[int, typer.Option(min=1, help="How many.")] = 10,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a hit.")] = False,
    heads: Heads = "layers1",
    config: Config = DEFAULT_CONFIG,
    directory: Directory = None,
) -> None:
    """Find a finished study's proteins by a text or by a structure file, with the study's best pair unless one is named.

    Prints a table on a terminal, and elsewhere rank, id, name, organism, cosine and percentile, tab separated. The percentile
    says how many of the study's structures and texts of different proteins are less alike. Standard error says what the pair
    can do.
    """
    from .commands import search
    from .commands.locate import locate
    from .commands.trained_pair import open_pair

    with one_line_errors():
        trained = open_pair(locate(config, directory), gdm, llm, heads=heads, for_texts=text is not None)
        hits = search.search(trained, text=text, structure=structure, top=top)
        print(search.about(trained, text_asked=text is not None), file=sys.stderr)
    if as_json:
        print(search.json_lines(hits), end="")
    elif sys.stdout.isatty():
        search.print_table(hits)
    else:
        print(search.tab_separated(hits), end="")


@app.command()
def embed(
    words: Annotated[
        list[str],
        typer.Argument(
            metavar="[ENCODER] [FILES]...",
            help="An encoder's name, and PDB, mmCIF or BinaryCIF files, plain or packed; with --pair, files only.",
        ),
    ],
    out: Annotated[
        Path | None, typer.Option(help="Where to: .npz, .npy (ids beside it), .parquet, .safetensors.")
    ] = None,
    per: Annotated[
        Literal["protein", "chain", "residue"], typer.Option(help="What gets a row of its own.")
    ] = "protein",
    text: Annotated[list[str] | None, typer.Option(help="A text to embed; may be said several times.")] = None,
    table: Annotated[
        Path | None, typer.Option(help="Texts to embed: .tsv, .csv, .jsonl or .parquet with columns id and text.")
    ] = None,
    weights: Annotated[
        str | None, typer.Option(help="Which weights; if absent, the best at hand. `random` is a control.")
    ] = None,
    pair: Annotated[
        tuple[str, str] | None,
        typer.Option(metavar="GDM LLM", help="A trained pair of a finished study: rows in its shared space."),
    ] = None,
    heads: Heads = "layers1",
    config: Annotated[
        Path | None, typer.Option("--config", help="A config with a block of that name; of --pair, the study's.")
    ] = None,
    directory: Directory = None,
) -> None:
    """Make rows of structure files or texts by an encoder; no study is needed.

    A file that cannot be taken costs a line on standard error; the exit status is 1 only if none could be.
    """
    from .commands.embed_command import Asked, embed_and_write

    asked = Asked(tuple(words), out, per, tuple(text or ()), table, weights, pair, heads, config, directory)
    with one_line_errors():
        print(embed_and_write(asked, default_config=DEFAULT_CONFIG, say=lambda line: typer.echo(line, err=True)))


app.command()(check_encoder)
app.command()(screen)


@app.command()
def export(
    gdm: Gdm,
    llm: Llm,
    out: Annotated[Path, typer.Option(help="The folder to write to.")],
    heads: Heads = "layers1",
    config: Config = DEFAULT_CONFIG,
    directory: Directory = None,
) -> None:
    """Copy a trained pair's heads (safetensors) into a folder, with a card that says what they are and how to use them."""
    from .commands.export import export
    from .commands.locate import locate
    from .commands.trained_pair import open_pair

    with one_line_errors():
        for path in export(open_pair(locate(config, directory), gdm, llm, heads=heads), out):
            print(path)


@app.command()
def unlock(
    directory: Annotated[Path, typer.Option("--directory", help="Where snakemake ran.")] = Path(),
) -> None:
    """Remove the locks that a killed run left in its folder; refuses while a run lives there."""
    from .plan.run_lock import unlock

    with one_line_errors():
        found = unlock(directory)
    print("unlocked; the same command goes on where the run stopped" if found else "nothing is locked here")


@app.command()
def clean_stale(
    config: Config = DEFAULT_CONFIG,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would go.")] = False,
    remove_old: Annotated[
        bool, typer.Option("--remove-old", help="Also, without asking, embeddings made by alignscape 0.1.")
    ] = False,
    directory: Directory = None,
) -> None:
    """Remove results that the current config does not use.

    Embeddings made by alignscape 0.1 go only if you say so: it asks on a terminal, and keeps them elsewhere.
    """
    from .commands.clean import remove_stale
    from .commands.locate import locate

    ask = typer.confirm if sys.stdin.isatty() else None
    with one_line_errors():
        remove_stale(locate(config, directory), say=print, dry_run=dry_run, remove_old=remove_old, ask=ask)


@app.command()
def config_reference(
    plugins: Annotated[bool, typer.Option("--plugins", help="With the blocks of installed plug-ins.")] = False,
) -> None:
    """Print config/README.md from the schema."""
    from .config.reference import reference

    with one_line_errors():
        print(reference(plugins=plugins), end="")


def main() -> None:
    """Entry point of the `alignscape` command."""
    with own_process():
        app()
