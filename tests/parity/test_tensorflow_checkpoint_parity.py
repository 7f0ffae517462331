"""The reader of TensorFlow checkpoints gives the arrays that TensorFlow gave."""

import numpy as np
import pytest

from alignscape.encoders.structure.tensorflow_checkpoint import read_checkpoint


@pytest.mark.parametrize(
    ("checkpoint", "arrays"),
    [
        ("oracles/gvp/cpd8_ckpt", "oracles/gvp/cpd8_weights_by_path.npz"),  # an object checkpoint of TensorFlow 2
        ("weights/gat/mod_cora.ckpt", "oracles/gat/gat_cora_weights.npz"),  # a name checkpoint of TensorFlow 1
    ],
)
def test_every_array_is_bit_equal(shared, checkpoint, arrays):
    ours = {name.replace("/", "|"): array for name, array in read_checkpoint(shared / checkpoint).items()}
    with np.load(shared / arrays) as theirs:
        assert ours.keys() == set(theirs.files)
        assert all(ours[n].dtype == theirs[n].dtype and np.array_equal(ours[n], theirs[n]) for n in theirs.files)
