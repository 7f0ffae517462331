"""Principal components of training rows: the control that cuts a large embedding to a smaller dimension (RQ4)."""

from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True, eq=False)
class Components:
    """mean (d,) and directions (d, m), orthonormal, by falling variance, as float32."""

    mean: Tensor
    directions: Tensor

    def apply(self, rows: Tensor) -> Tensor:
        """(n, d) to (n, m)."""
        return (rows - self.mean) @ self.directions


def principal_components(rows: Tensor, count: int) -> Components:
    """The first `count` principal components of rows (n, d), computed in float64.

    Raises ValueError for more than min(n - 1, d), as there are no more.
    """
    n, d = rows.shape
    if count > min(n - 1, d):
        raise ValueError(f"{n} rows of {d} numbers have {min(n - 1, d)} principal components, asked for {count}")
    mean = rows.double().mean(dim=0)
    centred = rows.double() - mean
    if n <= d:  # the smaller of the two products has the same spectrum
        directions = centred.T @ torch.linalg.eigh(centred @ centred.T).eigenvectors.flip(1)[:, :count]
        directions = directions / directions.norm(dim=0)
    else:
        directions = torch.linalg.eigh(centred.T @ centred).eigenvectors.flip(1)[:, :count]
    return Components(mean.float(), directions.float())
