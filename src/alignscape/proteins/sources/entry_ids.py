"""Ids of the PDB archive: four characters, and the twelve that take their place in 2027 (pdb_00001abc is 1ABC)."""

import re

_SHORT = re.compile(r"[0-9][a-z0-9]{3}", re.IGNORECASE)
_LONG = re.compile(r"pdb_(?P<eight>[0-9a-z]{8})", re.IGNORECASE)
_FILE = re.compile(
    r"(?:pdb(?P<short>[0-9][a-z0-9]{3})|(?P<long>pdb_[0-9a-z]{8})(?:_xyz(?:_v\d+(?:-\d+)?)?)?)", re.IGNORECASE
)


def entry_id(text: str) -> str:
    """The one id of an entry, in upper case: of four characters where it has such. What is no entry's id stays as it is."""
    match = _LONG.fullmatch(text)
    if match and match["eight"].startswith("0000") and _SHORT.fullmatch(match["eight"][4:]):
        return match["eight"][4:].upper()
    return text.upper()


def is_entry_id(id_: str) -> bool:
    """Whether an id is one of the archive's, in either form."""
    return bool(_SHORT.fullmatch(id_) or _LONG.fullmatch(id_))


def names_of_entry(id_: str) -> tuple[str, ...]:
    """The names under which a server may have an entry: the id as it is, and its other form."""
    return (id_, f"pdb_0000{id_.lower()}") if _SHORT.fullmatch(id_) else (id_.lower(),)


def entry_of_stem(stem: str) -> str:
    """The id that a file's stem states: `pdb1abc`, `pdb_00001abc` and `pdb_00001abc_xyz_v1-2` are 1ABC; else the stem."""
    match = _FILE.fullmatch(stem)
    return entry_id((match["short"] or match["long"]) if match else stem)
