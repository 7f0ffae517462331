"""A model of any architecture that transformers knows, from a local folder and from nothing else."""

from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from ...errors import UserError
from . import model_files
from .lean_import import lean_loading
from .nf4 import keep_trainable, nf4_config
from .own_folder import from_own_folder
from .placement import free_of_gpus, place
from .quiet import quiet_transformers

if TYPE_CHECKING:
    from transformers import PreTrainedModel


# Heads that come with some architectures; hidden states do not pass through them.
NOT_READ = ("pooler.", "contact_head.")


class Loadable(Protocol):
    """What the block of an encoder says that reads a model's files; it may have `quantization` too."""

    @property
    def name(self) -> str:
        """How the config calls the encoder."""

    @property
    def dtype(self) -> str:
        """The number type of weights and activations."""


def from_folder(
    kind: Any, config: Loadable, folder: Path, *, device: str, not_read: tuple[str, ...] = ()
) -> "PreTrainedModel":
    """A model of an Auto class from a local folder, dtype and placement as configured.

    Attention is left to transformers' choice: eager where the architecture caps its logits (Gemma-2), SDPA elsewhere,
    but for bfloat16 on a processor, where eager takes a third of SDPA's time. not_read: beginnings of the names of weights
    that no row depends on, so that the folder need not have them.
    Raises UserError when the GPUs cannot hold the whole model, or the folder's content is not understood.
    """
    import torch

    from ...compute.fast_linear import make_linears_fast

    dtype = getattr(torch, config.dtype)
    options: dict[str, Any] = {"dtype": dtype, "local_files_only": True, "use_safetensors": True}
    if device == "cpu" and dtype == torch.bfloat16:
        options["attn_implementation"] = "eager"
    quantization = getattr(config, "quantization", "none")
    quantised = quantization == "nf4"
    if device == "cuda":
        shapes = model_files.tensor_shapes(folder)
        needed = model_files.needed_bytes(shapes, dtype=config.dtype, quantization=quantization)
        options |= place(needed, free_of_gpus())
    elif device != "cpu":
        options["device_map"] = {"": device}
    if quantised:
        options["quantization_config"] = nf4_config(compute_dtype=dtype)
    try:
        with quiet_transformers(), lean_loading():
            model, missing = _loaded(kind, folder, options, directly=device == "cpu" and not quantised)
    except torch.OutOfMemoryError:
        raise UserError(
            f"model {config.name!r}: out of memory on {device} while loading; use nf4 or more GPUs"
        ) from None
    except (ValueError, OSError) as error:
        raise UserError(f"model {config.name!r}: {folder} cannot be loaded: {' '.join(str(error).split())}") from None
    if quantised:
        keep_trainable(model)
    missing = [key for key in missing if not key.startswith(not_read)]
    if missing:  # transformers would go on with random numbers in their place
        some = ", ".join(missing[:3])
        raise UserError(f"model {config.name!r}: {folder} lacks weights of its architecture: {some}")
    make_linears_fast(model)
    return require_gpus_only(model, config)


def _loaded(kind: Any, folder: Path, options: dict[str, Any], *, directly: bool) -> tuple["PreTrainedModel", list[str]]:
    """The model, and the names of weights that its architecture has and the folder lacks.

    directly: whether it may be put together by `from_own_folder`, if the folder allows it.
    """
    if directly:
        own = {key: options[key] for key in ("dtype", "attn_implementation") if key in options}
        if (model := from_own_folder(kind, folder, **own)) is not None:
            return model, []
    model, report = kind.from_pretrained(folder, output_loading_info=True, trust_remote_code=False, **options)
    return model, sorted(report["missing_keys"])


def require_gpus_only(model: "PreTrainedModel", config: Loadable) -> "PreTrainedModel":
    """accelerate puts what does not fit on GPUs into slow memory without a word; that is an error here."""
    places = {str(place) for place in (getattr(model, "hf_device_map", None) or {}).values()}
    if places & {"cpu", "disk"} and len(places) > 1:
        raise UserError(
            f"model {config.name!r} in {config.dtype} does not fit into the GPUs given (part of it would go to"
            f" {', '.join(sorted(places & {'cpu', 'disk'}))}); use quantization: nf4 or more GPUs"
        )
    return model
