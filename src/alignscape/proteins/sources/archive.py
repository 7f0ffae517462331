"""What sources that download have in common: a cache that studies share, with a note beside each id's files."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, ClassVar

import httpx

from ...config.proteins import ArchiveBlock, Sample
from ...errors import UserError
from ...storage.files import read_json, write_json
from ...storage.ledger import Omission
from .rate_limited_http import RateLimitedClient, Unavailable
from .source import Located, nothing_to_be_had, passing_failure

_FEW = 20  # downloads that are worth no bar
ABSENT_FOR = 30  # days for which an archive is not asked again for what it did not have: it may be released since


class Archive(ABC):
    """Files by id, from the cache or downloaded into it. A note says that an id's files are whole, or that there are none.

    A download that was stopped at any moment goes on from there; a second run over the same ids sends no request, but for
    those that were not there `ABSENT_FOR` days ago.
    """

    name: ClassVar[str]  # for messages
    unit: ClassVar[str]  # what one download is, for the progress bar

    def __init__(self, config: ArchiveBlock, *, sample: Sample | None, cache: Path, seed: int, backoff: float) -> None:
        self._server, self._sample, self._cache, self._seed, self._backoff = config, sample, cache, seed, backoff

    def local_paths(self) -> dict[str, Path]:
        """None: what an archive has under an id is the same wherever it is downloaded."""
        return {}

    def local_fasta(self) -> dict[str, Path]:
        """None, as for `local_paths`."""
        return {}

    def not_read(self) -> list[Omission]:
        """None, as for `local_paths`."""
        return []

    def fetch(self, ids: Sequence[str]) -> dict[str, Located | Omission]:
        """Each id's files, from the cache or from the archive, or why there are none.

        Raises UserError if something is to be downloaded and not one file of `ids` is had: then the network is down.
        """
        found = {id_: self._known(id_) for id_ in ids}
        missing = [id_ for id_, known in found.items() if known is None]
        found.update(self._download_all(missing))
        if problem := nothing_to_be_had(found, missing):
            raise UserError(f"{self.name} cannot be reached, try again later: {problem}")
        return {id_: known for id_, known in found.items() if known is not None}

    # --- what each archive does in its own way -----------------------------------------------------------------

    @abstractmethod
    def _path(self, id_: str, ending: str) -> Path:
        """Where a file of an id is kept."""

    @abstractmethod
    def _why_no_id(self, id_: str) -> str:
        """Why an id cannot be one of the archive's; "" if it can."""

    @abstractmethod
    def _noted(self, id_: str, note: dict[str, Any]) -> Located | None:
        """The files that a note vouches for, if they are as it says. Raises OSError, KeyError where they are not."""

    @abstractmethod
    def _download(self, client: RateLimitedClient, id_: str) -> Located | Omission:
        """An id's files, or why there are none, with the note that says so. Raises Unavailable."""

    # --- the cache -----------------------------------------------------------------------------------------------

    def _known(self, id_: str) -> Located | Omission | None:
        """What the cache knows of an id; None where the archive has to be asked."""
        if why := self._why_no_id(id_):
            return Omission(id_, "source", "", why)
        try:
            note = read_json(self._path(id_, ".json"))
            if note["absent"]:
                return Omission(id_, "source", "", note["absent"]) if _is_recent(note) else None
            return self._noted(id_, note)
        except (OSError, ValueError, KeyError):
            return None

    def _absent(self, id_: str, reason: str) -> Omission:
        """The line of an id that the archive does not have, which is noted with today's date."""
        write_json(self._path(id_, ".json"), {"absent": reason, "asked": _today().isoformat()})
        return Omission(id_, "source", "", reason)

    # --- downloads -----------------------------------------------------------------------------------------------

    def _client(self) -> RateLimitedClient:
        return RateLimitedClient(
            requests_per_second=self._server.requests_per_second,
            connections=self._server.connections,
            retries=self._server.retries,
            timeout=self._server.timeout,
            backoff=self._backoff,
        )

    def _download_all(self, ids: Sequence[str]) -> dict[str, Located | Omission]:
        from tqdm import tqdm

        found: dict[str, Located | Omission] = {}
        with self._client() as client, ThreadPoolExecutor(self._server.connections) as pool:
            jobs = {pool.submit(self._download, client, id_): id_ for id_ in ids}
            for job in tqdm(
                as_completed(jobs), total=len(jobs), desc="download", unit=self.unit, disable=_no_bar(len(jobs))
            ):
                try:
                    found[jobs[job]] = job.result()
                except (Unavailable, httpx.InvalidURL) as reason:
                    found[jobs[job]] = passing_failure(jobs[job], str(reason))
        return found


def _no_bar(n: int) -> bool | None:
    """No bar for few downloads; None leaves it to whether there is a terminal."""
    return True if n < _FEW else None


def _today() -> date:
    return datetime.now(UTC).date()


def _is_recent(note: dict[str, Any]) -> bool:
    """Whether the archive was asked lately. Raises ValueError, KeyError for a note that does not say when."""
    return (_today() - date.fromisoformat(note["asked"])).days < ABSENT_FOR
