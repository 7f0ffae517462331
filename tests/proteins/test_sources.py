"""Folders of files and id lists: which files are found, which ids they have, and what is said of the others."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from alignscape.config.proteins import Proteins
from alignscape.errors import UserError
from alignscape.proteins.sources.id_lists import read_ids
from alignscape.proteins.sources.open import open_source
from alignscape.proteins.sources.source import Located, read_located, write_located
from alignscape.storage.file_digests import FileDigests
from alignscape.storage.ledger import Omission


def folder(tmp_path: Path, *names: str) -> Path:
    for name in names:
        (tmp_path / name).write_text(name)
    return tmp_path


def source_of(directory: Path, **options):
    return open_source(Proteins(source="directory", directory=directory, **options), cache_dir=directory)


def test_any_mix_of_files_has_its_ids(tmp_path):
    """Every ending counts, in any case; stems become upper-case ids; the archive's prefix goes; other files do not count."""
    names = ["b.pdb", "1abc.CIF.gz", "pdb2xyz.ent.gz", "x-1.mmcif", "T.PDB.GZ", "readme.txt", ".hidden.pdb", "a.fasta"]
    source = source_of(folder(tmp_path, *names))
    assert source.ids() == ["1ABC", "2XYZ", "B", "T", "X-1"]
    assert source.local_paths()["2XYZ"].name == "pdb2xyz.ent.gz"


def test_fasta_beside_the_structure(tmp_path):
    """A FASTA file of the same stem belongs to the protein; the digest is of the structure's bytes."""
    source = source_of(folder(tmp_path, "a.pdb.gz", "a.fasta", "b.cif"))
    found = source.fetch(["A", "B"])
    assert source.local_fasta() == {"A": tmp_path / "a.fasta"}
    assert found["A"].fasta == tmp_path / "a.fasta"
    assert found["B"].fasta is None
    assert found["A"].sha256 != found["B"].sha256


def test_unknown_ids_stay_and_are_explained(tmp_path):
    """An id that the folder lacks is one of the study's ids, and its loss says where it was looked for."""
    source = source_of(folder(tmp_path, "a.pdb", "b.pdb"), ids=["zz", "A", "a"])
    assert source.ids() == ["A", "ZZ"]
    assert list(source.local_paths()) == ["A"]
    omission = source.fetch(["ZZ"])["ZZ"]
    assert isinstance(omission, Omission)
    assert "no structure file of this id" in omission.reason


def test_id_lists(tmp_path):
    """Files and lists alike: upper case, sorted, once each, remarks left out; a missing file is one line."""
    path = tmp_path / "ids.txt"
    path.write_text("1abc # first\n\n# none\n3DEF, 2xyz\n1ABC\n")
    assert read_ids(path) == ["1ABC", "2XYZ", "3DEF"] == read_ids(["3def", "2xyz", "1abc", "1ABC"])
    with pytest.raises(UserError, match=r"proteins.ids: .*absent.txt: cannot be read"):
        read_ids(tmp_path / "absent.txt")


def test_missing_folder_is_one_line(tmp_path):
    """A folder that is not there is named."""
    with pytest.raises(UserError, match="there is no such folder"):
        source_of(tmp_path / "absent")


def test_embedded_has_85_entries_from_anywhere(tmp_path, monkeypatch):
    """The embedded set is found also when the working directory is elsewhere."""
    monkeypatch.chdir(tmp_path)
    source = open_source(Proteins(), cache_dir=tmp_path)
    assert len(source.ids()) == len(source.local_paths()) == 85
    assert isinstance(source.fetch(["1CRN"])["1CRN"], Located)


def test_located_survives_the_disk(tmp_path):
    """What a fetch job writes is what the next job reads."""
    found = {"A": Located(tmp_path / "a.pdb", None, "ff"), "B": Omission("B", "source", "", "gone")}
    write_located(tmp_path / "located.json", found)
    assert read_located(tmp_path / "located.json") == found


def test_sources_import_nothing_heavy():
    """Listing ids needs no parser: gemmi, torch and pandas stay unimported."""
    code = "import sys, alignscape.proteins.sources.open; print(sorted({'gemmi', 'torch', 'pandas', 'httpx'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"


def test_a_file_that_cannot_be_used_is_a_line_and_costs_no_other(tmp_path):
    """Names that are not UTF-8 or hold line breaks, also of folders: each is a line that a table can show."""
    (tmp_path / "a.pdb").write_text("a")
    for name in (b"lat\xe9.pdb", b"two\nlines.cif", "r\u202etl.pdb".encode(), b"strange\xff.fasta"):
        (Path(os.fsdecode(bytes(tmp_path) + b"/" + name))).write_text("x")
    Path(os.fsdecode(bytes(tmp_path) + b"/fold\xe9")).mkdir()
    source = source_of(tmp_path)
    assert source.local_paths() == {"A": tmp_path / "a.pdb"}
    assert source.local_fasta() == {}
    not_utf8 = "not read: the file's name is not UTF-8; rename it"
    assert {omission.id: omission.reason for omission in source.not_read()} == {
        r"lat\xe9.pdb": not_utf8,
        r"strange\xff.fasta": not_utf8,
        r"fold\xe9": not_utf8,
        r"two\u000alines.cif": "not read: the file's name holds U+000A, which no table can show; rename it",
        r"r\u202etl.pdb": "not read: the file's name holds U+202E, which no table can show; rename it",
    }
    assert source_of(tmp_path, ids=["A"]).ids() == ["A"]


def test_ids_hold_text_only(tmp_path):
    """An id with a control character, and a list that is not UTF-8, are refused in one line."""
    with pytest.raises(UserError, match="holds characters that no table can show"):
        read_ids(["1ABC", "2A\x1bBC"])
    (tmp_path / "ids.txt").write_bytes(b"1ABC\n\xe9\n")
    with pytest.raises(UserError, match=r"proteins.ids: .*ids.txt: not UTF-8 at byte 5"):
        read_ids(tmp_path / "ids.txt")


def test_file_digests_survive_any_name_and_a_damaged_note(tmp_path):
    """A path that is no UTF-8 is remembered; what was remembered may be lost, and is then found anew."""
    path = Path(os.fsdecode(bytes(tmp_path) + b"/lat\xe9"))
    path.write_text("x")
    digests = FileDigests(tmp_path / "note.json")
    digest = digests(path)
    digests.save()
    assert FileDigests(tmp_path / "note.json")._known != {}
    for damage in ("{", "[1]", '{"a": 1}'):
        (tmp_path / "note.json").write_text(damage)
        assert FileDigests(tmp_path / "note.json")(path) == digest
