"""A digest follows the imports of a module and sees code, not comments."""

import ast
import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import alignscape
from alignscape.plan import digest as digest_module
from alignscape.plan.digest import _statements, code_digest, import_closure, known_code, take_code

PROGRAM = "from alignscape.plan.digest import code_digest as d; print(d('alignscape.{}'))"


@pytest.fixture
def copy(tmp_path) -> Path:
    """A copy of the package whose files a test may edit."""
    return Path(shutil.copytree(Path(alignscape.__file__).parent, tmp_path / "alignscape"))


def digest(copy: Path, module: str) -> str:
    """The digest as a fresh process sees it."""
    command = [sys.executable, "-c", PROGRAM.format(module)]
    return subprocess.run(
        command, cwd=copy.parent, env={"PYTHONPATH": str(copy.parent)}, capture_output=True, text=True, check=True
    ).stdout


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))


def test_a_comment_or_docstring_changes_nothing_and_code_does(copy):
    before = digest(copy, "encoders.structure.gearnet.model")
    edit(copy / "encoders/structure/gearnet/model.py", "\nimport ", "\n# a remark\nimport ")
    assert digest(copy, "encoders.structure.gearnet.model") == before
    (copy / "encoders/structure/gearnet/model.py").open("a").write("\nEDITED = 1\n")
    assert digest(copy, "encoders.structure.gearnet.model") != before


def test_a_docstring_in_a_module_that_was_empty_changes_nothing(copy):
    module = copy / "report" / "prose.py"
    module.write_text(module.read_text() + "\nfrom .. import room\n")
    (copy / "room").mkdir()
    (copy / "room/__init__.py").touch()
    before = digest(copy, "report.prose")
    (copy / "room/__init__.py").write_text('"""A room."""\n')
    assert digest(copy, "report.prose") == before
    (copy / "room/__init__.py").write_text('"""A room."""\nEDITED = 1\n')
    assert digest(copy, "report.prose") != before


def test_an_edit_reaches_the_modules_that_import_it_and_no_other(copy):
    modules = (
        "encoders.structure.gearnet.model",
        "encoders.structure.gat.model",
        "encoders.structure.gvp.model",
        "encoders.text.causal_lm.model",
    )
    before = {m: digest(copy, m) for m in modules}
    (copy / "encoders/structure/gvp/model.py").open("a").write("\nEDITED = 1\n")
    assert {m for m in modules if digest(copy, m) != before[m]} == {"encoders.structure.gvp.model"}


def test_an_import_inside_a_function_counts():
    assert "alignscape.proteins.structure" in import_closure("alignscape.encoders.structure.gearnet.model")
    assert "alignscape.plan.inputs" in import_closure("alignscape.plan.launch")  # imported inside a function


def test_a_file_is_parsed_once_however_many_digests_it_is_in(monkeypatch):
    parsed = []
    monkeypatch.setattr(
        ast, "parse", lambda *a, plain=ast.parse, **how: parsed.append(how["filename"]) or plain(*a, **how)
    )
    monkeypatch.setattr(digest_module, "_codes", {})
    import_closure.cache_clear()
    for name in ("gearnet", "gvp", "gat"):
        code_digest(f"alignscape.encoders.structure.{name}.model")
    assert len(parsed) == len(set(parsed)) > 20


def test_what_another_process_has_read_is_not_read_again_unless_it_was_written_since(tmp_path, monkeypatch):
    """By way of JSON, as jobs get it; what it says of a file that was edited since does not count."""
    plugin = tmp_path / "lab_made.py"
    plugin.write_text("VALUE = 1\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    import_closure.cache_clear()
    modules = ("alignscape.encoders.structure.gvp.model", "lab_made")
    before, known = code_digest(*modules), json.loads(json.dumps(known_code()))
    monkeypatch.setattr(digest_module, "_codes", {})
    import_closure.cache_clear()
    take_code(known)
    with monkeypatch.context() as patched:
        patched.setattr(ast, "parse", None)
        assert code_digest(*modules) == before
    plugin.write_text("VALUE = 1000\n")
    after = code_digest(*modules)
    monkeypatch.setattr(digest_module, "_codes", {})
    assert after == code_digest(*modules) != before


def test_no_encoder_reaches_another():
    encoders = ["gearnet", "gvp", "scannet", "gat", "proteinmpnn", "composition"]
    for name in encoders:
        reached = import_closure(f"alignscape.encoders.structure.{name}.model")
        others = tuple(f"alignscape.encoders.structure.{other}" for other in encoders if other != name)
        assert not [module for module in reached if module.startswith(others)]


def test_a_module_that_does_not_exist_is_an_error():
    with pytest.raises(ValueError, match="no module"):
        import_closure("alignscape.nothing")


def test_statements_hold_every_import_of_the_package():
    """Imports are looked for among statements only; a walk over all nodes of all modules finds no other."""
    found = {kind: [] for kind in ("statements", "nodes")}
    for path in Path(alignscape.__file__).parent.rglob("*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for kind, nodes in (("statements", _statements(tree)), ("nodes", ast.walk(tree))):
            found[kind] += [(path, n.lineno) for n in nodes if isinstance(n, ast.Import | ast.ImportFrom)]
    assert len(found["nodes"]) > 1000
    assert sorted(found["statements"]) == sorted(found["nodes"])


@pytest.mark.parametrize(
    "inside",
    ["if a:\n {}", "if a:\n pass\nelse:\n {}", "try:\n {}\nfinally:\n pass", "try:\n pass\nexcept A:\n {}", "try:\n pass\nfinally:\n {}",
     "with a:\n {}", "for a in b:\n pass\nelse:\n {}", "match a:\n case 1:\n  {}", "def f():\n {}", "class A:\n async def f():\n  {}"],
)  # fmt: skip
def test_an_import_is_found_wherever_a_statement_may_stand(inside):
    tree = ast.parse(inside.format("import b.c"))
    assert [node.names[0].name for node in _statements(tree) if isinstance(node, ast.Import)] == ["b.c"]
