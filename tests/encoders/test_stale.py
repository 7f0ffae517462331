"""Whose embeddings an edit makes stale: those of the encoder it is about, and nobody else's."""

import pkgutil
import shutil
import subprocess
import sys
from dataclasses import replace
from fnmatch import fnmatch
from pathlib import Path

import pytest

import alignscape
from alignscape.config.encoders import GivenRows, ProteinModelBlock, Requirement
from alignscape.config.load import parse
from alignscape.encoders.structure.gearnet import official as gearnet_files
from alignscape.encoders.structure.gearnet.block import GearNet
from alignscape.encoders.structure.registry import members
from alignscape.encoders.structure.scannet import official as scannet_files
from alignscape.encoders.text import official as shipped
from alignscape.plan import digest
from alignscape.plan.plan import Plan
from alignscape.plan.snapshot import Inputs
from tests.helpers.every_encoder import GIVEN, structure_blocks

ROOT = Path(alignscape.__file__).parent
# Of rows that a config gives.
READER = {"alignscape.encoders", *(f"alignscape.encoders.{name}" for name in ("row_file", "parquet_rows", "packed"))}
STRUCTURE, TEXT = "alignscape.encoders.structure", "alignscape.encoders.text"
CONFIG = {
    "structure_encoders": [block.model_dump(mode="json") for block in structure_blocks()],
    "language_models": [
        {"name": "hub", "model": "owner/name"},
        {"name": "registry", "model": "registry:smollm2-135m"},
        {"name": "words", "encoder": "tfidf"},
        {"name": "given", "encoder": "precomputed", "rows": str(GIVEN)},
    ],
    "fine_tuning": [{"name": "tuned", "base": "hub"}, {"name": "registry-tuned", "base": "registry"}],
}
PLAN = Plan(parse(CONFIG), Inputs(file_digests={"1ABC": "x"}, encoder_training=[]))
# What reads a transformers model, of which language models and protein language models alike are made.
READ_A_MODEL = (
    "batches",
    "bidirectional",
    "foreign_code",
    "from_folder",
    "lean_import",
    "model_files",
    "names_on_demand",
    "nf4",
    "own_folder",
    "placement",
    "quiet",
    "serve_tokens",
    "special_tokens",
    "tokens_beside",
)
STRUCTURE_NAMES, TEXT_NAMES = sorted(PLAN.structure_blocks), sorted(PLAN.text_blocks)


def modules_below(package: str) -> set[str]:
    """Full names of all modules below a package, folders left out."""
    folder = ROOT.joinpath(*package.split(".")[1:])
    return {m.name for m in pkgutil.walk_packages([str(folder)], f"{package}.") if not m.ispkg}


def own_modules(encoder: str) -> set[str]:
    """The modules of a structure encoder: its own file, or its folder with all that is in it."""
    return {members()[encoder].home} | modules_below(members()[encoder].home)


def test_every_module_of_the_package_is_found():
    """The list that the other tests go by is not empty, and each encoder has its share of it."""
    assert {
        f"{STRUCTURE}.weights",
        f"{STRUCTURE}.gvp.official",
        f"{STRUCTURE}.gearnet.torchdrug_worker",
    } < modules_below(STRUCTURE)
    assert own_modules("composition") >= {f"{STRUCTURE}.composition.model", f"{STRUCTURE}.composition.block"}
    assert len(own_modules("gearnet")) > 5


@pytest.mark.parametrize("name", STRUCTURE_NAMES)
def test_a_structure_encoder_counts_its_own_modules_and_what_serves_all(name):
    """No other encoder, none of its readers, no table, download, training, text, or anything above the encoders."""
    encoder = PLAN.structure_blocks[name].encoder
    others = set().union(*(own_modules(other) for other in members() if other != encoder))
    shared = {m for m in modules_below(STRUCTURE) if m.count(".") == 3} - others - {f"{STRUCTURE}.official"}
    below = modules_below("alignscape.compute") | {"alignscape.proteins.structure"}
    below |= READER if isinstance(PLAN.structure_blocks[name], GivenRows) else set()
    if isinstance(PLAN.structure_blocks[name], ProteinModelBlock):
        below |= {TEXT, *(f"{TEXT}.{m}" for m in READ_A_MODEL)}
    found = PLAN.embedding_modules(name)
    assert {f"{STRUCTURE}.{m}" for m in ("embed", "interface", "registry", "rows", "weights")} <= found
    assert found <= own_modules(encoder) | shared | below, name
    assert not {m for m in found if m.endswith((".official", ".block"))}


@pytest.mark.parametrize("encoder", sorted(members()))
def test_every_module_of_an_encoder_counts_for_it(encoder):
    """All of its folder, reader included, is in the digest of one of its blocks, but for the table of its files and its block."""
    found = [PLAN.embedding_modules(n) for n, block in PLAN.structure_blocks.items() if block.encoder == encoder]
    folder = modules_below(members()[encoder].home)
    neutral = {m for m in folder if m.endswith((".official", ".block"))}  # their values count
    assert folder - neutral
    assert folder - neutral <= set().union(*found)


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
    own = f"{TEXT}.{PLAN.text_blocks[name].encoder}.model"
    encoders = {f"{TEXT}.{block.encoder}.model" for block in PLAN.text_blocks.values()}
    found = PLAN.embedding_modules(name)
    assert found & encoders == {own}
    below = modules_below("alignscape.compute") | {TEXT}
    below |= READER if isinstance(PLAN.text_blocks[name], GivenRows) else set()
    assert found <= modules_below(TEXT) | below
    assert not found & {
        f"{TEXT}.{m}" for m in ("official", "registry_models", "lora")
    }  # they count where they are used


# --- by editing a copy --------------------------------------------------------------------------------------


def digests() -> dict[str, str]:
    """Every encoder's embedding digest, of a new plan."""
    plan = Plan(parse(CONFIG), Inputs(file_digests={"1ABC": "x"}, encoder_training=[]))
    return {name: plan.embedding_digest(name) for name in plan.structure_blocks | plan.text_blocks}


def changed(before: dict[str, str]) -> set[str]:
    """Whose digest is another now."""
    return {name for name, found in digests().items() if found != before[name]}


def named(*patterns: str) -> set[str]:
    """All encoders whose name fits a pattern."""
    return {n for n in [*STRUCTURE_NAMES, *TEXT_NAMES] if any(fnmatch(n, pattern) for pattern in patterns)}


@pytest.fixture
def before() -> dict[str, str]:
    return digests()


@pytest.fixture
def package(tmp_path, monkeypatch) -> Path:
    """A copy of the package, which digests are made of during a test."""
    copied = shutil.copytree(ROOT, tmp_path / "alignscape", ignore=shutil.ignore_patterns("__pycache__"))
    forget()
    monkeypatch.setattr(digest, "_ROOT", copied)
    yield copied
    forget()


def forget() -> None:
    """What the digests know of source files."""
    for remembered in (digest.import_closure, digest._file_of):
        remembered.cache_clear()


HERE = "encoders/structure"
CODE = {
    "storage/download.py": (),
    "storage/hub.py": (),
    "storage/files.py": (),
    "storage/embeddings.py": (),
    "errors.py": (),
    f"{HERE}/official.py": (),
    f"{HERE}/gearnet/official.py": (),
    f"{HERE}/gearnet/weights.py": ("gearnet.*",),
    f"{HERE}/gearnet/torchdrug_worker.py": ("gearnet.*.torchdrug",),
    f"{HERE}/gvp/weights.py": ("gvp.*",),
    f"{HERE}/tensorflow_checkpoint.py": ("gvp.*", "gat.*"),
    f"{HERE}/sequence_model.py": ("protein_lm.*", "saprot.*"),
    f"{HERE}/foldseek_states.py": ("saprot.*", "3di.*"),
    "encoders/text/bidirectional.py": ("protein_lm.*", "saprot.*"),
    f"{HERE}/weights.py": STRUCTURE_NAMES,
    f"{HERE}/rows.py": STRUCTURE_NAMES,
    "encoders/text/rows.py": TEXT_NAMES,
    "encoders/training/pretrain.py": ("*.trained*",),
    "encoders/text/official.py": (),
    "encoders/text/registry_models.py": ("registry*",),
    "encoders/text/lora.py": ("*tuned",),
    "encoders/text/causal_lm/block.py": (),
    f"{HERE}/gearnet/block.py": (),
    "encoders/text/causal_lm/model.py": ("hub", "registry*", "tuned"),
    "encoders/text/tfidf/model.py": ("words",),
}


def test_a_line_of_code_makes_stale_whom_it_is_about(package):
    """Of all encoders in all ways they can be asked for, those whose digest changes are the ones named."""
    before = digests()
    for path, patterns in CODE.items():
        original = (package / path).read_text()
        (package / path).write_text(f"{original}\nEDITED = 1\n")
        assert changed(before) == named(*patterns), path
        (package / path).write_text(original)


def test_a_pinned_checksum_counts_and_a_pinned_files_address_does_not(before, monkeypatch):
    """For the encoder, and the weights of it, that the file is of. Where no checksum is known, the address stands for it."""
    ppi, gearnet, model = scannet_files._PPI, gearnet_files._CHECKPOINTS, shipped.MODELS["smollm2-135m"]
    monkeypatch.setattr(scannet_files, "_PPI", replace(ppi, base_url="https://example.org", licence="MIT"))
    assert changed(before) == set()
    monkeypatch.setattr(scannet_files, "_PPI", replace(ppi, files=dict.fromkeys(ppi.files, "0" * 64)))
    assert changed(before) == {"scannet.official"}
    monkeypatch.setattr(scannet_files, "_PPI", ppi)
    other = replace(gearnet["mc_gearnet_edge"], base_url="https://example.org")
    monkeypatch.setitem(gearnet, "mc_gearnet_edge", other)
    assert changed(before) == named("gearnet.official.mc_gearnet_edge.*")
    monkeypatch.setitem(shipped.MODELS, "smollm2-135m", replace(model, sha256="0" * 64))
    assert changed(before) == named("gearnet.official.mc_gearnet_edge.*", "registry*")


def test_a_local_copy_counts_for_what_it_holds(monkeypatch):
    """Not for what is pinned, which it need not be."""
    block = {"name": "s", "encoder": "scannet", "weights": "official", "weights_file": "w.h5"}
    study = parse(CONFIG | {"structure_encoders": [block]})

    def found(sha256: str) -> str:
        inputs = Inputs(file_digests={"1ABC": "x"}, encoder_training=[], files={"w.h5": sha256})
        return Plan(study, inputs).embedding_digest("s")

    before = found("a")
    assert found("b") != before
    pinned = replace(scannet_files._PPI, files={"ScanNet_PPI_noMSA.h5": "0" * 64})
    monkeypatch.setattr(scannet_files, "_PPI", pinned)
    assert found("a") == before


def test_a_requirement_counts_for_its_encoder(before, monkeypatch):
    """Rows of proteins that it now takes are missing in what was made before."""
    monkeypatch.setattr(GearNet, "requirement", Requirement("ca", 4))
    assert changed(before) == named("gearnet.*")


def test_another_format_of_files_makes_everything_stale(before, monkeypatch):
    """The number that goes up when storage writes other bytes is in every digest."""
    monkeypatch.setattr(digest, "STORAGE_FORMAT", digest.STORAGE_FORMAT + 1)
    assert changed(before) == named("*")


PROGRAM = """
from alignscape.plan.digest import digest_modules
from alignscape.encoders.structure.registry import members
print(members()["new"].home, *sorted(digest_modules("alignscape.encoders.structure.new.model")))
"""


def test_an_encoder_more_needs_no_edit(package):
    """A folder put beside the others is found under its name, and its digest leaves its own table out."""
    shutil.copytree(package / HERE / "gvp", package / HERE / "new")
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        env={"PYTHONPATH": str(package.parent)},
        capture_output=True,
        text=True,
        check=True,
    )
    member, *modules = done.stdout.split()
    assert member == f"{STRUCTURE}.new"
    assert {m for m in modules if m.startswith(member)} == {f"{member}.{m}" for m in ("model", "features", "weights")}
