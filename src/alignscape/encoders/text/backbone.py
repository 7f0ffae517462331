"""A causal language model without its head, and the tokenizer that belongs to it, ready to be read from."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...compute.memory import require_memory
from ...config.encoders import LanguageModelBlock
from ...errors import UserError
from ...storage.embeddings import TextWeights
from ...storage.files import sha256_file
from ...storage.hub import hub_folder
from . import model_files, registry_models
from .causal_lm.block import CausalLm
from .causality import require_causal
from .foreign_code import require_data_only
from .from_folder import NOT_READ, from_folder
from .lean_import import import_lean
from .number_type import in_number_type
from .official import registry_model
from .plain_adapter import add_adapter, is_plain
from .quiet import quiet_transformers
from .special_tokens import Encode, load_encode

if TYPE_CHECKING:
    from transformers import PreTrainedModel


@dataclass(frozen=True, eq=False)
class Backbone:
    """A loaded model: `model` maps tokens to hidden states, `encode` texts to tokens."""

    name: str
    model: "PreTrainedModel"
    encode: Encode
    weights: TextWeights
    dtype: str

    @property
    def device(self) -> Any:
        """Where token ids have to be."""
        return self.model.get_input_embeddings().weight.device

    @property
    def n_layers(self) -> int:
        """Layers of the model; hidden state 0 is the embedding, n_layers the last, after the final norm."""
        return self.model.config.get_text_config().num_hidden_layers

    @property
    def max_tokens(self) -> int | None:
        """The longest text the model takes; None if it does not say."""
        return getattr(self.model.config.get_text_config(), "max_position_embeddings", None)


def model_folder(config: LanguageModelBlock, *, cache_dir: Path) -> Path:
    """The local folder of the configured model: converted, given, or fetched from the hub.

    Raises UserError for one that cannot be had, or that holds more than data.
    """
    found = registry_models.resolve_model(config, cache_dir=cache_dir)
    folder = found if isinstance(found, Path) else hub_folder(found, revision=config.revision, notes=cache_dir / "hub")
    require_data_only(folder, name=config.name)
    return folder


def load_backbone(config: CausalLm, *, cache_dir: Path, device: str, adapter: Path | None = None) -> Backbone:
    """The configured model on `device` ("cpu", "cuda", "cuda:N"), with a LoRA adapter if one is given.

    Weights go straight from the file to their place, in the configured dtype, so that loading never takes twice
    the model's size; on "cuda" they are on the fewest GPUs that hold them. Raises UserError for what cannot be had or held.
    """
    config = in_number_type(config, device=device)
    folder = model_folder(config, cache_dir=cache_dir)
    if device == "cpu" and config.quantization == "none" and (adapter is None or _adds_itself(config, adapter)):
        import_lean()
    shapes = model_files.tensor_shapes(folder)
    needed = model_files.needed_bytes(shapes, dtype=config.dtype, quantization=config.quantization)
    require_memory(needed, name=config.name, dtype=config.dtype, device=device)
    model = _load(config, folder, device=device, adapter=adapter)
    model.eval()
    if registry_model(config.model) is None:  # those of the registry are known to be causal, and the trial takes time
        require_causal(model, name=config.name)
    weights = describe_weights(config, folder, cache_dir=cache_dir, adapter=adapter)
    return Backbone(
        config.name, model.requires_grad_(False), load_encode(folder, bos=config.bos), weights, config.dtype
    )


def _adds(config: CausalLm) -> bool:
    """Whether an adapter is added to the weights, and then costs nothing: in 16 or 4 bits it would be rounded with them."""
    return config.dtype == "float32" and config.quantization == "none"


def _adds_itself(config: CausalLm, adapter: Path) -> bool:
    """Whether that is done here, without peft."""
    return _adds(config) and is_plain(adapter)


def _load(config: CausalLm, folder: Path, *, device: str, adapter: Path | None) -> "PreTrainedModel":
    from transformers.models.auto.modeling_auto import AutoModel

    from ...compute.fast_linear import fuse_gelu

    if adapter is not None and not _adds_itself(config, adapter):
        return _with_adapter(config, folder, device=device, adapter=adapter)
    model = from_folder(AutoModel, config, folder, device=device, not_read=NOT_READ)
    if adapter is not None and not add_adapter(model, adapter):
        return _with_adapter(config, folder, device=device, adapter=adapter)
    if device == "cpu":  # elsewhere nothing is gained, and accelerate's hooks hold on to the forward they found
        fuse_gelu(model)
    return model


def _with_adapter(config: CausalLm, folder: Path, *, device: str, adapter: Path) -> "PreTrainedModel":
    from transformers.models.auto.modeling_auto import AutoModelForCausalLM

    # The adapter was trained under a head, so it is attached there; the head is dropped with `whole`.
    whole = from_folder(AutoModelForCausalLM, config, folder, device=device)
    with quiet_transformers():
        from peft import PeftModel, get_peft_model_state_dict

        try:
            adapted = PeftModel.from_pretrained(whole, str(adapter), trust_remote_code=False)
        except RuntimeError as error:  # arrays of other shapes
            said = " ".join(str(error).split())[:300]
            raise UserError(f"adapter {adapter} does not fit the model {config.name!r}: {said}") from None
    # Ours hold no embedding layers; whether there should be some, peft would ask the hub.
    places = set(get_peft_model_state_dict(adapted, save_embedding_layers=False))
    _require_all_keys(places, set(model_files.tensor_shapes(adapter)), adapter=adapter, name=config.name)
    return adapted.merge_and_unload().base_model if _adds(config) else whole.base_model


def _require_all_keys(places: set[str], found: set[str], *, adapter: Path, name: str) -> None:
    """peft passes over arrays of an adapter that have no place in the model, and over places without one; an error here."""
    if places == found:
        return
    which = (
        f"it has {min(found - places)}, which the model has not"
        if found - places
        else f"it lacks {min(places - found)}"
    )
    raise UserError(
        f"adapter {adapter} does not fit the model {name!r}: {which} ({len(found ^ places)} of {len(places | found)} arrays do "
        "not fit); use the model that it was trained on"
    )


def describe_weights(config: LanguageModelBlock, folder: Path, *, cache_dir: Path, adapter: Path | None) -> TextWeights:
    """What a shard's sidecar says about the model in `folder`, or about an adapter on it."""
    card = model_files.read_card(folder)
    if card is not None:
        base = TextWeights("pretrained", card["sha256"], f"{config.model} ({card['source']})")
    else:
        sha256 = model_files.weights_sha256(folder, cache_dir=cache_dir)
        base = TextWeights("pretrained", sha256, model_files.origin_of(config.model, folder))
    if adapter is None:
        return base
    own = sha256_file(adapter / "adapter_model.safetensors")
    return TextWeights("trained here", own, f"LoRA on {base.source}, base sha256 {base.sha256}")
