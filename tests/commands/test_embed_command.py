"""`alignscape embed` and `alignscape export`."""

from pathlib import Path

import numpy as np
import pytest

from alignscape.alignment.heads import load_heads
from alignscape.commands.locate import locate
from alignscape.commands.trained_pair import open_pair
from alignscape.storage.embeddings import read_shard

ODD = {
    "html.pdb": "<!DOCTYPE html><html><body>404</body></html>",
    "empty.pdb": "",
    "binary.pdb": "\0\1\2",
    "words.cif": "no structure\n",
    "short.pdb": "ATOM      1  CA  ALA A   1      11.104\n",
}


@pytest.fixture
def odd_files(tmp_path: Path) -> list[Path]:
    """Files that are no structure, a loop of links, a folder, and nothing."""
    for name, text in ODD.items():
        (tmp_path / name).write_text(text)
    (tmp_path / "loop.pdb").symlink_to("loop.pdb")
    (tmp_path / "folder.pdb").mkdir()
    return [tmp_path / name for name in (*ODD, "loop.pdb", "folder.pdb", "absent.pdb")]


def test_one_odd_file_costs_a_line(trained, alignscape, odd_files, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    good = [trained.path / "structures/1crn.pdb.gz", trained.path / "structures/1bx8.pdb.gz"]
    files = [good[0], *odd_files, good[1], good[0]]
    done = alignscape(
        "embed", "--pair", "gearnet", "tuned", *files, "--config", trained.path / "study.yaml", "--out", "embedded.npy"
    )
    assert done.exit_code == 0, done.stderr
    lines = [line for line in done.stderr.splitlines() if ": " in line and line.startswith("/")]
    assert [line.partition(": ")[0] for line in lines] == [str(path) for path in odd_files]
    assert all(line.partition(": ")[2] for line in lines)
    assert done.stdout == "embedded.npy: 2 proteins in 32 dimensions\n"
    assert (tmp_path / "embedded.txt").read_text() == "1CRN\n1BX8\n"
    rows = np.load(tmp_path / "embedded.npy")
    np.testing.assert_allclose(np.linalg.norm(rows, axis=1), 1, rtol=1e-6)


def test_two_files_of_one_id_are_not_mixed_up(trained, alignscape, tmp_path):
    """The first one's row, under its id, and a line for the other."""
    other = tmp_path / "1crn.pdb.gz"
    other.write_bytes((trained.path / "structures/1bx8.pdb.gz").read_bytes())
    options = ["--config", trained.path / "study.yaml", "--out"]
    both = [trained.path / "structures/1crn.pdb.gz", other]
    done = alignscape("embed", "--pair", "gearnet", "tuned", *both, *options, tmp_path / "both.npy")
    assert f"{other}: left out: {both[0]} has the same id, 1CRN" in done.stderr
    alignscape("embed", "--pair", "gearnet", "tuned", both[0], *options, tmp_path / "one.npy")
    assert np.array_equal(np.load(tmp_path / "both.npy"), np.load(tmp_path / "one.npy"))


def test_nothing_embedded_is_an_error_and_writes_nothing(trained, alignscape, odd_files, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    options = ["--config", trained.path / "study.yaml", "--out", "rows.npz"]
    done = alignscape("embed", "--pair", "gearnet", "tuned", *odd_files, *options)
    assert done.exit_code == 1
    assert done.stderr.splitlines()[-1] == "alignscape: none of the files could be embedded; nothing was written"
    assert not (tmp_path / "rows.npz").exists()


def test_exported_heads_are_the_studys(trained, alignscape, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    done = alignscape("export", "gearnet", "tuned", "--out", "mine", "--config", trained.path / "study.yaml")
    assert done.stdout == "mine/heads.safetensors\nmine/heads.json\nmine/README.md\n", done.stderr
    heads, card = load_heads(tmp_path / "mine/heads.safetensors")
    [own] = (trained.path / "results/alignment/gearnet/tuned").glob("*.heads.safetensors")
    assert all((a == b).all() for a, b in zip(heads.tensors, load_heads(own)[0].tensors, strict=True))
    assert (card["structure_encoder"], card["language_model"]) == ("gearnet", "tuned")


def test_the_cards_lines_of_python_project_as_the_study_does(trained, alignscape, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    config = trained.path / "study.yaml"
    assert alignscape("export", "gearnet", "tuned", "--out", ".", "--config", config).exit_code == 0
    card = (tmp_path / "README.md").read_text()
    pair = open_pair(locate(config), "gearnet", "tuned")
    rows = {
        side: read_shard(pair.folder / pair.plan.gathered(getattr(pair.pair, side))) for side in ("structure", "text")
    }
    names = {"structures": rows["structure"][0], "texts": rows["text"][0]}
    exec(card.split("```python")[1].split("```")[0], names)
    expected = pair.study_rows("structure")[1] @ pair.study_rows("text")[1].T
    assert names["cosines"] == pytest.approx(expected, abs=1e-6)
    assert f"SHA-256 {rows['text'][1].weights_sha256}" in card
    assert "nothing was measured" in card
    assert "| trained on | nothing: 16 proteins give a test part of 2" in card
    assert alignscape("export", "gearnet", "tuned", "--config", config).exit_code != 0  # into which folder was not said
