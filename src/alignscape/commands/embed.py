"""Structure files in the shared space of a trained pair."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ..errors import ProteinRejected
from ..storage.files import write_npy, write_text
from ..storage.plain_text import escaped
from .trained_pair import Rows, TrainedPair

if TYPE_CHECKING:
    from ..config.proteins import Proteins
    from ..proteins.structure import Structure


@dataclass(frozen=True, eq=False)
class Embedded:
    """Unit rows of files, and a line for each file that has none."""

    ids: list[str]
    rows: Rows  # (n, d)
    problems: list[str]


def embed_files(trained: TrainedPair, paths: Sequence[Path]) -> Embedded:
    """The rows of structure files, by ids made of their names; one odd file costs no other its row."""
    structures, problems = read_structures(paths, trained.plan.study.proteins)
    if not structures:  # spares loading, or even downloading, the encoder's weights
        return Embedded([], np.empty((0, 0), dtype=np.float32), problems)
    files = {structure.id: path for path, structure in structures.items()}
    ids, rows, omissions = trained.embed_structures(list(structures.values()))
    return Embedded(ids, rows, problems + [f"{files[omission.id]}: {omission.reason}" for omission in omissions])


def read_structures(paths: Sequence[Path], config: "Proteins") -> tuple[dict[Path, "Structure"], list[str]]:
    """Structures by file, read as a study of this config reads its own, and a line for each file without one."""
    from ..proteins.parse_shard import parse_protein
    from ..proteins.parsing.plddt import PlddtMask
    from ..proteins.sources.directory import fasta_beside
    from ..proteins.sources.file_names import protein_id
    from ..proteins.sources.source import Located
    from ..proteins.sources.walk import why_unusable

    found: dict[str, Path] = {}
    structures, problems, mask = {}, [], PlddtMask.of(config)
    for path in dict.fromkeys(paths):
        if path.exists() and (reason := why_unusable(path)):
            problems.append(f"{escaped(str(path))}: {reason}")
            continue
        id_ = protein_id(path)
        if id_ in found:
            problems.append(f"{path}: left out: {found[id_]} has the same id, {id_}")
            continue
        try:
            (structures[path], _), _ = parse_protein(id_, Located(path, fasta_beside(path), ""), mask=mask)
            found[id_] = path
        except ProteinRejected as reason:
            problems.append(f"{path}: {reason}")
    return structures, problems


def write_embedded(out: Path, embedded: Embedded) -> None:
    """The rows as a .npy file, and beside it the ids, one a line, as .txt."""
    write_npy(out, embedded.rows)
    write_text(out.with_suffix(".txt"), "".join(f"{id_}\n" for id_ in embedded.ids))
