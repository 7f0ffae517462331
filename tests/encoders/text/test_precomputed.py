"""Given rows go through the stage of texts as they are."""

from pathlib import Path

import numpy as np

from alignscape.encoders.text.precomputed.block import PrecomputedText
from alignscape.encoders.text.rows import text_rows


def test_rows_are_those_of_the_file_whatever_the_texts_say(tmp_path: Path) -> None:
    given = np.random.default_rng(2).normal(size=(3, 4))
    np.save(tmp_path / "mine.npy", given)
    (tmp_path / "names.txt").write_text("A\nB\nC\n")
    block = PrecomputedText(encoder="precomputed", name="mine", rows=tmp_path / "mine.npy", ids=tmp_path / "names.txt")
    rows, meta = text_rows(
        block, ["C", "X", "A"], ["a text", "<b>", ""],
        seed=1, cache_dir=tmp_path, adapter=None, reference=[], device="cpu",
    )  # fmt: skip
    assert meta.ids == ["C", "A"]
    np.testing.assert_array_equal(rows, given[[2, 0]].astype(np.float32))
    assert (meta.weights_state, meta.weights_source, meta.dimension) == ("given", str(tmp_path / "mine.npy"), 4)
    assert [(o.id, o.reason) for o in meta.omissions] == [("X", f"{tmp_path / 'mine.npy'} has no row of it")]
