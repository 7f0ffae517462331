"""alignscape inside another workflow, as Snakemake's modules do it."""

import subprocess
from pathlib import Path

import yaml

from tests.helpers.workspace import IDS, STUDY, Workspace

SNAKEFILE = """
configfile: "study.yaml"

module alignscape:
    snakefile: "../work/Snakefile"
    config: config

use rule * from alignscape as alignscape_*

rule count:
    input: rules.alignscape_collect_descriptions.output
    output: "count.txt"
    shell: "wc -l < {input} > {output}"
"""


def test_rules_of_another_workflow_build_on_ours(tmp_path: Path) -> None:
    space = Workspace.create(tmp_path / "work", ids=IDS[:10])
    own = tmp_path / "own"
    own.mkdir()
    proteins = STUDY["proteins"] | {
        "directory": str(space.path / "structures"),
        "encoder_training": {"ids": str(space.path / "training.txt")},
    }
    models = [{"name": "llama", "model": str(space.path / "models/llama")}]
    (own / "study.yaml").write_text(yaml.safe_dump(STUDY | {"proteins": proteins, "language_models": models}))
    (own / "Snakefile").write_text(SNAKEFILE)
    done = subprocess.run(
        space.command("--cores", "2", "count.txt"), cwd=own, env=space.environment,
        text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout
    assert int((own / "count.txt").read_text()) == 10
    assert (own / "results/text").is_dir()
