"""Atom records of embedded entries, rewritten as programs of the field write them."""

import gzip
from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np

from alignscape.proteins.structure import Structure

DEMO = Path(__file__).parents[2] / "data" / "demo" / "structures"


def atom_lines(code: str, chains: str = "") -> list[str]:
    """The ATOM records of an embedded entry, 80 columns each; of some chains only, if they are named."""
    text = gzip.decompress((DEMO / f"{code}.pdb.gz").read_bytes()).decode()
    lines = [line.ljust(80)[:80] for line in text.splitlines() if line.startswith("ATOM")]
    return [line for line in lines if not chains or line[21] in chains]


def columns(line: str, start: int, text: str) -> str:
    """The record with `text` from column `start` (1-based) on."""
    return line[: start - 1] + text + line[start - 1 + len(text) :]


def each(lines: Iterable[str], change: Callable[[str], str]) -> list[str]:
    return [change(line) for line in lines]


def residue_of(line: str) -> tuple[str, int, str]:
    """Chain, number and name."""
    return line[20:22].strip(), int(line[22:26]), line[17:20].strip()


def residues(lines: Iterable[str]) -> list[tuple[str, int, str]]:
    """The residues of the records, each once, in order."""
    return list(dict.fromkeys(map(residue_of, lines)))


def chain_sizes(structure: Structure) -> list[int]:
    return np.bincount(structure.residue_chain, minlength=len(structure.chain_label)).tolist()


def same_atoms(one: Structure, other: Structure) -> bool:
    """Whether both have the same atoms, elements and residue types at the same places."""
    fields = ("atom_name", "atom_element", "atom_xyz", "atom_residue", "residue_type")
    return all(np.array_equal(getattr(one, field), getattr(other, field)) for field in fields)


def as_mmcif(
    lines: Iterable[str], tags: Iterable[str], *, head: str = "data_x\n", **values: Callable[[str], str]
) -> str:
    """The records as an mmCIF block with the given columns of `_atom_site`; `values` says what stands in some of them."""
    own: dict[str, Callable[[str], str]] = {
        "group_PDB": lambda line: line[:6].strip(),
        "id": lambda line: line[6:11].strip(),
        "type_symbol": lambda line: line[76:78].strip(),
        "label_atom_id": lambda line: f'"{line[12:16].strip()}"',
        "auth_atom_id": lambda line: f'"{line[12:16].strip()}"',
        "label_alt_id": lambda line: line[16].strip() or ".",
        "label_comp_id": lambda line: line[17:20].strip(),
        "auth_comp_id": lambda line: line[17:20].strip(),
        "label_asym_id": lambda line: line[21],
        "auth_asym_id": lambda line: line[21],
        "label_entity_id": lambda line: "1",
        "label_seq_id": lambda line: line[22:26].strip(),
        "auth_seq_id": lambda line: line[22:26].strip(),
        "pdbx_PDB_ins_code": lambda line: line[26].strip() or "?",
        "Cartn_x": lambda line: line[30:38].strip(),
        "Cartn_y": lambda line: line[38:46].strip(),
        "Cartn_z": lambda line: line[46:54].strip(),
        "occupancy": lambda line: line[54:60].strip(),
        "pdbx_PDB_model_num": lambda line: "1",
    } | values
    tags = list(tags)
    rows = "\n".join(" ".join(own[tag](line) for tag in tags) for line in lines)
    return head + "loop_\n" + "".join(f"_atom_site.{tag}\n" for tag in tags) + rows + "\n"
