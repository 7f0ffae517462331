"""Official weights that are at hand load by `weights_file`, and the files that the tests make are like the real ones."""

from pathlib import Path

import pytest
import torch

from alignscape.encoders.structure.gat.block import Gat
from alignscape.encoders.structure.gvp.block import Gvp
from alignscape.encoders.structure.registry import official_of
from alignscape.encoders.structure.scannet.block import ScanNet
from alignscape.encoders.structure.tensorflow_checkpoint import read_checkpoint
from alignscape.encoders.structure.weights import initialise, load_weights
from alignscape.storage.files import sha256_file
from tests.helpers.official_arrays import gvp_shapes
from tests.helpers.tensorflow_bundle import write_checkpoint

SCANNET = "weights/scannet/ScanNet_PPI_noMSA.h5"
CORA = "weights/gat/mod_cora.ckpt.index"
GVP = "oracles/gvp/cpd8_ckpt.index"


@pytest.mark.parametrize(
    "block",
    [
        ScanNet(name="e", encoder="scannet", weights="official", weights_file=Path(SCANNET)),
        Gat(name="e", encoder="gat", weights="cora", weights_file=Path(CORA)),
        Gvp(name="e", encoder="gvp", weights="official", weights_file=Path(GVP)),
    ],
    ids=["scannet", "cora", "gvp"],
)
def test_a_local_copy_replaces_every_array(shared, tmp_path, block):
    """Two encoders that began with different weights are equal after loading, and the sidecar says pretrained."""
    block = block.model_copy(update={"weights_file": shared / block.weights_file})
    encoders = [initialise(block, seed) for seed in (1, 2)]
    infos = [load_weights(encoder, block, cache_dir=tmp_path, seed=0) for encoder in encoders]
    one, other = (encoder.state_dict() for encoder in encoders)
    assert all(torch.equal(one[name], other[name]) for name in one)
    assert infos[0] == infos[1]
    assert (infos[0].state, infos[0].source) == ("pretrained", str(block.weights_file))
    assert not list(tmp_path.iterdir())


def test_the_pinned_checksums_are_those_of_the_published_files(shared):
    """What a download is held to is what the projects publish."""
    blocks = (
        ScanNet(name="e", encoder="scannet", weights="official"),
        Gat(name="e", encoder="gat", weights="cora"),
    )
    for block in blocks:
        folder, pinned = shared / "weights" / block.encoder, official_of(block).files
        assert {name: sha256_file(folder / name) for name in pinned} == pinned


def test_made_gvp_arrays_have_the_original_names_and_shapes(shared):
    """The list that the other tests make files from is the original encoder's."""
    arrays = read_checkpoint(shared / GVP.removesuffix(".index"))
    encoder = ("model/features/", "model/W_v/", "model/W_e/", "model/encoder/")
    assert gvp_shapes() == {name: a.shape for name, a in arrays.items() if name.startswith(encoder)}


def test_made_checkpoints_are_tensorflows_byte_for_byte(shared, tmp_path):
    """The tests' writer, given the arrays of a checkpoint of TensorFlow's, writes the same two files."""
    data = (shared / "oracles/gvp/cpd8_ckpt.data-00000-of-00001").read_bytes()
    arrays = {
        f"{n}/.ATTRIBUTES/VARIABLE_VALUE": a for n, a in read_checkpoint(shared / "oracles/gvp/cpd8_ckpt").items()
    }
    end = sum(array.nbytes for array in arrays.values())
    length = len(data) - end - 3 - 4  # the graph of objects comes last: its length (3 bytes), a checksum, itself
    in_order = dict(sorted(arrays.items(), key=lambda item: data.index(item[1].tobytes())))
    index = write_checkpoint(tmp_path / "cpd8_ckpt", [in_order | {"_CHECKPOINTABLE_OBJECT_GRAPH": data[-length:]}])
    assert (tmp_path / "cpd8_ckpt.data-00000-of-00001").read_bytes() == data
    assert index.read_bytes() == (shared / GVP).read_bytes()
