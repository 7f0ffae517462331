"""`alignscape screen`: files of rows and a study's own, ranked, with what they rest on."""

import csv
import io
import json
import subprocess
import sys
from pathlib import Path
from typing import Any, get_args

import numpy as np
import pytest

from alignscape.alignment import screen as measures
from alignscape.alignment.clusters import save_clusters
from alignscape.alignment.geometry import gram
from alignscape.alignment.kernels import unbiased_cka
from alignscape.alignment.measures import MEASURES
from alignscape.commands.screen import MeasureName, Ranked, _ranked, print_tables
from alignscape.plan.launch import open_plan
from alignscape.storage.embeddings import EmbeddingMeta, write_shard
from alignscape.storage.shipped import shipped_folder
from tests.helpers.workspace import IDS

ENTRIES = sorted(IDS[:16])


@pytest.fixture(autouse=True)
def without_pot(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever is installed here."""
    for module in (measures, sys.modules["alignscape.alignment.gromov_wasserstein"]):
        monkeypatch.setattr(module, "has_pot", lambda: False)


def rows_of(n: int) -> dict[str, np.ndarray]:
    """A text encoder, and structure encoders that are ever noisier copies of it."""
    generator = np.random.default_rng(0)
    text = generator.normal(size=(n, 9))
    noisy = {f"g{k}": text[:, :6] + 0.7 * k * generator.normal(size=(n, 6)) for k in range(3)}
    return noisy | {"t": text}


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, np.ndarray]:
    """Rows of 40 proteins, in files of several formats in the current folder."""
    monkeypatch.chdir(tmp_path)
    ids, rows = np.array([f"P{k:02d}" for k in range(40)]), rows_of(40)
    for name in ("g0", "g1", "t"):
        np.savez(f"{name}.npz", ids=ids, rows=rows[name])
    np.save("g2.npy", rows["g2"][::-1])
    Path("g2.txt").write_text("\n".join(ids[::-1]))
    return rows


STRUCTURES = ["--structure", "g2.npy", "--structure", "g0.npz", "--structure", "g1.npz"]


def test_files_are_ranked_with_the_most_alike_first(alignscape, files):
    """Whatever their order on the command line and of the ids in them; a pipe gets lines below a header."""
    done = alignscape("screen", *STRUCTURES, "--text", "t.npz")
    assert done.exit_code == 0, done.stderr
    lines = list(csv.DictReader(io.StringIO(done.stdout), delimiter="\t"))
    assert [(line["place"], line["structure"], line["text"]) for line in lines] == [
        (str(k + 1), f"g{k}", "t") for k in range(3)
    ]
    assert [float(line["cka"]) for line in lines] == pytest.approx(
        [unbiased_cka(gram(files[f"g{k}"]), gram(files["t"])) for k in range(3)]
    )
    assert float(lines[0]["imbalance_to_text_z"]) > 3
    assert lines[0]["gromov_wasserstein"] == ""
    told = done.stderr.splitlines()
    assert told[0] == "40 of 40 proteins, each taken as unrelated to all others; k = 10; 200 exchanges"
    assert "sequence clusters are not at hand" in told[1]
    assert told[2].startswith("Gromov-Wasserstein needs the package pot, which is not installed; pip install pot==")


def test_json_says_the_same_and_ranks_by_one_measure_if_asked(alignscape, files):
    line = alignscape("screen", *STRUCTURES, "--text", "t.npz", "--json", "--by", "imbalance_to_text").stdout
    found = json.loads(line)
    values = [pair["imbalance_to_text"] for pair in found["pairs"]]
    assert values == sorted(values)
    assert [pair["mean_rank"] for pair in found["pairs"]] == [1, 2, 3]
    assert (found["by"], found["compared"], found["neighbours"]) == ("imbalance_to_text", 40, 10)
    assert {row["encoder"]: row["side"] for row in found["dimensions"]} == {
        "g0": "structure", "g1": "structure", "g2": "structure", "t": "text"
    }  # fmt: skip
    again = alignscape("screen", *STRUCTURES, "--text", "t.npz", "--json", "--by", "imbalance_to_text").stdout
    assert line == again
    few = json.loads(alignscape("screen", *STRUCTURES, "--text", "t.npz", "--json", "--proteins", 20).stdout)
    assert (few["compared"], few["neighbours"]) == (20, 5)


def test_of_each_cluster_one_protein_is_compared(alignscape, files, tmp_path):
    clusters = "".join(f"P{k:02d}\tfamily {min(k, 25)}\n" for k in range(40))
    (tmp_path / "clusters.tsv").write_text(clusters)
    done = alignscape("screen", *STRUCTURES, "--text", "t.npz", "--clusters", "clusters.tsv", "--json")
    assert done.stderr.startswith("26 of 40 proteins, one of each of 26 sequence clusters;")
    assert "not at hand" not in done.stderr


def test_a_row_that_is_not_finite_costs_its_protein_only(alignscape, files):
    np.savez(
        "odd.npz",
        ids=np.array([f"P{k:02d}" for k in range(40)]),
        rows=np.where(np.arange(40)[:, None] == 3, np.nan, 1.0) * files["g0"],
    )
    done = alignscape("screen", "--structure", "odd.npz", "--text", "t.npz", "--json")
    assert "odd.npz: 1 of its 40 rows are not finite, and are left out" in done.stderr
    assert json.loads(done.stdout)["proteins"] == 39


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "there are no rows of a structure encoder to compare; name the study's config, or files with --structure"),
        (["--structure", "g0.npz"], "there are no rows of a text encoder to compare"),
        (["--structure", "g0.npz", "--text", "absent.npz"], "absent.npz: there is no such file or folder of rows"),
        (["--structure", "other.npz", "--text", "t.npz"], "only 0 proteins have a row in all of 2 encoders, at least 10 are needed (other has 2); ids are written so: other: 'x', 'y'; t: 'P00', 'P01'"),
        (["--structure", "g0.npz", "--text", "t.npz", "--clusters", "one.tsv"], "40 proteins, but only 1 sequence clusters; at least 10 are needed"),
        (["--structure", "g0.npz", "--text", "t.npz", "--clusters", "bad.tsv"], "bad.tsv:2: 1 columns; expected an id, a tab, and the name of its cluster"),
        (["--structure", "g0.npz", "--text", "t.npz", "--clusters", "g0.npz"], "g0.npz: cannot be read: not UTF-8"),
        (["--encoders", "a"], "--encoders and --directory are about a study"),
        (["--structure", "g0.npz", "--text", "t.npz", "--by", "gromov_wasserstein"], "Gromov-Wasserstein needs the package pot"),
    ],
)  # fmt: skip
def test_what_cannot_be_compared_is_one_line(alignscape, files, arguments, message):
    np.savez("other.npz", ids=np.array(["x", "y"]), rows=np.ones((2, 3)))
    Path("one.tsv").write_text("".join(f"P{k:02d}\t1\n" for k in range(40)))
    Path("bad.tsv").write_text("P00\t1\nP01\n")
    done = alignscape("screen", *arguments)
    assert (done.exit_code, done.stdout) == (1, "")
    assert done.stderr.startswith(f"alignscape: {message}")
    assert done.stderr.count("\n") == 1


@pytest.fixture
def study(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, np.ndarray]:
    """What a study leaves of three encoders and its clusters; a fourth has no rows yet."""
    monkeypatch.chdir(tmp_path)
    config: dict[str, Any] = {
        "proteins": {"source": "embedded", "ids": ENTRIES, "encoder_training": {"fraction": 0}},
        "structure_encoders": [
            {"name": name, "encoder": "composition", "role": "main"} for name in ("g0", "g1", "late")
        ],
        "language_models": [{"name": "t", "encoder": "tfidf"}],
    }
    Path("study.yaml").write_text(json.dumps(config))
    plan = open_plan(config, path="study.yaml", scripts=shipped_folder() / "workflow" / "scripts", main=True)
    rows = rows_of(len(ENTRIES))
    for name in ("g0", "g1", "t"):
        meta = EmbeddingMeta(ENTRIES, name, "none", None, "", rows[name].shape[1], "float32", 0)
        write_shard(plan.gathered(name), rows[name].astype(np.float32), meta)
    save_clusters(plan.clusters(), {id_: max(k, 2) for k, id_ in enumerate(ENTRIES)})
    return rows


def test_a_study_s_encoders_are_ranked_before_anything_is_trained(alignscape, study, tmp_path, monkeypatch):
    """From any folder; an encoder without rows costs a line; a file stands beside the study's encoders."""
    np.savez("mine.npz", ids=np.array(ENTRIES), rows=study["t"][:, ::-1])
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    done = alignscape("screen", "../study.yaml", "--structure", "../mine.npz", "--json")
    assert done.exit_code == 0, done.stderr
    found = json.loads(done.stdout)
    assert [pair["structure"] for pair in found["pairs"]] == ["mine", "g0", "g1"]
    assert found["pairs"][0]["cka"] == pytest.approx(1)
    late, about, *_ = done.stderr.splitlines()
    assert late == "late: the study has no rows of it yet; `--until gather cluster` of a run makes them"
    assert about.startswith("14 of 16 proteins, one of each of 14 sequence clusters; k = 3;")


def test_named_encoders_alone_are_compared(alignscape, study):
    found = json.loads(alignscape("screen", "study.yaml", "--encoders", "g1,t", "--json").stdout)
    assert [(pair["structure"], pair["text"]) for pair in found["pairs"]] == [("g1", "t")]
    done = alignscape("screen", "study.yaml", "--encoders", "g9", "--encoders", "t")
    assert (done.exit_code, done.stderr) == (
        1, "alignscape: --encoders: 'g9' is not one of g0, g1, late, t; did you mean 'g1'?\n"
    )  # fmt: skip
    done = alignscape("screen", "study.yaml", "--encoders", "late,t")
    assert done.stderr.startswith(
        "alignscape: there are no rows of a structure encoder to compare: late: the study has no"
    )


def test_it_imports_no_torch(files):
    """Which would take longer than the measures do."""
    program = "import sys; from alignscape.cli import app; "
    program += "app(['screen', '--structure', 'g0.npz', '--text', 't.npz'], standalone_mode=False); "
    program += "print([m for m in ('torch', 'transformers', 'ot') if m in sys.modules])"
    patched = "import alignscape.alignment.screen as s; s.has_pot = lambda: False; " + program
    done = subprocess.run([sys.executable, "-c", patched], capture_output=True, text=True)
    assert done.stdout.splitlines()[-1] == "[]", done.stderr


def test_names_of_files_cannot_break_the_table(capsys):
    row: dict[str, Any] = {"place": 1, "structure": "[red]a", "text": "b"}
    row |= {f"{name}{suffix}": 0.5 for name in MEASURES for suffix in ("", "_z")} | {"cka_z": None}
    dimension = {"encoder": "[red]a", "side": "structure", "dimension": None, "low": None, "high": None}
    print_tables(Ranked([row], [dimension, dimension | {"dimension": 3.0, "low": 2.0, "high": 4.25}], {}))
    printed = capsys.readouterr().out
    assert printed.count("[red]a") == 3
    assert "0.500 (0.5)" in printed
    assert "2.0 to 4.2" in printed


def test_pairs_are_ranked_by_what_is_beyond_their_own_chance_level():
    """Of Gromov-Wasserstein, whose chance level is the pair's own, a low value alone says nothing."""
    names = ("a", "b", "c")
    rows = [{"structure": name, "text": "t"} | dict.fromkeys(MEASURES) for name in names]
    for row, value, z in zip(rows, (0.1, 0.3, 0.2), (-1.0, 4.0, None), strict=True):
        row |= {"gromov_wasserstein": value, "gromov_wasserstein_z": z}
    assert [row["structure"] for row in _ranked(rows, None)] == ["b", "c", "a"]
    assert [row["structure"] for row in _ranked(rows, "gromov_wasserstein")] == ["a", "c", "b"]


def test_every_measure_may_be_ranked_by():
    assert get_args(MeasureName) == tuple(MEASURES)
