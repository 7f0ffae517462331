"""Ids with chains as people list them: words of a config, lines of a file, columns of a table."""

from pathlib import Path

import pytest

from alignscape.config.proteins import Proteins
from alignscape.errors import UserError
from alignscape.proteins.sources.id_lists import normal_id, read_ids
from alignscape.proteins.sources.open import open_source
from alignscape.proteins.sources.source import Located
from alignscape.storage.ledger import Omission


@pytest.mark.parametrize("text", ["4HHB:A,B", "4hhb:B,A", " pdb_00004hhb:A,B ", "4HHB:A,,B,", "PDB_00004HHB:B,A,A"])
def test_one_protein_has_one_id_however_it_is_written(text):
    assert normal_id(text) == "4HHB:A,B"


def test_chains_keep_their_case_and_entries_do_not():
    assert read_ids(["4hhb:a", "4hhb:A", "4HHB", "4hhb"]) == ["4HHB", "4HHB:A", "4HHB:a"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("4HHB:", r"'4HHB:' lacks what stands before or after its colon; expected 4HHB:A"),
        (":A", r"':A' lacks what stands before or after its colon"),
        (
            "4HHB:A,1ABC:B",
            r"'4HHB:A,1ABC:B': a comma after a colon joins chains, and '1ABC:B' looks like an id: give each a line",
        ),
        (
            "4HHB:A,1ABC",
            r"'4HHB:A,1ABC': a comma after a colon joins chains, and '1ABC' looks like an id: give each a line",
        ),
    ],
)
def test_what_is_no_id_is_one_line(text, message, tmp_path):
    """In a list of the config and in a file, which is named."""
    with pytest.raises(UserError, match=f"^proteins.ids: {message}"):
        read_ids([text])
    (tmp_path / "ids.txt").write_text(f"1CRN\n{text}\n")
    with pytest.raises(UserError, match=rf"^proteins.ids: .*ids.txt: {message}"):
        read_ids(tmp_path / "ids.txt")


def written(path: Path, text: str) -> Path:
    path.write_text(text)
    return path


def test_commas_of_a_line_part_ids_and_join_chains(tmp_path):
    """As before for ids without chains; behind a colon up to the next blank they join chains."""
    path = written(tmp_path / "ids.txt", "1abc, 2abc,3abc # first\n1CRN,4HHB:A,B\n4hhb:C, 5pti;6xyz:D,\n")
    assert read_ids(path) == ["1ABC", "1CRN", "2ABC", "3ABC", "4HHB:A,B", "4HHB:C", "5PTI", "6XYZ:D"]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.tsv", "id\tchain\tremark\n4hhb\tA\tx, y\n4HHB\tB,C\t\n1CRN\t\t\n\n"),
        ("a.csv", '\ufeffName,PDB ID,Chains\nhaemoglobin,4HHB,A\nthe same,4hhb,"C, B"\ncrambin,pdb_00001crn,\n'),
        ("a.txt", "# from a paper\nentry;auth_asym_id\n4HHB;A\n4HHB;B C\n1CRN;\n"),
        ("a.csv", "id\n4HHB:A\n1CRN\n"  '"4HHB:B,C"\n'),
    ],
)  # fmt: skip
def test_a_table_has_a_row_a_protein(name, text, tmp_path):
    """Several chains of a cell are one protein, several rows of an entry several; an empty cell is the whole entry."""
    (tmp_path / name).write_text(text, encoding="utf-8")
    assert read_ids(tmp_path / name) == ["1CRN", "4HHB:A", "4HHB:B,C"]


def test_a_row_that_names_chains_twice_or_of_nothing_is_one_line(tmp_path):
    for row in ("4HHB:A\tB", "\tB"):
        path = written(tmp_path / "a.tsv", f"id\tchain\n{row}\n")
        with pytest.raises(UserError, match=r"proteins.ids: .*a.tsv: expected an entry's id beside the chain 'B'"):
            read_ids(path)


def test_a_list_without_a_head_stays_a_list(tmp_path):
    """Also where its ending is a table's."""
    assert read_ids(written(tmp_path / "a.csv", "1CRN,4HHB:A,B\n")) == ["1CRN", "4HHB:A,B"]


def test_chains_of_a_folder_s_files(tmp_path):
    """Ids name the chains, files, digests and lines are the entry's; nothing is asked of the source that it does not know."""
    for name in ("4hhb.pdb", "x:y.pdb", "2abc.pdb"):
        (tmp_path / name).write_text(name)
    ids = ["4hhb:B", "4hhb:A", "X_Y:A", "9XXX:A", "2ABC"]
    source = open_source(Proteins(source="directory", directory=tmp_path, ids=ids), cache_dir=tmp_path / "cache")
    assert source.ids() == ["2ABC", "4HHB:A", "4HHB:B", "9XXX:A", "X_Y:A"]
    paths = source.local_paths()
    assert paths == {
        "2ABC": tmp_path / "2abc.pdb",
        "4HHB:A": tmp_path / "4hhb.pdb",
        "4HHB:B": tmp_path / "4hhb.pdb",
        "X_Y:A": tmp_path / "x:y.pdb",
    }
    found = source.fetch(source.ids())
    assert {id_: x.path for id_, x in found.items() if isinstance(x, Located)} == paths
    missing = found["9XXX:A"]
    assert isinstance(missing, Omission)
    assert missing.id == "9XXX:A"
    assert missing.reason.startswith("no structure file of this id")


def test_names_of_a_database_keep_their_chains(tmp_path):
    """A model's own name is its accession's, with or without a chain."""
    ids = ["AF-P69905-F1-model_v4:A", "P69905"]
    source = open_source(Proteins(source="alphafold_db", ids=ids), cache_dir=tmp_path)
    assert source.ids() == ["P69905", "P69905-F1:A"]


def test_one_id_an_entry_where_each_chain_is_a_protein(tmp_path):
    """What is named twice is a protein once."""
    config = {"source": "rcsb", "unit": "chain"}
    for ids, expected in (
        (["4HHB:B", "4HHB:A", "1CRN"], ["1CRN", "4HHB:A,B"]),
        (["4HHB:B", "4HHB", "4HHB:A,B"], ["4HHB"]),
    ):
        assert open_source(Proteins(ids=ids, **config), cache_dir=tmp_path).ids() == expected


def test_a_long_line_of_ids_is_a_list(tmp_path):
    """All ids of an archive in one line, which is longer than a table's cell may be."""
    ids = [f"{n:04d}" for n in range(1000, 10_000)] * 4
    (tmp_path / "ids.txt").write_text(" ".join(f"{id_}" for id_ in ids))
    assert len(read_ids(tmp_path / "ids.txt")) == 9000
