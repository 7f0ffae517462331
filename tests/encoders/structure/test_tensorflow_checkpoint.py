"""A TensorFlow checkpoint is read as it was written, over any number of data files; damage is named in one line."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as st_numpy

from alignscape.encoders.structure.tensorflow_checkpoint import read_checkpoint
from alignscape.errors import UserError
from tests.helpers.tensorflow_bundle import write_checkpoint

ARRAYS = {
    "model/dense/kernel/.ATTRIBUTES/VARIABLE_VALUE": np.arange(6, dtype=np.float32).reshape(2, 3),
    "model/dense/bias/.ATTRIBUTES/VARIABLE_VALUE": np.array([1.5, -2.5, 0.0], dtype=np.float32),
    "save_counter": np.array(3, dtype=np.int64),
}


@pytest.fixture
def prefix(tmp_path):
    names = sorted(ARRAYS)
    write_checkpoint(tmp_path / "made", [{n: ARRAYS[n] for n in names[:1]}, {n: ARRAYS[n] for n in names[1:]}])
    return tmp_path / "made"


def test_arrays_come_back_from_several_data_files_under_their_plain_names(prefix):
    arrays = read_checkpoint(prefix)
    assert set(arrays) == {"model/dense/kernel", "model/dense/bias", "save_counter"}
    for name, array in ARRAYS.items():
        np.testing.assert_array_equal(arrays[name.removesuffix("/.ATTRIBUTES/VARIABLE_VALUE")], array, strict=True)


@settings(max_examples=25, deadline=None)
@given(
    names=st.sets(st.text("abcW/_-0123", min_size=1, max_size=12), min_size=1, max_size=40),
    shape=st_numpy.array_shapes(min_dims=0, max_dims=3, max_side=4),
)
def test_any_names_and_shapes_come_back(tmp_path_factory, names, shape):
    arrays = {name: np.full(shape, i, dtype=np.float32) for i, name in enumerate(sorted(names))}
    prefix = tmp_path_factory.mktemp("made") / "ckpt"
    write_checkpoint(prefix, [arrays])
    found = read_checkpoint(prefix)
    assert found.keys() == arrays.keys()
    assert all(np.array_equal(found[n], arrays[n]) and found[n].shape == shape for n in names)


def test_a_string_such_as_keras_graph_of_objects_is_left_out(tmp_path):
    write_checkpoint(tmp_path / "made", [{"_CHECKPOINTABLE_OBJECT_GRAPH": b"\x00graph", "x": np.ones(2, np.float32)}])
    assert list(read_checkpoint(tmp_path / "made")) == ["x"]


def test_a_changed_byte_is_found_by_its_checksum(prefix):
    data = Path(f"{prefix}.data-00001-of-00002")
    content = bytearray(data.read_bytes())
    content[3] ^= 1
    data.write_bytes(bytes(content))
    with pytest.raises(UserError, match=r"array 'model/dense/kernel.*' has a wrong checksum"):
        read_checkpoint(prefix)


@pytest.mark.parametrize(
    ("suffix", "keep", "message"),
    [
        (".index", 20, "not the index of a TensorFlow checkpoint, or cut short"),
        (".data-00001-of-00002", 10, "is cut short"),
        (".data-00000-of-00002", None, "no such file"),
        (".index", None, "no such file; a TensorFlow checkpoint is an .index and its .data files"),
    ],
)
def test_a_cut_or_missing_file_is_named(prefix, suffix, keep, message):
    path = Path(f"{prefix}{suffix}")
    content = path.read_bytes()
    path.unlink()
    if keep is not None:
        path.write_bytes(content[:keep])
    with pytest.raises(UserError, match=message):
        read_checkpoint(prefix)
