"""The small proteins that encoders are tried on: entries of the embedded set, which comes with alignscape."""

from functools import cache
from pathlib import Path

from ...proteins.parsing.parse import parse_structure
from ...proteins.sources.embedded import demo_folder
from ...proteins.structure import Structure
from ...proteins.variants import first_residues

TEN = (
    "1AJJ",
    "1CRN",
    "1BX8",
    "5PTI",
    "1TAP",
    "1ORC",
    "1UBI",
    "2BEG",
    "1A19",
    "1AY7",
)  # by length; the last three of several chains
FEW = {"1AJJ": 37, "1CRN": 46, "1AY7": 30}  # and how many residues of each chain
LARGE = 2000  # residues


def files(ids: tuple[str, ...]) -> list[Path]:
    """Where these entries lie."""
    folder = demo_folder() / "structures"
    return [folder / f"{id_.lower()}.pdb.gz" for id_ in ids]


@cache
def ten() -> tuple[Structure, ...]:
    """Ten of 37 to 185 residues, three of them of several chains."""
    return tuple(parse_structure(path, id=id_)[0] for id_, path in zip(TEN, files(TEN), strict=True))


@cache
def few() -> tuple[Structure, ...]:
    """Three of 37 to 60 residues, one of them of two chains."""
    whole = (parse_structure(path, id=id_)[0] for id_, path in zip(FEW, files(tuple(FEW)), strict=True))
    return tuple(first_residues(structure, n) for structure, n in zip(whole, FEW.values(), strict=True))
