"""The scripts of benchmarks/ start: each says how it is called, and those that can be small measure something small."""

import runpy
import sys
from pathlib import Path

import pytest

from benchmarks import analysis, page
from tests.helpers.made_study import made_study

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"
SCRIPTS = sorted(path.name for path in BENCHMARKS.glob("*.py"))


def run(script: str, *arguments: str, patch: pytest.MonkeyPatch) -> None:
    """The script as from a shell, in this process: most import torch, which takes seconds in one of its own."""
    patch.setattr(sys, "argv", [script, *arguments])
    patch.syspath_prepend(str(BENCHMARKS))
    patch.delitem(sys.modules, "structure", raising=False)  # gvp_gat.py imports its neighbour by this name
    runpy.run_path(str(BENCHMARKS / script), run_name="__main__")


@pytest.mark.parametrize("script", SCRIPTS)
def test_every_script_says_how_it_is_called(
    script: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        run(script, "--help", patch=monkeypatch)
    assert ended.value.code == 0
    assert capsys.readouterr().out.startswith(f"usage: {script}")


def test_the_memory_of_a_command_is_measured(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        run("memory.py", "--every", "0.02", "sleep", "0.1", patch=monkeypatch)
    assert not ended.value.code
    assert "GiB" in capsys.readouterr().out


def test_a_page_is_built(tmp_path: Path) -> None:
    assert page.seconds(lambda: page.page(made_study(20), tmp_path / "report.html")) > 0
    assert (tmp_path / "report.html").stat().st_size > 100_000


def test_the_made_study_of_the_analyses_can_be_asked(tmp_path: Path) -> None:
    """Its files are such as the workflow makes, and an answer comes with its time and memory."""
    files = analysis.make_study(tmp_path, 60)
    for question in ("pairs", "leakage", "findings"):
        found = analysis.answer(question, tmp_path, files)
        assert found["answer"] > 0
        assert found["peak_gib"] > 0
        assert (tmp_path / f"{question}.json").stat().st_size > 1000
