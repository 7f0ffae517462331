"""What a server refused once is asked for by the next run, which computes what follows from the answer and nothing else."""

from itertools import islice
from pathlib import Path

from tests.helpers.archive_server import Archive, serve
from tests.helpers.workspace import REPOSITORY, STUDY, Workspace
from tests.proteins.test_rcsb import made_up_ids, settings


def test_an_entry_behind_a_busy_server_comes_with_the_next_run(tmp_path: Path) -> None:
    ids = list(islice(made_up_ids(16), 16))
    archive = Archive(ids, REPOSITORY / "data/demo", share=0.0)
    answer = archive.answer
    archive.answer = lambda path: (503, b"") if ids[7] in path else answer(path)
    with serve(archive) as url:
        servers = settings(url, retries=0).model_dump()
        proteins = {"source": "rcsb", "ids": ids, "shard_size": 12, "rcsb": servers}
        space = Workspace.create(tmp_path / "work", STUDY | {"cache_dir": "cache", "proteins": proteins}, ids=())
        first = space.run("--until", "parse")
        assert {job.rule for job in first} == {"fetch", "parse"}
        assert space.run("--until", "parse") == []  # refused again: what was made stays
        archive.answer = answer
        second = space.run("--until", "parse")
        assert [job.rule for job in second] == ["parse"]
        assert space.run("--until", "parse") == []
    omissions = [path.read_text() for path in (space.path / "results").rglob("*.omissions.jsonl")]
    assert not any(ids[7] in text for text in omissions)
