"""Models of the Hugging Face hub, fetched into its own cache; every way that can fail ends in one line."""

import errno
import os
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from ..errors import UserError
from .files import digest_of, read_json, write_json

# Only what loads without pickle, and not the second copy of the weights that some repositories keep. A folder whose name
# begins with a digit holds a layer that sentence-transformers puts behind the model.
_WANTED = ["*.json", "*.safetensors", "*.jinja", "*.txt", "*.model", "*.tiktoken"]
_UNWANTED = ["original/*", "onnx/*", "gguf/*", "[!0-9]*/*.safetensors"]
# Seconds, and the bytes that have to come in each such time. An hour, as the hub's client writes a file 10 MiB at a time,
# and eight files at once: on a slow line nothing reaches the disk for many minutes.
_PATIENCE, _LEAST = 3600.0, 2**20


def hub_folder(model: str, *, revision: str | None, notes: Path | None = None) -> Path:
    """The local snapshot of a hub model, downloaded if it is not there; an interrupted download goes on.

    A complete snapshot in the cache is used when the hub cannot be reached. notes: a folder that remembers which commits
    were fetched whole; a revision that is such a commit is taken from the cache without a word to the hub. Raises
    UserError, one line that says what to do, when there is none to be had.
    """
    from huggingface_hub import snapshot_download

    if notes and revision and (whole := _fetched_whole(notes, model, revision)):
        return whole
    endpoint = os.environ.get("HF_ENDPOINT", "https://huggingface.co")
    if "@" in endpoint:
        raise UserError("HF_ENDPOINT: the URL holds a user name or a password; take it out, and set HF_TOKEN for a key")
    try:
        wanted: dict[str, Any] = {"allow_patterns": _WANTED, "ignore_patterns": _UNWANTED}
        folder = _watched(lambda: snapshot_download(model, revision=revision, endpoint=endpoint, **wanted), model)
    except Exception as error:
        line = _explain(error, model=model, revision=revision, endpoint=endpoint)
        if line is None:
            raise
        raise UserError(f"model {model!r}: {line}") from None
    whole = _complete(Path(folder), model)
    if notes:
        files = sorted(str(path.relative_to(whole)) for path in whole.rglob("*") if path.is_file())
        write_json(_note(notes, model, whole.name), {"folder": str(whole), "files": files})
    return whole


class _Silence(Exception):
    """The hub sent next to nothing for `_PATIENCE` seconds, though it may keep its connections alive."""


def _watched(download: Callable[[], str], model: str) -> str:
    """What a download returns. Raises _Silence where what lies in the hub's caches does not grow.

    The hub's client has a timeout for each silence alone. Threads that still wait for a byte end with the process.
    """
    done: list[str] = []
    failed: list[Exception] = []

    def run() -> None:
        try:
            done.append(download())
        except Exception as error:
            failed.append(error)

    thread = threading.Thread(target=run, name="hub", daemon=True)
    thread.start()
    before = _on_disk(model)
    thread.join(_PATIENCE)
    while thread.is_alive():
        now = _on_disk(model)
        if now - before < _LEAST:
            _wait_for_no_daemons()
            raise _Silence
        before = now
        thread.join(_PATIENCE)
    if failed:
        raise failed[0]
    return done[0]


def _wait_for_no_daemons() -> None:
    """Lets the process end while pools of threads that a daemon began still work: Python waits for those of any pool."""
    from concurrent.futures import thread as pools

    waited_for = getattr(pools, "_threads_queues", {})
    for thread in [thread for thread in waited_for if thread.daemon]:
        waited_for.pop(thread, None)


def _on_disk(model: str) -> int:
    """Bytes that the hub's client has written of a model, unfinished files too."""
    from huggingface_hub import constants
    from huggingface_hub.file_download import repo_folder_name

    repository = Path(constants.HF_HUB_CACHE) / repo_folder_name(repo_id=model, repo_type="model") / "blobs"
    size = 0
    for folder in (repository, Path(constants.HF_XET_CACHE)):
        for path in folder.rglob("*"):
            with suppress(OSError):  # renamed meanwhile
                size += path.lstat().st_blocks * 512  # what is there, not what a file with holes claims
    return size


def _note(notes: Path, model: str, commit: str) -> Path:
    return notes / f"{digest_of([model, commit])}.json"


def _fetched_whole(notes: Path, model: str, commit: str) -> Path | None:
    """The folder of a commit that was fetched whole before and that nothing was taken from since."""
    if not (note := _note(notes, model, commit)).is_file():
        return None
    known = read_json(note)
    folder = Path(known["folder"])
    return folder if all((folder / name).is_file() for name in known["files"]) else None


def _complete(folder: Path, model: str) -> Path:
    if not (folder / "config.json").is_file():
        raise UserError(f"model {model!r}: its repository has no config.json, so it is no transformers model")
    if not any(folder.glob("*.safetensors")):
        raise UserError(f"model {model!r}: its repository has no .safetensors weights; name a revision that has them")
    return folder


def _explain(error: Exception, *, model: str, revision: str | None, endpoint: str) -> str | None:
    """What went wrong and what to do, in one line; None for an error that is none of the hub's."""
    from huggingface_hub import errors, get_token

    page = f"{endpoint}/{model}"
    if isinstance(error, _Silence):
        return f"the hub at {endpoint} sends next to nothing; start again later, what was fetched is kept"
    if isinstance(error, errors.GatedRepoError):  # before its parent, RepositoryNotFoundError
        return _gated(page, token=get_token())
    if isinstance(error, errors.RepositoryNotFoundError):
        hint = "or the token in use may not see it" if get_token() else "or it is private: then set HF_TOKEN"
        return f"the hub at {endpoint} has no such model; check the spelling, {hint}"
    if isinstance(error, errors.RevisionNotFoundError):
        return f"it has no revision {revision!r}; see {page}/commits"
    if isinstance(error, errors.HFValidationError):
        return "this is neither a local folder nor a hub id (owner/name)"
    if isinstance(error, errors.HfHubHTTPError):
        return _refused(error.response.status_code, endpoint)
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
        return "no space left for the download; free some, or point HF_HOME to a larger disk, and start again"
    if isinstance(error, errors.LocalEntryNotFoundError | ConnectionError) or _is_network(error):
        return f"the hub at {endpoint} cannot be reached and no whole copy is cached; start again once it can, or give a local folder"
    return None


def _gated(page: str, *, token: str | None) -> str:
    if token is None:
        return f"it is gated: accept its licence at {page}, then set HF_TOKEN or run `hf auth login`"
    return f"it is gated and the account of the token in use has no access: accept its licence at {page}"


def _refused(status: int, endpoint: str) -> str:
    if status == 401:
        return f"the hub at {endpoint} does not accept the token (401); renew HF_TOKEN or run `hf auth login`"
    if status == 403:
        return f"the hub at {endpoint} refuses access (403); the token in use lacks a permission"
    if status == 429:
        return f"the hub at {endpoint} limits the rate (429); start again in some minutes, best with HF_TOKEN set"
    return f"the hub at {endpoint} answers with status {status}; start again later, what was fetched is kept"


def _is_network(error: Exception) -> bool:
    """Whether an error of the hub's HTTP client, whichever it is, says that a connection failed."""
    return type(error).__module__.partition(".")[0] in ("httpx", "httpx2", "httpcore", "requests", "urllib3")
