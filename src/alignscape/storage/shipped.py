"""Where the files are that come with the package: the Snakefile with its rules and scripts, profiles, the embedded study."""

from pathlib import Path

from ..errors import UserError

_PACKAGE = Path(__file__).parents[1]


def shipped_folder() -> Path:
    """The folder that holds them: the clone that this package lies in, or the copy inside an installed one (setup.py).

    Raises UserError where neither is there.
    """
    folders = (_PACKAGE / "shipped", _PACKAGE.parents[1])
    for folder in folders:
        if (folder / "Snakefile").is_file():
            return folder
    looked = " or ".join(map(str, folders))
    raise UserError(f"the workflow is not in {looked}; install alignscape from its repository (`pip install .`)")
