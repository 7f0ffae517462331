"""Which coordinates are places: what a program writes where it knows none is told from them."""

import numpy as np
from numpy.typing import NDArray

_OUT_OF_RANGE = 9990.0  # angstrom: the widest field's 9999 stands for "not known"


def placeless(xyz: NDArray[np.float64], atom: NDArray[np.int64]) -> NDArray[np.bool_]:
    """(n,) coordinates `xyz` (n, 3) that are no place: no number, 9999, or one point that several atoms share.

    atom: (n,) which atom a row is of; the alternative locations of one atom are the same. A shared point counts only
    where x, y and z are equal, as in 0 0 0: programs put what they do not know there, and no two atoms can be there.
    """
    x, y, z = xyz.T
    with np.errstate(invalid="ignore"):
        known = (np.abs(x) < _OUT_OF_RANGE) & (np.abs(y) < _OUT_OF_RANGE) & (np.abs(z) < _OUT_OF_RANGE)
    missing = ~known
    equal = np.flatnonzero(known & (x == y) & (y == z))
    if len(equal) > 1:
        pairs = np.unique(np.stack([xyz[equal, 0], atom[equal].astype(np.float64)]), axis=1)
        points, counts = np.unique(pairs[0], return_counts=True)
        missing[equal[np.isin(xyz[equal, 0], points[counts > 1])]] = True
    return missing
