"""A server on loopback that serves files as archives of weights do: with ranges and entity tags, and cut on demand."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class FileServer(ThreadingHTTPServer):
    """Files by path; `cuts` are numbers of bytes after which the next answers break off."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.files: dict[str, bytes] = {}
        self.cuts: list[int] = []
        self.statuses: list[int] = []  # of the next answers
        self.ranges = True
        self.tags = True
        self.content_type = "application/octet-stream"
        self.stall = threading.Event()  # until it is set, an answer stops at `stall_after`
        self.stall.set()
        self.stall_after = 0
        self.requests: list[tuple[str, str | None]] = []  # path, range

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def handle_error(self, request: object, client_address: object) -> None:
        """Nothing: clients that went away are part of the tests."""


class _Handler(BaseHTTPRequestHandler):
    server: FileServer
    protocol_version = "HTTP/1.1"

    def log_message(self, *arguments: Any) -> None:
        """Silence."""

    def do_GET(self) -> None:
        server, path = self.server, self.path.strip("/")
        asked = self.headers.get("Range")
        server.requests.append((path, asked))
        if server.statuses or path not in server.files:
            return self._head(server.statuses.pop(0) if server.statuses else 404, {"Content-Length": "0"})
        content = server.files[path]
        tag = f'"{hash(content)}"'
        headers = {"ETag": tag} if server.tags else {}
        same = self.headers.get("If-Range") in (None, tag)
        start = int(asked.removeprefix("bytes=").partition("-")[0]) if asked and server.ranges and same else 0
        if start >= len(content):
            return self._head(416, {"Content-Range": f"bytes */{len(content)}", "Content-Length": "0"})
        if start:
            headers["Content-Range"] = f"bytes {start}-{len(content) - 1}/{len(content)}"
        self._head(206 if start else 200, headers | {"Content-Length": str(len(content) - start)})
        self._body(content[start:])

    def _head(self, status: int, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in {"Content-Type": self.server.content_type, **headers}.items():
            self.send_header(name, value)
        self.end_headers()

    def _body(self, content: bytes) -> None:
        if self.server.cuts:
            self.wfile.write(content[: self.server.cuts.pop(0)])
            self.close_connection = True
            return
        head = 0 if self.server.stall.is_set() else self.server.stall_after
        self.wfile.write(content[:head])
        self.wfile.flush()
        self.server.stall.wait(timeout=30)
        self.wfile.write(content[head:])


@contextmanager
def serve() -> Iterator[FileServer]:
    """A running server."""
    server = FileServer()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.stall.set()
        server.shutdown()
        server.server_close()
