"""Packed files: every packing gives the same bytes, and what is broken, endless or no file is named."""

import bz2
import gzip
import lzma
import os

import pytest
import zstandard

from alignscape.errors import ProteinRejected
from alignscape.proteins.parsing.compression import decompress, packing, read_stored
from alignscape.proteins.parsing.structure_file import read_structure_file, recognise

TEXT = b"".join(b"ATOM  %5d  CA  ALA A%4d    %8.3f%8.3f%8.3f\n" % (i, i, i, 2 * i, 3 * i) for i in range(1, 400))
PACK = {
    "gzip": lambda data: gzip.compress(data, mtime=0),
    "bzip2": bz2.compress,
    "xz": lzma.compress,
    "zstd": zstandard.ZstdCompressor().compress,
}


@pytest.mark.parametrize("name", PACK)
def test_every_packing_gives_the_bytes_back(name):
    """One member, two, one inside another, and bytes that follow: the content is the same, the name is known."""
    packed = PACK[name](TEXT)
    assert packing(packed) == name
    assert decompress(packed) == decompress(PACK[name](packed)) == TEXT
    assert decompress(packed + PACK[name](TEXT)) == TEXT + TEXT
    assert decompress(packed + b"trailing bytes") == decompress(packed + b"\0" * 512) == TEXT
    assert decompress(TEXT) == TEXT


def test_gzip_of_many_members_is_what_gzip_reads():
    """Blocks as bgzip writes them, one longer than what is unpacked at once, a tape's padding between."""
    noise = os.urandom(200_000)
    members = [gzip.compress(part, mtime=0) for part in (TEXT, b"", noise, TEXT[:1], noise[:70_000])]
    packed = b"".join([*members[:3], bytes(300), *members[3:], bytes(70_000)])
    assert decompress(packed) == gzip.decompress(packed) == TEXT + noise + TEXT[:1] + noise[:70_000]


@pytest.mark.parametrize("name", PACK)
def test_what_is_cut_or_damaged_is_named(name):
    """Half of a file is truncated; a file with other bytes in its middle is damaged, or cut where the packing cannot tell."""
    packed = PACK[name](os.urandom(4000) + TEXT)
    with pytest.raises(ProteinRejected, match=f"truncated {name} file"):
        decompress(packed[: len(packed) // 2])
    with pytest.raises(ProteinRejected, match=f"(damaged|truncated) {name} file"):
        decompress(packed[:40] + bytes(200) + packed[240:])


@pytest.mark.parametrize("name", PACK)
def test_a_bomb_is_cut(name, monkeypatch):
    """Eight MiB of one letter in a few kilobytes are refused before they are unpacked as a whole, where four are suspect."""
    monkeypatch.setattr("alignscape.proteins.parsing.compression._SUSPECT", 2**22)
    with pytest.raises(ProteinRejected, match="unpacks to more than any structure file holds"):
        decompress(PACK[name](b"A" * 2**23))


def test_what_is_no_file_is_not_opened(tmp_path):
    """A pipe would wait for ever, a device has no end, and a folder is none: each is named."""
    os.mkfifo(tmp_path / "a.pdb")
    with pytest.raises(ProteinRejected, match="a named pipe, not a file"):
        read_stored(tmp_path / "a.pdb")
    with pytest.raises(ProteinRejected, match="a device, not a file"):
        read_stored("/dev/zero")
    with pytest.raises(ProteinRejected, match="a folder, not a file"):
        read_stored(tmp_path)
    (tmp_path / "sparse.pdb").touch()
    os.truncate(tmp_path / "sparse.pdb", 2**31)
    with pytest.raises(ProteinRejected, match="larger than 1 GiB"):
        read_stored(tmp_path / "sparse.pdb")


@pytest.mark.parametrize(
    ("content", "what"),
    [
        ("ATOM".encode("utf-16"), "UTF-16"),
        (TEXT.decode().encode("utf-16-le"), "UTF-16"),
        (b"PK\x03\x04rest", "a zip archive"),
        (b"\x8a\xabmmtfVersion\xa31.0", "MMTF"),
        (b"\x00\x01\x02binary\xff" * 50, "binary data"),
        (b"<!DOCTYPE html>\n<html></html>", "a web page"),
        (b'{"detail": "not found"}', "JSON"),
        (b">design\nMKLV\n", "FASTA"),
        (b"", "empty file"),
    ],
)
def test_what_it_is_instead_is_named(content, what):
    """The reason says what a file is, not only that it is no structure."""
    with pytest.raises(ProteinRejected, match=what):
        recognise(content)


def test_formats_known_by_their_endings(tmp_path):
    """PQR and PDBQT have atom records, but other columns: they are named, packed or not."""
    for name, what in (("a.pqr", "PQR"), ("a.pdbqt", "PDBQT"), ("a.MMTF.gz", "MMTF")):
        (tmp_path / name).write_bytes(TEXT)
        with pytest.raises(ProteinRejected, match=what):
            read_structure_file(tmp_path / name)
