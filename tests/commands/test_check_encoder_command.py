"""`alignscape check-encoder`: an encoder's word or a config's block, a table or JSON, and the exit status."""

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from alignscape.commands.check_encoder import lines
from alignscape.encoders.checking.findings import STRUCTURE, TEXT, Checked, Finding
from tests.helpers.made_plugin import SHAPES, edit, forget, installed_plugin
from tests.helpers.tiny_llm import save_tiny_llama
from tests.helpers.tiny_protein_models import save_tiny

Command = Callable[..., Any]
pytestmark = pytest.mark.usefixtures("elsewhere")


def test_an_encoder_by_its_word(alignscape: Command) -> None:
    done = alignscape("check-encoder", "composition")
    assert done.exit_code == 0
    assert done.stdout.endswith("everything that it promises holds\n")
    assert "tried on 10 proteins of 37 to 185 residues" in done.stdout
    found = json.loads(alignscape("check-encoder", "composition", "--json").stdout)
    assert {finding["asked"] for finding in found["findings"]} == set(STRUCTURE)
    apart = next(f for f in found["findings"] if f["asked"] == "mirror_image")
    assert (apart["holds"], apart["in_a_word"], apart["is_broken"]) == (False, "no", False)


def test_a_plugin_is_checked_with_its_own_weights_and_a_broken_promise_is_status_1(
    tmp_path: Path, alignscape: Command
) -> None:
    with installed_plugin(tmp_path / "lab") as folder:
        assert alignscape("check-encoder", "shapes").exit_code == 0
        edit(folder / SHAPES / "model.py", "(xyz - xyz.mean(0))", "xyz")
        _reload()
        done = alignscape("check-encoder", "shapes")
        assert done.exit_code == 1
        assert done.stdout.endswith("broken promises: translation\n")
        text = alignscape("check-encoder", "letters")
        assert text.exit_code == 0, text.stdout


def _reload() -> None:
    """Edited source of the same second and size would be taken from the compiled file."""
    sys.dont_write_bytecode, before = True, sys.dont_write_bytecode
    for cached in Path().rglob("__pycache__/*.pyc"):
        cached.unlink()
    forget()
    sys.dont_write_bytecode = before


def test_blocks_of_a_config(tmp_path: Path, alignscape: Command) -> None:
    """Models' files are read as a study reads them."""
    save_tiny("esm", tmp_path / "esm")
    save_tiny_llama(tmp_path / "llama")
    blocks = [
        {"name": "esm", "encoder": "protein_lm", "model": "esm"},
        {"name": "given", "encoder": "precomputed", "rows": "rows.npz"},
    ]
    Path("study.yaml").write_text(
        yaml.safe_dump({"structure_encoders": blocks, "language_models": [{"name": "llama", "model": "llama"}]})
    )
    esm = json.loads(alignscape("check-encoder", "esm", "--config", "study.yaml", "--json").stdout)
    assert not any(finding["is_broken"] for finding in esm["findings"])
    assert next(f for f in esm["findings"] if f["asked"] == "mirror_image")["detail"] == "to the last bit"
    llama = json.loads(alignscape("check-encoder", "llama", "--config", "study.yaml", "--json").stdout)
    assert {f["asked"]: f["is_broken"] for f in llama["findings"]} == dict.fromkeys(TEXT, False)
    refused = alignscape("check-encoder", "given", "--config", "study.yaml")
    assert refused.exit_code == 1
    assert "its rows are given (rows.npz)" in refused.stderr


def test_what_is_not_promised_stands_below_the_table_with_its_reason() -> None:
    findings = [Finding("rotation", False, "differs", "it reads heights"), Finding("translation", False, "differs")]
    checked = Checked("structure", "tall", "weights: none", "2 proteins", findings, {"kB_a_residue": 1234.5})
    assert lines(checked) == [
        "tall: weights: none; tried on 2 proteins",
        "not promised: rotation: it reads heights",
        "takes 1,234 kB a residue",
        "broken promises: translation",
    ]


def test_a_name_that_is_not_known_is_one_line(alignscape: Command) -> None:
    done = alignscape("check-encoder", "gernet")
    assert done.exit_code == 1
    assert "there is no encoder 'gernet'" in done.stderr
    assert "did you mean 'gearnet'?" in done.stderr
    assert "--weights is for structures" in alignscape("check-encoder", "tfidf", "--weights", "random").stderr
