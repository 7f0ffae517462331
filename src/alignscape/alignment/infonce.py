"""The contrastive loss of the heads (paper Sec. 3.1), for one model or a stack of them."""

from typing import Literal

import torch
from torch import Tensor

_AT_ONCE = 1 << 24  # similarities whose loss is computed at once: 64 MB
LossName = Literal["structure_to_text", "symmetric"]


def info_nce(
    similarity: Tensor,
    *,
    temperature: float | Tensor,
    direction: LossName = "structure_to_text",
    excluded: Tensor | None = None,
    present: Tensor | None = None,
) -> Tensor:
    """Mean contrastive loss of each model of a stack, (...,).

    -1/B sum_i log( exp(s_ii/tau) / sum_j exp(s_ij/tau) ) with s = (S + 1)/2, which is the cross entropy of S/(2 tau)
    against the diagonal, as the + 1/2 cancels. ln B at chance; at tau = 0.2 it cannot fall below 1.2082 for B = 32.
    similarity: (..., b, b) cosines S_ij of structure i and text j. temperature: tau, or one a model (...,).
    direction: `symmetric` is the mean of structure-to-text, which is the paper's, and text-to-structure.
    excluded: (..., b, b) true where j is no fair negative of i (duplicates); its diagonal is ignored.
    present: (..., b) false for the padding of a short batch, which neither counts nor is a negative.
    """
    tau = torch.as_tensor(temperature, dtype=similarity.dtype, device=similarity.device)
    logits = similarity / (2 * tau[..., None, None])  # (..., b, b)
    mask = _not_negatives(logits, excluded, present)
    if mask is not None:
        logits = logits.masked_fill(mask, -torch.inf)
    loss = _mean_cross_entropy(logits, present)
    if direction == "symmetric":
        loss = (loss + _mean_cross_entropy(logits.transpose(-1, -2), present)) / 2
    return loss


def loss_of_all(structure: Tensor, text: Tensor, *, temperature: float) -> float:
    """`info_nce` with each protein's text among all n of them, some rows at a time; structure, text: (n, d) unit rows."""
    each = []
    for rows in torch.arange(len(text), device=text.device).split(max(1, _AT_ONCE // len(text))):
        logits = structure[rows] @ text.T / (2 * temperature)  # (r, n)
        each.append(torch.logsumexp(logits, dim=1) - logits.gather(1, rows[:, None])[:, 0])
    return float(torch.cat(each).mean())


def _not_negatives(logits: Tensor, excluded: Tensor | None, present: Tensor | None) -> Tensor | None:
    """(..., b, b) true for the entries to leave out of the sum; never the diagonal, so that no row is empty."""
    mask = excluded
    if present is not None:
        absent = ~(present[..., :, None] & present[..., None, :])
        mask = absent if mask is None else mask | absent
    if mask is None:
        return None
    return mask & ~torch.eye(logits.shape[-1], dtype=torch.bool, device=logits.device)


def _mean_cross_entropy(logits: Tensor, present: Tensor | None) -> Tensor:
    each = torch.logsumexp(logits, dim=-1) - torch.diagonal(logits, dim1=-2, dim2=-1)  # (..., b)
    if present is None:
        return each.mean(dim=-1)
    return (each * present).sum(dim=-1) / present.sum(dim=-1)


def cosines(structure: Tensor, text: Tensor) -> Tensor:
    """S_ij of all pairs, (..., n, m), from the heads' raw outputs (..., n, d) and (..., m, d).

    The products are divided by both lengths, not the vectors before: far fewer numbers to touch, backwards too.
    """
    lengths = [torch.linalg.vector_norm(rows, dim=-1).clamp(min=1e-12) for rows in (structure, text)]
    return (structure @ text.transpose(-1, -2)) / (lengths[0][..., :, None] * lengths[1][..., None, :])


def same_group(groups: Tensor) -> Tensor:
    """(..., b, b) true where i and j are of one group (same text, same cluster): no fair negatives. groups: (..., b)."""
    return groups[..., :, None] == groups[..., None, :]
