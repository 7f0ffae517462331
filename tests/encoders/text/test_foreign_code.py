"""No code of a model folder runs here, whatever the folder asks for and whoever says yes; and a pickle is not opened."""

import ast
import io
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from alignscape.commands.model_checks import language_model
from alignscape.encoders.text.backbone import from_folder, load_encode, model_folder
from alignscape.encoders.text.causal_lm.block import CausalLm
from alignscape.encoders.text.foreign_code import require_data_only
from alignscape.errors import UserError
from tests.helpers.tiny_llm import save_tiny_llama

ROOT = Path(__file__).parents[3]
EVIL = """
from pathlib import Path
Path({marker!r}).touch()
from transformers import LlamaConfig, LlamaModel, LlamaForCausalLM, PreTrainedTokenizerFast
class EvilConfig(LlamaConfig): model_type = "evil"
class EvilModel(LlamaModel): config_class = EvilConfig
class EvilForCausalLM(LlamaForCausalLM): config_class = EvilConfig
class EvilTokenizer(PreTrainedTokenizerFast): pass
"""


def edit(path: Path, **values: object) -> None:
    path.write_text(json.dumps((json.loads(path.read_text()) if path.exists() else {}) | values))


def hostile_folder(folder: Path, *, marker: Path) -> Path:
    """A model that works only if its own module runs, which then leaves `marker` behind."""
    save_tiny_llama(folder)
    (folder / "evil.py").write_text(EVIL.format(marker=str(marker)))
    classes = {"AutoConfig": "EvilConfig", "AutoModel": "EvilModel", "AutoModelForCausalLM": "EvilForCausalLM"}
    auto_map = {kind: f"evil.{name}" for kind, name in classes.items()}
    edit(folder / "config.json", model_type="evil", auto_map=auto_map, architectures=["EvilForCausalLM"])
    tokenizer_map = {"AutoTokenizer": [None, "evil.EvilTokenizer"]}
    edit(folder / "tokenizer_config.json", tokenizer_class="EvilTokenizer", auto_map=tokenizer_map)
    return folder


def doctor(folder: Path) -> str:
    block = {"name": "m", "model": str(folder)}
    check = language_model(CausalLm(**block))
    return f"{check.outcome}: {check.found}"


def test_yes_on_standard_input_lets_no_code_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The folder's check, and behind its back model, LoRA's base and tokenizer: refused in a line each, nobody is asked."""
    from transformers import AutoModel, AutoModelForCausalLM

    marker, said_yes = tmp_path / "evil-ran", io.StringIO("y\n" * 100)
    folder = hostile_folder(tmp_path / "model", marker=marker)
    monkeypatch.setattr("sys.stdin", said_yes)
    config = CausalLm(name="evil", model=str(folder), dtype="float32")
    attempts: list[tuple[str, Callable[[], object]]] = [
        ("needs code that comes with it", lambda: model_folder(config, cache_dir=tmp_path / "cache")),
        ("model 'evil': .* cannot be loaded", lambda: from_folder(AutoModel, config, folder, device="cpu")),
        ("model 'evil': .* cannot be loaded", lambda: from_folder(AutoModelForCausalLM, config, folder, device="cpu")),
        ("its tokenizer cannot be loaded", lambda: load_encode(folder)),
    ]
    for said, attempt in attempts:
        with pytest.raises(UserError, match=said) as refusal:
            attempt()
        assert "\n" not in str(refusal.value)
    assert not marker.exists()
    assert said_yes.tell() == 0


def test_the_doctor_says_it_too(tmp_path: Path) -> None:
    """A failure, in the words that the job would use; the same folder without the foreign type is fine."""
    folder = hostile_folder(tmp_path / "model", marker=tmp_path / "evil-ran")
    assert doctor(folder).startswith(f"failure: model 'm': {folder}/config.json: the model type 'evil'")
    assert not (tmp_path / "evil-ran").exists()
    edit(folder / "config.json", model_type="llama")  # transformers' own classes serve; the maps are not followed
    edit(folder / "tokenizer_config.json", tokenizer_class="PreTrainedTokenizerFast")
    assert len(load_encode(folder)(["A chain"])[0]) == 8
    assert not (tmp_path / "evil-ran").exists()
    assert doctor(folder).startswith(f"ok: the folder {folder}")


@pytest.mark.parametrize(
    ("file", "changes", "said"),
    [
        (
            "tokenizer_config.json",
            {"tokenizer_class": "Evil", "auto_map": ["evil.A", None]},
            "the tokenizer class 'Evil'",
        ),
        ("config.json", {"attn_implementation": "owner/kernel"}, "asks for code from elsewhere"),
        ("config.json", {"text_config": {"_attn_implementation": "owner/kernel"}}, "asks for code from elsewhere"),
        ("adapter_config.json", {"base_model_name_or_path": "owner/other"}, "holds an adapter"),
    ],
)
def test_other_ways_to_ask_for_code(tmp_path: Path, file: str, changes: dict[str, object], said: str) -> None:
    """A tokenizer of an unknown class, attention by a kernel of the hub's at any depth, and an adapter, which names another
    model to load, are refused."""
    folder = save_tiny_llama(tmp_path / "model")
    require_data_only(folder, name="m")
    if file == "tokenizer_config.json":  # transformers has no tokenizer for this type, so that only the class counts
        edit(folder / "config.json", model_type="timesfm")
    edit(folder / file, **changes)
    with pytest.raises(UserError, match=said):
        require_data_only(folder, name="m")


def test_pickles_alone_are_refused(tmp_path: Path) -> None:
    """Weights in pytorch_model.bin alone end in one line of the job and of the doctor; beside safetensors they do not count."""
    folder = save_tiny_llama(tmp_path / "model")
    (folder / "pytorch_model.bin").write_bytes(b"never opened")
    assert doctor(folder).startswith("ok")
    (folder / "model.safetensors").unlink()
    assert "its weights are pickled (pytorch_model.bin)" in doctor(folder)
    with pytest.raises(UserError, match=r"save them as \.safetensors"):
        require_data_only(folder, name="m")
    (folder / "pytorch_model.bin").unlink()
    with pytest.raises(UserError, match=r"has no \.safetensors weights"):
        require_data_only(folder, name="m")


def trusting(source: str) -> list[int]:
    """Lines on which `from_pretrained` stands without a literal `trust_remote_code=False`, called or handed on."""
    tree = ast.parse(source)
    safe = {
        id(node.func)
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and any(k.arg == "trust_remote_code" and getattr(k.value, "value", None) is False for k in node.keywords)
    }
    named = (n for n in ast.walk(tree) if isinstance(n, ast.Attribute) and n.attr == "from_pretrained")
    return sorted(node.lineno for node in named if id(node) not in safe)


def test_every_from_pretrained_refuses_foreign_code() -> None:
    """A new call without the argument is found, also one with another value, or the function handed on."""
    assert trusting("A.from_pretrained(x)\nf = A.from_pretrained\nA.from_pretrained(x, trust_remote_code=y)") == [
        1,
        2,
        3,
    ]
    assert trusting("A.from_pretrained(x, trust_remote_code=False)") == []
    files = [path for part in ("src", "workflow") for path in (ROOT / part).rglob("*.py")]
    assert any("from_pretrained" in path.read_text() for path in files)
    assert {str(path): lines for path in files if (lines := trusting(path.read_text()))} == {}
