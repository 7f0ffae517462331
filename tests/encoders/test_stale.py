"""Whose embeddings an edit makes stale: those of the encoder it is about, and nobody else's."""

import json
import pkgutil
import shutil
import subprocess
import sys
from collections.abc import Callable
from fnmatch import fnmatch
from pathlib import Path

import pytest
from fixtures.every_encoder import structure_blocks

import alignscape
from alignscape.config.load import parse
from alignscape.encoders.structure.registry import members
from alignscape.plan import Inputs, Plan

ROOT = Path(alignscape.__file__).parent
STRUCTURE, TEXT = "alignscape.encoders.structure", "alignscape.encoders.text"
CONFIG = {
    "structure_encoders": [block.model_dump(mode="json") for block in structure_blocks()],
    "language_models": [
        {"name": "hub", "model": "owner/name"},
        {"name": "registry", "model": "registry:smollm2-135m"},
        {"name": "words", "encoder": "tfidf"},
    ],
}
PLAN = Plan(parse(CONFIG), Inputs(contents={"1ABC": "x"}, encoder_training=[]))
STRUCTURE_NAMES, TEXT_NAMES = sorted(PLAN.structure_blocks), sorted(PLAN.text_blocks)


def modules_below(package: str) -> set[str]:
    """Full names of all modules below a package, folders left out."""
    folder = ROOT.joinpath(*package.split(".")[1:])
    return {m.name for m in pkgutil.walk_packages([str(folder)], f"{package}.") if not m.ispkg}


def own_modules(encoder: str) -> set[str]:
    """The modules of a structure encoder: its own file, or its folder with all that is in it."""
    return {members()[encoder]} | modules_below(members()[encoder])


def test_every_module_of_the_package_is_found():
    """The list that the other tests go by is not empty, and each encoder has its share of it."""
    assert {
        f"{STRUCTURE}.weights",
        f"{STRUCTURE}.gvp.official",
        f"{STRUCTURE}.gearnet.torchdrug_worker",
    } < modules_below(STRUCTURE)
    assert own_modules("composition") == {f"{STRUCTURE}.composition"}
    assert len(own_modules("gearnet")) > 5


@pytest.mark.parametrize("name", STRUCTURE_NAMES)
def test_a_structure_encoder_counts_its_own_modules_and_what_serves_all(name):
    """No other encoder, none of its readers, no table, download, training, text, or anything above the encoders."""
    encoder = PLAN.structure_blocks[name].encoder
    others = set().union(*(own_modules(other) for other in members() if other != encoder))
    shared = {m for m in modules_below(STRUCTURE) if m.count(".") == 3} - others - {f"{STRUCTURE}.official"}
    below = modules_below("alignscape.compute") | {"alignscape.proteins.structure", "alignscape.encoders.embedding"}
    found = PLAN.embedding_modules(name)
    assert {f"{STRUCTURE}.{m}" for m in ("embed", "interface", "registry", "weights")} <= found
    assert found <= own_modules(encoder) | shared | below, name
    assert not {m for m in found if m.endswith(".official")}


@pytest.mark.parametrize("encoder", sorted(members()))
def test_every_module_of_an_encoder_counts_for_it(encoder):
    """All of its folder, reader included, is in the digest of one of its blocks, but for the table of its files."""
    found = [PLAN.embedding_modules(n) for n, block in PLAN.structure_blocks.items() if block.encoder == encoder]
    folder = modules_below(members()[encoder])
    tables = {m for m in folder if m.endswith(".official")}
    assert (folder - tables or {members()[encoder]}) <= set().union(*found)


def test_another_implementation_counts_for_those_who_ask_for_it():
    """TorchDrug's process and its caller are nothing to our own GearNet, and ours, which they build on, is to theirs."""
    theirs = {f"{STRUCTURE}.gearnet.torchdrug", f"{STRUCTURE}.gearnet.torchdrug_worker"}
    for name, block in PLAN.structure_blocks.items():
        if block.encoder == "gearnet":
            assert theirs & PLAN.embedding_modules(name) == (theirs if block.backend == "torchdrug" else set())
            assert f"{STRUCTURE}.gearnet.model" in PLAN.embedding_modules(name)


@pytest.mark.parametrize("name", TEXT_NAMES)
def test_a_text_encoder_counts_no_structure_encoder_and_no_other_text_encoder(name):
    """What it counts lies in its own room or below the encoders; of those that one can ask for, it is the only one."""
    own = f"{TEXT}.{PLAN.text_blocks[name].encoder}"
    encoders = {f"{TEXT}.{block.encoder}" for block in PLAN.text_blocks.values()}
    found = PLAN.embedding_modules(name)
    assert found & encoders == {own}
    below = modules_below("alignscape.compute") | {TEXT, "alignscape.encoders.embedding"}
    assert found <= modules_below(TEXT) | below


# --- by editing a copy --------------------------------------------------------------------------------------

PROGRAM = """
import json, sys
from alignscape.config.load import parse
from alignscape.plan import Inputs, Plan
plan = Plan(parse(json.load(sys.stdin)), Inputs(contents={"1ABC": "x"}, encoder_training=[]))
print(json.dumps({n: plan.embedding_digest(n) for n in plan.structure_blocks | plan.text_blocks}))
"""
Edit = Callable[[Path], None]


def digests(package: Path) -> dict[str, str]:
    """Every encoder's embedding digest, as a fresh process with that copy of the package sees it."""
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        cwd=package.parent,
        env={"PYTHONPATH": str(package.parent)},
        input=json.dumps(CONFIG),
        capture_output=True,
        text=True,
        check=True,
    )
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def unedited(tmp_path_factory) -> dict[str, str]:
    return digests(copy_to(tmp_path_factory.mktemp("unedited")))


def copy_to(folder: Path) -> Path:
    return Path(shutil.copytree(ROOT, folder / "alignscape", ignore=shutil.ignore_patterns("__pycache__")))


def code(path: str) -> Edit:
    """A line of code more in a module."""

    def append(package: Path) -> None:
        with (package / path).open("a") as handle:
            handle.write("\nEDITED = 1\n")

    return append


def text(path: str, old: str, new: str) -> Edit:
    """Other words at one place of a module."""

    def replace(package: Path) -> None:
        content = (package / path).read_text()
        assert content.count(old) == 1, f"{path}: {old}"
        (package / path).write_text(content.replace(old, new))

    return replace


def new_encoder(package: Path) -> None:
    """A folder with an encoder and a table of its own."""
    shutil.copytree(package / "encoders/structure/gvp", package / "encoders/structure/new")


HERE = "encoders/structure"
EDITS = {
    "the download": (code("storage/download.py"), ()),
    "storage": (code("storage/files.py"), ()),
    "the shards' files": (code("storage/embeddings.py"), ()),
    "errors": (code("errors.py"), ()),
    "what a table is": (code(f"{HERE}/official.py"), ()),
    "a table": (code(f"{HERE}/gearnet/official.py"), ()),
    "another encoder": (new_encoder, ()),
    "a pinned file's address": (text(f"{HERE}/scannet/official.py", "raw.githubusercontent.com", "example.org"), ()),
    "a pinned checksum": (text(f"{HERE}/scannet/official.py", '"074cb', '"174cb'), ("scannet.official",)),
    "an unpinned file's address": (text(f"{HERE}/gearnet/official.py", "7593637", "1"), ("gearnet.official.*",)),
    "GearNet's reader": (code(f"{HERE}/gearnet/weights.py"), ("gearnet.*",)),
    "GVP's reader": (code(f"{HERE}/gvp/weights.py"), ("gvp.*",)),
    "the reader of TensorFlow's files": (code(f"{HERE}/tensorflow_checkpoint.py"), ("gvp.*", "gat.*")),
    "TorchDrug's process": (code(f"{HERE}/gearnet/torchdrug_worker.py"), ("gearnet.*.torchdrug",)),
    "GearNet's requirement": (
        text("config/encoders.py", 'Requirement("ca", 3)', 'Requirement("ca", 4)'),
        ("gearnet.*",),
    ),
    "how weights are loaded": (code(f"{HERE}/weights.py"), STRUCTURE_NAMES),
    "TF-IDF": (code("encoders/text/tfidf.py"), ("words",)),
    "the format of files": (text("digest.py", "STORAGE_FORMAT = 1", "STORAGE_FORMAT = 2"), ("*",)),
}


@pytest.mark.parametrize("what", EDITS)
def test_an_edit_makes_stale_whom_it_is_about(what, unedited, tmp_path):
    """Of all encoders in all ways they can be asked for, those whose digest changes are the ones named."""
    edit, expected = EDITS[what]
    package = copy_to(tmp_path)
    edit(package)
    changed = {name for name, digest in digests(package).items() if digest != unedited[name]}
    assert changed == {name for name in unedited if any(fnmatch(name, pattern) for pattern in expected)}
