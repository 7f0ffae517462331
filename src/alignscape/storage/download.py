"""A file from the network into a cache: resumable, checked, whole or absent."""

import os
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from ..errors import UserError
from .deadline_client import DeadlineClient
from .files import exclusive_lock, process_mark, sha256_file, write_text
from .server_limits import Overstepped, TooMuch, at_most, stay_with

_TRIES = 5  # in a row without a new byte
_LONGEST_PAUSE = 30.0  # seconds
# Where the servers of published weights keep the files themselves.
_HOSTS = (".githubusercontent.com", ".zenodo.org", ".hf.co", ".huggingface.co")
_MOST_BYTES = 4 * 1024**3
_LONGEST = 3600.0  # seconds for one file, over all tries; a later run goes on from there
_PASSING = {408, 425, 429}  # refusals that are worth another try, like all from 500 on


class _Problem(NamedTuple):
    """Why the file is not complete, and whether asking again is of no use."""

    what: str
    lasting: bool = False


class _Limits(NamedTuple):
    """How long a silence, how many bytes, and until when by the clock."""

    timeout: float
    most_bytes: int
    ends: float


def fetch_file(
    url: str,
    target: Path,
    *,
    sha256: str | None,
    timeout: float = 60,
    pause: float = 1.0,
    most_bytes: int = _MOST_BYTES,
    longest: float = _LONGEST,
) -> Path:
    """`target`, downloaded from `url` if it is not there.

    An interrupted download goes on where it stopped, also in a later run, if the server still has the same file. Of
    several processes one downloads and the others wait for it. sha256: what the file must have; where it is None, the
    first download's is noted beside the file, and what is there or comes later must equal it. timeout, pause: seconds
    of silence before a try is given up, and before the second try (then twice as long, and so on). most_bytes, longest:
    what the file may have, and the seconds that it may take in all. Redirects to hosts that are not known are refused.
    Raises UserError, one line, for a dead network, a refusal, a folder that cannot be written, or a wrong checksum;
    what has a wrong checksum is not kept.
    """
    if target.exists():
        return _checked(target, sha256)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        part = target.with_name(f".{target.name}.part")
        with exclusive_lock(part.with_suffix(".lock")) as alone:
            if not alone:
                part = part.with_name(f".{target.name}.{process_mark()}.part")
            if target.exists():
                return _checked(target, sha256)
            limits = _Limits(timeout, most_bytes, time.monotonic() + longest)
            _download(url, part, target, limits=limits, pause=pause)
            _accept(part, url, target, sha256)
    except OSError as error:
        raise UserError(
            f"{target}: cannot be written: {error.strerror}; what was fetched is kept; make room or set `cache_dir`"
        ) from None
    return target


def _download(url: str, part: Path, target: Path, *, limits: _Limits, pause: float) -> None:
    most, tries = _size(part), 0
    hooks = {"response": [stay_with(_HOSTS)]}
    with DeadlineClient(timeout=limits.timeout, follow_redirects=True, event_hooks=hooks) as client:
        while problem := _continue(client, url, part, limits=limits):
            tries = 0 if _size(part) > most else tries + 1
            most = max(most, _size(part))
            if problem.lasting or tries == _TRIES or time.monotonic() > limits.ends:
                raise UserError(
                    f"{target.name}: cannot be downloaded from {url}: {problem.what}; start again when it can be, "
                    "or put the file somewhere and name it in the encoder's `weights_file`"
                )
            time.sleep(min(pause * 2 ** max(0, tries - 1), _LONGEST_PAUSE))


def _size(part: Path) -> int:
    return part.stat().st_size if part.exists() else 0


# --- one try ------------------------------------------------------------------------------------------------


def _continue(client: DeadlineClient, url: str, part: Path, *, limits: _Limits) -> _Problem | None:
    """Fetches what is missing of the file; why that failed, None if the file is complete."""
    import httpx

    have = _size(part)
    headers = {"Accept-Encoding": "identity"}  # a range of a compressed answer would be no range of the file
    if have:
        headers |= {"Range": f"bytes={have}-"} | _same_version(part)

    async def talk(http: httpx.AsyncClient) -> _Problem | None:
        async with http.stream("GET", url, headers=headers) as response:
            if response.status_code == 416:
                return _nothing_left(response, part)
            return await _refusal(response, part, have, limits)

    try:
        return client.run(talk, ends=limits.ends)
    except Overstepped as problem:
        if isinstance(problem, TooMuch):  # not the file that was meant; what merely took too long is gone on with
            part.unlink(missing_ok=True)
        return _Problem(str(problem), lasting=True)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        return _Problem(f"{type(error).__name__}: {error}" if str(error) else type(error).__name__)


async def _refusal(response: Any, part: Path, have: int, limits: _Limits) -> _Problem | None:
    """Takes the body of a good answer; why it is not the whole file."""
    status, headers = response.status_code, response.headers
    if status not in (200, 206):
        return _Problem(f"the server answers with status {status}", status < 500 and status not in _PASSING)
    if headers.get("Content-Type", "").startswith("text/html"):
        return _Problem("the server sends a web page instead of the file", lasting=True)
    if status == 206 and not headers.get("Content-Range", "").startswith(f"bytes {have}-"):
        part.unlink()
        return _Problem("the server sends another range than was asked for")
    if status == 200:
        _note_version(headers, part)
    left = limits.most_bytes - (have if status == 206 else 0)
    await _append(response, part, limits._replace(most_bytes=left), fresh=status == 200)
    return _incomplete(headers, part)


def _nothing_left(response: Any, part: Path) -> _Problem | None:
    """Handle HTTP 416: the file is complete, or the partial file is of another one and is discarded."""
    if response.headers.get("Content-Range") == f"bytes */{_size(part)}":
        return None
    part.unlink(missing_ok=True)
    return _Problem("what was fetched before is not a part of it")


async def _append(response: Any, part: Path, limits: _Limits, *, fresh: bool) -> None:
    from tqdm import tqdm

    total = int(response.headers.get("Content-Length", 0)) or None
    if total and total > limits.most_bytes:
        raise TooMuch(f"the server announces {total} bytes, more than the {limits.most_bytes} that it may send")
    with (
        open(part, "wb" if fresh else "ab") as handle,
        tqdm(total=total, unit="B", unit_scale=True, desc=part.stem.strip("."), disable=None) as progress,
    ):
        # No chunk size: what arrived before a cut is written.
        async for chunk in at_most(response.aiter_bytes(), limits.most_bytes):
            handle.write(chunk)
            progress.update(len(chunk))


def _incomplete(headers: Mapping[str, str], part: Path) -> _Problem | None:
    """A server may send less than the range that was asked for; a body shorter than announced is httpx' business."""
    total = headers.get("Content-Range", "").rpartition("/")[2]
    if total.isdigit() and _size(part) < int(total):
        return _Problem(f"{_size(part)} of {total} bytes came")
    return None


# --- which version, and whether it is the right one ---------------------------------------------------------


def _note_version(headers: Mapping[str, str], part: Path) -> None:
    """Remembers what names the server's version of the file, so that two versions are never mixed."""
    tag = headers.get("ETag", "")
    strong = tag if tag.startswith('"') else headers.get("Last-Modified", "")
    write_text(part.with_suffix(".version"), strong if strong.isascii() else "")  # a header to be sent back is ASCII


def _same_version(part: Path) -> dict[str, str]:
    """The header by which a server sends the whole file if it is not the same any more."""
    version = part.with_suffix(".version")
    known = version.read_text() if version.exists() else ""
    return {"If-Range": known} if known else {}


def _note(target: Path) -> Path:
    return target.with_name(f"{target.name}.sha256")


def _expected(target: Path, sha256: str | None) -> str | None:
    note = _note(target)
    return sha256 or (note.read_text().split()[0] if note.exists() else None)


def _checked(target: Path, sha256: str | None) -> Path:
    expected = _expected(target, sha256)
    if expected and (found := sha256_file(target)) != expected:
        raise UserError(
            f"{target}: has sha256 {found}, expected {expected}; it was changed after it was downloaded: delete it, "
            "and it is fetched again"
        )
    return target


def _accept(part: Path, url: str, target: Path, sha256: str | None) -> None:
    """Renames the complete file to `target` and notes its checksum, or removes it."""
    found, expected = sha256_file(part), _expected(target, sha256)
    part.with_suffix(".version").unlink(missing_ok=True)
    if expected not in (None, found):
        part.unlink()
        hint = "" if sha256 else f"; if its owners replaced it and you trust the new one, delete {_note(target)}"
        raise UserError(
            f"{target.name}: what {url} serves has sha256 {found}, expected {expected}; it was not kept{hint}"
        )
    with open(part, "rb") as handle:
        os.fsync(handle.fileno())
    write_text(_note(target), f"{found}  {target.name}\n")
    os.replace(part, target)
