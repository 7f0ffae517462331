"""What installed packages bring: found, checked, named where it does not fit, and shut out on demand."""

import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import alignscape
from alignscape.commands.doctor import _plugins
from alignscape.config.load import parse
from alignscape.config.reference import reference
from alignscape.encoders.structure.registry import build_encoder, shipped_with
from alignscape.encoders.text import registry as text
from alignscape.errors import UserError
from alignscape.plan.plan import Plan
from alignscape.plan.snapshot import Inputs
from alignscape.proteins.sources.open import open_source
from alignscape.proteins.sources.registry import options
from alignscape.questions import registry as questions
from tests.helpers.made_plugin import SHAPES, STUDY, edit, forget, installed_plugin


@pytest.fixture
def lab(tmp_path: Path) -> Iterator[Path]:
    """The folder that a plug-in is installed in."""
    with installed_plugin(tmp_path / "site") as folder:
        yield folder


def plan(**changes: object) -> Plan:
    return Plan(parse(STUDY | changes), Inputs(file_digests={"1ABC": "x"}, encoder_training=[]))


# --- in --------------------------------------------------------------------------------------------------------


def test_a_plugin_is_used_like_a_member(lab: Path) -> None:
    study = parse(STUDY)
    shapes, letters = study.structure_encoders[0], study.language_models[0]
    assert (type(shapes).__module__, shapes.requirement.min_residues) == ("lab_shapes.shapes.block", 40)
    assert type(letters).__module__ == "lab_shapes.letters"
    assert build_encoder(shapes).dimension == 9
    assert shipped_with(shapes) == lab / SHAPES / "table.safetensors"
    assert text.embedder(letters).__module__ == "lab_shapes.letters"
    assert questions.questions()["sizes"].label == "Sizes"
    assert questions.part("sizes", "section") == "lab_shapes.sizes.section"
    assert "sizes" in questions.sections()
    assert questions.figures()["sizes"] == "sizes"
    assert questions.caption("sizes").read_text() == "The mean score of each pair.\n"
    assert "sizes" in plan().questions


def test_a_plugins_source_is_opened_with_its_keys(lab: Path, tmp_path: Path) -> None:
    shutil.copy("data/demo/structures/1crn.pdb.gz", tmp_path)
    proteins = parse(STUDY | {"proteins": {"source": "shelf", "shelf": {"directory": tmp_path}}}).proteins
    assert open_source(proteins, cache_dir=tmp_path / "cache").ids() == ["1CRN"]
    assert options(proteins).title == "the shelf of the lab"
    for wrong, message in (
        ({"source": "shelv"}, "proteins.source: 'shelv' is not one of .*; did you mean 'shelf'"),
        ({"source": "shelf", "shelf": {"directry": "x"}}, "unknown key: 'directry' .*did you mean 'directory'"),
    ):
        with pytest.raises(UserError, match=message):
            parse(STUDY | {"proteins": wrong})


def test_the_doctor_names_each_plugin_its_package_and_its_door(lab: Path) -> None:
    lines = [f"{check.what}: {check.found}" for check in _plugins(parse(STUDY))]
    assert lines == [
        "plug-ins, structure encoders: shapes (lab-shapes 0.3)",
        "plug-ins, text encoders: letters (lab-shapes 0.3)",
        "plug-ins, questions: sizes (lab-shapes 0.3)",
        "plug-ins, sources: shelf (lab-shapes 0.3)",
    ]


def test_the_reference_of_the_repository_has_members_only(lab: Path) -> None:
    assert "sharpness" not in reference()
    assert "| `sharpness` | number | `1.0` | Power of the distances. |" in reference(plugins=True)


def test_validating_a_config_with_a_plugin_imports_no_torch(lab: Path) -> None:
    program = f"import sys; from alignscape.config.load import parse; parse({STUDY}); print('torch' in sys.modules)"
    path = f"{lab}:{Path(alignscape.__file__).parents[1]}"
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, env={"PYTHONPATH": path}, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


# --- out -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"sharpnes": 2}, r"unknown key: 'sharpnes' is not one of .*; did you mean 'sharpness'\? \(at structure_enc"),
        ({"encoder": "shape"}, r"structure_encoders\[0\].encoder: 'shape' is not one of .*; did you mean 'shapes'"),
        ({"sharpness": 0}, r"structure_encoders\[0\].sharpness: input should be greater than 0, found 0"),
        ({"weights": "packag"}, r"structure_encoders\[0\].weights: 'packag' .*; did you mean 'package'"),
    ],
)
def test_a_mistake_in_a_plugins_block_is_one_line(lab: Path, changes: dict[str, object], message: str) -> None:
    with pytest.raises(UserError, match=message) as caught:
        parse(STUDY | {"structure_encoders": [STUDY["structure_encoders"][0] | changes]})
    assert "\n" not in str(caught.value)


def test_plugins_false_shuts_all_doors(lab: Path) -> None:
    with pytest.raises(
        UserError, match=r"structure_encoders\[0\].encoder: 'shapes' is not one of 3di, composition, gat"
    ):
        parse(STUDY | {"plugins": False})
    own = {"structure_encoders": STUDY["structure_encoders"][1:], "language_models": STUDY["language_models"][1:]}
    assert "sizes" not in plan(**own, plugins=False).questions
    assert next(check.found for check in _plugins(parse(own | {"plugins": False}))) == (
        "shapes (lab-shapes 0.3); not used, as the config says `plugins: false`"
    )


def test_plugins_is_yes_or_no(lab: Path) -> None:
    with pytest.raises(UserError, match="plugins: input should be a valid boolean, found 'of'"):
        parse(STUDY | {"plugins": "of"})


@pytest.mark.parametrize(
    ("file", "old", "new", "message"),
    [
        (
            "lab_shapes/letters.py",
            "import numpy",
            "import no_such_module",
            "letters.*cannot be imported: ModuleNotFound",
        ),
        ("lab_shapes/letters.py", "BLOCK = Letters", "B = Letters", "has no `BLOCK = ` that names a class of TextEnc"),
        (f"{SHAPES}/block.py", 'Literal["shapes"]', 'Literal["shape"]', "another `encoder` than `Literal."),
        ("lab_shapes/sizes/__init__.py", "QUESTION = ", "ASKED = ", "no folder with `QUESTION = Question"),
        (
            "lab_shapes-0.3.dist-info/entry_points.txt",
            "shapes = ",
            "gvp = ",
            "alignscape itself has a structure encoder",
        ),
        (
            "lab_shapes-0.3.dist-info/entry_points.txt",
            "shelf = ",
            "sample = ",
            "`proteins` has a key 'sample' of another",
        ),
        ("lab_shapes-0.3.dist-info/entry_points.txt", "shelf = ", "rcsb = ", "alignscape itself has a source"),
        ("lab_shapes-0.3.dist-info/entry_points.txt", "sizes = ", "rarity = ", "alignscape itself has a question"),
        ("lab_shapes-0.3.dist-info/entry_points.txt", "letters = ", "l = ", "another `encoder` than"),
    ],
)
def test_a_plugin_that_does_not_fit_is_one_line_that_names_its_package(
    lab: Path, file: str, old: str, new: str, message: str
) -> None:
    edit(lab / file, old, new)
    forget()
    with pytest.raises(UserError, match=message) as caught:
        _ = plan().questions
    assert "the package lab-shapes 0.3" in str(caught.value)
    assert "say `plugins: false` in the config" in str(caught.value)
    assert "\n" not in str(caught.value)
    own = {"structure_encoders": STUDY["structure_encoders"][1:], "language_models": STUDY["language_models"][1:]}
    assert "pairs" in plan(**own, plugins=False).questions


def test_two_plugins_of_one_name_are_refused(lab: Path) -> None:
    shutil.copytree(lab / "lab_shapes-0.3.dist-info", lab / "other-1.0.dist-info")
    edit(lab / "other-1.0.dist-info/METADATA", "Name: lab-shapes\nVersion: 0.3", "Name: other\nVersion: 1.0")
    forget()
    with pytest.raises(UserError, match=r"plug-in 'shapes' of the package .*: the package .* has a structure encoder"):
        parse(STUDY)
