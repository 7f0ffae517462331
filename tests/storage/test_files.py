"""Files are whole or absent."""

import errno
import subprocess
import sys
import tracemalloc
from pathlib import Path

import numpy as np
import pytest

from alignscape.errors import UserError
from alignscape.storage.files import (
    atomic,
    collect_jsonl,
    digest_of,
    read_npz,
    temporary_beside,
    write_json,
    write_jsonl,
    write_npz,
    write_text,
)
from tests.helpers.namespaces import as_process_two


def test_a_failed_write_leaves_the_old_file_and_nothing_else(tmp_path):
    write_text(tmp_path / "a", "old")

    def write_half(path):
        with atomic(path) as temporary:
            temporary.write_text("hal")
            raise RuntimeError("half")

    with pytest.raises(RuntimeError, match="half"):
        write_half(tmp_path / "a")
    assert (tmp_path / "a").read_text() == "old"
    assert [p.name for p in tmp_path.iterdir()] == ["a"]


def test_a_full_disk_is_one_line(tmp_path):
    with pytest.raises(UserError, match="no space left"), atomic(tmp_path / "a"):
        raise OSError(errno.ENOSPC, "No space left on device")


def test_equal_arrays_give_equal_bytes_and_come_back(tmp_path):
    arrays = {"b": np.arange(3), "a": np.array(["x", "é"])}
    write_npz(tmp_path / "1.npz", arrays)
    write_npz(tmp_path / "2.npz", dict(reversed(arrays.items())))
    assert (tmp_path / "1.npz").read_bytes() == (tmp_path / "2.npz").read_bytes()
    back = read_npz(tmp_path / "1.npz")
    assert all((back[k] == arrays[k]).all() for k in arrays)


def test_pickled_arrays_are_refused(tmp_path):
    np.savez(tmp_path / "evil.npz", a=np.array([{}], dtype=object))
    with pytest.raises(ValueError, match="allow_pickle"):
        read_npz(tmp_path / "evil.npz")


def test_nan_never_reaches_a_json_file(tmp_path):
    with pytest.raises(ValueError, match="JSON compliant"):
        write_json(tmp_path / "a.json", {"x": float("nan")})
    assert not (tmp_path / "a.json").exists()


def test_a_digest_depends_on_values_not_on_the_order_of_keys():
    assert digest_of({"a": 1, "b": [2]}) == digest_of({"b": [2], "a": 1})
    assert digest_of({"a": 1}) != digest_of({"a": 2})


def test_a_dead_process_leaves_no_temporary_file_and_a_live_ones_or_another_machines_stays(tmp_path):
    """What `kill -9` leaves goes when a later process writes into the folder."""
    write = (
        "import os, sys; from pathlib import Path; from alignscape.storage.files import atomic\n"
        "with atomic(sys.argv[1]) as path:\n    path.write_text('half')\n"
    )
    dead = subprocess.run([sys.executable, "-c", write + "    os.kill(os.getpid(), 9)", tmp_path / "a"])
    assert dead.returncode == -9
    (left,) = tmp_path.iterdir()
    alive = temporary_beside(tmp_path / "b")
    alive.write_text("half")
    elsewhere = tmp_path / left.name.replace(left.name.split(".")[-3], "other-host-12345678")
    elsewhere.write_text("half")
    subprocess.run([sys.executable, "-c", write, tmp_path / "c"], check=True)
    assert sorted(tmp_path.iterdir()) == sorted([alive, elsewhere, tmp_path / "c"])


def test_containers_with_one_host_name_leave_each_others_temporaries_alone(tmp_path: Path) -> None:
    """Each has a process 2 in a namespace of its own, which says nothing of the other's, and both write one file at once."""
    write = (
        "import os, sys; from pathlib import Path; from alignscape.storage.files import atomic\n"
        "with atomic(sys.argv[1]) as path:\n    path.write_text(sys.argv[2])\n"
        "    print(os.getpid(), flush=True); sys.stdin.readline()\n"
    )
    containers = [
        subprocess.Popen(
            [*as_process_two(), sys.executable, "-c", write, tmp_path / "shared", text],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )
        for text in ("one", "two")
    ]  # fmt: skip
    assert [container.stdout.readline() for container in containers] == ["2\n", "2\n"]
    with atomic(tmp_path / "ours") as path:  # a third, in whose namespace their processes have other ids
        path.write_text("three")
    assert sorted(p.read_text() for p in tmp_path.glob(".shared.*.tmp")) == ["one", "two"]
    for container in containers:
        container.communicate("\n")
        assert container.returncode == 0
    assert (tmp_path / "shared").read_text() == "two"
    assert sorted(p.name for p in tmp_path.iterdir()) == ["ours", "shared"]


def test_collected_rows_are_the_bytes_of_all_rows_sorted(tmp_path):
    """As reading all, sorting and writing again would have it; in the end no row is twice or missing."""
    rows = [{"id": f"{i * 7 % 23}é", "b": [i, None, 0.1 * i], "a": "x\u2028y"} for i in range(23)]
    for n in range(3):
        write_jsonl(tmp_path / f"{n}.jsonl", rows[n::3])
    collect_jsonl([tmp_path / f"{n}.jsonl" for n in range(3)], tmp_path / "all.jsonl")
    write_jsonl(tmp_path / "plain.jsonl", sorted(rows, key=lambda row: row["id"]))
    assert (tmp_path / "all.jsonl").read_bytes() == (tmp_path / "plain.jsonl").read_bytes()
    collect_jsonl([], tmp_path / "none.jsonl")
    assert (tmp_path / "none.jsonl").read_bytes() == b""


def test_collecting_takes_the_size_of_the_files(tmp_path):
    """Rows as objects would take four times as much."""
    write_jsonl(tmp_path / "a.jsonl", ({"id": str(i), "n": list(range(300, 400))} for i in range(500)))
    size = (tmp_path / "a.jsonl").stat().st_size
    tracemalloc.start()
    collect_jsonl([tmp_path / "a.jsonl"], tmp_path / "all.jsonl")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 2 * size
