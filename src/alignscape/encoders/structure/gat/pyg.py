"""GAT with the attention layer of torch-geometric: a second implementation to compare ours with.

Weights, their names, graph and readout are ours; GATConv computes what each atom receives. It makes a message of 64 numbers
on every edge, where ours multiplies sparse matrices. Needs the optional group `pyg`.
"""

import torch
from torch import Tensor, nn
from torch.func import functional_call
from torch.nn.functional import elu

from ....compute.sparse_attention import Edges, SparseAttention
from ....errors import UserError
from ..interface import StructureEncoder
from .block import Gat
from .model import build as build_native


def build(config: Gat) -> StructureEncoder:
    """The encoder of a `gat` block with fresh weights, the same as ours draws from the same generator."""
    return build_native(config, GeometricAttention)


class GeometricAttention(SparseAttention):
    """Our layer's weights in a GATConv.

    GATConv has no constant in an edge's logit. It has a term for an edge's features, though: with one feature, which is 1
    everywhere, that term is a constant of each head.
    """

    def __init__(self, width_in: int, *, heads: int = 8, width: int = 8) -> None:
        super().__init__(width_in, heads=heads, width=width)
        self._layer = (_convolution(width_in, heads=heads, width=width),)  # in a tuple: its weights are not ours

    def forward(self, x: Tensor, edges: Edges, own: Tensor | float = 0.0) -> Tensor:
        """(n, heads * width), as `SparseAttention` gives."""
        weights = {
            "lin.weight": self.value.T,
            "att_src": self.sender[None],
            "att_dst": self.receiver[None],
            "lin_edge.weight": (self.constant / self.width).repeat_interleave(self.width)[:, None],
            "att_edge": torch.ones_like(self.sender)[None],
        }
        index = torch.stack([edges.sender, edges.receiver])
        received = functional_call(self._layer[0], weights, (x, index, x.new_ones(index.shape[1], 1)))
        return elu(received + self.bias + own)


def _convolution(width_in: int, *, heads: int, width: int) -> nn.Module:
    """A GATConv without memory for weights. Raises UserError where torch-geometric is not installed."""
    try:
        from torch_geometric.nn import GATConv
    except ModuleNotFoundError as error:
        if not (error.name or "").startswith("torch_geometric"):
            raise
        raise UserError(
            "backend `pyg` of GAT needs torch-geometric, which is not installed; "
            "`.venv/bin/pip install -r requirements-pyg.lock`, or set `backend: native`"
        ) from None
    with torch.device("meta"):
        return GATConv(width_in, width, heads=heads, edge_dim=1, add_self_loops=False, bias=False)
