"""A folder of files: which are proteins, under which ids, and what is said of each of the others."""

import bz2
import gzip
import lzma
import os
import shutil
from pathlib import Path

import pytest
import zstandard

from alignscape.config.load import parse
from alignscape.config.proteins import Proteins
from alignscape.errors import UserError
from alignscape.plan.inputs import collect_inputs
from alignscape.proteins.parse_shard import parse_located
from alignscape.proteins.sources.open import open_source
from alignscape.proteins.sources.source import Located
from tests.helpers.pdb_lines import residue


def text(number: int = 1) -> bytes:
    """A peptide of two residues, another for each number."""
    return "\n".join([*residue("GLY", "A", number), *residue("SER", "A", number + 1), "END", ""]).encode()


def folder(tmp_path: Path, files: dict[str, bytes]) -> Path:
    path = tmp_path / "in"
    for name, content in files.items():
        (path / name).parent.mkdir(parents=True, exist_ok=True)
        (path / name).write_bytes(content)
    return path


def source_of(directory: Path, **options):
    config = Proteins(source="directory", directory=directory, **options)
    return open_source(config, cache_dir=directory.parent / "cache")


def files_of(source) -> dict[str, str]:
    return {id_: path.name for id_, path in source.local_paths().items()}


def lines_of(source) -> dict[str, str]:
    return {omission.id: omission.reason for omission in source.not_read()}


def test_any_usual_ending_in_any_subfolder(tmp_path, demo):
    """Every ending, packing and depth, also none: each file is a protein, and all of them are parsed."""
    names = ["a.pdb", "b.ent", "c.pdb1", "D.PDB", "sub/e.pdb", "sub/deep/f", "design_v1.2", "g.brk"]
    packed = {
        "h.pdb.gz": gzip.compress(text()),
        "i.pdb1.gz": gzip.compress(text()),
        "j.ent.bz2": bz2.compress(text()),
        "k.pdb.xz": lzma.compress(text()),
        "l.pdb.zst": zstandard.compress(text()),
        "m.gz": gzip.compress(text()),
    }
    path = folder(tmp_path, dict.fromkeys(names, text()) | packed)
    (path / "n.pdb").symlink_to(demo / "structures" / "1crn.pdb.gz")
    source = source_of(path)
    assert source.ids() == [*"ABCD", "DESIGN_V1.2", *"EFGHIJKLMN"]
    assert source.not_read() == []
    parsed, omissions = parse_located(source.fetch(source.ids()))
    assert omissions == []
    assert [(s.id, s.n_residues) for s, _ in parsed] == [(i, 46 if i == "N" else 2) for i in source.ids()]


def test_everything_else_has_a_line_that_names_it(tmp_path):
    """One line per file, by its path; none of them keeps the one structure from being read."""
    path = folder(
        tmp_path,
        {
            "good.pdb": text(),
            "x.mmtf": b"\x8a\xabmmtfVersion\xa31.0",
            "sub/x.pqr": text(),
            "x.pdbqt": text(),
            "page": b"<!DOCTYPE html><html></html>",
            "models.zip": b"PK\x03\x04...",
            "notes": text().decode().encode("utf-16"),
            "readme.md": b"What these are",
            "old.pdb.bak": text(),
            ".DS_Store": b"\0\0\0\1Bud1",
            "alone.fasta": b">x\nMK\n",
            "other.fa": b">y\nMK\n",
        },
    )
    (path / "gone.pdb").symlink_to(path / "nowhere.pdb")
    os.mkfifo(path / "pipe.pdb")
    (path / "zero.pdb").symlink_to("/dev/zero")
    (path / "loop").symlink_to(path)
    (path / ".git").mkdir()
    (path / "huge.pdb").touch()
    os.truncate(path / "huge.pdb", 2**40)
    source = source_of(path)
    assert source.ids() == ["GOOD"]
    said = {
        "x.mmtf": "MMTF",
        "sub/x.pqr": "PQR",
        "x.pdbqt": "PDBQT",
        "page": "web page",
        "models.zip": "zip archive",
        "notes": "UTF-16",
        "readme.md": "neither PDB",
        "old.pdb.bak": "PDB, but its name ends in .bak",
        ".DS_Store": "a hidden file",
        "alone.fasta": "FASTA of no structure",
        "other.fa": "FASTA of no structure",
        "gone.pdb": "a symbolic link to nothing",
        "pipe.pdb": "a named pipe",
        "zero.pdb": "a device",
        "loop": "a link to a folder that is read already",
        ".git": "a hidden folder",
        "huge.pdb": "larger than 1 GiB",
    }
    lines = lines_of(source)
    assert sorted(lines) == sorted(said)
    assert [name for name, what in said.items() if what not in lines[name]] == []
    assert all(omission.stage == "source" for omission in source.not_read())


def test_files_without_permission_and_folders_too(tmp_path, monkeypatch):
    """What may not be read has a line; the system's answer is replaced, since a superuser may read everything."""
    path = folder(tmp_path, {"a.pdb": text(), "b.pdb": text(3)})
    (path / "b.pdb").chmod(0o600)
    monkeypatch.setattr(os, "access", lambda name, mode: not str(name).endswith("b.pdb"))
    source = source_of(path)
    assert source.ids() == ["A"]
    assert lines_of(source) == {"b.pdb": "not read: no permission to read it"}


def test_a_file_that_fails_under_the_hand_costs_its_own_line_only(tmp_path, monkeypatch):
    """A disk's error while files are hashed stops no study: the job gives the protein its line."""
    path = folder(tmp_path, {"a.pdb": text(), "b.pdb": text(3)})
    real = open

    def failing(file, *args, **kwargs):
        if str(file).endswith("b.pdb"):
            raise OSError(5, "Input/output error")
        return real(file, *args, **kwargs)

    monkeypatch.setattr("builtins.open", failing)
    inputs = collect_inputs(study_of(path))
    assert inputs.file_digests["B"] == ""
    assert inputs.file_digests["A"] != ""
    found = source_of(path).fetch(["A", "B"])
    assert isinstance(found["A"], Located)
    assert found["B"].reason == "the file cannot be read: Input/output error"


def test_a_folder_without_any_structure_says_what_is_there(tmp_path):
    """One line that counts the files and names one."""
    path = folder(tmp_path, {"x.mmtf": b"\x8a", "y.mmtf": b"\x8a"})
    with pytest.raises(UserError, match=r"has no protein; 2 files are not read, such as x.mmtf \(MMTF"):
        collect_inputs(study_of(path))


def study_of(directory: Path):
    return parse(
        {
            "cache_dir": str(directory.parent / "cache"),
            "proteins": {"source": "directory", "directory": str(directory)},
            "structure_encoders": [{"name": "a", "encoder": "gat"}],
            "language_models": [{"name": "x", "encoder": "tfidf"}],
        }
    )


def test_equal_content_is_one_protein_and_a_line(tmp_path):
    """Copies under one name, packed or elsewhere, are one protein; the plain one is read, the others have a line."""
    copies = {"1abc.pdb.gz": gzip.compress(text()), "1abc.pdb": text(), "sub/pdb1abc.ent": text()}
    source = source_of(folder(tmp_path, copies | {"2xyz.pdb": text()}))
    assert files_of(source) == {"1ABC": "1abc.pdb", "2XYZ": "2xyz.pdb"}
    assert lines_of(source) == dict.fromkeys(
        ("1abc.pdb.gz", "sub/pdb1abc.ent"), "not read: a copy: its content is that of 1abc.pdb, read as 1ABC"
    )


def test_different_contents_of_one_name_are_two_proteins(tmp_path):
    """Ids follow from names and contents alone: the same for any order of the listing, and after a copy of the folder."""
    files = {
        "a.pdb": text(1),
        "a.ent": text(3),
        "A.PDB": text(5),
        "run1/rank_1.pdb": text(7),
        "run2/rank_1.pdb": text(9),
        "1abc.cif": b"data_x\n",
        "1abc.pdb": text(11),
        "1abc.pdb1": text(13),
    }
    first = source_of(folder(tmp_path, files))
    assert first.not_read() == []
    own = {id_: path.relative_to(tmp_path / "in").as_posix() for id_, path in first.local_paths().items()}
    assert sorted(own.values()) == sorted(files)
    assert {id_: own[id_] for id_ in ("RUN1.RANK_1", "RUN2.RANK_1", "1ABC", "1ABC.PDB", "1ABC.PDB1")} == {
        "RUN1.RANK_1": "run1/rank_1.pdb",
        "RUN2.RANK_1": "run2/rank_1.pdb",
        "1ABC": "1abc.cif",
        "1ABC.PDB": "1abc.pdb",
        "1ABC.PDB1": "1abc.pdb1",
    }
    again = folder(tmp_path / "again", dict(reversed(files.items())))
    assert {i: p.relative_to(again).as_posix() for i, p in source_of(again).local_paths().items()} == own
    asked = source_of(tmp_path / "in", ids=["rank_1"]).fetch(["RANK_1"])["RANK_1"]
    assert asked.reason == "several files could be RANK_1; their ids are RUN1.RANK_1, RUN2.RANK_1"


def test_subfolders_can_be_left_out(tmp_path):
    """With `recursive: false` a subfolder is one line."""
    path = folder(tmp_path, {"a.pdb": text(), "sub/b.pdb": text(3)})
    source = source_of(path, recursive=False)
    assert source.ids() == ["A"]
    assert list(lines_of(source)) == ["sub"]


def test_a_list_of_ids_leaves_the_rest_out_without_lines(tmp_path):
    """Who names ids has left the others out; only what bears a wanted id is explained."""
    path = folder(tmp_path, {"a.pdb": text(), "b.pdb": text(3), "c.mmtf": b"\x8a", "d.mmtf": b"\x8a"})
    source = source_of(path, ids=["a", "c"])
    assert list(files_of(source)) == ["A"]
    assert list(lines_of(source)) == ["c.mmtf"]


def test_a_replaced_file_is_noticed_though_size_and_time_were_kept(tmp_path):
    """`cp -p` of another structure of the same size over the first, and an edit in place with the time set back."""
    path = folder(tmp_path, {"a.pdb": text(1), "b.pdb": text(3)})
    study = study_of(path)
    before = collect_inputs(study).file_digests
    status = (path / "a.pdb").stat()
    (tmp_path / "new").write_bytes(text(5))
    os.utime(tmp_path / "new", ns=(status.st_atime_ns, status.st_mtime_ns))
    shutil.move(tmp_path / "new", path / "a.pdb")
    in_place = (path / "b.pdb").stat()
    (path / "b.pdb").write_bytes(text(7))
    os.utime(path / "b.pdb", ns=(in_place.st_atime_ns, in_place.st_mtime_ns))
    assert (path / "a.pdb").stat().st_size == status.st_size
    after = collect_inputs(study).file_digests
    assert after["A"] != before["A"]
    assert after["B"] != before["B"]


@pytest.mark.parametrize(
    ("name", "id_"),
    [
        ("pdb_00001abc.cif", "1ABC"),
        ("pdb_00001abc_xyz_v1-2.cif.gz", "1ABC"),
        ("PDB_00001ABC.pdb", "1ABC"),
        ("pdb1abc.ent.gz", "1ABC"),
        ("pdb_00011abc.cif", "PDB_00011ABC"),
        ("pdb_00011a7y-extended.cif", "PDB_00011A7Y-EXTENDED"),
    ],
)
def test_the_archives_names_old_and_new(tmp_path, name, id_):
    """Both forms of an id are one protein; a new id that has no old form stays what it is."""
    source = source_of(folder(tmp_path, {name: text()}))
    assert source.ids() == [id_]


MESSY = {
    "a.pdb": text(1), "a.fasta": b">a\nGS\n", "b.cif.gz": b"", "b.pdb": text(2), "sub/b.pdb": text(3), "c": text(4), "c.json": b"{}",
    "sub/c.pdb": text(5), "SUB.C.pdb": text(6), "d.pdb": text(7), "copy/d.pdb": text(7), "d.faa": b">d\nGS\n", "copy/all.fa": b">x\nGS\n",
    "pdb1crn.ent": text(8), "deep/er/1CRN.pdb": text(9), "e.pdb.xz": lzma.compress(text(10)), "f.json": b"{}", "g.pdb": b"",
    ".hidden.pdb": text(1), "h.PDB": text(11), "H.fasta": b">h\nGS\n", "x/h.txt": text(12),
}  # fmt: skip


def test_a_few_of_many_are_found_as_among_all(tmp_path):
    """Whichever ids a job asks for, it gets what the folder read as a whole has: clashes, copies, FASTA files, endings and all."""
    path = folder(tmp_path, MESSY)
    whole = source_of(path)
    ids = [*whole.ids(), "NONE", "B", "C"]
    assert len(whole.ids()) > 12
    found = whole.fetch(ids)
    for start in range(len(ids)):
        for step in (1, 3, len(ids)):
            asked = ids[start::step]
            assert source_of(path).fetch(asked) == {id_: found[id_] for id_ in asked}


def test_files_of_other_jobs_are_not_asked_for(tmp_path, monkeypatch):
    """Three of 300 proteins with a FASTA file each cost some twenty questions to the file system, not 600."""
    path = folder(tmp_path, {f"p{i}.{end}": text(i) for i in range(1, 301) for end in ("pdb", "fasta")})
    asked = []
    real = os.stat
    monkeypatch.setattr(os, "stat", lambda *args, **more: asked.append(args[0]) or real(*args, **more))
    assert len(source_of(path).fetch(["P1", "P7", "P150"])) == 3
    few = len(asked)
    assert len(source_of(path).local_paths()) == 300
    assert few <= 24 < 600 <= len(asked) - few
