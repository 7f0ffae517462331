"""A causal language model without its head, and the tokenizer that belongs to it, ready to be read from."""

from collections.abc import Callable, Sequence
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
from .foreign_code import load_tokenizer, require_data_only
from .nf4 import keep_trainable, nf4_config
from .quiet import quiet_transformers

if TYPE_CHECKING:
    from transformers import PreTrainedModel

Encode = Callable[[Sequence[str]], list[list[int]]]


@dataclass(frozen=True, eq=False)
class Backbone:
    """A loaded model: `model` maps tokens to hidden states, `encode` texts to tokens (BOS as the tokenizer does)."""

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
    the model's size; on "cuda" they are spread over all GPUs. Raises UserError for what cannot be had or held.
    """
    folder = model_folder(config, cache_dir=cache_dir)
    shapes = model_files.tensor_shapes(folder)
    needed = model_files.needed_bytes(shapes, dtype=config.dtype, quantization=config.quantization)
    require_memory(needed, name=config.name, dtype=config.dtype, device=device)
    model = _load(config, folder, device=device, adapter=adapter)
    weights = describe_weights(config, folder, cache_dir=cache_dir, adapter=adapter)
    return Backbone(config.name, model.eval().requires_grad_(False), load_encode(folder), weights, config.dtype)


def _load(config: CausalLm, folder: Path, *, device: str, adapter: Path | None) -> "PreTrainedModel":
    from transformers import AutoModel, AutoModelForCausalLM

    from ...compute.fast_linear import fuse_gelu

    if adapter is None:
        model = from_folder(AutoModel, config, folder, device=device)
        if device == "cpu":  # elsewhere nothing is gained, and accelerate's hooks hold on to the forward they found
            fuse_gelu(model)
        return model
    # The adapter was trained under a head, so it is attached there; the head is dropped with `whole`.
    whole = from_folder(AutoModelForCausalLM, config, folder, device=device)
    with quiet_transformers():
        from peft import PeftModel

        PeftModel.from_pretrained(whole, str(adapter), trust_remote_code=False)
    return whole.base_model


def from_folder(kind: Any, config: CausalLm, folder: Path, *, device: str) -> "PreTrainedModel":
    """A model of an Auto class from a local folder, dtype and placement as configured.

    Attention is left to transformers' choice: eager where the architecture caps its logits (Gemma-2), SDPA elsewhere,
    but for bfloat16 on a processor, where eager takes a third of SDPA's time.
    Raises UserError when the GPUs cannot hold the whole model, or the folder's content is not understood.
    """
    import torch

    from ...compute.fast_linear import make_linears_fast

    dtype = getattr(torch, config.dtype)
    options: dict[str, Any] = {"dtype": dtype, "local_files_only": True, "use_safetensors": True}
    if device == "cpu" and dtype == torch.bfloat16:
        options["attn_implementation"] = "eager"
    if device != "cpu":
        options["device_map"] = "auto" if device == "cuda" and torch.cuda.device_count() > 1 else {"": device}
    if config.quantization == "nf4":
        options["quantization_config"] = nf4_config(compute_dtype=dtype)
    try:
        with quiet_transformers():
            model, report = kind.from_pretrained(folder, output_loading_info=True, trust_remote_code=False, **options)
    except torch.OutOfMemoryError:
        raise UserError(
            f"model {config.name!r}: out of memory on {device} while loading; use nf4 or more GPUs"
        ) from None
    except (ValueError, OSError) as error:
        raise UserError(f"model {config.name!r}: {folder} cannot be loaded: {' '.join(str(error).split())}") from None
    if config.quantization == "nf4":
        keep_trainable(model)
    if report["missing_keys"]:  # transformers would go on with random numbers in their place
        some = ", ".join(sorted(report["missing_keys"])[:3])
        raise UserError(f"model {config.name!r}: {folder} lacks weights of its architecture: {some}")
    make_linears_fast(model)
    return require_gpus_only(model, config)


def require_gpus_only(model: "PreTrainedModel", config: CausalLm) -> "PreTrainedModel":
    """accelerate puts what does not fit on GPUs into slow memory without a word; that is an error here."""
    places = {str(place) for place in (getattr(model, "hf_device_map", None) or {}).values()}
    if places & {"cpu", "disk"} and len(places) > 1:
        raise UserError(
            f"model {config.name!r} in {config.dtype} does not fit into the GPUs given (part of it would go to"
            f" {', '.join(sorted(places & {'cpu', 'disk'}))}); use quantization: nf4 or more GPUs"
        )
    return model


def load_encode(folder: Path) -> Encode:
    """A function from texts to token ids with the tokenizer's own special tokens, but no end-of-text token."""
    if model_files.read_card(folder) is not None:
        # transformers parses a large tokenizer file four times over; the converted folders need none of what it looks for.
        from tokenizers import Tokenizer

        fast = Tokenizer.from_file(str(folder / "tokenizer.json"))
        return lambda texts: [encoding.ids for encoding in fast.encode_batch(list(texts))]
    tokenizer = load_tokenizer(folder)

    def encode(texts: Sequence[str]) -> list[list[int]]:
        rows = tokenizer(list(texts))["input_ids"] if texts else []
        return [_without_eos(row, tokenizer.eos_token_id) for row in rows]

    return encode


def _without_eos(tokens: list[int], eos: int | None) -> list[int]:
    return tokens[:-1] if len(tokens) > 1 and tokens[-1] == eos else tokens


def describe_weights(config: CausalLm, folder: Path, *, cache_dir: Path, adapter: Path | None) -> TextWeights:
    """What a shard's sidecar says about the model in `folder`, or about an adapter on it."""
    card = model_files.read_card(folder)
    if card is not None:
        base = TextWeights("pretrained", card["sha256"], f"{config.model} ({card['source']})")
    else:
        source = f"{config.model}@{folder.name}" if folder.parent.name == "snapshots" else config.model
        base = TextWeights("pretrained", model_files.weights_sha256(folder, cache_dir=cache_dir), source)
    if adapter is None:
        return base
    own = sha256_file(adapter / "adapter_model.safetensors")
    return TextWeights("trained here", own, f"LoRA on {base.source}, base sha256 {base.sha256}")
