"""The RCSB source against a real HTTP server on loopback that fails in every way a server can."""

import json
import time
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from itertools import product

import pytest

from alignscape.config.load import parse
from alignscape.config.proteins import Sample
from alignscape.config.schema import proteins_schema
from alignscape.errors import ProteinRejected, UserError
from alignscape.plan.inputs import collect_inputs
from alignscape.plan.plan import Plan
from alignscape.plan.second_try import ask_again
from alignscape.proteins.sources.open import open_source
from alignscape.proteins.sources.rate_limited_http import RateLimit, RateLimitedClient, Unavailable, retry_after
from alignscape.proteins.sources.rcsb.archive import RcsbArchive
from alignscape.proteins.sources.rcsb.block import RcsbSource
from alignscape.proteins.sources.rcsb_search import draw
from alignscape.proteins.sources.source import Located, read_located, write_located
from alignscape.storage.files import read_json, sha256_file, write_json
from alignscape.storage.ledger import Omission
from tests.helpers.archive_server import Archive, serve

Proteins = proteins_schema()


def made_up_ids(n: int) -> list[str]:
    return ["".join(parts) for parts in product("123", "XYZQ", "0123456789ABCDEF", "0123456789ABCDEF")][:n]


def settings(url: str, **changes) -> RcsbSource:
    servers = dict.fromkeys(("files_url", "fasta_url", "search_url", "data_url"), url)
    return RcsbSource(**servers | {"requests_per_second": 1e5, "connections": 16, "timeout": 5} | changes)


def archive_source(config, cache_dir, *, ids=None, sample=None, seed=42) -> RcsbArchive:
    return RcsbArchive(config, ids=ids, sample=sample, cache_dir=cache_dir, seed=seed, backoff=0.01)


@pytest.mark.slow
def test_two_thousand_entries_through_every_failure(demo, tmp_path):
    """2,000 ids, ten passing and six lasting failures at 2 % each: all that can be had is had, the ledger explains the
    rest, and a second run sends no request."""
    ids = made_up_ids(2000)
    archive = Archive(ids, demo, share=0.02, silence=1.5)
    with serve(archive) as url:
        config = settings(url, timeout=1, connections=16)
        found = archive_source(config, tmp_path, ids=ids).fetch(ids)
        sent = sum(archive.requests.values())
        again = archive_source(config, tmp_path, ids=ids).fetch([i for i in ids if archive.lasting.get(i) != "broken"])
        assert sum(archive.requests.values()) == sent
    lost = {id_: x.reason for id_, x in found.items() if isinstance(x, Omission)}
    hopeless = ("obsolete", "obsolete without successor", "unknown", "broken")
    assert sorted(lost) == sorted(id_ for id_, kind in archive.lasting.items() if kind in hopeless)
    reasons = {
        "obsolete": "obsolete, superseded by 9ZZZ",
        "obsolete without successor": "obsolete, without a successor",
        "unknown": "RCSB has no entry of this id",
        "broken": "could not be downloaded: ",
    }
    assert all(reason.startswith(reasons[archive.lasting[id_]]) for id_, reason in lost.items())
    located = {id_: x for id_, x in found.items() if isinstance(x, Located)}
    assert {id_ for id_, x in located.items() if x.path.name.endswith(".cif.gz")} == {
        id_ for id_, kind in archive.lasting.items() if kind == "no pdb file"
    }
    assert {id_ for id_, x in located.items() if x.fasta is None} == {
        id_ for id_, kind in archive.lasting.items() if kind == "no fasta"
    }
    for id_, x in located.items():
        whole = archive.mmcif if x.path.name.endswith(".cif.gz") else archive.contents[ids.index(id_) % 30]
        assert x.path.read_bytes() == whole, id_
    assert again == {id_: x for id_, x in found.items() if archive.lasting.get(id_) != "broken"}
    assert not list(tmp_path.rglob("*.tmp"))


def test_a_stopped_or_damaged_cache_goes_on(demo, tmp_path):
    """Only what has no note, or files of another size than noted, is asked for again."""
    ids = made_up_ids(6)
    archive = Archive(ids, demo, share=0.0)
    with serve(archive) as url:
        source = archive_source(settings(url), tmp_path, ids=ids)
        first = source.fetch(ids)
        archive.requests.clear()
        first[ids[0]].path.with_name(f"{ids[0]}.json").unlink()  # killed before the note
        first[ids[1]].path.write_bytes(b"cut")
        first[ids[2]].fasta.unlink()
        first[ids[3]].path.with_name(f"{ids[3]}.json").write_text("{")
        assert source.fetch(ids) == first
    assert {path.rpartition("/")[2].partition(".")[0] for path in archive.requests} == set(ids[:4])
    assert all(sha256_file(x.path) == x.sha256 for x in first.values())


def test_a_sample_is_seeded_sorted_and_drawn_from_a_saved_list(demo, tmp_path, monkeypatch):
    """The search is asked once, page by page; the same seed gives the same sorted sample, also without a server."""
    monkeypatch.setattr("alignscape.proteins.sources.rcsb_search._ROWS", 7)
    ids = made_up_ids(20)
    archive = Archive(ids, demo, share=0.0)
    with serve(archive) as url:
        config = settings(url)
        sample = archive_source(config, tmp_path, sample=Sample(n=5)).ids()
        assert archive.requests == {"/rcsbsearch/v2/query": 3}
    assert read_json(tmp_path / "rcsb" / "protein-entries.json") == sorted(ids)
    assert sample == sorted(sample)
    assert len(set(sample)) == 5
    assert archive_source(config, tmp_path, sample=Sample(n=5)).ids() == sample
    assert archive_source(config, tmp_path, sample=Sample(n=5), seed=1).ids() != sample
    assert draw(ids[::-1], Sample(n=3, pool=3), seed=9) == sorted(ids)[:3]
    assert draw(ids, Sample(n=50), seed=9) == sorted(ids)


def test_the_config_opens_it(demo, tmp_path):
    """`source: rcsb` gives this source; ids that are none are explained without a request; a list can be sampled."""
    archive = Archive(made_up_ids(3), demo, share=0.0)
    with serve(archive) as url:
        config = Proteins(source="rcsb", ids=["1x00", "crambin"], rcsb=settings(url))
        source = open_source(config, cache_dir=tmp_path, seed=1)
        assert source.ids() == ["1X00", "CRAMBIN"]
        assert source.local_paths() == {}
        found = source.fetch(source.ids())
    assert isinstance(found["1X00"], Located)
    assert "not a PDB id" in found["CRAMBIN"].reason
    assert all("CRAMBIN" not in path for path in archive.requests)
    (agent,) = archive.agents
    assert agent.startswith("alignscape")
    sampled = Proteins(source="rcsb", ids=["1x00", "1x01", "1x02"], sample=Sample(n=2))
    assert len(open_source(sampled, cache_dir=tmp_path, seed=1).ids()) == 2


def test_no_network_is_one_line(tmp_path):
    """A server that is not there stops the run with one line, and nothing is remembered as absent."""
    config = settings("http://127.0.0.1:9", retries=1)
    with pytest.raises(UserError, match="RCSB cannot be reached, try again later"):
        archive_source(config, tmp_path, ids=["1ABC"]).fetch(["1ABC"])
    assert not list(tmp_path.rglob("*.json"))
    with pytest.raises(UserError, match="search API gave no answer"):
        archive_source(config, tmp_path, sample=Sample(n=1)).ids()


@pytest.mark.parametrize("length", [0, 12])
def test_a_search_answer_shorter_than_its_count_is_not_taken_for_whole(demo, tmp_path, length, monkeypatch):
    """A list that ends before its count is one line and is not saved; the next run asks anew and has all."""
    monkeypatch.setattr("alignscape.proteins.sources.rcsb_search._ROWS", 7)
    ids = made_up_ids(20)
    archive = Archive(ids, demo, share=0.0)
    whole = archive.search

    def cut(query):
        page = json.loads(whole(query))
        start = query["request_options"]["paginate"]["start"]
        return json.dumps(page | {"result_set": page["result_set"][: max(0, length - start)]}).encode()

    archive.search = cut
    with serve(archive) as url:
        config = settings(url, retries=1)
        with pytest.raises(UserError, match=f"search API gave no answer: .* ends at entry {length} of 20"):
            archive_source(config, tmp_path, sample=Sample(n=5)).ids()
        assert not list(tmp_path.rglob("*.json"))
        archive.search = whole
        archive_source(config, tmp_path, sample=Sample(n=5)).ids()
    assert read_json(tmp_path / "rcsb" / "protein-entries.json") == sorted(ids)


@pytest.mark.parametrize(
    "record",
    [
        b"[]",
        b'{"rcsb_repository_holdings_removed": [1]}',
        b'{"rcsb_repository_holdings_removed": {"id_codes_replaced_by": 5}}',
        b'{"rcsb_repository_holdings_removed": {"id_codes_replaced_by": ["\\ud800"]}}',
        b"[" * 200_000,
    ],
)
def test_an_odd_record_of_a_removed_entry_costs_no_other_entry(demo, tmp_path, monkeypatch, record):
    """What is of another form, or what no file can hold, is a failed try of that id alone."""
    archive = Archive(["1X00"], demo, share=0.0)
    answer = archive.answer
    monkeypatch.setattr(archive, "answer", lambda path: (200, record) if "/removed/" in path else answer(path))
    with serve(archive) as url:
        found = archive_source(settings(url, retries=0), tmp_path, ids=["1X00", "9ZZZ"]).fetch(["1X00", "9ZZZ"])
    assert isinstance(found["1X00"], Located)
    assert "the record of a removed entry is" in found["9ZZZ"].reason


@pytest.mark.parametrize("page", [["1X00"], [{"identifier": "1x00"}]])
def test_a_search_that_goes_round_in_a_circle_ends(demo, tmp_path, page):
    """Pages that bring no new id are not asked for a thousand million times."""
    archive = Archive(["1X00"], demo, share=0.0)
    archive.search = lambda query: json.dumps({"total_count": 10**9, "result_set": page}).encode()
    with serve(archive) as url, pytest.raises(UserError, match="listed 1 of 1000000000 entries"):
        archive_source(settings(url), tmp_path, sample=Sample(n=1)).ids()
    archive.search = lambda query: json.dumps({"total_count": 1, "result_set": [{}]}).encode()
    with serve(archive) as url, pytest.raises(UserError, match="has no result_set"):
        archive_source(settings(url, retries=0), tmp_path, sample=Sample(n=1)).ids()


def test_a_page_of_doubled_ids_is_not_a_whole_list(demo, tmp_path):
    """As many lines as are counted, but not as many entries: one line, nothing saved."""
    archive = Archive(made_up_ids(4), demo, share=0.0)
    archive.search = lambda query: json.dumps(
        {"total_count": 4, "result_set": ["1X00", "1x00", "1X01", "1X02"]}
    ).encode()
    with serve(archive) as url, pytest.raises(UserError, match="listed 3 of 4 entries"):
        archive_source(settings(url), tmp_path, sample=Sample(n=2)).ids()
    assert not list(tmp_path.rglob("*.json"))


def test_both_forms_of_an_id_are_one_entry(demo, tmp_path):
    """In a list, in the search's answer and on a server that has only the new names; a new id without an old form too."""
    archive = Archive(["1X00", "pdb_00001x01", "pdb_00011x02"], demo, share=0.0)
    with serve(archive) as url:
        config = Proteins(
            source="rcsb", ids=["pdb_00001x00", "1x00", "1X01", "PDB_00001X01", "pdb_00011X02"], rcsb=settings(url)
        )
        source = open_source(config, cache_dir=tmp_path, seed=1)
        assert source.ids() == ["1X00", "1X01", "PDB_00011X02"]
        found = source.fetch(source.ids())
        assert [type(x) for x in found.values()] == [Located] * 3
        listed = archive_source(settings(url), tmp_path, sample=Sample(n=3)).ids()
        sent = sum(archive.requests.values())
        assert source.fetch(source.ids()) == found
    assert listed == ["1X00", "1X01", "PDB_00011X02"]
    assert sum(archive.requests.values()) == sent


def plan_of(url: str, folder, ids) -> Plan:
    """A study of entries of that server, with results and cache in the folder."""
    study = parse(
        {
            "cache_dir": str(folder / "cache"),
            "results_dir": str(folder / "results"),
            "proteins": {"source": "rcsb", "ids": ids, "rcsb": settings(url, retries=0).model_dump()},
            "structure_encoders": [{"name": "a", "encoder": "gat", "weights": "random"}],
            "language_models": [{"name": "x", "encoder": "tfidf"}],
        }
    )
    return Plan(study, collect_inputs(study))


@pytest.mark.parametrize("status", [403, 429, 503])
def test_a_passing_failure_is_asked_again_by_the_next_run(demo, tmp_path, status):
    """A finished note with a refused entry stays as it is while the server refuses; then it has the file, and is newer."""
    ids = made_up_ids(3)
    archive = Archive(ids, demo, share=0.0)
    answer = archive.answer
    archive.answer = lambda path: (status, b"") if ids[1] in path else answer(path)
    with serve(archive) as url:
        plan = plan_of(url, tmp_path, ids)
        source = open_source(plan.study.proteins, cache_dir=plan.study.cache_dir)
        for shard, members in plan.shards.items():
            with suppress(UserError):  # a shard of nothing but the refused one: its job fails and runs again anyway
                write_located(plan.located(shard), source.fetch(members))
        (shard,) = (shard for shard, members in plan.shards.items() if ids[1] in members)
        note = plan.located(shard)
        write_located(note, {i: source.fetch(ids)[i] for i in plan.shards[shard]})
        before = note.read_bytes()
        assert "the next run asks again" in read_located(note)[ids[1]].reason
        assert ask_again(plan) == []
        assert note.read_bytes() == before
        archive.answer = answer
        others = {path: path.stat().st_mtime_ns for path in map(plan.located, plan.shards) if path != note}
        assert ask_again(plan) == [ids[1]]
        assert isinstance(read_located(note)[ids[1]], Located)
        assert {path: path.stat().st_mtime_ns for path in others} == others
        archive.requests.clear()
        assert ask_again(plan) == []
        assert not archive.requests


def test_an_entry_that_was_not_there_is_asked_for_again_after_a_month(demo, tmp_path):
    """Until then no request is sent; a note that does not say when it is of is an old one. A finished study gets it too."""
    ids = made_up_ids(2)
    archive = Archive(ids, demo, share=0.0)
    answer = archive.answer
    archive.answer = lambda path: (404, b"") if ids[1] in path else answer(path)
    with serve(archive) as url:
        plan = plan_of(url, tmp_path, ids)
        source = open_source(plan.study.proteins, cache_dir=plan.study.cache_dir)
        for shard, members in plan.shards.items():
            write_located(plan.located(shard), source.fetch(members))
        (released,) = (plan.located(shard) for shard, members in plan.shards.items() if ids[1] in members)
        absent = source.fetch(ids)[ids[1]]
        assert absent.reason == "RCSB has no entry of this id"
        (note,) = tmp_path.rglob(f"{ids[1]}.json")
        archive.requests.clear()
        archive.answer = answer
        assert source.fetch(ids)[ids[1]] == absent
        assert ask_again(plan) == []
        assert not archive.requests
        for days, asked in ((29, False), (31, True)):
            day = (datetime.now(UTC) - timedelta(days=days)).date()
            write_json(note, {"absent": absent.reason, "asked": day.isoformat()})
            assert ask_again(plan) == [ids[1]] * asked
            assert isinstance(read_located(released)[ids[1]], Located if asked else Omission)
        write_json(note, {"absent": absent.reason})
        assert isinstance(source.fetch(ids)[ids[1]], Located)


def test_what_was_not_there_stays_so_while_the_archive_cannot_be_asked(demo, tmp_path):
    """An old note of a finished study is no reason to say that it may be had."""
    ids = made_up_ids(1)
    archive = Archive(ids, demo, share=0.0)
    archive.answer = lambda path: (404, b"")
    with serve(archive) as url:
        plan = plan_of(url, tmp_path, ids)
        source = open_source(plan.study.proteins, cache_dir=plan.study.cache_dir)
        (shard,) = plan.shards
        write_located(plan.located(shard), source.fetch(ids))
        (note,) = tmp_path.rglob(f"{ids[0]}.json")
        write_json(note, read_json(note) | {"asked": "2000-01-01"})
        archive.answer = lambda path: (503, b"")
        before = plan.located(shard).read_bytes()
        assert ask_again(plan) == []
        assert plan.located(shard).read_bytes() == before


def test_one_refused_entry_costs_no_shard_its_others(demo, tmp_path):
    """Where all others are in the cache, one that cannot be had is a line, not the end of the run."""
    ids = made_up_ids(3)
    archive = Archive(ids, demo, share=0.0)
    with serve(archive) as url:
        archive_source(settings(url), tmp_path, ids=ids).fetch(ids[:2])
        archive.answer = lambda path: (503, b"")
        found = archive_source(settings(url, retries=0), tmp_path, ids=ids).fetch(ids)
    assert [isinstance(found[i], Located) for i in ids] == [True, True, False]
    assert "HTTP 503" in found[ids[2]].reason


def refuse(body: bytes) -> bytes:
    raise ProteinRejected("not this")


def test_tries_are_counted_and_named(demo):
    """After the last try the message says what the server did; a refusal (403) is not tried again."""
    archive = Archive(["1X00"], demo, share=0.0)
    archive.answer = lambda path: (403, b"") if "secret" in path else (200, b"x")
    with (
        serve(archive) as url,
        RateLimitedClient(requests_per_second=1e4, connections=2, retries=3, timeout=5, backoff=0.001) as client,
    ):
        with pytest.raises(Unavailable, match=r"not this \(4 tries\)"):
            client.ask(f"{url}/a", check=refuse)
        with pytest.raises(Unavailable, match="HTTP 403"):
            client.ask(f"{url}/secret", check=refuse)
    assert archive.requests == {"/a": 4, "/secret": 1}


def test_the_rate_is_kept():
    """Twenty starts at 200 a second take a tenth of a second; a pause holds the next start."""
    limit, start = RateLimit(200), time.monotonic()
    for _ in range(20):
        limit.wait()
    assert time.monotonic() - start >= 19 / 200
    limit.pause(0.1)
    start = time.monotonic()
    limit.wait()
    assert time.monotonic() - start >= 0.09


def test_retry_after_is_seconds_or_a_date():
    """Both forms of the header are understood; nonsense is ignored."""
    now = datetime(2024, 5, 1, 12, 0, 0, tzinfo=UTC)
    assert retry_after("3", now=now) == 3
    assert retry_after(format_datetime(now.replace(second=30), usegmt=True), now=now) == 30
    assert retry_after("", now=now) is None
    assert retry_after("soon", now=now) is None
