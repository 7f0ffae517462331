"""AlphaFold DB as a source, against a real HTTP server on loopback that answers as its API does and fails as servers do."""

import gzip
from itertools import product

import pytest

from alignscape.config.load import parse
from alignscape.config.proteins import Proteins, Sample
from alignscape.errors import ProteinRejected, UserError
from alignscape.proteins.parse_shard import parse_located
from alignscape.proteins.parsing.plddt import PlddtMask
from alignscape.proteins.sources.alphafold_db.archive import AlphaFoldArchive, _checked_entries, _checked_model
from alignscape.proteins.sources.alphafold_db.block import AlphaFoldDb as Settings
from alignscape.proteins.sources.open import open_source
from alignscape.proteins.sources.source import Located
from alignscape.storage.files import read_json
from alignscape.storage.ledger import Omission
from tests.helpers.alphafold_server import AlphaFoldDb, model_cif, serve_models


def archive_source(url, cache_dir, *, ids, sample=None, **changes) -> AlphaFoldArchive:
    settings = Settings(**{"api_url": url, "requests_per_second": 1e5, "connections": 16, "timeout": 5} | changes)
    return AlphaFoldArchive(settings, ids=ids, sample=sample, cache_dir=cache_dir, seed=42, backoff=0.01)


def content(found: Located | Omission) -> bytes:
    assert isinstance(found, Located), found
    return gzip.decompress(found.path.read_bytes())


def test_models_lie_where_the_api_says(tmp_path):
    """The model is the one at the answer's address, of the version it names; a second run sends no request, and a model
    that is cut in the cache is asked for again."""
    archive = AlphaFoldDb({"P69905": [1], "A0A024R161": [1]})
    ids = ["P69905", "A0A024R161"]
    with serve_models(archive) as url:
        source = archive_source(url, tmp_path, ids=ids)
        found = source.fetch(source.ids())
        assert {id_: content(x) for id_, x in found.items()} == {id_: model_cif(id_) for id_ in ids}
        assert archive.requests["/api/prediction/P69905"] == 1
        sent = sum(archive.requests.values())
        assert archive_source(url, tmp_path, ids=ids).fetch(ids) == found
        assert sum(archive.requests.values()) == sent == 4
        found["P69905"].path.write_bytes(b"cut")
        assert archive_source(url, tmp_path, ids=ids).fetch(ids) == found
        assert sum(archive.requests.values()) == sent + 2
    note = read_json(found["P69905"].path.with_name("P69905.json"))
    assert note["entry"] == {"entryId": "AF-P69905-F1", "latestVersion": 6}
    (agent,) = archive.agents
    assert agent.startswith("alignscape")


def test_a_pdb_file_serves_where_there_is_no_mmcif(tmp_path):
    archive = AlphaFoldDb({"P69905": [1]})
    archive.without = {"cifUrl"}
    with serve_models(archive) as url:
        found = archive_source(url, tmp_path, ids=["P69905"]).fetch(["P69905"])["P69905"]
    assert found.path.name == "P69905.pdb.gz"
    assert content(found).startswith(b"ATOM")


def test_what_is_not_there_is_a_line_each(tmp_path):
    """Unknown accessions, fragments that must be named or are none, and ids that are no accession; also from the cache."""
    archive = AlphaFoldDb({"P69905": [1], "Q8WZ42": [1, 2, 3]})
    ids = ["P12345", "Q8WZ42", "Q8WZ42-F2", "Q8WZ42-F9", "4HHB"]
    with serve_models(archive) as url:
        found = archive_source(url, tmp_path, ids=ids).fetch(ids)
        sent = sum(archive.requests.values())
        assert archive_source(url, tmp_path, ids=ids).fetch(ids) == found
    assert sum(archive.requests.values()) == sent
    assert not any("4HHB" in path for path in archive.requests)
    assert content(found.pop("Q8WZ42-F2")) == model_cif("Q8WZ42", fragment=2)
    assert {id_: omission.reason for id_, omission in found.items()} == {
        "P12345": "AlphaFold DB has no model of this accession",
        "Q8WZ42": "AlphaFold DB has 3 overlapping fragments and no model of the whole: name the ones to use, "
        "Q8WZ42-F1 to Q8WZ42-F3",
        "Q8WZ42-F9": "AlphaFold DB has no fragment F9 of Q8WZ42, but F1, F2, F3",
        "4HHB": "not a UniProt accession: expected one such as P69905 or A0A024R161",
    }


def test_through_every_passing_failure(tmp_path):
    """80 accessions, ten kinds of failure at 4 % of the tries each: every model is had, whole, and no file is left over."""
    ids = [f"P{a}{b}A{c}5" for a, b, c in product("0123456789", "AB", "WXYZ")]
    archive = AlphaFoldDb({id_: [1] for id_ in ids}, share=0.04, silence=1.5)
    with serve_models(archive) as url:
        found = archive_source(url, tmp_path, ids=ids, timeout=1).fetch(ids)
    assert {id_: content(x) for id_, x in found.items()} == {id_: model_cif(id_) for id_ in ids}
    assert sum(archive.requests.values()) > 2 * len(ids)
    assert not list(tmp_path.rglob("*.tmp"))


def test_what_a_server_cannot_give_now_is_asked_again(tmp_path):
    """A server's error and a file that is named but not there lose the protein now, and are not remembered."""
    ids = ["P12345", "P69905", "Q8WZ42"]
    archive = AlphaFoldDb({id_: [1] for id_ in ids})
    archive.broken, archive.no_file = {"P12345"}, {"Q8WZ42"}
    with serve_models(archive) as url:
        source = archive_source(url, tmp_path, ids=ids, retries=1)
        found = source.fetch(ids)
        assert found["P12345"].reason.startswith("could not be downloaded: ")
        assert found["P12345"].reason.endswith("HTTP 500 (2 tries); the next run asks again")
        assert found["Q8WZ42"].reason.endswith(
            "v6.cif: the API names this file, but it is not there; the next run asks again"
        )
        assert isinstance(found["P69905"], Located)
        archive.broken, archive.no_file = set(), set()
        assert {id_: content(x) for id_, x in source.fetch(ids).items()} == {id_: model_cif(id_) for id_ in ids}


def test_no_network_is_one_line(tmp_path):
    source = archive_source("http://127.0.0.1:9/api", tmp_path, ids=["P69905"], retries=1)
    with pytest.raises(UserError, match="AlphaFold DB cannot be reached, try again later"):
        source.fetch(["P69905"])
    assert not list(tmp_path.rglob("*.json"))


def test_the_config_opens_it(tmp_path):
    """Accessions and AlphaFold DB's own names of models are ids; a list can be sampled; without a list there is one line."""
    named = ["p69905", "AF-Q8WZ42-F2", "AF-P12345-F1-model_v4.", "P69905"]
    config = Proteins(source="alphafold_db", ids=[name.rstrip(".") for name in named])
    assert open_source(config, cache_dir=tmp_path).ids() == ["P12345-F1", "P69905", "Q8WZ42-F2"]
    sampled = Proteins(source="alphafold_db", ids=["P69905", "P12345", "Q8WZ42"], sample=Sample(n=2))
    assert len(open_source(sampled, cache_dir=tmp_path).ids()) == 2
    with pytest.raises(UserError, match="`source: alphafold_db` needs `ids`"):
        parse({"proteins": {"source": "alphafold_db"}})


@pytest.mark.parametrize(
    ("check", "body", "reason"),
    [
        (_checked_entries, b"", "not JSON"),
        (_checked_entries, b'{"error": "busy"}', "not a list of entries"),
        (_checked_model, b"<!DOCTYPE html><html></html>", "HTML"),
        (_checked_model, model_cif("P69905")[:-40], "damaged"),
    ],
)
def test_an_answer_that_is_none_is_refused(check, body, reason):
    with pytest.raises(ProteinRejected, match=reason):
        check(body)


def test_an_odd_answer_costs_no_other_model(tmp_path, monkeypatch):
    """Of answers no file can hold, of a fragment of 5000 digits, and of files on another host or behind a password, each id
    has its line; the model beside them is had, and nothing is asked of the other host."""
    odd = {
        "P12345": {"modelCreatedDate": "\ud800"},
        "Q8WZ42": {"latestVersion": float("nan")},
        "A0A024R161": {"entryId": f"AF-A0A024R161-F{'9' * 5000}"},
        "O00001": {"cifUrl": "http://169.254.169.254/latest/meta-data"},
        "O00002": {"cifUrl": "http://user:hunter2@localhost/model.cif"},
        "O00003": {},  # nested without end
    }
    archive = AlphaFoldDb({id_: [1] for id_ in (*odd, "P69905")})
    sane, answer = archive.entry, archive.answer
    monkeypatch.setattr(archive, "entry", lambda id_, n: sane(id_, n) | odd.get(id_, {}))
    monkeypatch.setattr(archive, "answer", lambda path: (200, b"[" * 200_000) if "O00003" in path else answer(path))
    with serve_models(archive) as url:
        source = archive_source(url, tmp_path, ids=[*odd, "P69905"], retries=0)
        found = source.fetch(source.ids())
    assert isinstance(found.pop("P69905"), Located)
    said = {id_: line.reason for id_, line in found.items()}
    assert "the API points to http://169.254.169.254, which is none of its hosts" in said["O00001"]
    assert "the API points to http://localhost, which is none of its hosts" in said["O00002"]
    assert said["A0A024R161"] == "AlphaFold DB has no model of this accession"
    assert all("the API's answer is not JSON" in said[id_] for id_ in ("P12345", "Q8WZ42", "O00003"))


def test_a_model_says_what_it_is(tmp_path):
    """Name and organism are the file's own; residues of low pLDDT are left out and counted."""
    archive = AlphaFoldDb({"P69905": [1]})
    with serve_models(archive) as url:
        found = archive_source(url, tmp_path, ids=["P69905"]).fetch(["P69905"])
    ((structure, facts),), omissions = parse_located(found, mask=PlddtMask(below=70))
    (entity,) = facts.entities
    assert (entity.name, entity.organism, entity.taxonomy_id) == ("Protein of P69905", "Homo sapiens", 9606)
    assert (facts.b_factors, facts.lost, omissions) == ("plddt", [], [])
    assert structure.n_residues == 30
