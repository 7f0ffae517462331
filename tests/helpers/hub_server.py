"""A server on loopback that answers as the Hugging Face hub does, its refusals included.

The hub answers 401 for a missing repository as long as nobody is logged in, and 404 once somebody is; a gated one
shows its metadata to everybody and refuses its files, with 401 or 403 and the header `X-Error-Code: GatedRepo`.
"""

import hashlib
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

COMMIT = "0123456789abcdef0123456789abcdef01234567"
GOOD_TOKEN = "hf_good"


class Hub(ThreadingHTTPServer):
    """Repositories by name; `cut` names files whose next download breaks off after nine tenths."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.repositories: dict[str, Path] = {}
        self.gated: set[str] = set()
        self.cut: list[str] = []
        self.drip = False  # answer everything with a head that never ends
        self.status: int | None = None  # answer everything so
        self.requests: list[tuple[str, str, str | None]] = []  # method, path, range

    @property
    def url(self) -> str:
        """What HF_ENDPOINT is set to."""
        return f"http://127.0.0.1:{self.server_port}"


class _Handler(BaseHTTPRequestHandler):
    server: Hub
    protocol_version = "HTTP/1.1"

    def log_message(self, *arguments: Any) -> None:
        """Silence."""

    def do_HEAD(self) -> None:
        self._answer(body=False)

    def do_GET(self) -> None:
        self._answer(body=True)

    def _drip(self) -> None:
        self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Type: ")
        with suppress(OSError):
            while self.server.drip:
                self.wfile.write(b"x")
                self.wfile.flush()
                time.sleep(0.02)
        self.close_connection = True

    def _answer(self, *, body: bool) -> None:
        path = self.path.partition("?")[0].strip("/")
        self.server.requests.append((self.command, path, self.headers.get("Range")))
        token = self.headers.get("Authorization", "").removeprefix("Bearer ")
        if self.server.drip:
            return self._drip()
        if self.server.status is not None:
            return self._refuse(self.server.status, "", "The hub is having a bad day")
        if token and token not in (GOOD_TOKEN, "hf_other"):
            return self._refuse(401, "", "Invalid credentials in Authorization header")
        if path.startswith("api/models/"):
            return self._api(path.removeprefix("api/models/").split("/"), token)
        parts = path.split("/")
        name, revision, file = "/".join(parts[:2]), parts[3], "/".join(parts[4:])
        if not self._known(name, revision, token):
            return None
        if name in self.server.gated and token != GOOD_TOKEN:
            message = f"Access to model {name} is restricted. You must have access to it and be authenticated."
            return self._refuse(403 if token else 401, "GatedRepo", message)
        return self._file(name, file, body=body)

    def _known(self, name: str, revision: str, token: str) -> bool:
        if name not in self.server.repositories:
            self._refuse(404 if token else 401, "RepoNotFound", "Repository not found")
        elif revision not in ("main", COMMIT):
            self._refuse(404, "RevisionNotFound", f"Invalid rev id: {revision}")
        else:
            return True
        return False

    def _api(self, parts: list[str], token: str) -> None:
        name, what, revision = "/".join(parts[:2]), parts[2], parts[3]
        if not self._known(name, revision, token):
            return
        files = sorted(p for p in self.server.repositories[name].rglob("*") if p.is_file())
        names = [(str(p.relative_to(self.server.repositories[name])), p) for p in files]
        if what == "tree":
            self._json([{"type": "file", "path": n, "size": p.stat().st_size, **_oid(p)} for n, p in names])
        else:
            self._json({"id": name, "modelId": name, "sha": COMMIT, "siblings": [{"rfilename": n} for n, _ in names]})

    def _file(self, name: str, file: str, *, body: bool) -> None:
        path = self.server.repositories[name] / file
        if not path.is_file():
            return self._refuse(404, "EntryNotFound", "Entry not found")
        content, oid = path.read_bytes(), _oid(path)
        start = int((self.headers.get("Range") or "bytes=0-").removeprefix("bytes=").partition("-")[0])
        self.send_response(206 if start else 200)
        self.send_header("X-Repo-Commit", COMMIT)
        self.send_header("ETag", f'"{oid["lfs"]["oid"] if "lfs" in oid else oid["oid"]}"')
        self.send_header("Content-Length", str(len(content) - start))
        if start:
            self.send_header("Content-Range", f"bytes {start}-{len(content) - 1}/{len(content)}")
        self.end_headers()
        if body and file in self.server.cut:
            self.server.cut.remove(file)
            self.wfile.write(content[start : start + (len(content) - start) * 9 // 10])
            self.wfile.flush()
            self.connection.close()
            self.close_connection = True
        elif body:
            self.wfile.write(content[start:])

    def _json(self, value: Any) -> None:
        content = json.dumps(value).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def _refuse(self, status: int, code: str, message: str) -> None:
        self.send_response(status)
        if code:
            self.send_header("X-Error-Code", code)
        self.send_header("X-Error-Message", message)
        self.send_header("Content-Length", "0")
        self.end_headers()


def _oid(path: Path) -> dict[str, Any]:
    """How the hub names a file's content: by a git hash, and large files by their SHA-256."""
    content = path.read_bytes()
    git = hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest()
    if path.suffix != ".safetensors":
        return {"oid": git}
    return {"oid": git, "lfs": {"oid": hashlib.sha256(content).hexdigest(), "size": len(content), "pointerSize": 134}}


@contextmanager
def serve() -> Iterator[Hub]:
    """A running hub."""
    hub = Hub()
    thread = threading.Thread(target=hub.serve_forever, daemon=True)
    thread.start()
    try:
        yield hub
    finally:
        hub.shutdown()
        hub.server_close()
