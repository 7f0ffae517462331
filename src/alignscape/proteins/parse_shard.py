"""One shard of proteins from located files to parsed structures, facts and omissions on disk."""

from collections.abc import Mapping
from dataclasses import asdict, replace
from functools import lru_cache, partial
from pathlib import Path

import numpy as np

from ..config.proteins import MOST_ATOMS
from ..errors import ProteinRejected
from ..storage.files import write_jsonl
from ..storage.ledger import Omission
from .chosen_chains import Parsed, Unit, proteins_of, take_chains
from .facts import ProteinFacts
from .ids import entry_of
from .parsing.entities import with_fasta
from .parsing.fasta import FastaRecord, of_protein, parse_fasta
from .parsing.parse import parse_structure
from .parsing.plddt import NO_MASK, PlddtMask
from .sources.source import Located
from .structure import Structure
from .structure_store import save_structures


def parse_shard(
    located: Mapping[str, Located | Omission],
    *,
    structures: str | Path,
    facts: str | Path,
    omissions: str | Path,
    mask: PlddtMask = NO_MASK,
    unit: Unit = "entry",
    most_atoms: int = MOST_ATOMS,
) -> None:
    """Parse every located protein; write the structures (.npz), facts and omissions (JSON lines), by id."""
    parsed, lost = parse_located(located, mask=mask, unit=unit, most_atoms=most_atoms)
    save_structures(structures, [structure for structure, _ in parsed])
    write_jsonl(facts, [protein.to_json() for _, protein in parsed])
    write_jsonl(omissions, [asdict(omission) for omission in lost])


def parse_located(
    located: Mapping[str, Located | Omission],
    *,
    mask: PlddtMask = NO_MASK,
    unit: Unit = "entry",
    most_atoms: int = MOST_ATOMS,
) -> tuple[list[Parsed], list[Omission]]:
    """Structures with facts, sorted by id, and an omission for each protein, or each FASTA file, that could not be read.

    unit: `chain` makes a protein of each chain of an id's, of every polypeptide chain where it names none.
    """
    from tqdm import tqdm

    parsed: list[Parsed] = []
    omissions: list[Omission] = []
    read = lru_cache(maxsize=1)(
        partial(_read_entry, mask=mask, most_atoms=most_atoms)
    )  # ids of one entry follow each other
    ordered = sorted(located.items(), key=lambda item: (entry_of(item[0]), item[0]))
    for id_, found in tqdm(ordered, desc="parse", unit="protein", disable=None):
        if isinstance(found, Omission):
            omissions.append(found)
            continue
        try:
            whole, remark = read(entry_of(id_), found)
            proteins, lost = proteins_of(whole, id_, unit=unit)
        except ProteinRejected as reason:
            omissions.append(Omission(id_, "parse", "", str(reason)))
            continue
        parsed += proteins
        unmasked = mask.remark(whole[1].b_factors)
        said = [_of_folder(found, text) for text in (remark, unmasked) if text]
        omissions.extend(omission for omission in [*lost, *said] if omission not in omissions)
    return sorted(parsed, key=lambda protein: protein[0].id), omissions


def _of_folder(found: Located, remark: str) -> Omission:
    """The remark as a line of the folder's, not of the protein's, which is not lost: one is enough for all its files."""
    folder = found.fasta.parent if found.fasta else found.path.parent
    return Omission(f"{folder.name or folder}/", "parse", "", remark)


def parse_protein(
    id_: str, found: Located, *, mask: PlddtMask = NO_MASK, most_atoms: int = MOST_ATOMS
) -> tuple[Parsed, str]:
    """The protein of an id, with its FASTA file's facts if that can be read, and a remark if not.

    Raises ProteinRejected, and nothing else, for a file that cannot be taken, whatever is wrong with it, and for chains
    that it lacks.
    """
    whole, remark = _read_entry(entry_of(id_), found, mask=mask, most_atoms=most_atoms)
    return take_chains(whole, id_), remark


def _read_entry(entry: str, found: Located, *, mask: PlddtMask, most_atoms: int) -> tuple[Parsed, str]:
    """The whole entry, and a remark if its FASTA file is not used. Raises ProteinRejected."""
    structure, facts = parse_structure(found.path, id=entry, sha256=found.sha256, mask=mask, most_atoms=most_atoms)
    if found.fasta is None:
        return (structure, facts), ""
    try:
        records = _records(found.fasta, found.fasta.stat().st_mtime_ns)
        own = of_protein(records, entry)
        beside = found.path.name.startswith(f"{found.fasta.stem}.")
        of_nobody = [record for record in records if not record.chains]
        entities = with_fasta(facts.entities, own or (records if beside else of_nobody))
        facts = replace(facts, entities=entities)
        return (_renumbered(structure, facts), facts), ""
    except OSError as error:
        remark = str(error.strerror)
    except ProteinRejected as rejection:
        remark = str(rejection)
    except Exception as error:
        remark = f"unexpected {type(error).__name__}"
    return (structure, facts), f"FASTA files not used, the structure files' own headers instead: {remark}"


@lru_cache(maxsize=8)
def _records(path: Path, changed: int) -> list[FastaRecord]:
    """The records of a FASTA file, which many structures may share, read once."""
    return parse_fasta(path.read_text(encoding="utf-8", errors="replace"))


def _renumbered(structure: Structure, facts: ProteinFacts) -> Structure:
    """The structure with entity numbers of `facts`, by the author's chain names."""
    number = {chain: entity.number for entity in facts.polypeptides for chain in entity.chains_author}
    numbers = [number.get(str(chain), 0) for chain in structure.chain_author]
    return replace(structure, chain_entity=np.array(numbers, dtype=np.int32))
