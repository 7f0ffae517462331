"""The few commands a person types."""

from pathlib import Path
from typing import Annotated

import typer

from .launch import one_line_errors

app = typer.Typer(add_completion=False, no_args_is_help=True, pretty_exceptions_enable=False, help=__doc__)
Config = Annotated[Path, typer.Option("--config", help="The study's config file.")]
DEFAULT_CONFIG = Path("config/config.yaml")


@app.command()
def show(config: Config = DEFAULT_CONFIG) -> None:
    """Print a finished study's pairs, and where its report is."""
    from .commands.show import show_study
    from .config.load import load

    with one_line_errors():
        study = load(config)
        show_study(study.results_dir / study.study)


@app.command()
def doctor(
    config: Config = DEFAULT_CONFIG,
    profile: Annotated[Path | None, typer.Option(help="A SLURM profile to check against the cluster.")] = None,
) -> None:
    """Check config, proteins, weights, models, disk, memory, GPUs and SLURM names before hours are spent."""
    from .commands.doctor import examine, report
    from .config.load import load

    with one_line_errors():
        good = report(examine(load(config), profile=profile), say=print)
    raise typer.Exit(0 if good else 1)


Gdm = Annotated[str, typer.Argument(help="A structure encoder's name in the config.")]
Llm = Annotated[str, typer.Argument(help="A language model's name in the config.")]
Heads = Annotated[str, typer.Option(help="Which heads: layers1, layers2, ... or a method's name.")]
SCRIPTS = Path("workflow/scripts")


@app.command()
def search(
    gdm: Gdm,
    llm: Llm,
    text: Annotated[str | None, typer.Option(help="Find proteins whose structure fits this text.")] = None,
    structure: Annotated[Path | None, typer.Option(help="Find proteins whose text fits this structure file.")] = None,
    top: Annotated[int, typer.Option(min=1, help="How many.")] = 10,
    heads: Heads = "layers1",
    config: Config = DEFAULT_CONFIG,
) -> None:
    """Find a finished study's proteins by a text or by a structure file."""
    from .commands import trained_pair
    from .config.load import load

    with one_line_errors():
        trained = trained_pair.open_pair(load(config), gdm, llm, variant=heads, scripts=SCRIPTS)
        for id_, cosine in trained_pair.search(trained, text=text, structure=structure, top=top):
            print(f"{id_}\t{cosine:.4f}")


@app.command()
def embed(
    gdm: Gdm,
    llm: Llm,
    files: Annotated[list[Path], typer.Argument(help="PDB or mmCIF files, plain or .gz.")],
    out: Annotated[Path, typer.Option(help="A .npy file; the ids go beside it as .txt.")] = Path("embedded.npy"),
    heads: Heads = "layers1",
    config: Config = DEFAULT_CONFIG,
) -> None:
    """Put structure files into the shared space of a trained pair."""
    from .commands import trained_pair
    from .config.load import load
    from .storage.files import write_npy, write_text

    with one_line_errors():
        trained = trained_pair.open_pair(load(config), gdm, llm, variant=heads, scripts=SCRIPTS)
        ids, rows, problems = trained.embed_files(files)
        for problem in problems:
            typer.echo(problem, err=True)
        write_npy(out, rows)
        write_text(out.with_suffix(".txt"), "".join(f"{id_}\n" for id_ in ids))
        print(f"{out}: {rows.shape[0]} proteins in {rows.shape[1]} dimensions")
    raise typer.Exit(1 if problems and not ids else 0)


@app.command()
def export(
    gdm: Gdm,
    llm: Llm,
    out: Annotated[Path, typer.Option(help="The folder to write to.")] = Path("heads"),
    heads: Heads = "layers1",
    config: Config = DEFAULT_CONFIG,
) -> None:
    """Copy a trained pair's heads, as safetensors with a card, into a folder."""
    from .commands import trained_pair
    from .config.load import load

    with one_line_errors():
        trained = trained_pair.open_pair(load(config), gdm, llm, variant=heads, scripts=SCRIPTS)
        for path in trained_pair.export(trained, out):
            print(path)


@app.command()
def clean_stale(
    config: Config = DEFAULT_CONFIG,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would go.")] = False,
) -> None:
    """Remove results that the current config does not use."""
    from .commands.clean import remove_stale
    from .config.load import load

    with one_line_errors():
        remove_stale(load(config), dry_run=dry_run, say=print, scripts=SCRIPTS)


@app.command()
def config_reference() -> None:
    """Print config/README.md from the schema."""
    from .config.reference import reference

    print(reference(), end="")


def main() -> None:
    """Entry point of the `alignscape` command."""
    app()
