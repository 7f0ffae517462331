"""The model of a folder that was converted here, put together directly.

`from_pretrained` compares its names with the 1,300 patterns by which transformers mends old and foreign files, and builds it
without memory first, for which PyTorch runs Python, with SymPy, for every number. A folder that was converted here has
the names and shapes of its architecture, and nothing else, so its weights can take their places at once.
"""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from . import model_files

if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedModel


def from_own_folder(kind: Any, folder: Path, *, dtype: "torch.dtype", **options: Any) -> "PreTrainedModel | None":
    """The model, on the processor, of an Auto class without a head; None for a folder that `from_pretrained` has to read.

    That is one from elsewhere, and one whose weights are not one for one the model's own, in `dtype`; and any folder, for a
    version of transformers that this is not made for. The weights stay in the file until they are looked at.
    """
    if model_files.read_card(folder) is None:
        return None
    try:
        return _put_together(kind, folder, dtype=dtype, **options)
    except Exception:  # of what is wrong with a folder `from_pretrained` says more
        return None


def _put_together(kind: Any, folder: Path, *, dtype: "torch.dtype", **options: Any) -> "PreTrainedModel | None":
    from transformers.initialization import no_init_weights
    from transformers.models.auto.configuration_auto import AutoConfig

    described = AutoConfig.from_pretrained(folder, local_files_only=True, trust_remote_code=False)
    with no_init_weights():  # memory that nothing is written to is not taken
        model = kind.from_config(described, dtype=dtype, trust_remote_code=False, **options)
    if model._keep_in_fp32_modules_strict or model.all_tied_weights_keys:
        return None
    places, found = model.state_dict(), _weights(folder, model.base_model_prefix)
    if {n: (t.shape, t.dtype) for n, t in found.items()} != {n: (t.shape, t.dtype) for n, t in places.items()}:
        return None
    model.load_state_dict(found, assign=True)
    return model.eval()


def _weights(folder: Path, prefix: str) -> dict[str, "torch.Tensor"]:
    """The folder's weights by their names in a model without a head, which were saved with one."""
    from safetensors.torch import load_file

    named = {name: tensor for path in model_files.weight_files(folder) for name, tensor in load_file(path).items()}
    before = f"{prefix}."
    return {name.removeprefix(before): tensor for name, tensor in named.items() if name.startswith(before)}
