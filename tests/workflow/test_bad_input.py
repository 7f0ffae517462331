"""Bad input loses nothing: the good is computed, the bad explained, the exit status 0."""

import csv
import gzip
from pathlib import Path

from tests.helpers.workspace import STUDY, Workspace


def ca_only(text: str) -> str:
    return "".join(line for line in text.splitlines(True) if not line.startswith("ATOM") or line[12:16] == " CA ")


def test_a_folder_with_one_good_and_five_bad_files(tmp_path: Path) -> None:
    study = STUDY | {
        "structure_encoders": [
            *STUDY["structure_encoders"],
            {"name": "gat", "encoder": "gat", "weights": "random"},
        ],
        "language_models": [{"name": "words", "encoder": "tfidf"}],
    }
    space = Workspace.create(tmp_path / "work", study, ids=("1CRN",))
    folder = space.path / "structures"
    good = gzip.decompress((folder / "1crn.pdb.gz").read_bytes()).decode()
    (folder / "trunc.pdb.gz").write_bytes((folder / "1crn.pdb.gz").read_bytes()[:2000])
    (folder / "html.pdb").write_text("<!DOCTYPE html><html><body>404 Not Found</body></html>")
    nucleic = (
        f"ATOM  {n:5d}  {a:<3s}  DA A{n:4d}      {n:2d}.000   0.000   0.000  1.00  0.00           {a[0]}\n"
        for n, a in enumerate(["P", "O5'", "C5'", "C4'", "N9"], 1)
    )
    (folder / "dna.pdb").write_text("".join(nucleic) + "END\n")
    (folder / "caonly.pdb").write_text(ca_only(good))
    (folder / "empty.pdb").write_text("")
    (folder / "more").mkdir()
    (folder / "more" / "charged.pqr").write_text(good)
    space.run()  # exit status 0
    with open(space.path / "results/tiny/ledger.tsv", newline="") as handle:
        ledger = {row["id"]: row for row in csv.DictReader(handle, delimiter="\t")}
    assert set(ledger) == {"TRUNC", "HTML", "DNA", "CAONLY", "EMPTY", "more/charged.pqr"}
    assert ledger["CAONLY"]["encoders"] == "mpnn"
    assert all(row["reason"] and "Traceback" not in row["reason"] for row in ledger.values())
    for encoder in ("gearnet", "gat", "mpnn"):
        sidecars = (space.path / "results/embeddings" / encoder).rglob("all-*.json")
        assert any('"1CRN"' in path.read_text() for path in sidecars), encoder
    page = (space.path / "results/tiny/report.html").read_text()
    assert all(id_ in page for id_ in ledger)
