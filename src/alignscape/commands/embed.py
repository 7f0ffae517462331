"""Rows of structure files and texts: raw, by any encoder, or in the shared space of a trained pair."""

import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from ..compute.device import pick_device
from ..errors import ProteinRejected, UserError
from ..storage.ledger import Omission
from ..storage.plain_text import escaped
from .named_encoder import embed_texts, open_structure_encoder, takes_structures
from .trained_pair import Rows, TrainedPair

if TYPE_CHECKING:
    from ..config.proteins import Proteins
    from ..proteins.structure import Structure
    from ..storage.embeddings import EmbeddingMeta

Per = Literal["protein", "chain", "residue"]
_AT_ONCE = 1000  # files whose structures are held in memory, as in a shard of a study
_MANY = 20  # files from which on progress is shown


@dataclass(frozen=True, eq=False)
class Embedded:
    """Rows of files or texts, a line for each that has none, and what made them."""

    ids: list[str]
    rows: Rows  # (n, d)
    problems: list[str]
    made: dict[str, Any] = field(default_factory=dict)


class Reader:
    """Reads structure files as a study of this config reads its own; of two files of one id the first is taken."""

    def __init__(self, config: "Proteins", *, per: Per = "protein") -> None:
        from ..proteins.parsing.plddt import PlddtMask

        self._mask, self._by_chain = PlddtMask.of(config), per == "chain"
        self._most_atoms = config.atoms_at_most
        self._found: dict[str, Path] = {}
        self.files: dict[str, Path] = {}  # of each protein that was read
        self.problems: list[str] = []  # a line for each file without a protein

    def read(self, paths: Iterable[Path]) -> list["Structure"]:
        """The proteins of the files, in the files' order."""
        structures = []
        for path in paths:
            try:
                found = self._proteins(path)
            except ProteinRejected as reason:
                self.problems.append(f"{escaped(str(path))}: {reason}")
                continue
            self.files |= {structure.id: path for structure in found}
            structures += found
        return structures

    def lines(self, omissions: Sequence[Omission]) -> list[str]:
        """What befell the files, one line each: those that could not be read, and those that the encoder did not take."""
        return [*self.problems, *(f"{escaped(str(self.files[o.id]))}: {o.reason}" for o in omissions)]

    def _proteins(self, path: Path) -> list["Structure"]:
        """A file's protein, or the proteins that its chains are. Raises ProteinRejected."""
        from ..proteins.chosen_chains import proteins_of
        from ..proteins.parse_shard import parse_protein
        from ..proteins.sources.directory import fasta_beside
        from ..proteins.sources.file_names import protein_id
        from ..proteins.sources.source import Located
        from ..proteins.sources.walk import why_unusable

        if path.exists() and (reason := why_unusable(path)):
            raise ProteinRejected(reason)
        id_ = protein_id(path)
        if id_ in self._found:
            raise ProteinRejected(f"left out: {self._found[id_]} has the same id, {id_}")
        found = Located(path, fasta_beside(path), "")
        whole, _ = parse_protein(id_, found, mask=self._mask, most_atoms=self._most_atoms)
        self._found[id_] = path
        parts, _ = proteins_of(whole, id_, unit="chain" if self._by_chain else "entry")
        return [structure for structure, _ in parts]


def embed_files(trained: TrainedPair, paths: Sequence[Path]) -> Embedded:
    """Unit rows of structure files in a trained pair's space, by ids made of their names; one odd file costs no other its row."""
    reader = Reader(trained.plan.study.proteins)
    structures = reader.read(dict.fromkeys(paths))
    if not structures:  # spares loading, or even downloading, the encoder's weights
        return Embedded([], np.empty((0, 0), dtype=np.float32), reader.problems)
    ids, rows, omissions = trained.embed_structures(structures)
    made = {
        "pair": trained.pair.key,
        "dimension": rows.shape[1],
        "per": "protein",
        "space": "shared, rows of unit length",
    }
    return Embedded(ids, rows, reader.lines(omissions), made)


def embed_by_name(
    name: str,
    *,
    files: Sequence[Path] = (),
    texts: Sequence[tuple[str, str]] = (),
    per: Per = "protein",
    weights: str | None = None,
    config: Path | None = None,
    directory: Path | None = None,
) -> Embedded:
    """Raw rows of structure files, or of texts with their ids, by an encoder of that name or by a config's block.

    The rows are those that a study's own stage would make. Raises UserError, one line, for a name that is not known, weights
    that cannot be had, files for an encoder of texts, or the other way round.
    """
    if takes_structures(name, config):
        if texts or not files:
            raise UserError(f"{name} embeds structures: name PDB, mmCIF or BinaryCIF files after it")
        return _embed_structures(name, files, per=per, weights=weights, config=config, directory=directory)
    if files or not texts:
        raise UserError(f"{name} embeds texts: say --text or --table (of Python: texts=...)")
    if per != "protein" or weights is not None:
        raise UserError(f"{name} embeds texts: --per and --weights are for structures")
    rows, meta = embed_texts(name, [i for i, _ in texts], [t for _, t in texts], config=config, directory=directory)
    return Embedded(meta.ids, rows, [f"{o.id}: {o.reason}" for o in meta.omissions], _made(meta, "text"))


def _embed_structures(
    name: str, files: Sequence[Path], *, per: Per, weights: str | None, config: Path | None, directory: Path | None
) -> Embedded:
    ready, proteins = open_structure_encoder(name, weights=weights, config=config, directory=directory)
    reader, device = Reader(proteins, per=per), pick_device()
    parts: list[tuple[Rows, EmbeddingMeta]] = []
    waiting = iter(list(dict.fromkeys(files)))
    while some := list(islice(waiting, _AT_ONCE)):
        structures = reader.read(_with_progress(some))
        parts.append(ready.rows(structures, device=device, per="residue" if per == "residue" else "protein"))
    metas = [meta for _, meta in parts]
    ids = [id_ for meta in metas for id_ in meta.ids]
    rows = np.concatenate([rows for rows, _ in parts])
    lost = [omission for meta in metas for omission in meta.omissions]
    return Embedded(ids, rows, reader.lines(lost), _made(metas[0], per))


def _made(meta: "EmbeddingMeta", per: str) -> dict[str, Any]:
    """What made the rows, as it is kept beside them."""
    from ..storage.embeddings import package_versions

    about = vars(replace(meta, ids=[], omissions=[], versions=package_versions()))
    return {key: value for key, value in about.items() if key not in ("ids", "omissions")} | {"per": per}


def _with_progress(paths: Sequence[Path]) -> Iterator[Path]:
    """The paths, with progress on standard error for many."""
    from tqdm import tqdm

    pause = 0.1 if sys.stderr.isatty() else 30.0
    yield from tqdm(paths, desc="read", unit="file", mininterval=pause, delay=pause, disable=len(paths) < _MANY)
