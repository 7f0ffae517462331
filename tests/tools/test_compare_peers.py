"""`make compare-peers` asserts equal outputs, goes on where one peer fails, and keeps the tables of other processors."""

import importlib
from argparse import Namespace
from pathlib import Path

import numpy as np
import pytest

from benchmarks import compare_peers
from benchmarks.compare_peers import PEERS, Failure, Peer, measured, require_equal, row, write


def test_outputs_that_differ_are_no_comparison() -> None:
    rows = np.array([[1.0, -2.0], [3.0, 4.0]])
    require_equal(rows, rows + 3e-4, tolerance=1e-4)
    with pytest.raises(Failure, match=r"its outputs differ from ours by 1\.0e-03 of the largest number"):
        require_equal(rows + 4e-3, rows, tolerance=1e-4)
    with pytest.raises(Failure, match=r"its outputs are of shape \(2,\), ours of \(2, 2\)"):
        require_equal(rows, rows[0], tolerance=1.0)
    with pytest.raises(Failure, match="differ from ours by nan"):
        require_equal(rows, rows * np.nan, tolerance=1.0)


@pytest.mark.parametrize("module", [peer.module for peer in PEERS if peer.module != "scannet"])
def test_each_comparison_has_two_sides(module: str) -> None:
    found = importlib.import_module(f"benchmarks.peers.{module}")
    assert callable(found.ours)
    assert callable(found.theirs)
    assert found.AMOUNT > 0


def test_both_sides_are_timed_in_processes_of_their_own(monkeypatch: pytest.MonkeyPatch) -> None:
    """The loop over pairs does as much work as one product, and takes longer."""
    monkeypatch.chdir(compare_peers.ROOT)
    peer = next(peer for peer in PEERS if peer.module == "score")
    medians, ready = measured(peer, Namespace(threads=1, turns=1, cache=Path(".cache")))
    assert ready["amount"] == 200
    assert medians[0]["ratio"] > 1
    assert row(peer, medians, ready, {"operations": 1e12, "bytes": 1e12}).count("|") == 9


def test_a_side_that_fails_says_why() -> None:
    with pytest.raises(Failure, match=r"No module named 'benchmarks\.peers\.nobody'"):
        measured(Peer("nobody", "nobody", "nothing", "units"), Namespace(threads=1, turns=1, cache=Path(".cache")))


def test_a_table_takes_the_place_of_its_processors_last_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    page = tmp_path / "peers.md"
    page.write_text("# Peers\n\nWords.\n")
    for kind, line in (("AMD AVX2", "| old |"), ("Intel AVX-512", "| other |"), ("AMD AVX2", "| new |")):
        monkeypatch.setattr(compare_peers, "kind", lambda kind=kind: kind)
        write(page, ["## head"], [line])
    text = page.read_text()
    assert text.startswith("# Peers\n\nWords.\n")
    assert [line for line in text.splitlines() if line.startswith("| ")] == ["| new |", "| other |"]
