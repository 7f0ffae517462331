"""`dtype: auto`: what the device is fast in, and what the sidecar then says."""

import numpy as np
import pytest

from alignscape.encoders.text import number_type
from alignscape.encoders.text.causal_lm.block import CausalLm
from alignscape.encoders.text.number_type import in_number_type
from alignscape.encoders.text.rows import text_rows
from alignscape.encoders.text.tfidf.block import Tfidf
from tests.helpers.tiny_llm import save_tiny_llama

TEXTS = ["a lysozyme of the hen", "an inhibitor"]


def test_auto_is_resolved_and_a_fixed_type_obeyed(monkeypatch):
    monkeypatch.setattr(number_type, "fast_number_type", lambda device: "bfloat16" if device == "cpu" else "float16")
    auto = CausalLm(name="m", model="x")
    assert auto.dtype == "auto"
    assert in_number_type(auto, device="cpu").dtype == "bfloat16"
    assert in_number_type(auto, device="cuda").dtype == "float16"
    fixed = CausalLm(name="m", model="x", dtype="float32")
    assert in_number_type(fixed, device="cpu") is fixed
    words = Tfidf(name="w", encoder="tfidf")
    assert in_number_type(words, device="cpu") is words


@pytest.mark.parametrize("fast", ["float32", "bfloat16"])
def test_rows_are_those_of_the_resolved_type_and_the_sidecar_says_it(tmp_path, monkeypatch, fast):
    save_tiny_llama(tmp_path / "llama")
    monkeypatch.setattr(number_type, "fast_number_type", lambda device: fast)

    def rows(**dtype):
        block = CausalLm(name="m", model=str(tmp_path / "llama"), **dtype)
        kept = {"seed": 1, "cache_dir": tmp_path, "adapter": None, "reference": [], "device": "cpu"}
        return text_rows(block, ["A", "B"], TEXTS, **kept)

    (auto, meta), (fixed, said) = rows(), rows(dtype=fast)
    assert np.array_equal(auto, fixed)
    assert meta.dtype == said.dtype == fast
