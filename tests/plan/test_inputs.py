"""What a plan knows of local files: each is hashed once in its life."""

import hashlib
import os
import shutil
import sys
from collections import Counter
from pathlib import Path

import pytest

from alignscape.config.load import parse
from alignscape.config.proteins import EncoderTraining
from alignscape.config.study import Study
from alignscape.errors import UserError
from alignscape.plan.inputs import collect_inputs, named_ids
from alignscape.plan.plan import Plan
from alignscape.proteins.parse_shard import parse_shard
from alignscape.proteins.sources.embedded import demo_folder
from alignscape.proteins.sources.open import open_source
from alignscape.storage.files import read_jsonl

CODES = ("1crn", "1a8o", "1ubq")
_opened: list[str] = []
_watching: set[str] = set()  # folders


def _note(event: str, arguments: tuple[object, ...]) -> None:
    if event == "open" and _watching and isinstance(arguments[0], (str, Path)):
        path = Path(arguments[0])
        if str(path.parent) in _watching:
            _opened.append(path.name)


sys.addaudithook(_note)  # it cannot be taken away again, and sleeps while no folder is watched


@pytest.fixture
def folder(tmp_path):
    """Three entries of the demo, each opening of which is counted."""
    path = tmp_path / "in"
    path.mkdir()
    for code in CODES:
        shutil.copy(demo_folder() / "structures" / f"{code}.pdb.gz", path)
    _opened.clear()
    _watching.add(str(path))
    yield path
    _watching.clear()


def study_of(folder: Path, cache: Path) -> Study:
    return parse(
        {
            "cache_dir": str(cache),
            "proteins": {"source": "directory", "directory": str(folder)},
            "structure_encoders": [{"name": "a", "encoder": "gat"}],
            "language_models": [{"name": "x", "encoder": "tfidf"}],
        }
    )


def parse_all(study: Study, out: Path) -> dict[str, str]:
    """As the jobs do; the digest that the facts of each protein name."""
    source = open_source(study.proteins, cache_dir=study.cache_dir)
    names = {name: out / name for name in ("structures", "facts", "omissions")}
    parse_shard(source.fetch(source.ids()), **names)
    assert read_jsonl(names["omissions"]) == []
    return {row["id"]: row["source_sha256"] for row in read_jsonl(names["facts"])}


def test_a_file_is_opened_once_to_hash_and_once_to_parse_it(folder, tmp_path):
    """And its facts name the digest of its bytes, which is the plan's."""
    study = study_of(folder, tmp_path / "cache")
    inputs = collect_inputs(study)
    named = parse_all(study, tmp_path)
    assert Counter(_opened) == {f"{code}.pdb.gz": 2 for code in CODES}
    expected = {c.upper(): hashlib.sha256((folder / f"{c}.pdb.gz").read_bytes()).hexdigest() for c in CODES}
    assert named == inputs.file_digests == expected
    _opened.clear()
    assert collect_inputs(study) == inputs
    assert not _opened


def test_a_file_that_changed_is_hashed_anew_by_whoever_sees_it_first(folder, tmp_path):
    """Also by the jobs: facts never name the digest of other bytes than were there."""
    study = study_of(folder, tmp_path / "cache")
    before = collect_inputs(study)
    shutil.copy(folder / "1ubq.pdb.gz", folder / "1crn.pdb.gz")
    os.utime(folder / "1crn.pdb.gz", (1, 1))
    named = parse_all(study, tmp_path)
    assert named["1CRN"] == named["1UBQ"] == before.file_digests["1UBQ"] != before.file_digests["1CRN"]
    assert collect_inputs(study).file_digests == named


def test_the_chains_of_an_entry_train_encoders_together(tmp_path):
    """Whichever of them the list names, and in whatever form: one of them alone would be tested on the other."""
    ids = ["1ABC", "1CRN", "4HHB:A", "4HHB:B,C", "5PTI:A"]
    (tmp_path / "training.txt").write_text("pdb_00004hhb:D # and the rest of it\n1abc\n9ZZZ\n")
    assert named_ids(ids, EncoderTraining(ids=tmp_path / "training.txt")) == ["1ABC", "4HHB:A", "4HHB:B,C"]
    assert named_ids(ids, EncoderTraining()) is None
    with pytest.raises(UserError, match=r"proteins.encoder_training.ids: .*none.txt: cannot be read: No such file"):
        named_ids(ids, EncoderTraining(ids=tmp_path / "none.txt"))


def test_a_model_in_ones_home_counts_by_what_is_in_it(folder, tmp_path, monkeypatch):
    """`~/model` is read where it lies, so its files are part of the digests, and nothing is fetched for it."""
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    for name in ("llm", "plm"):
        (tmp_path / "home" / name).mkdir(parents=True)
        (tmp_path / "home" / name / "config.json").write_text("{}")
    settings = {
        "proteins": {"source": "directory", "directory": str(folder)},
        "structure_encoders": [{"name": "p", "encoder": "protein_lm", "model": "~/plm"}],
        "language_models": [{"name": "x", "model": "~/llm"}],
        "cache_dir": str(tmp_path / "cache"),
    }

    def digests():
        plan = Plan(parse(settings), collect_inputs(parse(settings)))
        assert plan.prepared_weights == {}
        return plan.embedding_digest("p"), plan.embedding_digest("x")

    first = digests()
    assert digests() == first
    (tmp_path / "home" / "llm" / "config.json").write_text("{ }")
    assert digests()[0] == first[0]
    (tmp_path / "home" / "plm" / "config.json").write_text("{ }")
    assert all(a != b for a, b in zip(digests(), first, strict=True))
