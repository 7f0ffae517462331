"""RCSB as a source: structure and FASTA files, downloaded once into a cache that studies share."""

import gzip
import hashlib
import json
from collections.abc import Sequence
from itertools import product
from pathlib import Path
from typing import Any

from ....config.proteins import Proteins, Sample
from ....errors import ProteinRejected
from ....storage.files import atomic, write_json
from ....storage.ledger import Omission
from ...parsing.compression import decompress
from ...parsing.structure_file import recognise
from ..archive import Archive
from ..entry_ids import entry_id, is_entry_id, names_of_entry
from ..rate_limited_http import RateLimitedClient, json_of
from ..rcsb_search import draw, entry_list
from ..registry import options
from ..source import Located
from .block import RcsbSource

_GZIP = b"\x1f\x8b"


def open_entries(proteins: Proteins, ids: list[str] | None, *, cache_dir: Path, seed: int) -> "RcsbArchive":
    """The archive as the config wants it asked, for these entries."""
    return RcsbArchive(options(proteins, RcsbSource), ids=ids, sample=proteins.sample, cache_dir=cache_dir, seed=seed)


class RcsbArchive(Archive):
    """Entries of RCSB: structure files, and FASTA files beside them.

    Cache: `<cache_dir>/rcsb/<middle two characters>/<ID>.pdb.gz | .cif.gz, .fasta, .json`.
    """

    name, unit = "RCSB", "entry"

    def __init__(
        self,
        config: RcsbSource,
        *,
        ids: Sequence[str] | None,
        sample: Sample | None,
        cache_dir: Path,
        seed: int,
        backoff: float = 1.0,
    ) -> None:
        super().__init__(config, sample=sample, cache=Path(cache_dir) / "rcsb", seed=seed, backoff=backoff)
        self._config, self._wanted = config, ids

    def ids(self) -> list[str]:
        """The given ids, or a sample of them, or a sample of all protein entries."""
        ids = self._wanted
        if ids is None:
            saved = self._cache / "protein-entries.json"
            with self._client() as client:
                ids = entry_list(client, search_url=self._config.search_url, saved=saved)
        return sorted(ids) if self._sample is None else draw(ids, self._sample, seed=self._seed)

    # --- the cache ----------------------------------------------------------------------------------------

    def _path(self, id_: str, ending: str) -> Path:
        return self._cache / id_[-3:-1] / f"{id_}{ending}"

    def _why_no_id(self, id_: str) -> str:
        expected = "a digit and three letters or digits, such as 1CRN, or pdb_ and eight, such as pdb_00001crn"
        return "" if is_entry_id(id_) else f"not a PDB id: expected {expected}"

    def _noted(self, id_: str, note: dict[str, Any]) -> Located | None:
        path = self._path(id_, note["ending"])
        fasta = self._path(id_, ".fasta") if note["fasta"] else None
        whole = path.stat().st_size == note["size"] and (fasta is None or fasta.stat().st_size == note["fasta"])
        return Located(path, fasta, note["sha256"]) if whole else None

    def _save(self, id_: str, ending: str, content: bytes, fasta: bytes | None) -> Located:
        """Write the files, then the note that vouches for them."""
        path, fasta_path = self._path(id_, ending), self._path(id_, ".fasta")
        for target, data in ((path, content), (fasta_path, fasta)):
            if data is not None:
                with atomic(target) as temporary:
                    temporary.write_bytes(data)
        sha256 = hashlib.sha256(content).hexdigest()
        note = {"absent": "", "ending": ending, "size": len(content), "sha256": sha256, "fasta": len(fasta or b"")}
        write_json(self._path(id_, ".json"), note)
        return Located(path, fasta_path if fasta else None, sha256)

    # --- downloads ----------------------------------------------------------------------------------------

    def _download(self, client: RateLimitedClient, id_: str) -> Located | Omission:
        """One entry's files: PDB, mmCIF where there is no PDB file, by either form of its id. Raises Unavailable."""
        for name, ending in product(names_of_entry(id_), (".pdb.gz", ".cif.gz")):
            content = client.ask(f"{self._config.files_url}/download/{name}{ending}", check=_checked_structure)
            if content is not None:
                fasta = client.ask(f"{self._config.fasta_url}/fasta/entry/{name}", check=_checked_fasta)
                return self._save(id_, ending, content, fasta)
        return self._absent(id_, self._why_absent(client, id_))

    def _why_absent(self, client: RateLimitedClient, id_: str) -> str:
        url = f"{self._config.data_url}/rest/v1/holdings/removed/"
        answers = (client.ask(url + name, check=_checked_removal) for name in names_of_entry(id_))
        answer = next((each for each in answers if each is not None), None)
        if answer is None:
            return "RCSB has no entry of this id"
        successors = ", ".join(map(entry_id, _successors(json.loads(answer))))
        return f"obsolete, superseded by {successors}" if successors else "obsolete, without a successor"


def _checked_structure(body: bytes) -> bytes:
    """The body as a gzipped structure file. Raises ProteinRejected for anything else, truncated or damaged."""
    recognise(decompress(body))
    return body if body.startswith(_GZIP) else gzip.compress(body, mtime=0)


def _checked_fasta(body: bytes) -> bytes:
    if not body.startswith(b">"):
        raise ProteinRejected(f"not FASTA: it starts with {body[:30]!r}")
    return body


def _checked_removal(body: bytes) -> bytes:
    """The body as a JSON record of a removed entry. Raises ProteinRejected for anything else."""
    try:
        _successors(json_of(body, what="the record of a removed entry"))
    except (AttributeError, TypeError):
        raise ProteinRejected("the record of a removed entry is of another form") from None
    return body


def _successors(record: Any) -> list[str]:
    """Ids that took a removed entry's place. Raises AttributeError or TypeError for a record of another form."""
    removed = record.get("rcsb_repository_holdings_removed") or {}
    return [str(code) for code in removed.get("id_codes_replaced_by") or []]
