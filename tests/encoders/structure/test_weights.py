"""Weights come as they were asked for, say what they are, or are refused in one line that names what does not fit."""

import os
import pickle
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from alignscape.config.encoders import ProteinModelBlock
from alignscape.encoders.structure.composition.block import Composition
from alignscape.encoders.structure.gat.block import Gat
from alignscape.encoders.structure.gearnet import official as gearnet_official
from alignscape.encoders.structure.gearnet.block import GearNet
from alignscape.encoders.structure.gvp import official as gvp_official
from alignscape.encoders.structure.gvp.block import Gvp
from alignscape.encoders.structure.proteinmpnn.block import ProteinMpnn
from alignscape.encoders.structure.registry import members, official_of
from alignscape.encoders.structure.scannet.block import ScanNet
from alignscape.encoders.structure.weights import initialise, load_weights, state_sha256
from alignscape.errors import UserError
from alignscape.storage.files import sha256_file, write_json
from tests.helpers.every_encoder import GIVEN, structure_blocks
from tests.helpers.file_server import serve
from tests.helpers.official_arrays import (
    KERAS,
    gearnet_shapes,
    gvp_shapes,
    keras_arrays,
    torch_arrays,
    with_training_state,
)
from tests.helpers.tensorflow_bundle import write_checkpoint

HIDDEN = [16, 16]
GEARNET = gearnet_shapes(HIDDEN)
BLOCKS = [
    GearNet(name="e", encoder="gearnet", weights="random", hidden=HIDDEN),
    Gvp(name="e", encoder="gvp", weights="random"),
    ScanNet(name="e", encoder="scannet", weights="random"),
    Gat(name="e", encoder="gat", weights="random"),
    ProteinMpnn(name="e", encoder="proteinmpnn", weights="random"),
]
each_encoder = pytest.mark.parametrize("block", BLOCKS, ids=lambda block: block.encoder)


def gearnet_block(path: Path | None, hidden: list[int] = HIDDEN) -> GearNet:
    return GearNet(name="e", encoder="gearnet", weights="official", weights_file=path, hidden=hidden)


def gvp_block(path: Path | None) -> Gvp:
    return Gvp(name="e", encoder="gvp", weights="official", weights_file=path)


def load(block, **options):
    """A fresh encoder with the block's weights, and what is known of them."""
    encoder = initialise(block, 1)
    return encoder, load_weights(encoder, block, cache_dir=Path("no-cache"), seed=1, **options)


def refusal(block, **options) -> str:
    """The one line that loading ends in; the encoder is as it was."""
    encoder = initialise(block, 1)
    before = state_sha256(encoder.state_dict())
    with pytest.raises(UserError) as error:
        load_weights(encoder, block, **{"cache_dir": Path("no-cache"), "seed": 1} | options)
    assert "\n" not in str(error.value)
    assert state_sha256(encoder.state_dict()) == before
    return str(error.value)


def saved(path: Path, value: object, **options) -> Path:
    torch.save(value, path, **options)
    return path


@pytest.fixture
def pth(tmp_path: Path) -> Path:
    return tmp_path / "angle_gearnet_edge.pth"


# --- GearNet's .pth -----------------------------------------------------------------------------------------


def test_our_gearnet_has_torchdrugs_arrays():
    """Names and shapes are those of the original, at the size of the published checkpoints too."""
    for hidden in (HIDDEN, [512] * 6):
        own = initialise(gearnet_block(None, hidden), 1).state_dict()
        assert {name: tuple(value.shape) for name, value in own.items()} == gearnet_shapes(hidden)


@pytest.mark.parametrize("zipped", [True, False])
@pytest.mark.parametrize(
    ("prefix", "key"), [("", None), ("", "model"), ("model.", "model"), ("model.model.", "model")], ids=str
)
def test_gearnets_arrays_are_found_wherever_torchdrug_saves_them(pth, prefix, key, zipped):
    """A state dict alone or under `model`, of the encoder or of a task with a head: the encoder gets its own arrays."""
    arrays = torch_arrays(GEARNET, seed=3)
    state: dict[str, object] = {f"{prefix}{name}": value for name, value in arrays.items()}
    if prefix:
        state |= {"mlp.layers.0.weight": torch.ones(3, 3), "model.mlp.layers.0.weight": torch.ones(3, 3)}
        if prefix == "model.":
            del state["model.mlp.layers.0.weight"]
    content = {key: state, "optimizer": {"state": {}, "param_groups": [{"lr": 1e-3}]}} if key else state
    encoder, info = load(gearnet_block(saved(pth, content, _use_new_zipfile_serialization=zipped)))
    assert all(torch.equal(value, arrays[name]) for name, value in encoder.state_dict().items())
    assert (info.state, info.sha256, info.source) == ("pretrained", sha256_file(pth), str(pth))


def test_counters_of_batches_may_be_missing(pth):
    """Old files have no num_batches_tracked, and inference needs none."""
    arrays = {n: v for n, v in torch_arrays(GEARNET, seed=3).items() if not n.endswith("num_batches_tracked")}
    encoder, _ = load(gearnet_block(saved(pth, arrays)))
    assert all(torch.equal(encoder.state_dict()[name], value) for name, value in arrays.items())


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("layers.1.linear.weight", None, "lacks layers.1.linear.weight"),
        ("layers.7.linear.weight", torch.ones(2), "has layers.7.linear.weight, which the encoder has not"),
        ("layers.1.linear.weight", torch.ones(16, 96), "layers.1.linear.weight is (16, 96), expected (16, 112)"),
        ("layers.1.linear.bias", torch.full((16,), torch.nan), "layers.1.linear.bias has a value that is not finite"),
    ],
    ids=["missing", "unexpected", "misshapen", "not finite"],
)
def test_an_array_that_does_not_fit_is_named(pth, name, value, words):
    """One wrong array is enough, and the line names file and array."""
    arrays = torch_arrays(GEARNET, seed=3) | {name: value}
    line = refusal(gearnet_block(saved(pth, {n: v for n, v in arrays.items() if v is not None})))
    assert line.startswith(f"{pth}: does not fit the encoder: {words};")


def test_weights_of_another_size_are_refused(pth):
    """A file of a wider network is not cut to fit."""
    line = refusal(gearnet_block(saved(pth, torch_arrays(gearnet_shapes([32, 16]), seed=3))))
    assert "layers.0.self_loop.weight is (32, 21), expected (16, 21)" in line
    assert "more)" in line


class Code:
    """What runs when it is unpickled."""

    def __init__(self, proof: Path) -> None:
        self.proof = proof

    def __reduce__(self) -> tuple:
        return os.mkdir, (str(self.proof),)


@pytest.mark.parametrize("by", ["torch", "pickle"])
def test_code_in_a_file_is_not_run(pth, tmp_path, by):
    """A pickle that would call something is refused by the name of what it would call, and nothing happens."""
    content = torch_arrays(GEARNET, seed=3) | {"payload": Code(tmp_path / "proof")}
    saved(pth, content) if by == "torch" else pth.write_bytes(pickle.dumps(content["payload"], protocol=2))
    line = refusal(gearnet_block(pth))
    assert line.startswith(f"{pth}: ")
    assert "mkdir" in line
    assert "weights_only" not in line
    assert not (tmp_path / "proof").exists()


def test_cut_and_foreign_files_are_one_line(pth):
    """Wherever a file ends too early, and whatever else lies there, the line names it."""
    for zipped in (True, False):
        content = saved(pth, torch_arrays(GEARNET, seed=3), _use_new_zipfile_serialization=zipped).read_bytes()
        for length in [*np.linspace(0, len(content) - 1, 12).astype(int), 1, 2, 64, len(content) - 3]:
            pth.write_bytes(content[:length])
            assert str(pth) in refusal(gearnet_block(pth))
    for foreign in (
        b"<html>404</html>",
        bytes(500),
        np.random.default_rng(0).bytes(3000),
        pickle.dumps([1, 2], protocol=2),
    ):
        pth.write_bytes(foreign)
        assert str(pth) in refusal(gearnet_block(pth))
    assert "found list" in refusal(gearnet_block(saved(pth, [torch.ones(2)])))
    assert "found Tensor" in refusal(gearnet_block(saved(pth, {"model": torch.ones(2)})))


# --- GVP's TensorFlow checkpoint ----------------------------------------------------------------------------


@pytest.fixture(scope="module")
def gvp_arrays() -> dict[str, np.ndarray]:
    return keras_arrays(gvp_shapes(), seed=4)


@pytest.fixture(scope="module")
def gvp_index(gvp_arrays, tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("gvp")
    return write_checkpoint(folder / "cath_pretrained", with_training_state(gvp_arrays))


def test_gvps_checkpoint_loads_and_each_array_once(gvp_index, gvp_arrays):
    """Every array of the encoder is in the file's, every array of the file's encoder is used, and a few are where they belong."""
    assert {path.name for path in gvp_index.parent.iterdir()} == set(official_of(gvp_block(None)).files)
    encoder, info = load(gvp_block(gvp_index))
    ours = sorted(value.numpy().tobytes() for value in encoder.state_dict().values())
    assert ours == sorted(array.tobytes() for array in gvp_arrays.values())
    inside = f"model/encoder/vglayers/1/W_dh/layer_with_weights-0/ws/kernel{KERAS}"
    assert np.array_equal(encoder.layers[1].step[0].ws.detach(), gvp_arrays[inside])
    assert np.array_equal(encoder.edge_in.bs.detach(), gvp_arrays[f"model/W_e/ws/bias{KERAS}"])
    assert (info.state, info.source) == ("pretrained", str(gvp_index))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (None, "lacks model/encoder/vglayers/2/norm/0/snorm/gamma"),
        (np.ones(99, np.float32), "layers.2.norms.0.scalar.weight is (99,), expected (100,)"),
    ],
    ids=["missing", "misshapen"],
)
def test_gvps_arrays_that_do_not_fit_are_named(gvp_arrays, tmp_path, change, words):
    """A missing array by the file's name for it, a misshapen one by ours."""
    arrays = gvp_arrays | {f"model/encoder/vglayers/2/norm/0/snorm/gamma{KERAS}": change}
    index = write_checkpoint(tmp_path / "c", [{name: a for name, a in arrays.items() if a is not None}])
    line = refusal(gvp_block(index))
    assert line.startswith(f"{index}: does not fit the encoder: ")
    assert words in line


def test_damaged_checkpoints_are_one_line(tmp_path):
    """A missing data file, a cut one, and an index cut or altered anywhere end in a line that names the checkpoint."""
    index = write_checkpoint(tmp_path / "c", [{"a": np.ones(3, np.float32), "b": np.ones((2, 2), np.float32)}])
    content, data = index.read_bytes(), tmp_path / "c.data-00000-of-00001"
    assert "lacks model/features" in refusal(gvp_block(index))
    rng = np.random.default_rng(5)
    for trial in range(60):
        altered = bytearray(content)
        altered[rng.integers(len(content))] = rng.integers(256)
        index.write_bytes(altered if trial % 2 else altered[: rng.integers(len(content))])
        assert str(tmp_path / "c") in refusal(gvp_block(index))
    index.write_bytes(content)
    data.write_bytes(data.read_bytes()[:-5])
    assert "'b' is cut short" in refusal(gvp_block(index))
    data.unlink()
    assert f"{data}: no such file" in refusal(gvp_block(index))


# --- where official files come from -------------------------------------------------------------------------


def test_a_download_and_a_local_copy_are_the_same_weights(gvp_index, tmp_path, monkeypatch):
    """All parts are fetched once, their checksum is the local copy's, and the sidecar names the address."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with serve() as server:
        server.files = {f"models/{path.name}": path.read_bytes() for path in gvp_index.parent.iterdir()}
        block = gvp_block(None)
        monkeypatch.setattr(gvp_official, "_CATH", replace(official_of(block), base_url=f"{server.url}/models"))
        encoder = initialise(block, 1)
        infos = [load_weights(encoder, block, cache_dir=tmp_path, seed=1) for _ in range(2)]
        assert len(server.requests) == 3
    local, info = load(gvp_block(gvp_index))
    assert infos[0] == infos[1] == replace(info, source=f"{server.url}/models/cath_pretrained.index")
    assert state_sha256(local.state_dict()) == state_sha256(encoder.state_dict())


def test_every_part_counts_in_the_checksum(gvp_index, gvp_arrays, tmp_path):
    """Another data file is another checksum, even where the encoder's own arrays are the same."""
    shards = with_training_state(gvp_arrays)
    other = write_checkpoint(tmp_path / "cath_pretrained", [{"_CHECKPOINTABLE_OBJECT_GRAPH": b"other"}, shards[1]])
    assert load(gvp_block(other))[1].sha256 != load(gvp_block(gvp_index))[1].sha256


def test_offline_names_the_way_out(tmp_path, monkeypatch):
    """Without a network the line names file, URL and `weights_file`."""
    block = gearnet_block(None).model_copy(update={"checkpoint": "mc_gearnet_edge"})
    nowhere = replace(official_of(block), base_url="http://127.0.0.1:1")
    monkeypatch.setitem(gearnet_official._CHECKPOINTS, "mc_gearnet_edge", nowhere)
    monkeypatch.setattr("time.sleep", lambda seconds: None)
    line = refusal(block, cache_dir=tmp_path)
    assert all(
        part in line for part in ("mc_gearnet_edge.pth", "http://127.0.0.1:1/mc_gearnet_edge.pth", "weights_file")
    )


@pytest.mark.parametrize("make", [lambda path: None, Path.mkdir], ids=["absent", "folder"])
def test_a_local_copy_that_is_no_file_is_named(tmp_path, make):
    """The line names the path and what was expected there."""
    make(tmp_path / "there")
    line = refusal(gearnet_block(tmp_path / "there"))
    assert f"weights_file {tmp_path / 'there'} is not a file; expected angle_gearnet_edge.pth" in line


def test_every_choice_of_official_weights_has_an_address_and_a_licence():
    """No block can ask for weights that its encoder has no address of, and other weights have none."""
    published = [(block.weights in ("official", "cora"), official_of(block)) for block in structure_blocks()]
    for asked, files in published:
        assert asked == (files is not None)
        assert files is None or (files.base_url.startswith("https://") and files.licence and files.main)
    assert len({id(files) for asked, files in published if asked}) == 5  # two of GearNet, GVP, ScanNet, GAT


def test_the_encoders_of_the_config_are_those_of_the_package(tmp_path, monkeypatch):
    """Each block is made by the module or folder of its name, and none lies there unused."""
    monkeypatch.chdir(tmp_path)
    np.savez(GIVEN, A=np.ones(3))
    assert {block.encoder for block in structure_blocks()} == set(members(plugins=False))
    for block in structure_blocks():
        if not isinstance(block, ProteinModelBlock) and not block.what_is_missing():  # such a one needs a model's files
            assert initialise(block, 1).requirement == block.requirement


@pytest.mark.parametrize("weights", ["trained", "random"])
def test_a_local_copy_of_other_weights_is_a_mistake(weights):
    """A file that would be left unread is refused when the config is read, not ignored."""
    with pytest.raises(ValueError, match=f"weights_file is read for official weights only, found weights: {weights}"):
        Gvp(name="e", encoder="gvp", weights=weights, weights_file=Path("cath_pretrained.index"))


# --- random, trained here, of a package, none ---------------------------------------------------------------


@each_encoder
def test_random_weights_depend_on_the_seed_alone(block):
    """Same seed same weights, other seed other weights, whatever the encoder held before; the checksum is theirs."""
    one, other = initialise(block, 1), initialise(block, 2)
    assert state_sha256(one.state_dict()) != state_sha256(other.state_dict())
    info = load_weights(other, block, cache_dir=Path("no-cache"), seed=1)
    assert (info.state, info.sha256, info.source) == ("random", state_sha256(one.state_dict()), "seed 1")
    assert state_sha256(other.state_dict()) == info.sha256


@each_encoder
def test_a_fresh_encoder_leaves_torchs_generator_alone(block):
    """What is drawn after it is what would have been drawn without it."""
    torch.manual_seed(9)
    expected = torch.rand(3)
    torch.manual_seed(9)
    initialise(block, 1)
    assert torch.equal(torch.rand(3), expected)


@each_encoder
def test_trained_weights_come_back_with_their_card(block, tmp_path):
    """What was saved is what is loaded, and the card beside it goes into the sidecar."""
    path = tmp_path / "weights.safetensors"
    state = initialise(block, 2).state_dict()
    save_file({name: value.contiguous() for name, value in state.items()}, path)
    write_json(path.with_suffix(".json"), {"task": "residue_recovery", "accuracy": 0.4})
    weights = block.model_copy(update={"weights": "trained"})
    encoder, info = load(weights, trained=path)
    assert all(torch.equal(value, state[name]) for name, value in encoder.state_dict().items())
    assert (info.state, info.sha256, info.source) == ("trained here", sha256_file(path), path.name)
    assert info.card == {"task": "residue_recovery", "accuracy": 0.4}


def test_trained_weights_that_are_missing_cut_or_foreign_are_one_line(tmp_path):
    """The line names the file and what to do."""
    block, path = BLOCKS[3].model_copy(update={"weights": "trained"}), tmp_path / "weights.safetensors"
    assert "run the rule `pretrain` first" in refusal(block, trained=path)
    assert "run the rule `pretrain` first" in refusal(block, trained=None)
    save_file({"other": torch.ones(2)}, path)
    assert f"lacks {next(iter(initialise(block, 1).state_dict()))}" in refusal(block, trained=path)
    path.write_bytes(path.read_bytes()[:-3])
    assert "train again" in refusal(block, trained=path)


def test_the_packages_weights_are_pretrained():
    """ProteinMPNN's published weights replace every array, and are named with their checksum."""
    block = ProteinMpnn(name="e", encoder="proteinmpnn", weights="package")
    one, other = initialise(block, 1), initialise(block, 2)
    infos = [load_weights(encoder, block, cache_dir=Path("no-cache"), seed=1) for encoder in (one, other)]
    assert infos[0] == infos[1]
    assert (infos[0].state, infos[0].source) == ("pretrained", "package proteinmpnn, vanilla_model_weights/v_48_020.pt")
    assert len(infos[0].sha256) == 64
    assert state_sha256(one.state_dict()) == state_sha256(other.state_dict())


def test_a_baseline_has_no_weights():
    """And says so."""
    _, info = load(Composition(name="e", encoder="composition"))
    assert (info.state, info.sha256) == ("none", None)
