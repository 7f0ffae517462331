"""What sentence-transformers puts behind a model: pooling, dense layers, unit length. Read from its files, without the package.

`modules.json` lists the layers in order; each has a folder with a `config.json`. `sentence_bert_config.json` says how many
tokens are read, `config_sentence_transformers.json` which prompt stands before a text.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ....errors import UserError
from ....storage.files import read_json

Rows = NDArray[np.float32]
_POOLINGS = {"mean": "mean", "cls": "cls", "lasttoken": "last"}  # as their files say, as the config says


@dataclass(frozen=True, eq=False)
class Dense:
    """A linear map of rows, and tanh if it has one."""

    weight: Rows  # (out, in)
    bias: Rows | None
    tanh: bool

    def __call__(self, rows: Rows) -> Rows:
        """(n, out) from (n, in)."""
        mapped = rows @ self.weight.T + (0 if self.bias is None else self.bias)
        return np.tanh(mapped) if self.tanh else mapped


@dataclass(frozen=True, eq=False)
class Layers:
    """What happens to hidden states: how they are pooled, and what follows."""

    pooling: str = "mean"
    dense: tuple[Dense, ...] = ()
    unit_length: bool = False
    prompt: str = ""
    most_tokens: int | None = None

    def after_pooling(self, rows: Rows) -> Rows:
        """(n, d) rows from pooled hidden states."""
        for layer in self.dense:
            rows = layer(rows)
        if self.unit_length:
            rows = rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-12)
        return rows

    def in_words(self) -> str:
        """For the sidecar."""
        dense = f", {len(self.dense)} dense layers" if self.dense else ""
        prompt = f", prompt {self.prompt!r}" if self.prompt else ""
        return f"{self.pooling} of tokens{dense}{', unit length' if self.unit_length else ''}{prompt}"


def read_layers(folder: Path, *, pooling: str | None = None) -> Layers:
    """The layers that a model's folder describes; mean pooling alone where it describes none.

    pooling: what the config says instead.     Raises UserError, one line, for a kind of layer or pooling that is not known here.
    """
    own, dense, unit_length = "mean", [], False
    for module in _json(folder / "modules.json", []):
        kind, place = str(module.get("type", "")).rpartition(".")[2], _inside(folder, str(module.get("path", "")))
        if kind == "Pooling":
            own = pooling or _pooling(place / "config.json")
        elif kind == "Dense":
            dense.append(_dense(place))
        elif kind == "Normalize":
            unit_length = True
        elif kind != "Transformer" or place != folder:
            raise UserError(
                f"{folder}/modules.json: found a layer {module.get('type')!r} in {str(module.get('path'))!r}; known are "
                "Transformer (in the folder itself), Pooling, Dense and Normalize"
            )
    return Layers(pooling or own, tuple(dense), unit_length, _prompt(folder), _most_tokens(folder))


def _json(path: Path, absent: Any) -> Any:
    if not path.is_file():
        return absent
    try:
        return read_json(path)
    except ValueError as error:
        raise UserError(f"{path}: not valid JSON: {' '.join(str(error).split())}") from None


def _inside(folder: Path, name: str) -> Path:
    if name in ("", "."):
        return folder
    if Path(name).name != name or name == "..":
        raise UserError(f"{folder}/modules.json: a layer lies in {name!r}; expected a folder beside the file")
    return folder / name


def _pooling(path: Path) -> str:
    settings = _json(path, {})
    said = [key.removeprefix("pooling_mode_") for key, on in settings.items() if on is True]
    chosen = [word.removesuffix("_tokens").removesuffix("_token") for word in said if word != "include_prompt"]
    chosen = chosen or [str(settings.get("pooling_mode", "mean"))]
    if len(chosen) != 1 or chosen[0] not in _POOLINGS:
        raise UserError(
            f"{path}: pools by {', '.join(chosen)}; known are {', '.join(_POOLINGS)}: set `pooling: mean`, cls or last"
        )
    return _POOLINGS[chosen[0]]


def _dense(folder: Path) -> Dense:
    from safetensors.numpy import load_file

    settings, path = _json(folder / "config.json", {}), folder / "model.safetensors"
    activation = str(settings.get("activation_function", "torch.nn.modules.activation.Tanh")).rpartition(".")[2]
    if activation not in ("Identity", "Tanh"):
        raise UserError(f"{folder}/config.json: activation_function {activation}; known are Identity and Tanh")
    if not path.is_file():
        raise UserError(f"{path} is not there; the layer's weights are read from .safetensors only")
    weights = {name: value.astype(np.float32) for name, value in load_file(path).items()}
    return Dense(weights["linear.weight"], weights.get("linear.bias"), activation == "Tanh")


def _prompt(folder: Path) -> str:
    settings = _json(folder / "config_sentence_transformers.json", {})
    return str((settings.get("prompts") or {}).get(settings.get("default_prompt_name"), ""))


def _most_tokens(folder: Path) -> int | None:
    most = _json(folder / "sentence_bert_config.json", {}).get("max_seq_length")
    return int(most) if most else None
