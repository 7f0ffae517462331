"""The published ScanNet weights (a Keras HDF5 file) under the names of our state dict."""

from pathlib import Path

import h5py
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ....errors import UserError
from .chemistry import KINDS

# Ours -> the layer's name in the file, of the two filter stages and of the normalisations.
_STAGES = {"atom_filters": "atom", "residue_filters": "aa"}
_NORMS = {
    "atom_norm": "SCAN_filter_activity_atom",
    "pooling_norm": "SCAN_filters_atom_aggregated_activity",
    "type_norm": "embedded_attributes_aa",
    "residue_norm": "SCAN_filter_activity_aa",
}
_DENSE = {
    "pooling.coefficients": "attention_pooling_coefficients_atom",
    "pooling.features": "attention_pooling_features_atom",
    "type_projection": "embedded_attributes_aa_projection",
}
_MOST_BYTES = 64 * 1024**2  # of one array; the largest of the published network has a few thousand numbers


def official_state_dict(path: str | Path) -> dict[str, Tensor]:
    """Our state dict of `ScanNet_PPI_noMSA.h5`; what lies beyond `SCAN_filter_activity_aa` is left out.

    Raises UserError, naming the array, where the file is no such network; shapes are checked on loading.
    """
    try:
        with h5py.File(path, "r") as file:
            return {name: torch.from_numpy(array) for name, array in _converted(file, path).items()}
    except OSError as error:
        raise UserError(f"{path}: not a readable HDF5 file of ScanNet weights: {error}") from None


def _converted(file: h5py.File, path: str | Path) -> dict[str, NDArray[np.float32]]:
    def array(layer: str, name: str) -> NDArray[np.float32]:
        key = f"{layer}/{layer}/{name}:0"
        if key not in file:
            raise UserError(f"{path}: no array {key!r}; expected the weights of ScanNet_PPI_noMSA")
        if isinstance(file.get(key, getlink=True), h5py.ExternalLink | h5py.SoftLink):
            raise UserError(f"{path}: {key!r} is a link; expected an array in the file itself")
        found = file[key]
        if not isinstance(found, h5py.Dataset) or found.dtype.kind != "f" or found.nbytes > _MOST_BYTES:
            raise UserError(f"{path}: {key!r} is no array of numbers of a network's size")
        return found[()].astype(np.float32)

    _check_kinds(array("embedded_attributes_atom", "embeddings"), path)
    state = {}
    for ours, scale in _STAGES.items():
        state[f"{ours}.kernel.centres"] = array(f"embedded_local_coordinates_{scale}", "centers")
        state[f"{ours}.kernel.sqrt_precision"] = array(f"embedded_local_coordinates_{scale}", "sqrt_precision")
        joint, alone = (array(f"SCAN_filter_input_{scale}", kernel) for kernel in ("kernel12", "kernel1"))
        state[f"{ours}.weight"] = np.concatenate([joint, alone[:, None]], axis=1)  # (g, attributes + 1, filters)
    for ours, layer in _NORMS.items():
        for name, keras in (("shift", "beta"), ("mean", "moving_mean"), ("variance", "moving_variance")):
            state[f"{ours}.{name}"] = array(f"{layer}_normalization", keras)
    for ours, layer in _DENSE.items():
        state[f"{ours}.weight"] = np.ascontiguousarray(array(layer, "kernel").T)
    return state


def _check_kinds(embedding: NDArray[np.float32], path: str | Path) -> None:
    """The network's atom attributes are scaled one-hots, which is why we have no such array."""
    one_hot = np.vstack([np.zeros(len(KINDS)), np.sqrt(len(KINDS)) * np.eye(len(KINDS))])
    if embedding.shape != one_hot.shape or not np.allclose(embedding, one_hot, atol=1e-5):
        raise UserError(f"{path}: atom attributes are not one-hot; expected the weights of ScanNet_PPI_noMSA")
