"""Time and memory from the rows of a study to its report, by number of proteins: `make scale`.

    python benchmarks/scale.py [--proteins 2000 20000 200000] [--folder DIR] [--at-once 2]

Made proteins in sequence families (`tests/helpers/made_families.py`): two structure encoders, two language models, rows
of 64 numbers, one seed, five epochs, all else as by default. Every stage is the workflow's own script in a process of its
own, `--at-once` of them side by side on one thread each, as Snakemake runs them on two cores. Prints seconds and the peak
memory of each stage, and of all processes together (PSS: what is shared counts once). Ends with status 1 where the order
of the pairs is not found, the page is 20 MB or more, or takes more than 5 s to open (where there is a Chromium).
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from tests.helpers.chromium import Chromium, find_chromium  # noqa: E402
from tests.helpers.made_families import ORDER, made_plan, write_study  # noqa: E402
from tests.helpers.workflow_stages import Stage, as_json, run, stages  # noqa: E402

PAGE_MB, OPEN_S = 20, 5
PARTS = ("gather", "split", "align", "analyse", "ledger", "figures", "report")  # scripts, each after the one before


def pss_gib(pids: list[int]) -> float:
    """Memory of some processes, what they share counted once; 0 for one that is gone."""
    total = 0
    for pid in pids:
        try:
            lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
        except OSError:
            continue
        total += sum(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
    return total / 2**20


class Running:
    """Stages side by side, and the most memory that they had."""

    def __init__(self, folder: Path, at_once: int) -> None:
        self.folder, self.at_once, self.peak = folder, at_once, 0.0
        self.alive: dict[int, tuple[str, float, float]] = {}  # process -> stage, when it began, its peak so far
        self.processes: list[subprocess.Popen[bytes]] = []  # forgotten ones would be waited for by others

    def start(self, stage: Stage) -> None:
        """Starts a stage once there is room; one that an earlier run in this folder finished is left alone."""
        if all(
            Path(path).exists()
            for value in stage.output.values()
            for path in ([value] if isinstance(value, str) else value)
        ):
            print(f"{stage.name:24} was there", flush=True)
            return
        while len(self.alive) >= self.at_once:
            self.wait()
        path = self.folder / "stages" / f"{stage.name}.json"
        path.parent.mkdir(exist_ok=True)
        path.write_text(json.dumps(as_json(stage)))
        command = [sys.executable, __file__, "--stage", str(path), "--folder", str(self.folder)]
        self.processes.append(subprocess.Popen(command))
        self.alive[self.processes[-1].pid] = stage.name, time.monotonic(), 0.0

    def wait(self) -> None:
        """Looks at the memory until one ends, of which it prints a line. Ends the program where a stage fails."""
        while True:
            each = {pid: pss_gib([pid]) for pid in self.alive}
            self.peak = max(self.peak, sum(each.values()))
            for pid, (name, began, most) in self.alive.items():
                self.alive[pid] = name, began, max(most, each[pid])
            ended = [found for pid in self.alive if (found := os.wait4(pid, os.WNOHANG))[0]]
            if ended:
                break
            time.sleep(1)  # of many mappings the memory takes a while to count
        for pid, status, used in ended:
            name, began, most = self.alive.pop(pid)
            seconds, cpu = time.monotonic() - began, used.ru_utime + used.ru_stime
            print(f"{name:24} {seconds:8.1f} {cpu:8.1f} {most:8.2f} {used.ru_maxrss / 2**20:8.2f}", flush=True)
            if status:
                raise SystemExit(f"{name} failed; see {self.folder}/logs/{name}.log")

    def finish(self) -> None:
        """Waits for all."""
        while self.alive:
            self.wait()


def measure(n: int, folder: Path, at_once: int) -> bool:
    """One size; whether all that is asked of it holds."""
    plan, began = made_plan(folder, n), time.monotonic()
    if not (plan.results / "study.yaml").exists():  # which is written last
        write_study(plan)
    print(f"\n{n} proteins in {len(plan.shards)} shards, made in {time.monotonic() - began:.0f} s", flush=True)
    print(f"{'stage':24} {'s':>8} {'core-s':>8} {'PSS GiB':>8} {'RSS GiB':>8}")
    running, began, waiting = Running(folder, at_once), time.monotonic(), list(stages(plan))
    for script in PARTS:
        first = time.monotonic()
        for stage in (one for one in waiting if one.script == script):
            running.start(stage)
        running.finish()
        print(f"  {script}: {time.monotonic() - first:.0f} s", flush=True)
    print(
        f"from rows to report: {(time.monotonic() - began) / 60:.1f} min, {running.peak:.2f} GiB (PSS of all processes at their most)"
    )
    return _holds(plan.folder / "report.html", plan.analysis("separability"))


def _holds(page: Path, separability: Path) -> bool:
    found = [pair["label"] for pair in json.loads(separability.read_text())["pairs"]]
    size, opened = page.stat().st_size / 1e6, _opened(page)
    print(f"order of the pairs: {', '.join(found)} ({'as made' if found == list(ORDER) else 'NOT as made'})")
    print(f"report.html: {size:.1f} MB" + ("" if opened is None else f", open with a protein shown in {opened:.1f} s"))
    return found == list(ORDER) and size < PAGE_MB and (opened or 0) <= OPEN_S


def _opened(page: Path) -> float | None:
    if not find_chromium():
        return None
    with Chromium() as browser:
        began = time.monotonic()
        browser.open(page)
        browser.evaluate("location.hash = '#protein=P0000001'")
        browser.wait_for("document.querySelector('#protein-page h1')")
        return time.monotonic() - began


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--proteins", type=int, nargs="*", default=[2000, 20_000, 200_000])
    parser.add_argument("--folder", type=Path, help="where the studies lie; a temporary folder if absent")
    parser.add_argument("--at-once", type=int, default=2, help="stages side by side")
    parser.add_argument("--stage", type=Path, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.stage:
        import yaml

        stage = Stage(**json.loads(asked.stage.read_text()))
        config = yaml.safe_load((asked.folder / "results/study.yaml").read_text())
        run(stage, config, log=asked.folder / "logs" / f"{stage.name}.log")
        return
    with tempfile.TemporaryDirectory(dir=asked.folder) as name:
        folders = [(asked.folder or Path(name)) / str(n) for n in asked.proteins]
        found = [measure(n, folder, asked.at_once) for n, folder in zip(asked.proteins, folders, strict=True)]
    raise SystemExit(not all(found))


if __name__ == "__main__":
    main()
