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
    from .config import load
    from .show import show_study

    with one_line_errors():
        study = load(config)
        show_study(study.results_dir / study.study)


@app.command()
def doctor(
    config: Config = DEFAULT_CONFIG,
    profile: Annotated[Path | None, typer.Option(help="A SLURM profile to check against the cluster.")] = None,
) -> None:
    """Check config, proteins, weights, models, disk, memory, GPUs and SLURM names before hours are spent."""
    from .config import load
    from .doctor import examine, report

    with one_line_errors():
        good = report(examine(load(config), profile=profile), say=print)
    raise typer.Exit(0 if good else 1)


@app.command()
def clean_stale(
    config: Config = DEFAULT_CONFIG,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would go.")] = False,
) -> None:
    """Remove results that the current config does not use."""
    from .clean import remove_stale
    from .config import load

    with one_line_errors():
        remove_stale(load(config), dry_run=dry_run, say=print)


@app.command()
def config_reference() -> None:
    """Print config/README.md from the schema."""
    from .config_reference import reference

    print(reference(), end="")


def main() -> None:
    """Entry point of the `alignscape` command."""
    app()
