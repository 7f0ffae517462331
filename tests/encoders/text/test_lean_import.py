"""A job or command imports less of transformers, and reads the same rows."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from alignscape.encoders.text.causal_lm.block import CausalLm
from alignscape.encoders.text.causal_lm.model import embed_texts
from tests.helpers.made_plugin import write_plugin
from tests.helpers.tiny_models import TEXTS, mark_converted

NOT_NEEDED = (
    "accelerate",
    "scipy.optimize",
    "sympy",
    "torch._dynamo",
    "torch.distributed.tensor",
)
PROGRAM = """
import sys
from pathlib import Path
import numpy as np
from alignscape.compute.own_process import own_process
from alignscape.encoders.text import lean_import
from alignscape.encoders.text.causal_lm.block import CausalLm
from alignscape.encoders.text.causal_lm.model import embed_texts
from tests.helpers.tiny_models import TEXTS

converted, folder, out, marks = sys.argv[1:]
lean_import._MARKS = tuple(marks.split())
with own_process():
    _, rows, _, _ = embed_texts(CausalLm(name="tiny", model=converted), TEXTS, TEXTS, cache_dir=Path(out).parent)
from transformers.utils.import_utils import create_import_structure_from_path as read_names
print(*[name for name in %s if name in sys.modules], *["names"] * (read_names.cache_info().currsize > 100))
with own_process():
    _, again, _, _ = embed_texts(CausalLm(name="tiny", model=folder), TEXTS, TEXTS, cache_dir=Path(out).parent)
np.save(out, [rows, again])
"""
WHOLE = (*NOT_NEEDED, "names")  # of all the folders of transformers' models


MARKS = "allow_in_graph assume_constant_result disable"


@pytest.mark.parametrize(
    ("marks", "plugin", "imported"),
    [(MARKS, False, ()), ("", False, WHOLE), pytest.param(MARKS, True, WHOLE, marks=pytest.mark.slow)],
    ids=["as it is", "a version that asks for more is imported whole", "nor with a plug-in, which may ask for more"],
)
def test_a_process_of_ours_reads_the_same_rows(
    marks: str, plugin: bool, imported: tuple[str, ...], tiny_model: Callable[[str], Path], tmp_path: Path
) -> None:
    """To the last bit, with and without what reading never uses, of a converted model and then of the same one from elsewhere,
    whose tokenizer asks transformers for the names that were not needed before."""
    folder, out = tiny_model("llama"), tmp_path / "rows.npy"
    converted = mark_converted(Path(shutil.copytree(folder, tmp_path / "converted")))
    program = [sys.executable, "-c", PROGRAM % (NOT_NEEDED,), str(converted), str(folder), str(out), marks]
    paths = [str(write_plugin(tmp_path / "site"))] if plugin else []
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([*paths, *sys.path])}
    done = subprocess.run(program, capture_output=True, text=True, check=True, env=environment)
    _, rows, _, _ = embed_texts(CausalLm(name="tiny", model=str(folder)), TEXTS, TEXTS, cache_dir=tmp_path)
    assert tuple(done.stdout.split()) == imported
    np.testing.assert_array_equal(np.load(out), [rows, rows])
