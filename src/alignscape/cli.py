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
def config_reference() -> None:
    """Print config/README.md from the schema."""
    from .config_reference import reference

    print(reference(), end="")


def main() -> None:
    """Entry point of the `alignscape` command."""
    app()
