"""`alignscape init`: a config for one's own proteins that loads as it is, and with what it leaves out."""

import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from alignscape.commands.init import MachineName, write_first_study
from alignscape.config.load import load, parse
from alignscape.errors import UserError
from alignscape.proteins.sources.id_lists import read_ids

MACHINES: tuple[MachineName, ...] = ("laptop", "gpu", "slurm")


def folder_of(n: int, path: Path) -> Path:
    """A folder of n structure files and one that is none."""
    path.mkdir()
    for i in range(n):
        (path / f"d{i:04}.pdb").write_text(f"REMARK {i}\nEND\n")
    (path / "notes.md").write_text("a note\n")
    return path


def write(proteins: Path, machine: MachineName = "laptop", **options: object) -> Path:
    given = {"out": None, "study": None, "say": lambda line: None} | options
    return write_first_study(proteins, machine=machine, **given)  # type: ignore[arg-type]


@pytest.fixture(autouse=True)
def _in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize("machine", MACHINES)
def test_a_folder_becomes_a_study(machine: MachineName) -> None:
    said: list[str] = []
    config = write(folder_of(12, Path("my desïgns: \"new\" 'ones'")), machine, say=said.append)
    study = load(config)
    assert study.proteins.source == "directory"
    assert study.proteins.directory == Path("my desïgns: \"new\" 'ones'")
    assert study.alignment.splits == ["kfold", "kfold_cluster"]
    assert "1 file is not read as a protein" in said[0]
    needs_training = any(e.weights == "trained" for e in study.structure_encoders)
    assert (study.proteins.encoder_training.fraction > 0) == needs_training


@pytest.mark.parametrize("machine", MACHINES)
def test_what_is_left_out_loads_too(machine: MachineName) -> None:
    text = write(folder_of(12, Path("designs")), machine).read_text()
    _, _, left_out = text.partition("# Left out")
    blocks, taken = [], False
    for line in left_out.splitlines():
        taken = line.startswith(("#fine_tuning", "#dimension_ladder")) or (taken and line.startswith("#  "))
        blocks += [line.removeprefix("#")] if taken else []
    study = parse(yaml.safe_load(text) | yaml.safe_load("\n".join(blocks)))
    assert len(study.fine_tuning) == 2
    assert study.dimension_ladder is not None
    assert len(study.dimension_ladder.hidden) == 3


@pytest.mark.parametrize(
    ("ids", "source"),
    [
        ([f"{i}ABC" for i in range(1, 10)] + ["pdb_00001xyz", "4hhb:A"], "rcsb"),
        ([f"P{i}" for i in range(69900, 69912)] + ["A0A024R161", "Q8WZ42-F1"], "alphafold_db"),
    ],
)
def test_ids_say_which_archive_has_them(ids: list[str], source: str) -> None:
    Path("list.txt").write_text("\n".join(ids))
    Path("table.csv").write_text("name,PDB ID\n" + "".join(f'"x, y",{i}\n' for i in ids))
    assert load(write(Path("list.txt"))).proteins.source == source
    study = load(write(Path("table.csv")))
    assert (study.proteins.source, study.proteins.ids) == (source, Path("table.csv"))
    assert read_ids(Path("table.csv")) == read_ids(Path("list.txt"))
    assert not list(Path().glob("*.ids.txt"))  # a config reads the table itself


def test_many_proteins_are_split_once_and_few_of_them_train() -> None:
    Path("many.txt").write_text(
        "\n".join(f"{i // 1000 + 1}{chr(65 + i % 1000 // 100)}{i % 100:02}" for i in range(5000))
    )
    study = load(write(Path("many.txt")))
    assert study.alignment.splits == ["random", "cluster"]
    assert study.proteins.encoder_training.fraction * 5000 == pytest.approx(400)


@pytest.mark.parametrize(
    ("content", "name", "message"),
    [
        ("1abc\n2abc\n", "few.txt", r"few.txt: 2 proteins found; a study needs at least 10"),
        ("once upon a time there was\n", "tale.txt", r"expected PDB ids .* found 6 words, 0 PDB ids"),
        ("a,b\n1,2\n", "table.csv", r"no column of ids: expected one called id, .* found a, b"),
        ("", "empty.tsv", r"no column of ids.* found nothing"),
        ("id\nlat\udce9\n", "latin.csv", r"latin.csv: not UTF-8 at byte 6; save it as UTF-8"),
        (None, "absent", r"absent: there is no such folder or file"),
    ],
)
def test_what_holds_no_proteins_is_one_line_and_writes_nothing(content: str | None, name: str, message: str) -> None:
    if content is not None:
        Path(name).write_text(content, encoding="utf-8", errors="surrogateescape")
    before = sorted(Path.cwd().iterdir())
    with pytest.raises(UserError, match=message):
        write(Path(name))
    assert sorted(Path.cwd().iterdir()) == before


@pytest.mark.parametrize("study", ["splits", "my study"])
def test_a_name_that_no_study_may_have_is_one_line_and_writes_nothing(study: str) -> None:
    Path("table.csv").write_text("id\n" + "".join(f"{i}ABC\n{i}ABD\n" for i in range(1, 10)))
    with pytest.raises(UserError, match=rf"{study}.yaml: "):
        write(Path("table.csv"), study=study)
    assert [path.name for path in Path.cwd().iterdir()] == ["table.csv"]


def test_a_config_that_is_there_is_left_as_it_is() -> None:
    Path("designs.yaml").write_text("mine\n")
    with pytest.raises(UserError, match=r"designs.yaml is there already and was left as it is"):
        write(folder_of(12, Path("designs")))
    assert Path("designs.yaml").read_text() == "mine\n"


def test_the_command_says_what_to_type_next() -> None:
    folder_of(12, Path("designs"))
    command = [
        sys.executable,
        "-c",
        "from alignscape.cli import main; main()",
        "init",
        "designs",
        "--out",
        "my study.yaml",
    ]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "alignscape doctor --config 'my study.yaml'" in done.stdout
    assert "alignscape run 'my study.yaml'" in done.stdout
