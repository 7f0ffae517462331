"""The small proteins that encoders are tried on."""

from functools import cache

from ...proteins.parsing.parse import parse_structure
from ...proteins.structure import Structure
from ...proteins.variants import first_residues
from .entries import FEW, TEN, files

LARGE = 2000  # residues


@cache
def ten() -> tuple[Structure, ...]:
    """Ten of 37 to 185 residues, three of them of several chains."""
    return tuple(parse_structure(path, id=id_)[0] for id_, path in zip(TEN, files(TEN), strict=True))


@cache
def few() -> tuple[Structure, ...]:
    """Three of 37 to 60 residues, one of them of two chains."""
    whole = (parse_structure(path, id=id_)[0] for id_, path in zip(FEW, files(tuple(FEW)), strict=True))
    return tuple(first_residues(structure, n) for structure, n in zip(whole, FEW.values(), strict=True))
