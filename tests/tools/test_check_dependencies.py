"""The check of declared = imported finds what is declared or imported alone, and this project passes it."""

from pathlib import Path

import pytest

from tools.check_dependencies import check

PROJECT = """
[project]
name = "made"
dependencies = ["numpy>=2", "PyYAML"]

[project.optional-dependencies]
drawing = ["matplotlib"]
test = ["pytest"]

[tool.check-dependencies.declared-not-imported]
{declared}

[tool.check-dependencies.imported-not-declared]
{imported}
"""
FILES = {
    "Snakefile": "import os\nrule all:\n    input: []\n",
    "src/made/__init__.py": "import numpy as np\nfrom . import inner\n",
    "src/made/inner.py": "def read():\n    from yaml.nodes import Node\n    import matplotlib.pyplot\n    import made.inner\n",
    "workflow/rules/one.smk": "rule one:\n    run:\n        import numpy\n",
    "tests/test_made.py": "import json\nimport pytest\nimport beside\n",
    "tests/beside.py": "",
}


def problems(
    folder: Path, changed: dict[str, str], *, declared: str = "", imported: str = "", named: str = ""
) -> list[str]:
    project = PROJECT.format(declared=declared, imported=imported)
    project += f"[tool.check-dependencies.package-of-module]\n{named}"
    for name, text in (FILES | {"pyproject.toml": project} | changed).items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return check(folder)


def test_this_project_passes() -> None:
    assert check(Path(__file__).parents[2]) == []


def test_nothing_is_said_of_a_project_that_declares_what_it_imports(tmp_path: Path) -> None:
    assert problems(tmp_path, {}) == []


@pytest.mark.parametrize(
    ("file", "text", "module", "line"),
    [
        ("src/made/more.py", "import scipy\n", "scipy", 1),
        ("src/made/more.py", "def f():\n    if True:\n        from scipy.spatial import cKDTree\n", "scipy", 3),
        ("src/made/more.py", "import pytest\n", "pytest", 1),  # declared, but for the tests only
        ("workflow/scripts/more.py", "import scipy\n", "scipy", 1),
        ("workflow/rules/more.smk", "rule two:\n    run:\n        from scipy import stats\n", "scipy", 3),
        ("Snakefile", "import os\nimport scipy\n", "scipy", 2),
        ("tests/test_more.py", "import scipy\n", "scipy", 1),
    ],
)
def test_an_import_that_is_not_declared_is_named_with_its_line(
    tmp_path: Path, file: str, text: str, module: str, line: int
) -> None:
    found = problems(tmp_path, {file: text})
    assert found == [f"{file}:{line}: imports {module}, which pyproject.toml does not declare for it"]


def test_a_declared_package_that_nothing_imports_is_named(tmp_path: Path) -> None:
    assert problems(tmp_path, {"src/made/__init__.py": "", "workflow/rules/one.smk": ""}) == [
        "pyproject.toml: numpy is declared, but nothing imports it"
    ]


def test_a_dependency_of_users_that_only_tests_import_is_named(tmp_path: Path) -> None:
    changed = {"src/made/__init__.py": "", "workflow/rules/one.smk": "", "tests/test_made.py": "import numpy, pytest\n"}
    assert problems(tmp_path, changed) == ["pyproject.toml: numpy is declared, but nothing imports it"]


def test_a_reason_excuses_and_must_be_dropped_when_it_excuses_nothing(tmp_path: Path) -> None:
    alone = {"src/made/__init__.py": "import scipy", "workflow/rules/one.smk": ""}
    assert problems(tmp_path / "a", alone, declared='numpy = "why"', imported='scipy = "why"') == []
    assert problems(tmp_path / "b", {}, declared='numpy = "why"\npeft = "why"', imported='scipy = "why"') == [
        "pyproject.toml: nothing imports scipy; drop its reason",
        "pyproject.toml: numpy is imported; drop its reason",
        "pyproject.toml: peft is not declared; drop its reason",
    ]


def test_a_module_of_a_package_that_is_not_installed_has_the_package_that_is_said(tmp_path: Path) -> None:
    """As of an optional package whose module is called something else."""
    optional = PROJECT.replace('["matplotlib"]', '["matplotlib", "Far-Package"]').format(declared="", imported="")
    changed = {"src/made/more.py": "import farmodule\n", "pyproject.toml": optional}
    assert len(problems(tmp_path, changed)) == 2  # imported, not declared; declared, not imported
    changed["pyproject.toml"] = optional + '[tool.check-dependencies.package-of-module]\nfarmodule = "far-package"\n'
    assert problems(tmp_path, changed) == []
