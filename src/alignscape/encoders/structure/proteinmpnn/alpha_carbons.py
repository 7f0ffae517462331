"""The edges of ProteinMPNN's C-alpha models: nine distances between three atoms of a stretch each, and two frames.

Reference: `CA_ProteinFeatures` of the package `proteinmpnn` 0.1.3 (MIT). Its frames are put together over the axes of the
file instead of over their own, so that half of what is said of two frames turns with the protein; the weights were trained
so, and it is kept. Where a residue has none before or after it, the package takes the origin of the file; here it is a point
that is far from every protein, so that nothing depends on where the protein lies.
"""

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from ....compute.fast_linear import FastLinear

FAR = 1e4  # angstrom, in each direction
_BONDED = (3.6, 4.0)  # angstrom between C-alphas of neighbours in a chain
# Ends of the nine distances in the order of the trained weights: of the C-alpha before, of its own, of the one after.
_HERE = (1, 0, 2, 0, 0, 1, 1, 2, 2)
_THERE = (1, 0, 2, 1, 2, 0, 2, 0, 1)


def linked(place: NDArray[np.integer], chain: NDArray[np.integer]) -> NDArray[np.bool_]:
    """(n - 1,) whether a residue and the next one count as neighbours: in place, or as the end and the start of two chains."""
    return np.asarray((np.diff(place) == 1) | (np.diff(chain) != 0))


def stretches(alpha: Tensor, link: Tensor) -> Tensor:
    """(n, 3, 3) the C-alphas before a residue, of it and after it, in angstrom, from C-alphas (n, 3) and links (n - 1,)."""
    before, after = torch.full_like(alpha, FAR), torch.full_like(alpha, FAR)
    before[1:][link], after[:-1][link] = alpha[:-1][link], alpha[1:][link]
    return torch.stack([before, alpha, after], dim=1)


def frames(alpha: Tensor, link: Tensor) -> Tensor:
    """(n, 3, 3) three vectors at each residue, from the bonds to the one before and the one after; zeros where there are none."""
    bond = alpha[1:] - alpha[:-1]
    length = bond.norm(dim=-1)
    bonded = link & (length > _BONDED[0]) & (length < _BONDED[1])
    direction = functional.normalize(bond * bonded[:, None], dim=-1)
    made = alpha.new_zeros(len(alpha), 3, 3)
    first, second = direction[:-2], direction[1:-1]
    bisector = functional.normalize(first - second, dim=-1)
    normal = functional.normalize(torch.linalg.cross(first, second, dim=-1), dim=-1)
    made[1 : len(first) + 1] = torch.stack([bisector, normal, torch.linalg.cross(bisector, normal, dim=-1)], dim=1)
    return made


class AlphaCarbonFeatures(nn.Module):
    """What one residue sees of another: how far along the chain, nine distances, where it is, and how it is turned."""

    def __init__(self, n_places: int, centres: Tensor, spread: float, width: int) -> None:
        super().__init__()
        self.embeddings = nn.ModuleDict({"linear": FastLinear(n_places, len(centres))})
        self.edge_embedding = FastLinear(len(centres) * (1 + len(_HERE)) + 7, width, bias=False)
        self.norm_edges = nn.LayerNorm(width)
        self.register_buffer("centres", centres.clone(), persistent=False)
        self.spread = spread

    def forward(self, here: tuple[Tensor, Tensor], there: tuple[Tensor, Tensor], offset: Tensor) -> Tensor:
        """(b, k, width) from stretches and frames (b, 3, 3) of residues and (b, k, 3, 3) of their neighbours, offsets (b, k)."""
        difference = here[0][:, None, _HERE] - there[0][:, :, _THERE]  # (b, k, 9, 3)
        distance = (difference.square().sum(dim=-1) + 1e-6).sqrt()
        basis = torch.exp(-(((distance[..., None] - self.centres) / self.spread) ** 2))  # (b, k, 9, 16)
        along_chain = self.embeddings["linear"].weight.T[offset] + self.embeddings["linear"].bias
        parts = [along_chain, basis.flatten(-2), _seen_from(here, there)]
        return self.norm_edges(self.edge_embedding(torch.cat(parts, dim=-1)))


def _seen_from(here: tuple[Tensor, Tensor], there: tuple[Tensor, Tensor]) -> Tensor:
    """(b, k, 7) the direction to a neighbour in the residue's frame, and a quaternion of the two frames."""
    frame, other = here[1][:, None], there[1]
    towards = (frame @ (there[0][:, :, 1] - here[0][:, None, 1])[..., None])[..., 0]
    turn = frame.transpose(-1, -2) @ other  # over the file's axes, see above
    return torch.cat([functional.normalize(towards, dim=-1), _quaternion(turn)], dim=-1)


def _quaternion(turn: Tensor) -> Tensor:
    """(..., 4) unit quaternions of matrices (..., 3, 3), real part last."""
    x, y, z = torch.diagonal(turn, dim1=-2, dim2=-1).unbind(-1)
    size = 0.5 * (1 + torch.stack([x - y - z, -x + y - z, -x - y + z], dim=-1)).abs().sqrt()
    skew = (turn - turn.transpose(-1, -2))[..., (2, 0, 1), (1, 2, 0)]
    real = functional.relu(1 + x + y + z).sqrt()[..., None] / 2
    return functional.normalize(torch.cat([skew.sign() * size, real], dim=-1), dim=-1)
