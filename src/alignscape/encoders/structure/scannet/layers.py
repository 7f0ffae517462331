"""The layers of ScanNet (Tubiana et al., doi 10.1038/s41592-022-01490-7, Methods): frames, filters, pooling, norms."""

import math

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from ....compute.fast_linear import FastLinear, linear

# Points whose neighbourhoods are held at once: with 16 neighbours x 97 numbers for each, what stays in a processor's cache,
# and on a GPU, which is slowed down by small calls, 0.4 GB.
POINTS_AT_ONCE = {"cpu": 1024, "cuda": 65_536}


def local_frames(points: Tensor) -> Tensor:
    """(n, 3, 3) rows x, y, z of the frames spanned by (n, 3, 3) points: the point, the one before, the one after.

    z points to the one after, x lies in the plane of the three. Where they coincide or lie on a line, the missing
    directions are near the space's own axes, as in the original; ScanNet's features avoid such points.
    """
    axes = torch.eye(3, dtype=points.dtype, device=points.device)
    to_before, to_after = points[:, 1] - points[:, 0], points[:, 2] - points[:, 0]
    z = _direction(to_after, axes[2])
    y = _direction(torch.linalg.cross(z, to_before), axes[1])
    x = _direction(torch.linalg.cross(y, z), axes[0])
    return torch.stack([x, y, z], dim=1)


def _direction(vector: Tensor, default: Tensor, *, epsilon: float = 1e-6) -> Tensor:
    """(n, 3) unit vectors, `default` where a vector is zero."""
    return (vector + epsilon * default) / (torch.linalg.vector_norm(vector, dim=-1, keepdim=True) + epsilon)


class GaussianKernel(nn.Module):
    """Activity of Gaussians with free centres and full covariance at points in space.

    Parameters as published: centres (3, g) in angstrom, square roots of the precision (3, 3, g) in 1/angstrom.
    Initialised to spread evenly over the ball of `radius` that holds the neighbourhood: the first centre at its middle
    (where the point itself is), the others drawn uniformly from it, each as wide as its share of the volume. (The
    original fits a mixture to its data; this needs none.)
    """

    def __init__(self, gaussians: int, *, radius: float) -> None:
        super().__init__()
        direction = F.normalize(torch.randn(3, gaussians), dim=0)
        distance = radius * torch.rand(gaussians) ** (1 / 3)
        distance[0] = 0.0
        width = radius / gaussians ** (1 / 3)
        self.centres = nn.Parameter(direction * distance)
        self.sqrt_precision = nn.Parameter((torch.eye(3) / width)[:, :, None].repeat(1, 1, gaussians))

    def forward(self, xyz: Tensor) -> Tensor:
        """(..., g) activities in [0, 1] at (..., 3) local coordinates."""
        whitening = self.sqrt_precision.transpose(0, 1).reshape(3, -1)  # (3, 3 g): to axis i, Gaussian g
        offset = (self.sqrt_precision * self.centres).sum(dim=1).reshape(-1)  # (3 g,)
        whitened = torch.addmm(-offset, xyz.reshape(-1, 3), whitening)
        distance_square = whitened.view(*xyz.shape[:-1], 3, self.centres.shape[1]).square().sum(dim=-2)
        return torch.exp(-0.5 * distance_square)


class NeighbourhoodFilters(nn.Module):
    """Spatio-chemical filters: where the neighbours are (Gaussians) times what they are (attributes), summed.

    activity_f = sum over neighbours k, Gaussians g, attributes a of G_g(x_k) (W_gaf A_ka + V_gf); V is the last slice
    of `weight` (g, attributes + 1, filters), the same as a weight on an attribute that is always 1.
    """

    def __init__(self, attributes: int, filters: int, *, gaussians: int, radius: float) -> None:
        super().__init__()
        self.kernel = GaussianKernel(gaussians, radius=radius)
        self.weight = nn.Parameter(torch.empty(gaussians, attributes + 1, filters))
        nn.init.trunc_normal_(self.weight[:, :-1], std=1 / math.sqrt(gaussians * attributes), a=-1, b=1)
        nn.init.trunc_normal_(self.weight[:, -1], std=1 / math.sqrt(gaussians), a=-1, b=1)

    def forward(self, points: Tensor, neighbour: Tensor, attributes: Tensor) -> Tensor:
        """(n, filters) from points (n, 3, 3), neighbours (n, k), -1 for none, and attributes (n, attributes)."""
        attributes = torch.cat([attributes, attributes.new_ones(len(attributes), 1)], dim=1)
        xyz, frames = points[:, 0], local_frames(points)
        size = POINTS_AT_ONCE.get(xyz.device.type, POINTS_AT_ONCE["cpu"])
        chunks = zip(*(tensor.split(size) for tensor in (xyz, frames, neighbour)), strict=True)
        return torch.cat([self._filter(xyz, attributes, *chunk) for chunk in chunks])

    def _filter(self, xyz: Tensor, attributes: Tensor, centre: Tensor, frame: Tensor, neighbour: Tensor) -> Tensor:
        near = neighbour.clamp(min=0)
        # Distances in angstrom are squared and exponentiated: never in half precision.
        with torch.autocast(xyz.device.type, enabled=False):
            offset = xyz[near] - centre[:, None]  # (n, k, 3)
            local = (offset[:, :, None, :] * frame[:, None]).sum(dim=-1)  # (n, k, 3)
            gaussians = self.kernel(local) * (neighbour >= 0)[..., None]  # (n, k, g)
        joint = gaussians.transpose(1, 2) @ attributes[near]  # (n, g, attributes + 1)
        return linear(joint.flatten(1), self.weight.flatten(0, 1).T)


class MaskedNorm(nn.Module):
    """Batch normalisation with a learned shift and no learned scale, whose statistics may leave rows out.

    Nothing is padded here, so the rows to leave out are those whose input means nothing: residues of unknown type.
    Statistics of the batch in training, running averages in evaluation. Epsilon is the original's; its running averages
    move by 0.01 a step, ours by 0.1, because training here may be a hundred steps of large batches.
    """

    def __init__(self, channels: int, *, epsilon: float = 1e-3, momentum: float = 0.1) -> None:
        super().__init__()
        self.epsilon, self.momentum = epsilon, momentum
        self.shift = nn.Parameter(torch.zeros(channels))
        self.register_buffer("mean", torch.zeros(channels))
        self.register_buffer("variance", torch.ones(channels))

    def forward(self, x: Tensor, keep: Tensor | None = None) -> Tensor:
        """(n, channels) normalised; statistics over the rows where `keep` (n,) is true, all if absent."""
        mean, variance = self._batch_statistics(x, keep) if self.training else (self.mean, self.variance)
        return (x - mean) * torch.rsqrt(variance + self.epsilon) + self.shift

    def _batch_statistics(self, x: Tensor, keep: Tensor | None) -> tuple[Tensor, Tensor]:
        weight = x.new_ones(len(x), 1) if keep is None else keep.to(x.dtype)[:, None]
        n = weight.sum().clamp(min=1)
        mean = (weight * x).sum(dim=0) / n
        variance = (weight * (x - mean).square()).sum(dim=0) / n
        with torch.no_grad():
            self.mean.lerp_(mean, self.momentum)
            self.variance.lerp_(variance * n / (n - 1).clamp(min=1), self.momentum)
        return mean, variance


class AttentionPooling(nn.Module):
    """From atoms to residues: per channel, a softmax over a residue's atoms weighs the atoms' features."""

    def __init__(self, filters: int, channels: int, *, epsilon: float = 1e-6) -> None:
        super().__init__()
        self.epsilon = epsilon
        self.coefficients = FastLinear(filters, channels, bias=False)
        self.features = FastLinear(filters, channels, bias=False)
        nn.init.zeros_(self.coefficients.weight)  # starts as the mean over the atoms

    def forward(self, filters: Tensor, atoms: Tensor, n_own: Tensor) -> Tensor:
        """(r, channels), 0 for a residue without atoms.

        filters: (a, filters) of the atoms; atoms: (r, m) indices of the atoms closest along the sequence, -1 for none,
        of which the first `n_own` (r,) are the residue's. The others get no weight, but as in the original the largest
        coefficient is sought among all m, which shows (1e-4) where it makes a residue's own ones small beside epsilon.
        """
        if not len(filters):
            return filters.new_zeros(len(atoms), self.features.out_features)
        members, place = atoms.clamp(min=0), torch.arange(atoms.shape[1], device=atoms.device)
        own = (place < n_own[:, None])[..., None]  # (r, m, 1)
        lowest = torch.finfo(filters.dtype).min
        coefficients = self.coefficients(filters)[members].masked_fill((atoms < 0)[..., None], lowest)  # (r, m, c)
        weight = torch.exp(coefficients - coefficients.amax(dim=1, keepdim=True)) * own
        pooled = (weight * self.features(filters)[members]).sum(dim=1)
        return pooled / (weight.sum(dim=1) + self.epsilon)
