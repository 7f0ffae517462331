"""The workflow on a real SLURM, through profiles/slurm."""

import contextlib
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.helpers.lab import Lab
from tests.helpers.made_plugin import write_plugin
from tests.helpers.workspace import STUDY, Workspace

SLURM = (
    "--profile", "profiles/slurm",
    "--slurm-init-seconds-before-status-checks", "5", "--latency-wait", "10", "--jobs", "8",
)  # fmt: skip
# The nodes of the tests pretend to be large; the machine below them is not, and nobody computes in 200 GB here.
LARGE = {"name": "llama-70b", "model": "models/llama", "size_class": "large"}
# Each job starts Snakemake twice, so there are few: one shard, or two where proteins that train encoders are named.
SMALL = STUDY | {
    "structure_encoders": [{"name": "composition", "encoder": "composition"}],
    "language_models": [{"name": "words", "encoder": "tfidf"}],
    "proteins": {"source": "directory", "directory": "structures", "shard_size": 100, "encoder_training": {"fraction": 0}},
}  # fmt: skip
# With an encoder, a text encoder, a source and a question of another package.
PLUGGED_IN = SMALL | {
    "structure_encoders": [{"name": "shapes", "encoder": "shapes"}],
    "language_models": [{"name": "letters", "encoder": "letters"}, LARGE],
    "proteins": {"source": "shelf", "shelf": {"directory": "structures"}, "shard_size": 100, "encoder_training": {"fraction": 0}},
}  # fmt: skip


def workspace(lab: Lab, folder: Path, study: dict[str, Any]) -> Workspace:
    made = Workspace.create(folder, study)
    made.environment.update(SLURM_CONF=lab.environment["SLURM_CONF"])
    return made


@pytest.fixture
def space(lab: Lab, tmp_path: Path) -> Workspace:
    return workspace(lab, tmp_path / "work", SMALL)


def accounting(lab: Lab, since: str) -> list[dict[str, str]]:
    """What sacct knows of each job, and of each time a job was put back: its rule, where, with what, how it ended."""
    fields = ["JobID", "Comment", "Partition", "NodeList", "AllocTRES", "State"]
    output = lab.run("sacct", "-X", "-D", "-n", "-P", "-S", since, "-o", ",".join(fields))
    rows = [dict(zip(fields, line.split("|"), strict=True)) for line in output.splitlines()]
    for row in rows:
        found = re.match(r"rule_([a-z_]+?)(?:_wildcards_.*)?$", row["Comment"])
        row["rule"] = found.group(1) if found else row["Comment"]
    return rows


def change_profile(space: Workspace, part: str, **values: object) -> None:
    """Other values in one part of the copy's profile."""
    path = space.path / "profiles/slurm/config.yaml"
    profile = yaml.safe_load(path.read_text())
    profile[part] |= values
    path.write_text(yaml.safe_dump(profile))


def now() -> str:
    return time.strftime("%FT%T")


def test_every_rule_a_plugins_too_runs_where_the_profile_says_and_a_second_run_does_nothing(
    lab: Lab, tmp_path: Path
) -> None:
    space = workspace(lab, tmp_path / "work", PLUGGED_IN)
    space.environment["PYTHONPATH"] += f"{os.pathsep}{write_plugin(space.path / 'site')}"
    since = now()
    space.snakemake(*SLURM, timeout=1200)
    assert "What do sizes say?" in (space.path / "results/tiny/report.html").read_text()
    jobs = accounting(lab, since)
    assert [job["rule"] for job in jobs].count("sizes") == 1
    embedded = [job["Comment"] for job in jobs if job["rule"] in {"embed_structure", "embed_text"}]
    assert len(embedded) == 2
    assert any("shapes" in comment for comment in embedded)
    assert any("letters" in comment for comment in embedded)
    assert {job["State"] for job in jobs} == {"COMPLETED"}
    large = [job for job in jobs if job["rule"] == "embed_text_large"]
    assert large
    for job in large:
        assert (job["Partition"], job["NodeList"]) == ("a100", "a100-1")
        assert "gres/gpu=4" in job["AllocTRES"]
    with_gpu = [job for job in jobs if job["rule"] in {"embed_text", "embed_structure", "align"}]
    assert {job["rule"] for job in with_gpu} == {"embed_text", "embed_structure", "align"}
    for job in with_gpu:
        assert (job["Partition"], job["NodeList"]) == ("a6000", "a6000-1")
        assert "gres/gpu=1" in job["AllocTRES"]
    for job in jobs:
        if job not in large and job not in with_gpu:
            assert "gres/gpu" not in job["AllocTRES"], job
    assert space.would_run() == []


def test_the_profile_says_the_cpus_of_every_rule_that_else_takes_half_of_the_login_node() -> None:
    """A node may have fewer, and then SLURM refuses the job."""
    root = Path(__file__).parents[2]
    text = "\n\n\n".join(path.read_text() for path in (root / "workflow/rules").glob("*.smk"))
    heavy = {re.match(r"\s*rule (\w+):", rule)[1] for rule in text.split("\n\n\n") if "threads: HEAVY_THREADS" in rule}
    heavy |= {new for old, new in re.findall(r"use rule (\w+) as (\w+) with:", text) if old in heavy}
    profile = yaml.safe_load((root / "profiles/slurm/config.yaml").read_text())
    assert "cluster" in heavy
    assert set(profile["set-threads"]) == heavy


def supervised(space: Workspace, *, until: str) -> "subprocess.Popen[str]":
    """The study under a supervisor, in the background."""
    command = [sys.executable, "-m", "alignscape.commands.supervise", "--configfile", "study.yaml", *SLURM]
    return subprocess.Popen(
        [*command, "--until", *until.split()], cwd=space.path, env=space.environment, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip


def test_a_killed_run_goes_on_under_the_supervisor_beside_another_study_and_computes_no_shard_twice(
    lab: Lab, tmp_path: Path
) -> None:
    """Also: what is restarted cancels no job of the other study, and a second supervisor of the folder changes nothing."""
    two_shards = SMALL["proteins"] | {"encoder_training": {"ids": "training.txt"}}
    two_encoders = [*SMALL["structure_encoders"], STUDY["structure_encoders"][0]]
    study = SMALL | {"proteins": two_shards, "structure_encoders": two_encoders}
    space, beside = workspace(lab, tmp_path / "work", study), workspace(lab, tmp_path / "beside", SMALL)
    # Long enough in the queue to be seen by a supervisor that cancels what is not its own.
    beside.prepend("workflow/scripts/describe.py", "import time\n\ntime.sleep(45)\n")
    since = now()
    supervisor, other = (
        supervised(space, until="embed_structure embed_structure_cpu"),
        supervised(beside, until="describe"),
    )
    finished = _wait_for_first_embedding(lab, space, supervisor, since=since)
    waiting = _running(lab, other, "describe", folder=beside.path)
    second = supervised(space, until="embed_structure embed_structure_cpu")
    assert "another supervisor works here" in second.communicate(timeout=60)[0]
    assert second.returncode == 1
    _kill_snakemake(supervisor.pid)
    output, _ = supervisor.communicate(timeout=900)
    assert supervisor.returncode == 0, output
    assert "it was killed or had stalled" in output
    assert "removed the locks that a killed run left" in output
    output, _ = other.communicate(timeout=300)
    assert other.returncode == 0, output
    assert "cancelling" not in output
    states = {job["JobID"]: job["State"] for job in accounting(lab, since)}
    assert states[waiting] == "COMPLETED"
    assert {p: p.stat().st_ino for p in finished} == finished  # written once: a second time is another file
    done = [job["Comment"] for job in accounting(lab, since) if job["State"] == "COMPLETED"]
    embeddings = [comment for comment in done if "embed" in comment]
    assert len(embeddings) == len(set(embeddings)), "a shard was computed twice"
    assert len(list((space.path / "results/embeddings").rglob("*.npy"))) == 4  # two shards by two encoders


def _wait_for_first_embedding(
    lab: Lab, space: Workspace, process: "subprocess.Popen[str]", *, since: str
) -> dict[Path, int]:
    """Finished shards with their inodes, as soon as there is one and its job has ended: one killed before is done again."""
    for _ in range(600):
        found = list((space.path / "results/embeddings").rglob("*.json"))
        done = [job for job in accounting(lab, since) if job["State"] == "COMPLETED" and "embed" in job["Comment"]]
        if found and len(done) >= len(found):
            return {path: path.stat().st_ino for path in found}
        assert process.poll() is None, process.stdout and process.stdout.read()
        time.sleep(0.5)
    raise AssertionError("no shard within five minutes")


def _kill_snakemake(supervisor: int) -> None:
    children = Path(f"/proc/{supervisor}/task/{supervisor}/children").read_text().split()
    for child in children:
        if "snakemake" in Path(f"/proc/{child}/cmdline").read_text():
            os.kill(int(child), signal.SIGKILL)
            return
    raise AssertionError("the supervisor has no Snakemake")


def test_a_lost_node_a_cancelled_job_and_ones_short_of_memory_or_time_are_tried_again(
    lab: Lab, space: Workspace
) -> None:
    # Without cgroups SLURM samples memory once a second: the job has to hold it long enough to be seen.
    held = "import time\n\n_ballast = bytearray(b'x' * 400_000_000)\ntime.sleep(10)\n"
    space.prepend("workflow/scripts/parse.py", held)
    # SLURM looks for jobs over their time every half minute, so a minute's limit ends a job after at most 90 s.
    slow = "tried = Path(snakemake.output.descriptions + '.tried')\n"
    slow += "if not tried.exists():\n    time.sleep(50)\n    tried.touch()\n    time.sleep(50)\n"
    space.prepend("workflow/scripts/describe.py", f"import time\nfrom pathlib import Path\n\n{slow}")
    # Away from the node that is lost: what runs there begins anew.
    describe = {"runtime": "attempt", "slurm_partition": "a100"}
    change_profile(space, "set-resources", parse={"mem_mb": "350 * attempt**2"}, describe=describe)
    since = now()
    process = space.start(*SLURM, "--until", "embed_structure_cpu", "describe")
    cancelled = _running(lab, process, "embed_structure_cpu")
    lab.run("scancel", cancelled)
    lost = _running(lab, process, "embed_structure_cpu", besides=cancelled)
    lab.run("scontrol", "update", "nodename=a6000-1", "state=down", "reason=test")
    with contextlib.suppress(subprocess.CalledProcessError):  # it is back by itself as soon as its slurmd reports
        lab.run("scontrol", "update", "nodename=a6000-1", "state=resume")
    with contextlib.suppress(subprocess.CalledProcessError):  # SLURM itself waits two minutes before it begins again
        lab.run("scontrol", "update", f"jobid={lost}", "starttime=now")
    output, _ = process.communicate(timeout=900)
    assert process.returncode == 0, output
    jobs = accounting(lab, since)
    assert any(job["JobID"] == cancelled and job["State"].startswith("CANCELLED") for job in jobs)
    assert "NODE_FAIL" in {job["State"] for job in jobs if job["rule"] == "embed_structure_cpu"}
    parses, describes = ([job["State"] for job in jobs if job["rule"] == rule] for rule in ("parse", "describe"))
    assert any(state != "COMPLETED" for state in parses), "no job ran out of memory"
    assert "TIMEOUT" in describes, "no job ran out of time"
    assert (parses.count("COMPLETED"), describes.count("COMPLETED")) == (1, 1)


def _running(
    lab: Lab, process: "subprocess.Popen[str]", rule: str, *, besides: str = "", folder: Path | None = None
) -> str:
    """The id of a running job of the rule, of this folder if one is given, as soon as there is one."""
    for _ in range(1200):
        for line in lab.run("squeue", "-h", "-t", "R", "-o", "%A %k %Z").splitlines():
            job, comment, where = line.split(maxsplit=2)
            if comment.startswith(f"rule_{rule}") and job != besides and folder in (None, Path(where)):
                return job
        assert process.poll() is None, process.stdout and process.stdout.read()
        time.sleep(0.3)
    raise AssertionError(f"no job of {rule} came up")


def test_the_doctor_checks_the_profiles_names_against_the_cluster(lab: Lab, space: Workspace) -> None:
    change_profile(space, "set-resources", embed_text_large={"slurm_partition": "a100", "gres": "gpu:a100:8"})
    change_profile(space, "default-resources", slurm_partition="a6OOO")
    command = [sys.executable, "-c", "from alignscape.cli import main; main()", "doctor", "--config", "study.yaml"]
    done = subprocess.run(
        [*command, "--profile", "profiles/slurm"], cwd=space.path, env=space.environment, capture_output=True, text=True
    )
    assert done.returncode == 1
    assert "failure  SLURM names of default: there is no partition 'a6OOO'; use one of a100, a6000" in done.stdout
    assert "failure  SLURM names of embed_text_large: no node of a100 has gpu:a100:8" in done.stdout
