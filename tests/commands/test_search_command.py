"""`alignscape search`."""

import json
from pathlib import Path

import numpy as np
import pytest

from alignscape.commands.search import Hit, json_lines, percentiles_of, print_table, strangers, tab_separated
from alignscape.proteins.parsing.parse import parse_structure
from alignscape.storage.files import read_jsonl
from tests.helpers.workspace import IDS, Workspace


def own_text(study: Workspace, id_: str) -> str:
    [path] = (study.path / "results/text").glob("*/all-*.jsonl")
    return next(row["text"] for row in read_jsonl(path) if row["id"] == id_)


def test_by_text_each_hit_has_its_name_and_organism(trained, alignscape, tmp_path, monkeypatch):
    """From another folder; the lines of a pipe and those of --json say the same."""
    monkeypatch.chdir(tmp_path)
    query = ["search", "gearnet", "words", "--text", own_text(trained, "1CRN"), "--config", trained.path / "study.yaml"]
    lines = [line.split("\t") for line in alignscape(*query, "--top", 16).stdout.splitlines()]
    assert sorted(line[1] for line in lines) == sorted(IDS[:16])
    assert [int(line[0]) for line in lines] == list(range(1, 17))
    cosines, percentiles = ([float(line[column]) for line in lines] for column in (4, 5))
    assert cosines == sorted(cosines, reverse=True)
    assert percentiles == sorted(percentiles, reverse=True)
    for _, id_, name, organism, *_ in lines:
        first = parse_structure(trained.path / f"structures/{id_.lower()}.pdb.gz", id=id_)[1].polypeptides[0]
        assert (name, organism) == (first.name, first.organism)
    objects = [json.loads(line) for line in alignscape(*query, "--top", 3, "--json").stdout.splitlines()]
    assert [hit["rank"] for hit in objects] == [1, 2, 3]
    assert all(list(hit) == ["rank", "id", "name", "organism", "cosine", "percentile"] for hit in objects)
    told = [
        [str(hit["rank"]), hit["id"], hit["name"], hit["organism"], f"{hit['cosine']:.4f}", f"{hit['percentile']:.1f}"]
        for hit in objects
    ]
    assert told == lines[:3]


def test_by_structure_it_finds_texts(trained, alignscape, monkeypatch):
    monkeypatch.chdir(trained.path)
    file = "structures/1crn.pdb.gz"
    done = alignscape("search", "gearnet", "tuned", "--structure", file, "--config", "study.yaml", "--top", 4)
    assert done.exit_code == 0, done.stderr
    assert len(done.stdout.splitlines()) == 4


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "search for a text or for a structure file: give one of them, --text or --structure"),
        (["--text", "a", "--structure", "b.pdb"], "search for a text or for a structure file: give one of them"),
        (["--structure", "absent.pdb"], "absent.pdb: there is no such file"),
    ],
)
def test_what_cannot_be_searched_for_is_one_line(trained, alignscape, arguments, message):
    done = alignscape("search", "gearnet", "tuned", "--config", trained.path / "study.yaml", *arguments)
    assert (done.exit_code, done.stdout) == (1, "")
    assert done.stderr.startswith(f"alignscape: {message}")
    assert done.stderr.count("\n") == 1


def test_a_pair_that_the_study_has_not_is_one_line(trained, alignscape):
    done = alignscape("search", "gearnett", "tuned", "--text", "a", "--config", trained.path / "study.yaml")
    assert done.exit_code == 1
    assert (
        "the study has no pair gearnett tuned with heads layers1; did you mean gearnet tuned? it has: gearnet"
        in done.stderr
    )
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("named", "message"),
    [
        ([], "there is no finished study here"),
        (["gearnet"], "found 'gearnet' alone; name a structure encoder and a language model, or neither"),
    ],
)
def test_without_a_pair_a_study_has_to_be_finished(trained, alignscape, named, message):
    done = alignscape("search", *named, "--text", "a", "--config", trained.path / "study.yaml")
    assert (done.exit_code, done.stdout) == (1, "")
    assert message in done.stderr
    assert done.stderr.count("\n") == 1


def test_percentiles_are_counted_over_pairs_of_different_proteins():
    draw = np.random.default_rng(1)
    ids, others = list("abcdefg"), list("cdefghi")
    first, second = (draw.normal(size=(7, 4)).astype(np.float32) for _ in range(2))
    alone = [float(first[i] @ second[j]) for i in range(7) for j in range(7) if ids[i] != others[j]]
    found = percentiles_of(np.array([0.3, 9.0, -9.0], np.float32), strangers((ids, first), (others, second)))
    assert found == pytest.approx([100 * sum(x < 0.3 for x in alone) / len(alone), 100, 0])


def test_names_from_files_cannot_break_the_output(capsys: pytest.CaptureFixture[str]) -> None:
    hits = [Hit(1, "1ABC", "[red]a\tname\x1b[31m", "two\nlines", 0.5, 99.0)]
    assert tab_separated(hits) == "1\t1ABC\t[red]a name [31m\ttwo lines\t0.5000\t99.0\n"
    assert json.loads(json_lines(hits))["name"] == hits[0].name
    print_table(hits)
    printed = capsys.readouterr().out
    assert "[red]a name" in printed
    assert "\x1b" not in printed


def test_an_unrun_study_says_where_was_looked(alignscape, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "config").mkdir()
    (tmp_path / "elsewhere").mkdir()
    config = tmp_path / "config/my.yaml"
    config.write_text(Path("config/config.yaml").read_text())
    monkeypatch.chdir(tmp_path / "elsewhere")
    done = alignscape("search", "gearnet", "tuned", "--text", "a", "--config", config)
    assert done.exit_code == 1
    for folder in (tmp_path / "elsewhere", tmp_path / "config", tmp_path):
        assert f"{folder}/results/.plan" in done.stderr
    assert "--directory" in done.stderr
    done = alignscape("search", "gearnet", "tuned", "--text", "a", "--config", config, "--directory", tmp_path)
    assert f"there is no {tmp_path}/results/.plan;" in done.stderr
