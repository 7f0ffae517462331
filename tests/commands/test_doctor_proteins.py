"""What the doctor says of a folder's files, how many are not read and why; and in its last line."""

from itertools import islice
from pathlib import Path

from alignscape.commands.check import Check
from alignscape.commands.doctor import examine, report
from alignscape.config.load import parse
from tests.helpers.pdb_lines import residue


def test_files_that_are_not_read_are_counted_by_reason(tmp_path):
    """A warning with the number, the reasons by how often each holds, and an example of each."""
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "good.pdb").write_text("\n".join([*residue("GLY", "A", 1), ""]))
    for name in ("a.mmtf", "b.mmtf", "x.zip"):
        (folder / name).write_bytes(b"PK\x03\x04")
    study = parse(
        {
            "cache_dir": str(tmp_path / "cache"),
            "results_dir": str(tmp_path / "results"),
            "proteins": {"source": "directory", "directory": str(folder)},
            "structure_encoders": [{"name": "a", "encoder": "gat"}],
            "language_models": [{"name": "x", "encoder": "tfidf"}],
        }
    )
    count, warning = islice(examine(study), 2)
    assert (count.outcome, count.found.partition(" ids")[0]) == ("ok", "1")
    assert (warning.what, warning.outcome) == ("proteins", "warning")
    assert warning.found.startswith("3 files are not read: 2 MMTF")
    assert warning.found.endswith("1 a zip archive (such as x.zip)")


def test_the_last_line_says_whether_to_start():
    """Warnings keep nobody from it; a command that can be copied, or how many failures there are."""
    good, bad = (
        [Check("disk", "ok", "much"), Check("seeds", "warning", "few")],
        Check("model", "failure", "gone", "get it"),
    )
    said: list[str] = []
    assert report(iter(good), config=Path("my study.yaml"), say=said.append)
    assert said[-1] == "ready: alignscape run 'my study.yaml'"
    assert not report(iter([bad, *good]), config=Path("my.yaml"), say=said.append)
    assert said[-1] == "not ready: 1 failure to mend first"
