"""A download ends in the whole, right file or in one line that says why not, whatever the server and the machine do."""

import hashlib
import os
import random
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import pytest

from alignscape.errors import UserError
from alignscape.storage import download
from tests.helpers.file_server import FileServer, serve

CONTENT = random.Random(1).randbytes(300_000)
SHA256 = hashlib.sha256(CONTENT).hexdigest()
NAME = "angle_gearnet_edge.pth"
fetch = partial(download.fetch_file, timeout=5, pause=0.001)


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[FileServer]:
    """A server with one file."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with serve() as running:
        running.files = {NAME: CONTENT}
        yield running


@pytest.fixture
def url(server: FileServer) -> str:
    return f"{server.url}/{NAME}"


@pytest.fixture
def target(tmp_path: Path) -> Path:
    return tmp_path / "weights" / "gearnet" / NAME


def ranges(server: FileServer) -> list[str | None]:
    return [asked for _, asked in server.requests]


def refusal(*arguments, **options) -> str:
    """The one line that a fetch ends in."""
    with pytest.raises(UserError) as error:
        fetch(*arguments, **options)
    assert "\n" not in str(error.value)
    return str(error.value)


def test_a_file_is_fetched_once_with_its_checksum(server, url, target):
    """The second call asks nobody, and what is left beside the file is a note that sha256sum -c reads."""
    assert fetch(url, target, sha256=SHA256) == fetch(url, target, sha256=SHA256) == target
    assert target.read_bytes() == CONTENT
    assert ranges(server) == [None]
    assert (target.parent / f"{NAME}.sha256").read_text() == f"{SHA256}  {NAME}\n"
    assert not list(target.parent.glob("*.part"))


@pytest.mark.parametrize(("tags", "mark"), [(True, ""), (False, ""), (True, "\u00e9")])
def test_a_cut_connection_is_taken_up_where_it_broke(server, url, target, tags, mark):
    """Each try asks for what is missing, with an entity tag, without, or with one that no request can hold; progress does
    not count as a failure."""
    server.tags, server.mark, server.cuts = tags, mark, [70_000, 30_000, 30_000, 30_000, 30_000, 30_000, 30_000]
    fetch(url, target, sha256=SHA256)
    assert target.read_bytes() == CONTENT
    assert ranges(server) == [None, *(f"bytes={n}-" for n in range(70_000, 260_000, 30_000))]


def test_a_server_without_ranges_starts_again(server, url, target):
    """An answer with the whole file replaces what was there."""
    server.ranges, server.cuts = False, [70_000, 200_000]
    fetch(url, target, sha256=SHA256)
    assert target.read_bytes() == CONTENT


def test_a_server_that_never_gets_further_is_given_up(server, url, target):
    """Five tries in a row without a new byte end it; what came is kept and the next run goes on from there."""
    server.cuts = [100_000] + [0] * 5
    line = refusal(url, target, sha256=SHA256)
    assert NAME in line
    assert url in line
    assert len(server.requests) == 6
    fetch(url, target, sha256=SHA256)
    assert ranges(server)[-1] == "bytes=100000-"
    assert target.read_bytes() == CONTENT


def test_a_file_that_changed_meanwhile_is_not_mixed(server, url, target):
    """With an entity tag the rest of another version is never put behind the first half of the old one."""
    server.cuts = [100_000] + [0] * 5
    refusal(url, target, sha256=None)
    server.files[NAME] = CONTENT[::-1]
    fetch(url, target, sha256=None)
    assert target.read_bytes() == CONTENT[::-1]


def test_a_complete_part_is_recognised(server, url, target):
    """A process killed between the last byte and the renaming costs no second download."""
    target.parent.mkdir(parents=True)
    (target.parent / f".{NAME}.part").write_bytes(CONTENT)
    fetch(url, target, sha256=SHA256)
    assert ranges(server) == [f"bytes={len(CONTENT)}-"]
    assert target.read_bytes() == CONTENT


def test_a_part_that_is_too_long_is_thrown_away(server, url, target):
    """Bytes beyond the end of the server's file cannot be its beginning."""
    target.parent.mkdir(parents=True)
    (target.parent / f".{NAME}.part").write_bytes(CONTENT + b"!")
    fetch(url, target, sha256=SHA256)
    assert target.read_bytes() == CONTENT


@pytest.mark.parametrize(("status", "tries"), [(404, 1), (403, 1), (500, 5), (503, 5), (429, 5)])
def test_a_refusal_names_file_url_and_status(server, url, target, status, tries):
    """What will stay is asked for once, what may pass five times."""
    server.statuses = [status] * 5
    line = refusal(url, target, sha256=None)
    assert all(part in line for part in (NAME, url, f"status {status}", "weights_file"))
    assert len(server.requests) == tries
    assert not target.exists()


def test_a_passing_refusal_is_survived(server, url, target):
    """A server that is busy twice is asked a third time."""
    server.statuses = [503, 429]
    assert fetch(url, target, sha256=SHA256).read_bytes() == CONTENT


def test_a_web_page_is_not_taken_for_the_file(server, url, target):
    """The login page of a network is refused even where no checksum is known."""
    server.content_type = "text/html; charset=utf-8"
    assert "web page" in refusal(url, target, sha256=None)
    assert not target.exists()


def test_a_wrong_checksum_keeps_nothing(server, url, target):
    """The line names file, URL and both checksums, and no byte of the file is left."""
    line = refusal(url, target, sha256="0" * 64)
    assert all(part in line for part in (NAME, url, SHA256, "0" * 64))
    assert [p.name for p in target.parent.iterdir()] == [f".{NAME}.lock"]


def test_an_unknown_checksum_is_noted_and_held_to(server, url, target):
    """Where none is known the first download's counts: what its owners replaced later is refused until the user agrees."""
    fetch(url, target, sha256=None)
    target.unlink()
    server.files[NAME] = b"another file"
    line = refusal(url, target, sha256=None)
    note = target.parent / f"{NAME}.sha256"
    assert SHA256 in line
    assert str(note) in line
    assert not target.exists()
    note.unlink()
    assert fetch(url, target, sha256=None).read_bytes() == b"another file"


@pytest.mark.parametrize("known", [SHA256, None])
def test_a_file_changed_in_the_cache_is_refused(server, url, target, known):
    """What was altered after the download is not loaded, whether its checksum is published or was noted."""
    fetch(url, target, sha256=known)
    target.write_bytes(CONTENT[:-1] + b"?")
    assert str(target) in refusal(url, target, sha256=known)


def test_a_file_put_there_by_hand_is_taken(url, target):
    """Without checksum or note there is nothing to hold it to, and no server is asked."""
    target.parent.mkdir(parents=True)
    target.write_bytes(b"mine")
    assert fetch("http://127.0.0.1:9/never", target, sha256=None).read_bytes() == b"mine"


def test_offline_is_one_clear_line(target):
    """A dead port names the file, the URL and the way out."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        url = f"http://127.0.0.1:{free.getsockname()[1]}/{NAME}"
    line = refusal(url, target, sha256=None)
    assert all(part in line for part in (NAME, url, "ConnectError", "weights_file"))


def test_a_folder_that_cannot_be_written_is_one_clear_line(url, tmp_path):
    """A cache below something that is a file is named, with what to set."""
    (tmp_path / "cache").write_text("a file")
    line = refusal(url, tmp_path / "cache" / NAME, sha256=None)
    assert str(tmp_path / "cache") in line
    assert "cache_dir" in line


def test_of_many_processes_one_downloads(server, url, target):
    """Jobs that start together share one download; none sees half a file."""
    server.stall.clear()
    server.stall_after = 1000
    with ThreadPoolExecutor(4) as pool:
        jobs = [pool.submit(fetch, url, target, sha256=SHA256) for _ in range(4)]
        while not server.requests:
            time.sleep(0.01)
        server.stall.set()
        assert all(job.result().read_bytes() == CONTENT for job in jobs)
    assert ranges(server) == [None]


def test_of_many_processes_without_locks_each_downloads_into_a_part_of_its_own(server, url, target):
    """As on file systems that have none: all end with the whole file, and nothing else stays."""
    server.stall.clear()
    server.stall_after = 1000
    script = (
        "import fcntl, sys; from pathlib import Path; from alignscape.storage import download\n"
        "def none(*_):\n    raise OSError(37, 'No locks available')\n"
        "fcntl.flock = none\n"
        "path = download.fetch_file(sys.argv[1], Path(sys.argv[2]), sha256=sys.argv[3])\n"
        "sys.exit(len(path.read_bytes()) != 300_000)"
    )
    jobs = [subprocess.Popen([sys.executable, "-c", script, url, str(target), SHA256]) for _ in range(2)]
    while len(server.requests) < 2:
        assert all(job.poll() is None for job in jobs)
        time.sleep(0.01)
    server.stall.set()
    assert [job.wait() for job in jobs] == [0, 0]
    assert target.read_bytes() == CONTENT
    assert {p.name for p in target.parent.iterdir()} == {NAME, f"{NAME}.sha256", f".{NAME}.lock"}


def test_kill_9_in_the_middle_and_start_again_goes_on(server, url, target):
    """A killed process leaves no file, only a part, and the next one asks for the rest alone."""
    server.stall.clear()
    server.stall_after = 200_000
    script = (
        "import sys; from pathlib import Path; from alignscape.storage.download import fetch_file;"
        "fetch_file(sys.argv[1], Path(sys.argv[2]), sha256=None)"
    )
    process = subprocess.Popen([sys.executable, "-c", script, url, str(target)], stderr=subprocess.DEVNULL)
    part, deadline = target.parent / f".{NAME}.part", time.monotonic() + 60
    while not (part.exists() and part.stat().st_size >= 150_000):
        assert time.monotonic() < deadline
        assert process.poll() is None
        time.sleep(0.02)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    have = part.stat().st_size
    assert not target.exists()
    server.stall.set()
    fetch(url, target, sha256=SHA256)
    assert ranges(server) == [None, f"bytes={have}-"]
    assert target.read_bytes() == CONTENT
