"""The small entries of the embedded set that encoders are tried on: which, and where they lie."""

from pathlib import Path

from ...proteins.sources.embedded import demo_folder

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
FEW = {"1AJJ": 37, "1CRN": 46, "1AY7": 30}  # and how many residues of each chain, of which the last one has two
CHECKED_RESIDUES = 8 * (37 + 46 + 60)  # that are read in trying an encoder on the few


def files(ids: tuple[str, ...]) -> list[Path]:
    """Where these entries lie."""
    folder = demo_folder() / "structures"
    return [folder / f"{id_.lower()}.pdb.gz" for id_ in ids]
