"""No server hangs a client of ours, fills its memory or disk, or sends it where it did not mean to go.

Each of the clients (files, entries of an archive, answers of an endpoint) meets every kind of rude server on loopback.
"""

import asyncio
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from alignscape.config.proteins import OpenAIDescriber
from alignscape.descriptions.endpoint import Endpoint, Unanswered
from alignscape.encoders import by_name
from alignscape.encoders.structure.official import Official
from alignscape.errors import UserError
from alignscape.proteins.sources.rate_limited_http import RateLimitedClient, Unavailable
from alignscape.storage.download import fetch_file
from alignscape.storage.server_limits import Overstepped, stay_with
from tests.helpers.rude_server import RudeServer, serve

MOST, LONGEST = 200_000, 0.4
# How the server behaves, and how that is put by every client.
MANNERS = {
    "endless": "the server sends more than the 200000 bytes that it may",
    "drip": "takes too long|no whole answer within",
    "drip_head": "takes too long|no whole answer within",
    "huge": "more than the 200000 that it may send|RemoteProtocolError|Connection error",
    "short": "RemoteProtocolError|Connection error",
    "closing": "RemoteProtocolError|Connection error",
    "elsewhere": r"redirects to http://localhost, which is none of its hosts|\(302\)",
    "scheme": r"redirects to file://, which is none of its hosts|\(302\)|UnsupportedProtocol",
    "circle": r"TooManyRedirects|\(302\)",
}


@pytest.fixture
def server() -> Iterator[RudeServer]:
    with serve() as running:
        yield running


def fetch(url: str, folder: Path) -> bytes:
    target = folder / "file"
    longest = LONGEST if "drip" in url else 60
    limits = {"most_bytes": MOST, "longest": longest}
    return fetch_file(url, target, sha256=None, timeout=1, pause=0.001, **limits).read_bytes()


def ask_archive(url: str, folder: Path) -> bytes | None:
    limits = {"most_bytes": MOST, "longest": LONGEST if "drip" in url else 60}
    with RateLimitedClient(
        requests_per_second=1e4, connections=2, retries=1, timeout=1, backoff=0.001, **limits
    ) as client:
        return client.ask(url, check=lambda body: body)


def ask_endpoint(url: str, folder: Path) -> bytes:
    async def ask() -> bytes:
        config = OpenAIDescriber(base_url=url, retries=1, timeout=LONGEST / 3, requests_per_minute=60_000)
        endpoint = Endpoint(config, first_pause=0.001, most_bytes=MOST)
        try:
            return (await endpoint.ask([{"role": "user", "content": "?"}])).text.encode()
        finally:
            await endpoint.close()

    return asyncio.run(ask())


@pytest.mark.parametrize("manner", MANNERS)
@pytest.mark.parametrize("client", [fetch, ask_archive, ask_endpoint])
def test_no_manner_hangs_or_floods(client, manner, server, tmp_path, monkeypatch):
    """One line that says what the server did, soon, after little was read, and nothing is kept under the file's name."""
    monkeypatch.setenv("OPENAI_API_KEY", "sk-loopback")
    began = time.monotonic()
    with pytest.raises((UserError, Unavailable, Unanswered), match=MANNERS[manner]) as refusal:
        client(f"{server.url}/{manner}", tmp_path)
    assert "\n" not in str(refusal.value)
    assert time.monotonic() - began < 8
    assert server.requests["fine"] == 0
    assert not (tmp_path / "file").exists()
    assert sum(path.stat().st_size for path in tmp_path.rglob("*") if path.is_file()) < 20_000


@pytest.mark.parametrize("client", [fetch, ask_archive])
def test_good_servers_are_served(client, server, tmp_path):
    """A redirect on the same host is followed, and what comes after the announced length is not taken."""
    assert client(f"{server.url}/here", tmp_path) == b"fine"
    assert client(f"{server.url}/more", tmp_path / "other") == b"four"


def test_a_server_of_weights_that_drips_its_head_is_not_waited_for(server, monkeypatch):
    monkeypatch.setattr(by_name, "_PATIENCE", LONGEST)
    published = Official(f"{server.url}/drip_head", {"a": None}, "none")
    assert by_name._unreachable(published) == "gives no answer within 0.4 s"


def test_under_a_running_event_loop_too(server, tmp_path):
    """As in a notebook, whose cells run within one."""

    async def cell() -> bytes:
        return fetch(f"{server.url}/fine", tmp_path)

    assert asyncio.run(cell()) == b"fine"


@pytest.mark.parametrize(
    ("here", "there", "allowed"),
    [
        ("https://files.rcsb.org/a", "https://www.rcsb.org/b", True),
        ("https://files.rcsb.org/a", "/b", True),
        ("https://files.rcsb.org/a", "https://rcsb.org.evil.net/b", False),
        ("https://files.rcsb.org/a", "https://evilrcsb.org/b", False),
        ("https://files.rcsb.org/a", "http://files.rcsb.org/b", False),
        ("http://files.rcsb.org/a", "https://files.rcsb.org/b", True),
        ("https://files.rcsb.org/a", "//127.0.0.1/b", False),
    ],
)
def test_only_listed_hosts_are_gone_to(here, there, allowed):
    """Hosts below a listed domain, never from https to http, and no host that merely looks alike."""
    response = httpx.Response(302, headers={"Location": there}, request=httpx.Request("GET", here))
    if allowed:
        asyncio.run(stay_with([".rcsb.org"])(response))
    else:
        with pytest.raises(Overstepped, match="the server redirects"):
            asyncio.run(stay_with([".rcsb.org"])(response))
