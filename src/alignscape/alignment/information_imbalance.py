"""Information imbalance (Glielmo et al., PNAS Nexus 2022, doi 10.1093/pnasnexus/pgac039): what near for one encoder says of near for another."""

from .geometry import Floats, Geometry
from .kernels import Orders, as_they_are


def information_imbalance(first: Geometry, second: Geometry) -> float:
    """2/n times the mean rank that a protein's nearest neighbour in the first space has among its neighbours in the second.

    Near 0 (2/n at least) where the first space's distances tell the second's; 1 at chance. Not symmetric: a space tells its
    own projection, which does not tell it. Proteins that are equally near share a rank.
    """
    return float(InformationImbalance(first, second)(as_they_are(first.n))[0])


class InformationImbalance:
    """`information_imbalance` for many orders (p, n) of the second side's proteins, (p,)."""

    def __init__(self, first: Geometry, second: Geometry) -> None:
        self.i, self.j, self.share = first.nearest
        self.ranks, self.n, self.cells = second.ranks, first.n, len(first.nearest[0])

    def __call__(self, orders: Orders) -> Floats:
        return 2 / self.n**2 * (self.ranks[orders[:, self.i], orders[:, self.j]] @ self.share)
