"""AlphaFold DB as a source: predicted models by UniProt accession, downloaded once into a cache that studies share."""

import gzip
import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import httpx

from ....config.proteins import Proteins, Sample
from ....errors import ProteinRejected
from ....storage.files import atomic, write_json
from ....storage.ledger import Omission
from ....storage.server_limits import why_not
from ...parsing.structure_file import recognise
from ..archive import Archive
from ..rate_limited_http import RateLimitedClient, Unavailable, json_of
from ..rcsb_search import draw
from ..registry import options
from ..source import Located
from .block import AlphaFoldDb

# https://www.uniprot.org/help/accession_numbers, with an isoform's number and a fragment's
_ID = re.compile(
    r"(?P<accession>(?:[OPQ][0-9][A-Z0-9]{3}[0-9]|[A-NR-Z][0-9](?:[A-Z][A-Z0-9]{2}[0-9]){1,2})(?:-[0-9]{1,4})?)"
    r"(?:-F(?P<fragment>[0-9]{1,4}))?"
)
_MODEL_NAME = re.compile(r"(?:AF-)?(?P<id>.+?)(?:-MODEL_V[0-9]+)?", re.IGNORECASE)
_ENTRY = re.compile(r"AF-(?P<accession>.+)-F(?P<fragment>[0-9]{1,4})", re.IGNORECASE)
_ENTRY_KEYS = ("entryId", "modelEntityId")  # the API's name of an entry, and the one that takes its place
_HOSTS = (".ebi.ac.uk",)  # which may keep the files, beside the API's own
_FILES = (("cifUrl", ".cif.gz"), ("pdbUrl", ".pdb.gz"))  # mmCIF first: it says what the model and its B factors are


def open_entries(proteins: Proteins, ids: list[str] | None, *, cache_dir: Path, seed: int) -> "AlphaFoldArchive":
    """The archive as the config wants it asked, for these entries."""
    settings = options(proteins, AlphaFoldDb)
    return AlphaFoldArchive(settings, ids=ids or [], sample=proteins.sample, cache_dir=cache_dir, seed=seed)


def id_of(text: str) -> str:
    """An id of a config as this source has it."""
    return model_id(text)


class AlphaFoldArchive(Archive):
    """Models of AlphaFold DB; the notes in the cache say of which version they are.

    Cache: `<cache_dir>/alphafold_db/<last two characters of the accession>/<ID>.cif.gz | .pdb.gz, .json`.
    """

    name, unit = "AlphaFold DB", "model"

    def __init__(
        self,
        config: AlphaFoldDb,
        *,
        ids: Sequence[str],
        sample: Sample | None,
        cache_dir: Path,
        seed: int,
        backoff: float = 1.0,
    ) -> None:
        super().__init__(config, sample=sample, cache=Path(cache_dir) / "alphafold_db", seed=seed, backoff=backoff)
        self._config, self._wanted = config, sorted({model_id(id_) for id_ in ids})

    def ids(self) -> list[str]:
        """The given ids, or a sample of them; a model's own name (AF-Q8WZ42-F1) is the id that it holds."""
        return self._wanted if self._sample is None else draw(self._wanted, self._sample, seed=self._seed)

    # --- the cache ----------------------------------------------------------------------------------------

    def _path(self, id_: str, ending: str) -> Path:
        return self._cache / id_.partition("-")[0][-2:] / f"{id_}{ending}"

    def _why_no_id(self, id_: str) -> str:
        return "" if is_model_id(id_) else "not a UniProt accession: expected one such as P69905 or A0A024R161"

    def _noted(self, id_: str, note: dict[str, Any]) -> Located | None:
        path = self._path(id_, note["ending"])
        return Located(path, None, note["sha256"]) if path.stat().st_size == note["size"] else None

    def _save(self, id_: str, ending: str, content: bytes, entry: Mapping[str, Any]) -> Located:
        """Write the model, then the note that vouches for it."""
        path, sha256 = self._path(id_, ending), hashlib.sha256(content).hexdigest()
        with atomic(path) as temporary:
            temporary.write_bytes(content)
        said = {key: entry.get(key) for key in ("latestVersion", "modelCreatedDate", *_ENTRY_KEYS) if key in entry}
        note = {"absent": "", "ending": ending, "size": len(content), "sha256": sha256, "entry": said}
        write_json(self._path(id_, ".json"), note)
        return Located(path, None, sha256)

    # --- downloads ----------------------------------------------------------------------------------------

    def _download(self, client: RateLimitedClient, id_: str) -> Located | Omission:
        """One model's file, as the API's answer names it. Raises Unavailable."""
        accession = id_.partition("-F")[0]
        answer = client.ask(f"{self._config.api_url}/prediction/{accession}", check=_checked_entries)
        fragments = entries_by_fragment(json.loads(answer) if answer else [], accession)
        entry = choose(fragments, id_)
        if isinstance(entry, str):
            return self._absent(id_, entry)
        address, ending = _file_of(entry) or ("", "")
        if why := why_not(httpx.URL(self._config.api_url), httpx.URL(address), _HOSTS):
            raise Unavailable(f"{address}: the API points {why}")
        content = client.ask(address, check=_checked_model)
        if content is None:
            raise Unavailable(f"{address}: the API names this file, but it is not there")
        return self._save(id_, ending, content, entry)


def is_model_id(id_: str) -> bool:
    """Whether an id, in upper case, is a UniProt accession, possibly with a fragment."""
    return bool(_ID.fullmatch(id_))


def model_id(text: str) -> str:
    """The id in a model's name, in upper case: P69905 stays; AF-P69905-F1 and AF-P69905-F1-model_v4 are P69905-F1."""
    match = _MODEL_NAME.fullmatch(text.strip().upper())
    return match["id"] if match else text.upper()


def entries_by_fragment(entries: Sequence[Mapping[str, Any]], accession: str) -> dict[int, Mapping[str, Any]]:
    """The answer's entries of just this accession that have a file, by the number of their fragment.

    An answer may hold entries of other isoforms beside it.
    """
    found = {}
    for entry in entries:
        names = (_ENTRY.fullmatch(str(entry.get(key, ""))) for key in _ENTRY_KEYS)
        name = next(filter(None, names), None)
        if name and name["accession"].upper() == accession and _file_of(entry):
            found[int(name["fragment"])] = entry
    return dict(sorted(found.items()))


def _file_of(entry: Mapping[str, Any]) -> tuple[str, str] | None:
    """The address of an entry's file and the ending to store it under; None where the entry names none."""
    addresses = ((str(entry.get(key, "")), ending) for key, ending in _FILES)
    return next((found for found in addresses if found[0].startswith(("https://", "http://"))), None)


def choose(fragments: Mapping[int, Mapping[str, Any]], id_: str) -> Mapping[str, Any] | str:
    """The entry that an id means, or the reason why there is none."""
    accession, _, wanted = id_.partition("-F")
    if not fragments:
        return "AlphaFold DB has no model of this accession"
    if wanted:
        have = ", ".join(f"F{number}" for number in fragments)
        return fragments.get(int(wanted), f"AlphaFold DB has no fragment F{wanted} of {accession}, but {have}")
    if len(fragments) == 1:
        return next(iter(fragments.values()))
    names = f"{accession}-F{min(fragments)} to {accession}-F{max(fragments)}"
    return f"AlphaFold DB has {len(fragments)} overlapping fragments and no model of the whole: name the ones to use, {names}"


def _checked_entries(body: bytes) -> bytes:
    """The body as a JSON list of entries. Raises ProteinRejected for anything else."""
    entries = json_of(body, what="the API's answer")
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise ProteinRejected("the API's answer is not a list of entries")
    return body


def _checked_model(body: bytes) -> bytes:
    """The body as a gzipped structure file. Raises ProteinRejected for anything else, or for an mmCIF file that was cut."""
    import gemmi

    content = recognise(body)
    if content.format == "mmcif":
        try:
            gemmi.cif.read_string(content.text)
        except (RuntimeError, ValueError) as error:
            raise ProteinRejected(f"damaged: {' '.join(str(error).split())}") from None
    return gzip.compress(body, mtime=0)
