"""A member of the package is one folder or module: put beside the others it is there, without a second edit."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import alignscape
from tests.helpers.made_plugin import FILES, SHAPES, STUDY, edit

PROGRAM = """
import json, sys
from alignscape.config.load import parse
from alignscape.plan.plan import Plan
from alignscape.plan.snapshot import Inputs
plan = Plan(parse(json.loads(sys.argv[1])), Inputs(file_digests={"1ABC": "x"}, encoder_training=[]))
own = ("shapes", "letters")
print(*(module for name in own for module in sorted(plan.embedding_modules(name))), plan.analysis("sizes").name)
"""


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the package in it, and in the package's rooms three members more."""
    root = tmp_path_factory.mktemp("copy")
    ignored = shutil.ignore_patterns("__pycache__")
    package = Path(shutil.copytree(Path(alignscape.__file__).parent, root / "alignscape", ignore=ignored))
    rooms = {
        SHAPES: "encoders/structure/shapes",
        "lab_shapes/sizes": "questions/sizes",
        "lab_shapes/letters.py": "encoders/text/letters.py",
    }
    for name, text in FILES.items():
        for start, room in rooms.items():
            if name.startswith(start):
                path = package / name.replace(start, room)
                path.parent.mkdir(exist_ok=True)
                path.write_text(text)
    edit(package / "encoders/structure/shapes/model.py", "from ..geometry import SCALE", "SCALE = 10.0")
    return root


def run(copy: Path, *arguments: str) -> str:
    command = [sys.executable, *arguments]
    return subprocess.run(
        command, cwd=copy, env={"PYTHONPATH": str(copy)}, capture_output=True, text=True, check=True
    ).stdout


def test_a_members_keys_are_in_the_reference(copy: Path) -> None:
    found = run(copy, "-c", "from alignscape.cli import app; app(['config-reference'])")
    assert "| `sharpness` | number | `1.0` | Power of the distances. |" in found
    assert "## Letters" in found


def test_a_member_is_in_the_plan_with_its_own_code(copy: Path) -> None:
    *modules, answer = run(copy, "-c", PROGRAM, json.dumps(STUDY)).split()
    assert {"alignscape.encoders.structure.shapes.model", "alignscape.encoders.text.letters"} <= set(modules)
    assert not [module for module in modules if module.endswith((".block", ".official"))]
    assert answer.startswith("sizes-")
