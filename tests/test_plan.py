"""Which pairs a study trains."""

from alignscape.config.load import parse
from alignscape.plan import _study_pairs

GDMS = [{"name": name, "encoder": "gat"} for name in ("a", "b")]
LLMS = [{"name": name, "model": "owner/name"} for name in ("x", "y")]


def methods(**chosen: list[str]) -> set[tuple[str, str]]:
    """The pairs that the one method is tried on."""
    alignment = {"methods": {"other": {"loss": "symmetric"}}, **chosen}
    study = parse({"structure_encoders": GDMS, "language_models": LLMS, "alignment": alignment})
    return {(pair.structure, pair.text) for pair in _study_pairs(study) if pair.variant == "other"}


def test_methods_are_tried_on_every_pair_or_on_the_named_ones():
    assert methods() == {("a", "x"), ("a", "y"), ("b", "x"), ("b", "y")}
    assert methods(method_models=["x"]) == {("a", "x"), ("b", "x")}
    assert methods(method_encoders=["b"]) == {("b", "x"), ("b", "y")}
    assert methods(method_models=["x"], method_encoders=["b"]) == {("b", "x")}
