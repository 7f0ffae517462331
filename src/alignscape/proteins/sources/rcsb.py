"""RCSB as a source: structure and FASTA files, downloaded once into a cache that studies share."""

import gzip
import hashlib
import json
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from itertools import product
from pathlib import Path
from typing import Any

from ...config.proteins import RcsbSource, Sample
from ...errors import ProteinRejected, UserError
from ...storage.files import atomic, read_json, write_json
from ...storage.ledger import Omission
from ..parsing.compression import decompress
from ..parsing.structure_file import recognise
from .entry_ids import entry_id, is_entry_id, names_of_entry
from .rate_limited_http import RateLimitedClient, Unavailable
from .rcsb_search import draw, entry_list
from .source import Located, nothing_to_be_had, passing_failure

_GZIP = b"\x1f\x8b"


class RcsbArchive:
    """Entries of RCSB. A note beside an entry's files says that they are whole, or that there are none.

    Cache: `<cache_dir>/rcsb/<middle two characters>/<ID>.pdb.gz | .cif.gz, .fasta, .json`. A download that was stopped
    at any moment goes on from there; a second run over the same ids sends no request.
    """

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
        self._config, self._wanted, self._sample, self._seed = config, ids, sample, seed
        self._cache, self._backoff = Path(cache_dir) / "rcsb", backoff

    def ids(self) -> list[str]:
        """The given ids, or a sample of them, or a sample of all protein entries."""
        ids = self._wanted
        if ids is None:
            saved = self._cache / "protein-entries.json"
            with self._client() as client:
                ids = entry_list(client, search_url=self._config.search_url, saved=saved)
        return sorted(ids) if self._sample is None else draw(ids, self._sample, seed=self._seed)

    def local_paths(self) -> dict[str, Path]:
        """None: an archive's entry is the same wherever it is downloaded."""
        return {}

    def local_fasta(self) -> dict[str, Path]:
        """None, as for `local_paths`."""
        return {}

    def not_read(self) -> list[Omission]:
        """None, as for `local_paths`."""
        return []

    def fetch(self, ids: Sequence[str]) -> dict[str, Located | Omission]:
        """Each id's files, from the cache or from RCSB, or why there are none.

        Raises UserError if something is to be downloaded and not one file of `ids` is had: then the network is down.
        """
        found = {id_: self._known(id_) for id_ in ids}
        missing = [id_ for id_, known in found.items() if known is None]
        found.update(self._download_all(missing))
        if problem := nothing_to_be_had(found, missing):
            raise UserError(f"RCSB cannot be reached, try again later: {problem}")
        return {id_: known for id_, known in found.items() if known is not None}

    def _client(self) -> RateLimitedClient:
        return RateLimitedClient(
            requests_per_second=self._config.requests_per_second,
            connections=self._config.connections,
            retries=self._config.retries,
            timeout=self._config.timeout,
            backoff=self._backoff,
        )

    # --- the cache ----------------------------------------------------------------------------------------

    def _path(self, id_: str, ending: str) -> Path:
        return self._cache / id_[-3:-1] / f"{id_}{ending}"

    def _known(self, id_: str) -> Located | Omission | None:
        """What the cache knows of an id; None where RCSB has to be asked."""
        if not is_entry_id(id_):
            expected = "a digit and three letters or digits, such as 1CRN, or pdb_ and eight, such as pdb_00001crn"
            return Omission(id_, "source", "", f"not a PDB id: expected {expected}")
        try:
            note = read_json(self._path(id_, ".json"))
            if note["absent"]:
                return Omission(id_, "source", "", note["absent"])
            path = self._path(id_, note["ending"])
            fasta = self._path(id_, ".fasta") if note["fasta"] else None
            whole = path.stat().st_size == note["size"] and (fasta is None or fasta.stat().st_size == note["fasta"])
        except (OSError, ValueError, KeyError):
            return None
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

    def _download_all(self, ids: Sequence[str]) -> dict[str, Located | Omission]:
        from tqdm import tqdm

        found: dict[str, Located | Omission] = {}
        with self._client() as client, ThreadPoolExecutor(self._config.connections) as pool:
            jobs = {pool.submit(self._download, client, id_): id_ for id_ in ids}
            for job in tqdm(as_completed(jobs), total=len(jobs), desc="download", unit="entry", disable=None):
                try:
                    found[jobs[job]] = job.result()
                except Unavailable as reason:
                    found[jobs[job]] = passing_failure(jobs[job], str(reason))
        return found

    def _download(self, client: RateLimitedClient, id_: str) -> Located | Omission:
        """One entry's files: PDB, mmCIF where there is no PDB file, by either form of its id. Raises Unavailable."""
        for name, ending in product(names_of_entry(id_), (".pdb.gz", ".cif.gz")):
            content = client.ask(f"{self._config.files_url}/download/{name}{ending}", check=_checked_structure)
            if content is not None:
                fasta = client.ask(f"{self._config.fasta_url}/fasta/entry/{name}", check=_checked_fasta)
                return self._save(id_, ending, content, fasta)
        reason = self._why_absent(client, id_)
        write_json(self._path(id_, ".json"), {"absent": reason})
        return Omission(id_, "source", "", reason)

    def _why_absent(self, client: RateLimitedClient, id_: str) -> str:
        url = f"{self._config.data_url}/rest/v1/holdings/removed/"
        answers = (client.ask(url + name, check=_checked_json) for name in names_of_entry(id_))
        answer = next((each for each in answers if each is not None), None)
        if answer is None:
            return "RCSB has no entry of this id"
        removed: dict[str, Any] = json.loads(answer).get("rcsb_repository_holdings_removed") or {}
        successors = ", ".join(entry_id(str(code)) for code in removed.get("id_codes_replaced_by") or [])
        return f"obsolete, superseded by {successors}" if successors else "obsolete, without a successor"


def _checked_structure(body: bytes) -> bytes:
    """The body as a gzipped structure file. Raises ProteinRejected for anything else, truncated or damaged."""
    recognise(decompress(body))
    return body if body.startswith(_GZIP) else gzip.compress(body, mtime=0)


def _checked_fasta(body: bytes) -> bytes:
    if not body.startswith(b">"):
        raise ProteinRejected(f"not FASTA: it starts with {body[:30]!r}")
    return body


def _checked_json(body: bytes) -> bytes:
    try:
        json.loads(body)
    except ValueError:
        raise ProteinRejected("not JSON") from None
    return body
