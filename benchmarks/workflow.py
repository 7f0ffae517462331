"""What the workflow itself costs: start-up of the commands, and dry runs of large studies.

python benchmarks/workflow.py [--proteins 20000 200000]
"""

import argparse
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import yaml

REPOSITORY = Path(__file__).parents[1]
IMPORT = "import alignscape"
HELP = "import sys; sys.argv = ['alignscape', '--help']; from alignscape.cli import main; main()"


def best_of(command: list[str], *, repeats: int = 5) -> float:
    """Seconds of the fastest of several runs of a command."""
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, cwd=REPOSITORY)
        times.append(time.perf_counter() - start)
    return min(times)


def dry_run(proteins: int, folder: Path) -> tuple[float, float, str]:
    """Seconds and GiB of a dry run of the paper's study on so many ids, nothing computed; and its line of totals."""
    ids = folder / f"ids-{proteins}.txt"
    ids.write_text("".join(f"{number:06X}\n" for number in range(proteins)))
    study = yaml.safe_load((REPOSITORY / "config/paper.yaml").read_text())
    study["proteins"] = {"source": "rcsb", "ids": str(ids)}
    study |= {"results_dir": f"{folder}/results", "cache_dir": f"{folder}/cache"}
    (folder / "study.yaml").write_text(yaml.safe_dump(study))
    command = [sys.executable, "-m", "snakemake", "--dry-run", "--quiet", "all"]
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    start = time.perf_counter()
    options = ["--configfile", str(folder / "study.yaml")]
    done = subprocess.run([*command, *options], cwd=REPOSITORY, capture_output=True, text=True)
    seconds = time.perf_counter() - start
    if done.returncode:
        raise SystemExit(done.stdout + done.stderr)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    total = next(line for line in done.stdout.splitlines() if line.startswith("total"))
    cpu = after.ru_utime - before.ru_utime
    return seconds, after.ru_maxrss / 2**20, f"{total.split()[-1]} jobs, {cpu:.1f} processor-seconds"


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--proteins", type=int, nargs="*", default=[20_000, 200_000])
    options = parser.parse_args()
    print(f"import alignscape: {best_of([sys.executable, '-c', IMPORT]):.2f} s")
    print(f"alignscape --help: {best_of([sys.executable, '-c', HELP]):.2f} s")
    with tempfile.TemporaryDirectory() as folder:
        for proteins in options.proteins:
            seconds, memory, jobs = dry_run(proteins, Path(folder))
            print(f"dry run of {proteins} proteins: {seconds:.1f} s, {memory:.2f} GiB, {jobs}")


if __name__ == "__main__":
    main()
