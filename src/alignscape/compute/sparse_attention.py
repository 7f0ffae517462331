"""Graph attention on sparse edges (arXiv 1710.10903, eq. 3 to 5): linear in the number of edges, in time and in memory."""

import warnings
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.autograd import Function
from torch.nn.functional import elu, leaky_relu


@dataclass(frozen=True)
class Edges:
    """A symmetric pattern of e edges among n nodes in compressed rows: node i attends to sender[start[i]:start[i+1]].

    Senders of a node ascend, every node has an edge to itself, and with (i, j) there is (j, i).
    """

    start: Tensor  # (n + 1,) int64
    sender: Tensor  # (e,) int64
    receiver: Tensor  # (e,) int64, ascending

    def matrix(self, values: Tensor) -> Tensor:
        """(n, n) sparse matrix with `values` (e,) at the edges, receivers as rows."""
        n = len(self.start) - 1
        with warnings.catch_warnings():  # compressed rows are announced as beta; what is used here is tested
            warnings.simplefilter("ignore", UserWarning)
            return torch.sparse_csr_tensor(self.start, self.sender, values, (n, n), check_invariants=False)


class _WeightedSum(Function):
    """Sum over a node's senders of weight times value, one head; torch's own has no gradient for the weights."""

    @staticmethod
    def forward(ctx: Any, weight: Tensor, value: Tensor, edges: Edges, reverse: Tensor | None) -> Tensor:
        ctx.save_for_backward(weight, value, reverse)
        ctx.edges = edges
        return edges.matrix(weight) @ value  # (n, width)

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor | None, ...]:
        weight, value, reverse = ctx.saved_tensors
        pattern = ctx.edges.matrix(torch.zeros_like(weight))
        of_weight = torch.sparse.sampled_addmm(pattern, gradient.contiguous(), value.T.contiguous()).values()
        of_value = ctx.edges.matrix(weight[reverse]) @ gradient  # the pattern is its own transpose
        return of_weight, of_value, None, None


class SparseAttention(nn.Module):
    """Attention heads side by side: (n, width_in) -> (n, heads * width), after ELU. `own` is added before it, if given.

    The logit of an edge i <- j is leaky_relu(receiver . h_i + sender . h_j + constant, 0.2) with h = x @ value. The
    constant is the sum of the two biases that the original implementation has; it matters, since leaky_relu bends.
    """

    def __init__(self, width_in: int, *, heads: int = 8, width: int = 8) -> None:
        super().__init__()
        self.heads, self.width = heads, width
        self.value = nn.Parameter(nn.init.xavier_uniform_(torch.empty(width_in, heads * width)))
        self.receiver = nn.Parameter(nn.init.xavier_uniform_(torch.empty(heads, width)))
        self.sender = nn.Parameter(nn.init.xavier_uniform_(torch.empty(heads, width)))
        self.constant = nn.Parameter(torch.zeros(heads))
        self.bias = nn.Parameter(torch.zeros(heads * width))

    def forward(self, x: Tensor, edges: Edges, own: Tensor | float = 0.0) -> Tensor:
        value = (x @ self.value).view(-1, self.heads, self.width)
        of_receiver = (value * self.receiver).sum(-1) + self.constant  # (n, heads)
        of_sender = (value * self.sender).sum(-1)
        weight = _softmax(leaky_relu(of_receiver[edges.receiver] + of_sender[edges.sender], 0.2), edges)  # (e, heads)
        reverse = torch.argsort(edges.sender, stable=True) if weight.requires_grad else None
        heads = [
            _WeightedSum.apply(weight[:, h].contiguous(), value[:, h].contiguous(), edges, reverse)
            for h in range(self.heads)
        ]
        return elu(torch.cat(heads, 1) + self.bias + own)


def _softmax(logits: Tensor, edges: Edges) -> Tensor:
    """(e, heads) softmax over each receiver's edges."""
    largest = torch.segment_reduce(logits.detach(), "max", offsets=edges.start, axis=0)  # (n, heads)
    raised = (logits - largest[edges.receiver]).exp()
    return raised / torch.segment_reduce(raised, "sum", offsets=edges.start, axis=0)[edges.receiver]
