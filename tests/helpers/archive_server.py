"""A loopback HTTP server with RCSB's paths that serves the embedded structures under made-up ids, and fails on demand."""

import gzip
import json
import random
import socket
import threading
import time
import zlib
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import gemmi

HTML = b"<!DOCTYPE html><html><body>Something went wrong</body></html>"
# What can go wrong with one request; each passes when it is tried again.
PASSING = ("500", "503", "429", "reset", "silence", "short", "truncated", "damaged", "html", "empty")
# What is wrong with an id for good.
LASTING = ("obsolete", "obsolete without successor", "unknown", "no pdb file", "no fasta", "broken")


class Failing:
    """What is asked for, and which of the tries go wrong: a share of each kind of failure that passes."""

    def __init__(self, *, share: float, silence: float) -> None:
        self.share, self.silence = share, silence
        self.requests: Counter[str] = Counter()
        self.agents: set[str] = set()
        self._lock = threading.Lock()

    def count(self, path: str, agent: str) -> int:
        """How often the path was asked for before."""
        with self._lock:
            self.requests[path] += 1
            self.agents.add(agent)
            return self.requests[path] - 1

    def passing_failure(self, path: str, attempt: int) -> str | None:
        """What goes wrong at the first or second try of a path: the same in every run of the test."""
        draw = zlib.crc32(f"{path} {attempt}".encode()) / 2**32
        kind = int(draw / self.share) if self.share and attempt < 2 else len(PASSING)
        return PASSING[kind] if kind < len(PASSING) else None

    def answer(self, path: str) -> tuple[int, bytes]:
        """Status and body of a path when nothing goes wrong on the way."""
        raise NotImplementedError

    def search(self, query: dict) -> bytes:
        """What a POST is answered."""
        raise NotImplementedError


class Archive(Failing):
    """Which ids there are, what is wrong with each, and how often each path was asked for."""

    def __init__(self, ids: list[str], demo: Path, *, share: float, silence: float = 0.0) -> None:
        super().__init__(share=share, silence=silence)
        files = sorted((demo / "structures").iterdir(), key=lambda path: path.stat().st_size)[:30]
        self.contents = [path.read_bytes() for path in files]
        structure = gemmi.read_structure(str(files[0]))
        structure.setup_entities()
        self.mmcif = gzip.compress(structure.make_mmcif_document().as_string().encode(), mtime=0)
        self.ids = ids
        shuffled = random.Random(7).sample(ids, len(ids))
        n = round(share * len(ids))
        self.lasting = {id_: kind for k, kind in enumerate(LASTING) for id_ in shuffled[k * n : (k + 1) * n]}

    def answer(self, path: str) -> tuple[int, bytes]:
        """Status and body of a path when nothing goes wrong on the way."""
        name = path.rpartition("/")[2]
        id_ = name.partition(".")[0]
        kind = self.lasting.get(id_, "")
        gone = id_ not in self.ids or kind in ("obsolete", "obsolete without successor", "unknown")
        if path.startswith("/rest/v1/holdings/removed/"):
            successors = {"obsolete": ["9zzz"], "obsolete without successor": None}
            if kind not in successors:
                return 404, HTML
            return 200, json.dumps(
                {"rcsb_repository_holdings_removed": {"id_codes_replaced_by": successors[kind]}}
            ).encode()
        if gone:
            return 404, HTML
        if kind == "broken":
            return 500, HTML
        if path.startswith("/fasta/entry/"):
            header = f">{id_}_1|Chain A|Protein of {id_}|Homo sapiens (9606)\nMKLV\n"
            return (404, HTML) if kind == "no fasta" else (200, header.encode())
        if name.endswith(".cif.gz"):
            return 200, self.mmcif
        return (404, HTML) if kind == "no pdb file" else (200, self.contents[self.ids.index(id_) % len(self.contents)])

    def search(self, query: dict) -> bytes:
        """A page of the search API."""
        start, rows = (query["request_options"]["paginate"][key] for key in ("start", "rows"))
        page = sorted(self.ids)[start : start + rows]
        return json.dumps({"total_count": len(self.ids), "result_set": page}).encode()


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    archive: Failing

    def do_POST(self) -> None:
        query = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self._send(self.archive.count(self.path, self.headers["User-Agent"]), *self._searched(query))

    def _searched(self, query: dict) -> tuple[int, bytes]:
        return 200, self.archive.search(query)

    def do_GET(self) -> None:
        attempt = self.archive.count(self.path, self.headers["User-Agent"])
        self._send(attempt, *self.archive.answer(self.path))

    def _send(self, attempt: int, status: int, body: bytes) -> None:
        kind = self.archive.passing_failure(self.path, attempt)
        if kind in ("500", "503", "429"):
            return self._write(int(kind), HTML, retry_after=None if kind == "500" else "0.01")
        if kind == "reset":
            return self._reset()
        if kind == "silence":
            time.sleep(self.archive.silence)
            return self._reset()
        if kind in ("html", "empty"):
            return self._write(200, HTML if kind == "html" else b"")
        if kind == "short":
            self._write(status, body[: len(body) // 2], announced=len(body))
            return self._reset()
        if kind in ("truncated", "damaged") and body.startswith(b"\x1f\x8b"):
            half = len(body) // 2
            return self._write(status, body[:half] + (bytes(len(body) - half) if kind == "damaged" else b""))
        return self._write(status, body)

    def _write(self, status: int, body: bytes, *, retry_after: str | None = None, announced: int | None = None) -> None:
        self.send_response(status)
        if retry_after is not None:
            self.send_header("Retry-After", retry_after)
        self.send_header("Content-Length", str(len(body) if announced is None else announced))
        self.end_headers()
        self.wfile.write(body)

    def _reset(self) -> None:
        self.close_connection = True
        self.wfile.flush()
        self.connection.shutdown(socket.SHUT_RDWR)

    def log_message(self, *args: object) -> None:
        """Nothing: a test's output is not a log."""


class QuietServer(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """Nothing: clients that went away are part of the test."""


@contextmanager
def serve(archive: Failing) -> Iterator[str]:
    """The archive's address while it is served."""
    server = QuietServer(("127.0.0.1", 0), type("ArchiveHandler", (Handler,), {"archive": archive}))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
