"""Encoder models of transformers, whose tokens see both ways: BERT and its kin, ESM, the encoder of T5."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...compute.memory import require_memory
from ...errors import UserError
from . import model_files
from .batches import pad_right
from .from_folder import NOT_READ, Loadable, from_folder
from .lean_import import import_lean

if TYPE_CHECKING:
    from torch import Tensor
    from transformers import PreTrainedModel


def load_encoder(config: Loadable, folder: Path, *, device: str) -> "PreTrainedModel":
    """The model in `folder` on the device, in the configured dtype, its encoder alone if it has a decoder too.

    Raises UserError for one that does not fit into memory or cannot be loaded.
    """
    if device == "cpu":
        import_lean()
    needed = model_files.needed_bytes(model_files.tensor_shapes(folder), dtype=config.dtype, quantization="none")
    require_memory(needed, name=config.name, dtype=config.dtype, device=device)
    kind, _ = _architecture(config.name, folder)
    return _ready(from_folder(kind, config, folder, device=device, not_read=NOT_READ))


def random_encoder(config: Loadable, folder: Path) -> "PreTrainedModel":
    """A model of the architecture that `folder` describes, its weights drawn from torch's generator."""
    import torch

    kind, described = _architecture(config.name, folder)
    return _ready(kind.from_config(described, dtype=getattr(torch, config.dtype), trust_remote_code=False))


def _architecture(name: str, folder: Path) -> tuple[Any, Any]:
    """The Auto class that gives a model's encoder, and the model's config."""
    from transformers.models.auto.configuration_auto import AutoConfig
    from transformers.models.auto.modeling_auto import (
        MODEL_FOR_TEXT_ENCODING_MAPPING,
        AutoModel,
        AutoModelForTextEncoding,
    )

    try:
        config = AutoConfig.from_pretrained(folder, local_files_only=True, trust_remote_code=False)
    except (ValueError, OSError) as error:
        raise UserError(f"model {name!r}: {folder} cannot be loaded: {' '.join(str(error).split())}") from None
    if not getattr(config, "is_encoder_decoder", False):
        return AutoModel, config
    if type(config) in MODEL_FOR_TEXT_ENCODING_MAPPING:
        return AutoModelForTextEncoding, config
    raise UserError(f"model {name!r}: of {config.model_type} transformers has no encoder without its decoder")


def _ready(model: "PreTrainedModel") -> "PreTrainedModel":
    model.config.use_cache = False
    return model.eval().requires_grad_(False)


def checked_layer(layer: int, model: "PreTrainedModel", *, name: str) -> int:
    """The hidden state's number counted from 0. Raises UserError for one the model does not have."""
    n = model.config.get_text_config().num_hidden_layers
    if not -n - 1 <= layer <= n:
        raise UserError(f"model {name!r}: layer {layer} does not exist; it has 0 to {n} (or -1 for the last)")
    return layer % (n + 1)


def most_tokens(model: "PreTrainedModel") -> int | None:
    """The longest row of tokens the model takes, None if it does not say; RoBERTa and ESM-1 count places from the padding's."""
    most = getattr(model.config.get_text_config(), "max_position_embeddings", None)
    tables = (m for n, m in model.named_modules() if n.endswith("position_embeddings"))
    before = [m.padding_idx + 1 for m in tables if getattr(m, "padding_idx", None) is not None]
    return most - max(before, default=0) if most else None


def padded_states(model: "PreTrainedModel", tokens: Sequence[Sequence[int]], *, layer: int) -> "Tensor":
    """(b, longest, d) hidden states of a layer, counted from 0; the padding on the right is masked, what stands there is void."""
    import torch

    device = model.get_input_embeddings().weight.device
    ids = pad_right(tokens, fill=model.config.get_text_config().pad_token_id or 0)
    lengths = torch.tensor([len(row) for row in tokens])
    mask = (torch.arange(ids.shape[1]) < lengths[:, None]).long()
    last = layer == model.config.get_text_config().num_hidden_layers
    with torch.inference_mode():
        output = model(input_ids=ids.to(device), attention_mask=mask.to(device), output_hidden_states=not last)
    return output.last_hidden_state if last else output.hidden_states[layer]
