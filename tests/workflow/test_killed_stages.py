"""Kill -9 in the stages that ask servers: what was had is not asked for again, and the files are those of an unbroken run.

Each stage runs as its job does, in a process of its own, against a server on loopback; moments are counted by requests.
"""

import contextlib
import hashlib
import json
import os
import random
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.descriptions.test_openai_describer import protein
from tests.helpers import archive_server, completions_server
from tests.helpers.archive_server import Archive
from tests.helpers.completions_server import KEY, Completions
from tests.helpers.workspace import REPOSITORY
from tests.proteins.test_rcsb import made_up_ids

KILLS = int(os.environ.get("ALIGNSCAPE_KILLS", "20"))
AT_ONCE = 3  # requests
FETCH = """
import sys
from pathlib import Path
from alignscape.proteins.sources.rcsb.archive import RcsbArchive
from alignscape.proteins.sources.rcsb.block import RcsbSource
from alignscape.proteins.sources.source import write_located
url, ids = sys.argv[1], sys.argv[2].split(",")
servers = dict.fromkeys(("files_url", "fasta_url", "search_url", "data_url"), url)
config = RcsbSource(**servers, requests_per_second=1e5, connections=3)
source = RcsbArchive(config, ids=ids, sample=None, cache_dir=Path("cache"), seed=42)
write_located(Path("located.json"), source.fetch(ids))
"""
DESCRIBE = """
import sys
from pathlib import Path
from alignscape.config.proteins import OpenAIDescriber
from alignscape.descriptions.openai_describer import write_descriptions
from alignscape.proteins.facts import ProteinFacts
from alignscape.storage.files import read_jsonl, write_jsonl
config = OpenAIDescriber(base_url=sys.argv[1], concurrency=3, requests_per_minute=60000)
proteins = [ProteinFacts.from_json(row) for row in read_jsonl("../facts.jsonl")]
written = write_descriptions(config, proteins, cache=Path("answers"))
write_jsonl("omissions.jsonl", map(vars, written.omissions))
rows = zip(written.texts, written.writers)
write_jsonl("texts.jsonl", [{"text": text, "describer": writer} for text, writer in rows])
"""


def start(stage: str, folder: Path, url: str, ids: list[str]) -> "subprocess.Popen[bytes]":
    folder.mkdir(exist_ok=True)
    command = [sys.executable, "-c", stage, url, ",".join(ids)]
    return subprocess.Popen(command, cwd=folder, env=os.environ | {"OPENAI_API_KEY": KEY}, stderr=subprocess.PIPE)


def kill(process: "subprocess.Popen[bytes]", *, asked: Callable[[], int], after: int, dice: random.Random) -> None:
    """SIGKILL some time after so many more requests."""
    before, deadline = asked(), time.monotonic() + 60
    while asked() < before + after and process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.001)
    time.sleep(dice.uniform(0, 0.03))
    process.kill()
    process.communicate()


def contents(folder: Path) -> dict[str, str]:
    """SHA-256 of each file by path."""
    files = [path for path in sorted(folder.rglob("*")) if path.is_file()]
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


class SlowArchive(Archive):
    """An archive that takes long enough to be caught at it."""

    def answer(self, path: str) -> tuple[int, bytes]:
        time.sleep(0.01)
        return super().answer(path)


def kill_downloads(folder: Path, *, kills: int) -> None:
    dice, ids = random.Random(5), made_up_ids(16 * kills)
    archive = SlowArchive(ids, REPOSITORY / "data/demo", share=0.0)
    archive.lasting = {ids[3]: "obsolete", ids[5]: "no fasta", ids[7]: "no pdb file"}
    had: dict[str, int] = {}  # id -> how often it was asked for until it was noted

    def asked() -> int:
        return sum(archive.requests.values())

    def asked_for(id_: str) -> int:
        return sum(n for path, n in archive.requests.items() if id_ in path)

    with archive_server.serve(archive) as url:
        for _ in range(kills):
            process = start(FETCH, folder / "broken", url, ids)
            kill(process, asked=asked, after=dice.randrange(0, 12), dice=dice)
            assert not (folder / "broken/located.json").exists(), "it was done before it was killed often enough"
            noted = [path.stem for path in (folder / "broken/cache").rglob("*.json")]
            had |= {id_: asked_for(id_) for id_ in noted if id_ not in had}
        assert start(FETCH, folder / "broken", url, ids).wait() == 0
        assert {id_: asked_for(id_) for id_ in had} == had
        assert start(FETCH, folder / "whole", url, ids).wait() == 0
    assert contents(folder / "broken") == contents(folder / "whole")


@contextlib.contextmanager
def completions() -> Iterator[Completions]:
    with completions_server.serve() as server:
        server.delay = 0.01
        yield server


def kill_descriptions(folder: Path, *, kills: int) -> None:
    from alignscape.storage.files import write_jsonl

    dice, ids = random.Random(6), [f"{n // 100 + 1}X{n % 100:02}" for n in range(16 * kills)]
    write_jsonl(folder / "facts.jsonl", [protein(id_).to_json() for id_ in ids])
    paid: set[str] = set()  # whose answers were on disk
    with completions() as server:
        for _ in range(kills):
            before = server.seen.copy()
            process = start(DESCRIBE, folder / "broken", server.url, ids)
            kill(process, asked=lambda: sum(server.seen.values()), after=dice.randrange(0, 12), dice=dice)
            assert not (folder / "broken/texts.jsonl").exists(), "it was done before it was killed often enough"
            assert {id_ for id_ in paid if server.seen[id_] > before[id_]} == set()
            under_way = {id_ for id_ in ids if server.seen[id_] > before[id_]} - stored(folder / "broken")
            assert len(under_way) <= AT_ONCE
            paid |= stored(folder / "broken")
        seen = server.seen.copy()
        assert start(DESCRIBE, folder / "broken", server.url, ids).wait() == 0
        assert {id_ for id_ in paid if server.seen[id_] > seen[id_]} == set()
        assert start(DESCRIBE, folder / "whole", server.url, ids).wait() == 0
    assert contents(folder / "broken") == contents(folder / "whole")
    assert stored(folder / "broken") == set(ids)


def stored(folder: Path) -> set[str]:
    """The proteins whose answers are kept."""
    return {json.loads(path.read_text())["asked_for"] for path in (folder / "answers").rglob("[!.]*.json")}


def test_two_kills_of_downloads_lose_nothing(tmp_path: Path) -> None:
    """One kill of the describer is in tests/descriptions: its client takes seconds to start."""
    kill_downloads(tmp_path, kills=2)


@pytest.mark.slow
@pytest.mark.parametrize("stage", [kill_downloads, kill_descriptions], ids=lambda stage: stage.__name__)
def test_many_kills_lose_nothing_and_pay_nothing_twice(stage: Callable[..., None], tmp_path: Path) -> None:
    stage(tmp_path, kills=KILLS)
