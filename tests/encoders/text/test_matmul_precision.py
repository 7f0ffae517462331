"""Rows are made in the precision of products that their block says, which is part of their digest."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from alignscape.config.load import parse
from alignscape.encoders.structure.rows import structure_rows
from alignscape.encoders.text.rows import text_rows
from alignscape.plan.plan import Plan
from alignscape.plan.snapshot import Inputs
from tests.helpers.made_structures import made_structure


def study(model: str, **options: Any) -> dict[str, Any]:
    """A structure encoder g and a language model m."""
    gearnet = {"name": "g", "encoder": "gearnet", "weights": "random", "hidden": [8]}
    return {
        "structure_encoders": [gearnet | options],
        "language_models": [{"name": "m", "model": model, "dtype": "float32", **options}],
    }


@pytest.mark.parametrize(("options", "meant"), [({}, "tf32"), ({"matmul_precision": "float32"}, "ieee")])
def test_rows_are_made_in_the_precision_of_their_block(
    options: dict[str, str], meant: str, tiny_model: Callable[[str], Path], tmp_path: Path
) -> None:
    """Every layer of both models finds torch's switches so; TF32 is the default."""
    made = parse(study(str(tiny_model("llama")), **options))
    found: set[str] = set()

    def look(*_: Any) -> None:
        found.update({torch.backends.cuda.matmul.fp32_precision, torch.backends.cudnn.conv.fp32_precision})

    how: dict[str, Any] = {"seed": 0, "cache_dir": tmp_path, "device": "cpu"}
    hook = torch.nn.modules.module.register_module_forward_pre_hook(look)
    try:
        structure_rows(made.structure_encoders[0], [made_structure(20)], trained=None, **how)
        assert found == {meant}
        found.clear()
        text_rows(made.language_models[0], ["A"], ["a text"], adapter=None, reference=[], **how)
        assert found == {meant}
    finally:
        hook.remove()


def test_the_precision_is_part_of_the_digest_of_rows() -> None:
    plans = [
        Plan(parse(study("owner/name", **options)), Inputs({"A": "x"}, []))
        for options in ({}, {"matmul_precision": "tf32"}, {"matmul_precision": "float32"})
    ]
    for name in ("g", "m"):
        default, said, exact = (plan.embedding_digest(name) for plan in plans)
        assert default == said != exact
