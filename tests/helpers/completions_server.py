"""A server on loopback that answers chat completions as OpenAI's API does, and misbehaves on request."""

import json
import re
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

KEY = "sk-loopback"


class Completions(ThreadingHTTPServer):
    """Counts requests by protein. `plan` maps an id to what its next requests get; a good answer when it is used up.

    A step is a status, (status, headers), or one of "slow", "cut", "malformed", "page", "empty", "long", or a function
    from the good answer to the one to give.
    """

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.plan: dict[str, list[Any]] = {}
        self.requests: list[dict[str, Any]] = []  # bodies, in order
        self.times: list[float] = []
        self.seen: Counter[str] = Counter()
        self.answered: Counter[str] = Counter()
        self.under_way = 0
        self.most_under_way = 0
        self.hold_after: int | None = None  # hold every request after so many answers
        self.held = 0
        self.delay = 0.0
        self.lock = threading.Lock()

    @property
    def url(self) -> str:
        """The base_url."""
        return f"http://127.0.0.1:{self.server_port}/v1"


class _Handler(BaseHTTPRequestHandler):
    server: Completions
    protocol_version = "HTTP/1.1"

    def log_message(self, *arguments: Any) -> None:
        """Silence."""

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        header = body["messages"][1]["content"]
        id_ = re.search(r"structure (\w{4}) ", header).group(1) if "structure" in header else "?"
        with self.server.lock:
            self.server.requests.append(body)
            self.server.times.append(time.monotonic())
            self.server.seen[id_] += 1
            self.server.under_way += 1
            self.server.most_under_way = max(self.server.most_under_way, self.server.under_way)
            hold = self.server.hold_after is not None and sum(self.server.answered.values()) >= self.server.hold_after
            self.server.held += hold
            step = self.server.plan[id_].pop(0) if self.server.plan.get(id_) else None
        try:
            if hold:
                time.sleep(600)
            time.sleep(self.server.delay)
            self._answer(body, id_, step)
        finally:
            with self.server.lock:
                self.server.under_way -= 1

    def _answer(self, body: dict[str, Any], id_: str, step: Any) -> None:
        if self.path != "/v1/chat/completions" or self.headers["Authorization"] != f"Bearer {KEY}":
            return self._error(401 if self.path.endswith("completions") else 404, "invalid_api_key")
        if isinstance(step, int):
            return self._error(step, {429: "rate_limit_exceeded", 404: "model_not_found"}.get(step, "server_error"))
        if isinstance(step, tuple):
            return self._error(step[0], step[2] if len(step) > 2 else "rate_limit_exceeded", step[1])
        if step == "slow":
            time.sleep(3)
        content = good_answer(body["messages"][1]["content"])
        content = step(content) if callable(step) else "" if step == "empty" else content
        answer = json.dumps(_completion(body, content, "length" if step == "long" else "stop"))
        if step == "page":
            return self._send(200, b"<html><body>Sign in to the network</body></html>", {"Content-Type": "text/html"})
        if step == "malformed":
            return self._send(200, answer[: len(answer) // 2].encode(), {})
        with self.server.lock:  # before it is sent: the client may act on it at once
            self.server.answered[id_] += step not in ("slow", "cut")
        return self._send(200, answer.encode(), {}, cut=step == "cut")

    def _error(self, status: int, code: str, headers: dict[str, str] | None = None) -> None:
        error = {"error": {"message": f"{code} says the server", "type": code, "param": None, "code": code}}
        self._send(status, json.dumps(error).encode(), headers or {})

    def _send(self, status: int, content: bytes, headers: dict[str, str], *, cut: bool = False) -> None:
        try:
            self.send_response(status)
            for name, value in ({"Content-Type": "application/json"} | headers).items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content[: len(content) // 2] if cut else content)
            self.wfile.flush()
        except (BrokenPipeError, ConnectionResetError):
            cut = True
        if cut:
            self.connection.close()
            self.close_connection = True


def good_answer(header: str) -> str:
    """A paragraph that says all that the header lines state."""
    opening = re.search(r"Required opening: (.*)", header)
    sentences = [opening.group(1)] if opening else []
    for line in header.splitlines():
        if line.startswith("Entity"):
            facts = dict(part.split(": ", 1) for part in line.partition(": ")[2].split("; "))
            names = facts.get("name", "A molecule").replace(" / ", " and ")
            chains, organism = facts.get("chains", ""), facts.get("organism", "")
            sentences.append(f"{names} makes up chains {chains}, derived from {organism}.")
    return " ".join(sentences)


def _completion(body: dict[str, Any], content: str, finish_reason: str) -> dict[str, Any]:
    message = {"role": "assistant", "content": content, "refusal": None}
    return {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1700000000,
        "model": body["model"],
        "choices": [{"index": 0, "message": message, "logprobs": None, "finish_reason": finish_reason}],
        "usage": {"prompt_tokens": 100, "completion_tokens": 50, "total_tokens": 150},
        "system_fingerprint": "fp_1",
    }


@contextmanager
def serve() -> Iterator[Completions]:
    """A running server."""
    server = Completions()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()


def drop_chain(name: str) -> Callable[[str], str]:
    """An answer without that chain."""
    return lambda text: re.sub(rf"(?:, )?\b{name}\b(?=, derived|,)", "", text)
