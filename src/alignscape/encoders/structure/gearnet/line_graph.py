"""GearNet's line graph: which pairs of residues meet, and in which eighth of 0 to pi their angle lies.

It has some 280 edges for each residue, most of the work of a protein's features, so it is made where the model runs:
by `line_graph` on a processor, which is the reference, and by `line_graph_on_device` on a GPU. Both give the same
arrays. The reference computes angles in float32, as the original does; the other in float64, and asks the reference
wherever float32's rounding could put an angle on the other side of a border between two eighths.
"""

import numpy as np
import torch
from numpy.typing import NDArray
from scipy import sparse
from torch import Tensor

N_ANGLE_BINS = 8

# In eighths of pi: how far float32's angle may be from the true one, twice over. With u = 2^-24, cross and dot product are
# wrong by at most 8 u of the product of both lengths, arctan2 by 4 units of its last place (16 u), the product with 8 / pi by
# 6 u: 30 u in radians, 4.6e-6 of these.
_UNCERTAIN = 1e-5
# Products of two lengths, square angstrom, within which the above holds: no square that counts is too small or too large.
_LEAST, _MOST = 1e-9, 1e18

Index = NDArray[np.int64]


def n_meetings(n_residues: int, pairs: Index) -> int:
    """How many edges the line graph of pairs (p, 2) has: every pair meets all pairs that end at its source."""
    source, target = pairs.T
    return int(np.bincount(target, minlength=n_residues)[source].sum())


def line_graph(xyz: NDArray[np.float32], pairs: Index) -> tuple[Index, Index]:
    """Incoming pairs (t,) by row 8 * pair + angle bin, and where each row begins (8 p + 1,): the line graph in CSR form.

    xyz: (n, 3) in angstrom. pairs: (p, 2) source and target, different from each other and sorted by target. Within a
    row the pairs are in ascending order.
    """
    source, target = pairs.T
    n_incoming = np.bincount(target, minlength=len(xyz))
    first_incoming = np.cumsum(n_incoming) - n_incoming
    repeats = n_incoming[source]
    outgoing = np.repeat(np.arange(len(source)), repeats)
    within_row = np.arange(len(outgoing)) - np.repeat(np.cumsum(repeats) - repeats, repeats)
    incoming = np.repeat(first_incoming[source], repeats) + within_row
    vector = (xyz[source] - xyz[target]).astype(np.float32)
    row = outgoing * N_ANGLE_BINS + angle_bin(-vector[outgoing], vector[incoming])
    # A matrix with one entry in each column: that scipy finds its rows is a counting sort.
    n_rows, columns = len(source) * N_ANGLE_BINS, np.arange(len(row) + 1, dtype=np.int32)
    by_row = sparse.csc_array((incoming, row.astype(np.int32), columns), shape=(n_rows, len(row))).tocsr()
    return by_row.data, by_row.indptr.astype(np.int64)


def angle_bin(a: NDArray[np.float32], b: NDArray[np.float32]) -> Index:
    """(t,) which eighth of 0 to pi the angle between rows of a and b (t, 3) falls into; 0 for a vector of length 0."""
    cross = np.linalg.norm(np.cross(a, b), axis=1)
    angle = np.arctan2(cross, np.einsum("td,td->t", a, b))
    # pi itself belongs to the last bin
    return np.minimum((angle * (N_ANGLE_BINS / np.pi)).astype(np.int64), N_ANGLE_BINS - 1)


def line_graph_on_device(xyz: Tensor, pairs: Tensor, n_meetings: int) -> tuple[Tensor, Tensor]:
    """The arrays of `line_graph`, made on the device of xyz (n, 3) and pairs (p, 2), of one protein or of several.

    n_meetings: how many edges it has, known beforehand so that a GPU is not waited for.
    """
    source, target = pairs.t().contiguous().unbind()
    n_pairs, device = len(source), xyz.device
    start = torch.searchsorted(target, torch.arange(len(xyz) + 1, device=device))  # of the pairs that end at a residue
    repeats = start.diff()[source]
    first = start[source] - (repeats.cumsum(0) - repeats)
    outgoing = torch.repeat_interleave(torch.arange(n_pairs, device=device), repeats, output_size=n_meetings)
    incoming = first[outgoing] + torch.arange(n_meetings, device=device)
    vector = (xyz[source] - xyz[target]).float()
    row = outgoing * N_ANGLE_BINS + _angle_bin(-vector[outgoing], vector[incoming])
    row, order = row.int().sort(stable=True)  # of 32 bits, which are sorted in half the time
    rows = torch.arange(n_pairs * N_ANGLE_BINS + 1, device=device, dtype=row.dtype)
    return incoming[order], torch.searchsorted(row, rows)


def _angle_bin(a: Tensor, b: Tensor) -> Tensor:
    """(t,) as `angle_bin`, for rows of a and b (t, 3) on any device."""
    x, y = a.double(), b.double()
    cross, dot = torch.linalg.vector_norm(torch.linalg.cross(x, y, dim=1), dim=1), (x * y).sum(dim=1)
    lengths = torch.hypot(cross, dot)  # the product of both
    angle = torch.atan2(cross, dot) * (N_ANGLE_BINS / np.pi)
    border = angle.round()
    at_border = ((angle - border).abs() < _UNCERTAIN) & (border > 0) & (border < N_ANGLE_BINS)
    out_of_range = (lengths != 0) & (lengths.clamp(_LEAST, _MOST) != lengths)
    bins = angle.long().clamp(max=N_ANGLE_BINS - 1).masked_fill(lengths == 0, 0)
    asked = torch.nonzero(at_border | out_of_range).squeeze(1)
    vectors = torch.cat([a[asked], b[asked]]).cpu().numpy()
    answers = torch.from_numpy(angle_bin(vectors[: len(asked)], vectors[len(asked) :]))
    return bins.index_copy(0, asked, answers.to(bins.device))
