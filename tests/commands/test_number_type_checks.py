"""What the doctor says of number types that a config fixes."""

import pytest

from alignscape.commands import number_type_checks as checks
from alignscape.config.load import parse

STUDY = {"structure_encoders": [{"name": "a", "encoder": "gat"}]}
TUNED = {"name": "t", "base": "x", "compute_dtype": "bfloat16"}


@pytest.mark.parametrize(
    ("fast", "dtype", "told"),
    [
        ("float32", "auto", []),
        ("float32", "float32", []),
        ("float32", "bfloat16", ["dtype: bfloat16 takes 8 to 10 times as long as float32 on this processor"]),
        ("float32", "float16", ["dtype: float16 takes 8 to 10 times as long as float32 on this processor"]),
        ("bfloat16", "float32", ["dtype: float32 takes 1.6 to 1.8 times as long as bfloat16 on this processor"]),
        ("bfloat16", "bfloat16", []),
    ],
)
def test_a_fixed_type_costs_what_the_processor_lacks(fast, dtype, told, monkeypatch):
    monkeypatch.setattr(checks, "fast_number_type", lambda device: fast)
    models = [{"name": "x", "model": "owner/name", "dtype": dtype}, {"name": "y", "encoder": "tfidf"}]
    assert [line[2] for line in checks.number_type_checks(parse(STUDY | {"language_models": models}))] == told


def test_a_fine_tuning_costs_more(monkeypatch):
    monkeypatch.setattr(checks, "fast_number_type", lambda device: "float32")
    study = parse(STUDY | {"language_models": [{"name": "x", "model": "owner/name"}], "fine_tuning": [TUNED]})
    [line] = checks.number_type_checks(study)
    assert line[0] == "number type of t"
    assert "17 to 21 times as long as float32" in line[2]
    assert line[3].startswith("say compute_dtype: auto")
