"""Jobs of one machine have different GPUs, also if they start at once, and a killed one's is free again. No GPU is needed."""

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from alignscape.compute.gpus import share_allocation, visible_gpus

JOB = """
import os, sys
from alignscape.compute.gpus import hold_gpus
taken = hold_gpus(every="every" in sys.argv)
print(*taken, "sees", os.environ.get("CUDA_VISIBLE_DEVICES"), flush=True)
sys.stdin.read()
"""
CHOSEN = ("CUDA_VISIBLE_DEVICES", "SLURM_JOB_ID", "PBS_JOBID", "LSB_JOBID", "ALIGNSCAPE_ALLOCATION")


@pytest.fixture
def machine(tmp_path, monkeypatch):
    """A machine with two GPUs, as its nvidia-smi says, and no other; of names that no other test run uses."""
    for name in CHOSEN:
        monkeypatch.delenv(name, raising=False)
    cards = [f"GPU-{tmp_path.name}-{os.getpid()}-{n}" for n in "ab"]
    program = tmp_path / "nvidia-smi"
    program.write_text("#!/bin/sh\n" + "".join(f"echo {card}\n" for card in cards))
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(sys.path))
    return cards


@pytest.fixture
def start():
    """Starts a job, which lives until the test ends."""
    jobs = []

    def started(*options: str, **more: str) -> subprocess.Popen:
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
        jobs.append(subprocess.Popen([sys.executable, "-c", JOB, *options], env=os.environ | more, **pipes))
        return jobs[-1]

    yield started
    for job in jobs:
        job.kill()
        job.communicate()


def said(job: subprocess.Popen) -> str:
    return job.stdout.readline().strip()


def test_two_jobs_that_start_at_once_have_a_gpu_each_and_a_third_shares(machine, start):
    first, second = start(), start()
    found = [said(first), said(second)]
    assert sorted(found) == [f"{card} sees {card}" for card in machine]
    third = said(start())
    assert third in found
    fourth = said(start())
    assert sorted([third, fourth]) == sorted(found)


def test_the_gpu_of_a_killed_job_is_the_next_one_s(machine, start):
    jobs = [start(), start()]
    found = {said(job): job for job in jobs}
    freed, job = next(iter(found.items()))
    job.send_signal(signal.SIGKILL)
    job.wait()
    assert said(start()) == freed


def test_a_large_model_s_job_sees_all_gpus_and_others_keep_off_the_ones_it_has(machine, start):
    alone = said(start())
    assert said(start("every")) == f"{' '.join(machine)} sees None"
    beside = {said(start()), said(start())}  # each has two jobs now but the first one's, which has three
    assert len(beside) == 2
    assert alone in beside


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({"CUDA_VISIBLE_DEVICES": "3"}, "sees 3"),
        ({"CUDA_VISIBLE_DEVICES": ""}, "sees"),
        ({"CUDA_VISIBLE_DEVICES": "0,1", "SLURM_JOB_ID": "7"}, "sees 0,1"),
    ],
)
def test_one_gpu_none_or_a_cluster_s_choice_stays(machine, start, more, expected):
    assert said(start(**more)) == expected


def test_what_the_environment_shows_is_shared_out(machine, start):
    names = [f"{os.getpid()}{n}" for n in (5, 6)]
    shown = {"CUDA_VISIBLE_DEVICES": ", ".join(names)}
    jobs = [start(**shown), start(**shown)]
    assert sorted(map(said, jobs)) == [f"{name} sees {name}" for name in names]


def test_jobs_inside_the_allocation_of_their_run_share_it_out(machine, start, monkeypatch):
    """Beside another allocation of the machine, whose GPUs have the same numbers; the machine's other GPUs are nobody's."""
    mine, others = f"{os.getpid()}7", f"{os.getpid()}8"
    allocations = []
    for allocation in (mine, others):
        monkeypatch.setenv("SLURM_JOB_ID", allocation)
        monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "0,1")
        share_allocation()
        allocations.append(dict(os.environ))
    found = [said(start(**allocations[which])) for which in (0, 1, 0, 1)]
    assert found == ["0 sees 0", "0 sees 0", "1 sees 1", "1 sees 1"]
    assert said(start("every", **allocations[0])) == "0 1 sees 0,1"
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES")
    assert said(start()) == "sees None"


def test_a_job_with_an_allocation_of_its_own_keeps_it_whole(machine, start, monkeypatch):
    """As the engine's cluster executor starts it, also from a run that is in an allocation itself."""
    monkeypatch.setenv("SLURM_JOB_ID", "7")
    share_allocation()
    assert said(start(SLURM_JOB_ID="8", CUDA_VISIBLE_DEVICES="0,1")) == "sees 0,1"


def test_the_workflow_s_first_process_shares_its_allocation():
    """What the Snakefile does where a run begins, before it asks for a study."""
    snakefile = (Path(__file__).parents[2] / "Snakefile").read_text()
    begins = snakefile.partition("if workflow.is_main_process:\n")[2].partition("\n\n")[0]
    assert "    share_allocation()" in begins.splitlines()


@pytest.mark.parametrize("body", ["import sys; sys.exit(9)", "print('No devices were found')"])
def test_a_machine_without_a_working_gpu_has_none(body, machine, tmp_path):
    (tmp_path / "nvidia-smi").write_text(f"#!{sys.executable}\n{body}\n")
    assert visible_gpus() == []


def test_every_rule_that_asks_for_a_gpu_takes_one():
    workflow = Path(__file__).parents[2] / "workflow"
    rules = [rule for path in (workflow / "rules").glob("*.smk") for rule in path.read_text().split("\n\n\n")]
    scripts = {name for rule in rules if "accelerators=1" in rule for name in re.findall(r'"../scripts/(.+)"', rule)}
    assert {"embed_structure.py", "align.py"} < scripts
    assert {name for name in scripts if "gpus=GPUS" not in (workflow / "scripts" / name).read_text()} == set()


SNAKEFILE = """
from alignscape.compute.gpus import share_allocation

if workflow.is_main_process:
    share_allocation()

rule all:
    input: "a.txt", "b.txt"

rule work:
    output: "{name}.txt"
    log: "{name}.log"
    resources: accelerators=1
    script: "work.py"
"""
WORK = """
import os, time
from pathlib import Path
from alignscape.plan.job import job

with job(log=snakemake.log[0], gpus=snakemake.resources.get("accelerators", 0), rule=snakemake.rule):
    Path(snakemake.wildcards.name + ".here").touch()
    end = time.monotonic() + 100
    while len(list(Path().glob("*.here"))) < 2 and time.monotonic() < end:
        time.sleep(0.02)
    Path(snakemake.output[0]).write_text(os.environ["CUDA_VISIBLE_DEVICES"])
"""


@pytest.mark.slow
@pytest.mark.parametrize("allocated", [False, True])
def test_two_jobs_of_a_workflow_with_two_accelerators_run_at_once_on_different_gpus(
    allocated, machine, tmp_path, monkeypatch
):
    """On a workstation, and inside one allocation of a cluster."""
    if allocated:
        monkeypatch.setenv("SLURM_JOB_ID", f"{os.getpid()}9")
        monkeypatch.setenv("CUDA_VISIBLE_DEVICES", ",".join(machine))
    (tmp_path / "Snakefile").write_text(SNAKEFILE)
    (tmp_path / "work.py").write_text(WORK)
    profile = Path(__file__).parents[2] / "profiles/local"
    command = ["-m", "snakemake", "--profile", str(profile), "--cores", "2", "--resources", "accelerators=2"]
    subprocess.run([sys.executable, *command], cwd=tmp_path, check=True, timeout=200)
    assert sorted((tmp_path / f"{name}.txt").read_text() for name in "ab") == machine
