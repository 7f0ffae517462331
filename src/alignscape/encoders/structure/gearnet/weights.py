"""GearNet's arrays in a file of TorchDrug's, under TorchDrug's own names, which are ours."""

from collections.abc import Mapping
from pathlib import Path

from torch import Tensor

from ....errors import UserError
from ..torch_file import read_torch_file


def torchdrug_state(path: Path) -> dict[str, Tensor]:
    """The encoder's arrays in a `.pth` file of TorchDrug.

    The published files are plain state dicts of its GearNet: `layers.0.linear.weight` and so on. A checkpoint of a whole
    training run is taken too: there the state dict lies under the key `model` and belongs to the task, which holds the
    encoder as `model.` (or `model.model.`, for the contrastive tasks) and heads beside it, which are left out.
    Raises UserError for a file that is no such thing.
    """
    loaded = read_torch_file(path)
    state = loaded.get("model", loaded)
    if not isinstance(state, Mapping):
        raise UserError(f"{path}: expected arrays by name under `model`, found {type(state).__name__}")
    arrays = {name: value for name, value in state.items() if isinstance(value, Tensor)}
    for prefix in ("model.model.", "model."):
        of_encoder = {name.removeprefix(prefix): arrays[name] for name in arrays if name.startswith(prefix)}
        if of_encoder:
            return of_encoder
    return arrays
