"""Real headers and real files beside the repository: every one is understood, or says why not."""

from pathlib import Path

import pytest

from alignscape.errors import ProteinRejected
from alignscape.proteins.parsing.fasta import parse_fasta
from alignscape.proteins.parsing.parse import parse_structure


def test_real_headers_are_all_understood(shared: Path):
    """Each header of headers.txt parses, and what is written back parses to the same record."""
    lines = (shared / "headers.txt").read_text().splitlines()
    records = [parse_fasta(f"{line}\nACDE\n")[0] for line in lines]
    assert len(records) == len(lines) > 10
    assert all(record.name and record.chains for record in records)
    assert [parse_fasta(f"{record.header}\nACDE\n")[0] for record in records] == records


def test_real_entries_parse_or_say_why(shared: Path):
    """A hundred entries spread over the larger study: each gives residues with a name and a sequence, or a reason."""
    paths = sorted((shared / "structures").glob("*.pdb.gz"))[::22]
    if not paths:
        pytest.skip("no larger study beside the repository")
    reasons = {}
    for path in paths:
        try:
            structure, facts = parse_structure(path, id=path.name[:4].upper())
        except ProteinRejected as reason:
            reasons[path.name] = str(reason)
            continue
        assert structure.n_residues == facts.n_residues >= 1
        assert structure.n_residues <= facts.total_length, path.name
        assert facts.polypeptides
        assert facts.n_ca >= 0.9 * facts.n_residues, path.name
    assert all(reasons.values())
    assert len(reasons) <= 2
