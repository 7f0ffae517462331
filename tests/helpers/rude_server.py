"""A server on loopback that does what no server should: endless, dripping, lying and closing answers, and redirects."""

import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class RudeServer(ThreadingHTTPServer):
    """The first part of a path says how to answer; requests are counted by it, and the bytes that went out."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.requests: Counter[str] = Counter()
        self.sent: Counter[str] = Counter()
        self.stopped = threading.Event()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def handle_error(self, request: object, client_address: object) -> None:
        """Nothing: clients that hang up are what is wanted."""


class _Handler(BaseHTTPRequestHandler):
    server: RudeServer
    protocol_version = "HTTP/1.1"

    def log_message(self, *arguments: Any) -> None:
        """Silence."""

    def do_GET(self) -> None:
        self.close_connection = True
        self.manner = self.path.strip("/").partition("/")[0]
        self.server.requests[self.manner] += 1
        getattr(self, self.manner)()

    def do_HEAD(self) -> None:
        self.do_GET()

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.do_GET()

    def _head(self, status: int = 200, **headers: str) -> None:
        self.send_response(status)
        for name, value in {"Content-Type": "application/json", "Connection": "close", **headers}.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()

    def _write(self, content: bytes) -> None:
        self.wfile.write(content)
        self.wfile.flush()
        self.server.sent[self.manner] += len(content)

    def endless(self) -> None:
        self._head()
        while not self.server.stopped.is_set():
            self._write(bytes(16384))

    def drip(self) -> None:
        self._head(Content_Length="100000")
        while not self.server.stopped.is_set():
            self._write(b" ")
            time.sleep(0.02)

    def drip_head(self) -> None:
        """A header without end, a byte at a time."""
        self._write(b"HTTP/1.1 200 OK\r\nContent-Type: ")
        while not self.server.stopped.is_set():
            self._write(b"x")
            time.sleep(0.02)

    def huge(self) -> None:
        self._head(Content_Length=str(10**12))
        self._write(b"x")

    def short(self) -> None:
        self._head(Content_Length="1000")
        self._write(b"x" * 10)

    def more(self) -> None:
        self._head(Content_Length="4")
        self._write(b"four and much more")

    def closing(self) -> None:
        """Not a byte."""

    def elsewhere(self) -> None:
        self._head(302, Location=f"http://localhost:{self.server.server_port}/fine", Content_Length="0")

    def scheme(self) -> None:
        self._head(302, Location="file:///etc/passwd", Content_Length="0")

    def here(self) -> None:
        self._head(302, Location="/fine", Content_Length="0")

    def circle(self) -> None:
        self._head(302, Location="/circle", Content_Length="0")

    def fine(self) -> None:
        self._head(Content_Length="4")
        self._write(b"fine")


@contextmanager
def serve() -> Iterator[RudeServer]:
    """A running server."""
    server = RudeServer()
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    try:
        yield server
    finally:
        server.stopped.set()
        server.shutdown()
        server.server_close()
