"""Loads a structure encoder's weights (official, shipped, of a package or a model, trained here, or random), says their provenance.

Which files are official, and how they are read, each encoder says itself (`official.py`, `StructureEncoder.read_official`);
docs/weights.md has the list, with licences.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from glob import escape
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from ...config.encoders import StructureEncoderBlock
from ...errors import UserError
from ...storage.embeddings import WeightsState
from ...storage.files import digest_of, read_json, sha256_file
from .interface import StructureEncoder
from .official import fetch_official
from .registry import build_encoder, official_of, shipped_with
from .shipped import shipped_weights


@dataclass(frozen=True)
class WeightsInfo:
    """What a sidecar says of the weights."""

    state: WeightsState
    sha256: str | None
    source: str
    card: dict[str, Any] = field(default_factory=dict)  # of weights trained here: task, losses, held-out metrics


def load_weights(
    encoder: StructureEncoder, block: StructureEncoderBlock, *, cache_dir: Path, seed: int, trained: Path | None = None
) -> WeightsInfo:
    """Puts the block's weights into the encoder.

    trained: the safetensors file of weights trained here. Raises UserError, one line, for weights that cannot be had
    or do not fit; then the encoder is as it was.
    """
    if block.weights == "none":
        return WeightsInfo("none", None, "has no weights")
    if block.weights == "given":
        return WeightsInfo("given", *encoder.given())
    if block.weights == "random":
        return _draw(encoder, block, seed)
    if block.weights == "model":
        return WeightsInfo("pretrained", *encoder.model_weights(cache_dir=cache_dir))
    if block.weights == "trained":
        return _load_trained(encoder, block, trained)
    if block.weights == "shipped":
        return _load_shipped(encoder, block)
    if block.weights == "package":
        return _load_packaged(encoder, block)
    return _load_official(encoder, block, cache_dir)


def initialise(block: StructureEncoderBlock, seed: int) -> StructureEncoder:
    """A fresh encoder of the block; its weights depend on seed and block alone, and torch's generator is left as it was."""
    with torch.random.fork_rng(devices=[]):
        torch.default_generator.manual_seed(seed)  # torch.manual_seed would seed the GPU too
        return build_encoder(block)


def state_sha256(state: Mapping[str, Tensor]) -> str:
    """One SHA-256 over names and values of a state dict."""
    digest = hashlib.sha256()
    for name in sorted(state):
        values = state[name].detach().cpu().flatten().view(torch.uint8)  # numpy has no bfloat16
        digest.update(name.encode() + values.numpy().tobytes())
    return digest.hexdigest()


def _draw(encoder: StructureEncoder, block: StructureEncoderBlock, seed: int) -> WeightsInfo:
    state = initialise(block, seed).state_dict()
    encoder.load_state_dict(state)
    return WeightsInfo("random", state_sha256(state), f"seed {seed}")


def _load_trained(encoder: StructureEncoder, block: StructureEncoderBlock, path: Path | None) -> WeightsInfo:
    if path is None or not path.exists():
        raise UserError(f"{block.name}: weights trained here are missing: {path}; run the rule `pretrain` first")
    put(encoder, _arrays(path), path)
    card = path.with_suffix(".json")
    return WeightsInfo("trained here", sha256_file(path), path.name, read_json(card) if card.exists() else {})


def _arrays(path: Path) -> dict[str, Tensor]:
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    try:
        return load_file(path)
    except (SafetensorError, OSError) as error:
        raise UserError(f"{path}: cut short or damaged ({error}); delete it and train again") from None


def _load_shipped(encoder: StructureEncoder, block: StructureEncoderBlock) -> WeightsInfo:
    """Weights of ours, which come with the encoder; what their card says of them, but for the list of proteins."""
    shipped = shipped_weights(block)
    path = shipped.checked("weights")
    put(encoder, _arrays(path), path)
    card = {key: value for key, value in shipped.card.items() if key not in ("seen", "losses")}
    return WeightsInfo("shipped", shipped.sha256, f"alignscape, {block.encoder}/{path.name}", card)


def _load_packaged(encoder: StructureEncoder, block: StructureEncoderBlock) -> WeightsInfo:
    path = shipped_with(block)
    if path is None:
        raise UserError(f"{block.name}: no package ships weights of {block.encoder}")
    put(encoder, encoder.read_official(path), path)
    return WeightsInfo("pretrained", sha256_file(path), f"package {block.encoder}, {path.parent.name}/{path.name}")


# --- official weights ---------------------------------------------------------------------------------------


def _load_official(encoder: StructureEncoder, block: StructureEncoderBlock, cache_dir: Path) -> WeightsInfo:
    published = official_of(block)
    if published is None:
        raise UserError(f"{block.name}: no official weights of {block.encoder} are known for weights: {block.weights}")
    path = fetch_official(block, published, cache_dir)
    put(encoder, encoder.read_official(path), path)
    source = str(block.weights_file) if block.weights_file else f"{published.base_url}/{published.main}"
    return WeightsInfo("pretrained", files_sha256(path), source)


def files_sha256(path: Path) -> str:
    """The file's SHA-256; of a TensorFlow checkpoint's index, one over those of the index and its data files."""
    if path.suffix != ".index":
        return sha256_file(path)
    data = sorted(path.parent.glob(f"{escape(path.stem)}.data-?????-of-?????"))
    return digest_of([sha256_file(part) for part in (path, *data)], length=64)


# --- fitting ------------------------------------------------------------------------------------------------


def put(encoder: StructureEncoder, state: Mapping[str, Tensor], path: Path) -> None:
    """Loads a state dict that must fit exactly. Raises UserError that names what does not."""
    problems = _misfits(encoder.state_dict(), state)
    if problems:
        more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
        raise UserError(
            f"{path}: does not fit the encoder: {problems[0]}{more}; check the file and the sizes in the encoder's block"
        )
    encoder.load_state_dict(dict(state), strict=False)


def _misfits(own: Mapping[str, Tensor], state: Mapping[str, Tensor]) -> list[str]:
    """What is wrong with each array that does not fit, missing ones first."""
    counters = {name for name in own if name.endswith("num_batches_tracked")}  # not stored by every format
    problems = [f"lacks {name}" for name in own if name not in state and name not in counters]
    problems += [f"has {name}, which the encoder has not" for name in state if name not in own]
    both = [name for name in own if name in state]
    problems += [
        f"{name} is {tuple(state[name].shape)}, expected {tuple(own[name].shape)}"
        for name in both
        if state[name].shape != own[name].shape
    ]
    return problems + [f"{name} has a value that is not finite" for name in both if not state[name].isfinite().all()]
