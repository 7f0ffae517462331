"""A file from the network into a cache: resumable, checked, whole or absent."""

import os
from collections.abc import Mapping
from pathlib import Path

from ..errors import UserError
from ..files import sha256_file, write_text

_CHUNK = 1 << 20
_TRIES = 5


def fetch_file(url: str, target: Path, *, sha256: str | None, timeout: float = 60) -> Path:
    """`target`, downloaded from `url` if it is not there.

    An interrupted download goes on where it stopped, also in a later run. sha256: what the file must have; where it is
    None, the first download's is noted beside the file, and a later one must equal it.
    Raises UserError, naming file and URL, for a dead network, a refusal, or a wrong checksum; then nothing is kept.
    """
    if target.exists():
        return target
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(f".{target.name}.part")
    for _ in range(_TRIES):
        problem = _continue(url, part, timeout=timeout)
        if problem is None:
            break
    else:
        raise UserError(
            f"{target.name}: cannot be downloaded from {url}: {problem}; what was fetched is kept, start again, "
            "or put the file somewhere and name it in `weights_file`"
        )
    _check(part, url, target, sha256)
    os.replace(part, target)
    return target


def _continue(url: str, part: Path, *, timeout: float) -> str | None:
    """Fetches what is missing of the file; why that failed, None if the file is complete."""
    import httpx

    have = part.stat().st_size if part.exists() else 0
    headers = {"Range": f"bytes={have}-"} if have else {}
    try:
        with httpx.stream("GET", url, headers=headers, timeout=timeout, follow_redirects=True) as response:
            if response.status_code == 416:  # nothing is missing, or the file has changed: the checksum will tell
                return None
            if response.status_code not in (200, 206):
                return f"the server answers with status {response.status_code}"
            _append(response, part, fresh=response.status_code == 200)
            return _incomplete(response.headers, part)
    except httpx.HTTPError as error:
        return f"{type(error).__name__}: {error}" if str(error) else type(error).__name__


def _append(response: object, part: Path, *, fresh: bool) -> None:
    from tqdm import tqdm

    total = int(response.headers.get("Content-Length", 0)) or None  # type: ignore[attr-defined]
    with (
        open(part, "wb" if fresh else "ab") as handle,
        tqdm(total=total, unit="B", unit_scale=True, desc=part.name.strip("."), disable=None) as progress,
    ):
        for chunk in response.iter_bytes(_CHUNK):  # type: ignore[attr-defined]
            handle.write(chunk)
            progress.update(len(chunk))


def _incomplete(headers: Mapping[str, str], part: Path) -> str | None:
    span = headers.get("Content-Range", "")
    total = span.rpartition("/")[2] if span else headers.get("Content-Length", "")
    size = part.stat().st_size
    return f"{size} of {total} bytes came" if total.isdigit() and size < int(total) else None


def _check(part: Path, url: str, target: Path, sha256: str | None) -> None:
    found = sha256_file(part)
    note = target.with_name(f"{target.name}.sha256")
    expected = sha256 or (note.read_text().split()[0] if note.exists() else None)
    if expected not in (None, found):
        part.unlink()
        raise UserError(
            f"{target.name}: what {url} serves has sha256 {found}, expected {expected}; it was not kept. "
            "If the file was replaced by its owners, check why before you trust it"
        )
    write_text(note, f"{found}  {target.name}\n")
