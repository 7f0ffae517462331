"""The commands start fast and fail in one line."""

import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from alignscape.compute.number_types import fast_number_type

HEAVY = ("torch", "numpy", "transformers", "peft", "sklearn", "matplotlib", "pandas", "gemmi")
MAIN = [sys.executable, "-c", "from alignscape.cli import main; main()"]


def run(*arguments: str, cwd: Path | None = None) -> "subprocess.CompletedProcess[str]":
    return subprocess.run([*MAIN, *arguments], capture_output=True, text=True, cwd=cwd)


@pytest.mark.parametrize(
    "module",
    ["alignscape", "alignscape.cli", "alignscape.config", "alignscape.plan.plan", "alignscape.plan.inputs"],
)
def test_nothing_heavy_is_imported_by_a_light_path(module):
    program = f"import sys, {module}; print([m for m in {HEAVY} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_help_lists_the_commands():
    done = run("--help")
    assert done.returncode == 0
    assert all(command in done.stdout for command in ("doctor", "search", "embed", "export", "show"))


def test_the_version_is_the_one_to_cite():
    cited = yaml.safe_load(Path("CITATION.cff").read_text())["version"]
    assert run("--version").stdout == f"alignscape {cited}\n"


def test_a_config_that_is_not_there_is_one_line(tmp_path):
    done = run("show", "--config", str(tmp_path / "absent.yaml"))
    assert done.returncode == 1
    assert done.stderr.strip() == f"alignscape: {tmp_path / 'absent.yaml'}: there is no such config file"


def test_an_unfinished_study_says_what_to_run(tmp_path):
    config = Path("config/config.yaml").read_text().replace("study: demo", f"study: never\nresults_dir: {tmp_path}")
    (tmp_path / "my.yaml").write_text(config)
    done = run("show", "--config", str(tmp_path / "my.yaml"))
    assert done.returncode == 1
    assert f"there is no {tmp_path}/.plan; run `snakemake --cores all` first" in done.stderr


def test_the_doctor_finds_what_is_wrong_and_says_what_to_do(tmp_path):
    (tmp_path / "structures").mkdir()
    (tmp_path / "structures" / "1abc.pdb").write_text("END\n")
    (tmp_path / "my.yaml").write_text(
        f"""
results_dir: {tmp_path}/results
cache_dir: {tmp_path}/cache
proteins: {{source: directory, directory: {tmp_path}/structures}}
text: {{describer: openai}}
structure_encoders: [{{name: gearnet, encoder: gearnet, weights: trained}}]
language_models: [{{name: missing, model: "{tmp_path}/structures", parameters_billion: 90000}}]
"""
    )
    done = run("doctor", "--config", str(tmp_path / "my.yaml"))
    assert done.returncode == 1
    lines = done.stdout.splitlines()
    assert "ok       proteins: 1 ids, 0 of them for training encoders" in lines
    assert lines[-1] == f"not ready: {sum(line.startswith('failure') for line in lines)} failures to mend first"
    assert any(line.startswith("failure  training here: gearnet: only 0 proteins") for line in lines)
    memory = next(line for line in lines if line.startswith("warning  memory: "))
    assert memory.endswith("bfloat16" if fast_number_type("cpu") == "bfloat16" else "bfloat16 (slow on this processor)")
    assert any(line.startswith("failure  describer: OPENAI_API_KEY is not set; ") for line in lines)
    assert any(line.startswith("failure  language model missing: ") and "lacks config.json" in line for line in lines)
