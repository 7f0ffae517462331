"""From files to splits as the benchmark of many files does it: nothing is lost, families stay whole, memory stays small."""

import pytest

from alignscape.alignment.split import load_splits
from alignscape.storage.ledger import read_ledger
from benchmarks.scale_structures import (
    STEPS,
    cluster,
    families_found,
    family_of,
    measure,
    prepare,
)


def test_every_file_has_a_part_in_every_split(tmp_path):
    """300 made files; half are parsed, the facts of the others are those that the parser would write."""
    types = prepare(300, tmp_path, parse=150, shard_size=100)
    for step in STEPS.values():
        if step is not cluster:
            step(tmp_path, 1)
    assert families_found(tmp_path, family_of(300)) == (1.0, 1.0)
    splits = load_splits(tmp_path / "splits" / "splits.tsv")
    assert len(splits) >= 2
    assert all(split.ids == tuple(f"M{i:07d}" for i in range(len(types))) for split in splits.values())
    assert len(read_ledger(tmp_path / "ledger.tsv")) == 30


@pytest.mark.slow
def test_ten_times_the_files_take_no_ten_times_the_memory(tmp_path):
    """20,000 files: no step takes more than 200 MiB, of which an interpreter with its libraries is 50."""
    types = prepare(20_000, tmp_path, parse=1000)
    peaks = {}
    for title, step in STEPS.items():
        if step is not cluster:
            peaks[title] = measure(step, tmp_path, 1)[2]
    assert max(peaks.values()) < 200
    assert families_found(tmp_path, family_of(len(types))) == (1.0, 1.0)
