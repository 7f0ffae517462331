"""What the doctor says of a model: what its texts begin with, and where float16 is known to overflow."""

from pathlib import Path

import pytest

from alignscape.commands.model_checks import language_model, model_files
from alignscape.encoders.structure.protein_lm.block import ProteinLm
from alignscape.encoders.text.causal_lm.block import CausalLm
from alignscape.encoders.text.sentence.block import Sentence
from tests.helpers.tiny_protein_models import save_tiny
from tests.helpers.tiny_text_encoders import save_tiny_encoder


def test_what_texts_begin_with_is_said(tmp_path: Path) -> None:
    """BERT's tokenizer puts [CLS] there, which is no beginning-of-text token: it has none."""
    folder = str(save_tiny_encoder("bert", tmp_path / "bert"))
    check = language_model(CausalLm(name="m", model=folder))
    assert check.outcome == "ok"
    assert check.found == f"the folder {folder}; texts begin with '[CLS]', which is no beginning-of-text token"
    assert language_model(Sentence(encoder="sentence", name="m", model=folder)).found == f"the folder {folder}"
    never = language_model(CausalLm(name="m", model=folder, bos="never"))
    assert never.found.endswith("which is no beginning-of-text token")
    refused = language_model(CausalLm(name="m", model=folder, bos="always"))
    assert refused.outcome == "failure"
    assert "has no beginning-of-text token" in refused.found


@pytest.mark.parametrize("dtype", ["float16", "bfloat16", "float32"])
def test_families_that_overflow_in_float16_are_named(tmp_path: Path, dtype: str) -> None:
    t5 = ProteinLm(name="p", encoder="protein_lm", model=str(save_tiny("t5", tmp_path / "t5")), dtype=dtype)
    gemma = CausalLm(name="g", model="registry:gemma3-270m", dtype=dtype)
    llama = CausalLm(name="s", model="registry:smollm2-135m", dtype=dtype)
    found = [model_files("p", t5), language_model(gemma), language_model(llama)]
    bad = "warning" if dtype == "float16" else "ok"
    assert [check.outcome for check in found] == [bad, bad, "ok"]
    assert ("t5 is known to overflow in float16" in found[0].found) == (dtype == "float16")
