"""TorchDrug's GearNet beside ours on the demo's structures: largest differences and times, same random weights.

    python benchmarks/compare_torchdrug.py [--python python3.10] [--hidden 512 512 512 512 512 512]

Sets TorchDrug's environment up first (envs/torchdrug.yaml in .cache/torchdrug), unless it is there.
"""

import argparse
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import torch
import yaml

from alignscape.encoders.structure.gearnet.graph import MAX_RADIUS_NEIGHBOURS, RADIUS
from alignscape.encoders.structure.gearnet.model import GearNet
from alignscape.encoders.structure.gearnet.torchdrug import DEFAULT_PYTHON, PYTHON_VARIABLE, TorchDrugGearNet
from alignscape.encoders.structure.neighbours import within
from alignscape.proteins.parsing.parse import parse_structure
from alignscape.proteins.structure import Structure

ROOT = Path(__file__).parents[1]
DEMO = ROOT / "data/demo/structures"
READY = DEFAULT_PYTHON.parents[1] / ".ready"  # there once the environment is whole


def main() -> None:
    arguments = _arguments()
    os.chdir(ROOT)
    if PYTHON_VARIABLE not in os.environ and not READY.exists():
        set_up(arguments.python)
    ours, theirs = networks(arguments.hidden)
    structures = [parse_structure(path, id=path.name.split(".")[0])[0] for path in sorted(DEMO.iterdir())]
    theirs.embed([min(structures, key=lambda s: s.n_residues)])  # compiles what TorchDrug compiles on first use
    print("| id | residues | crowded | relative difference | ours, s | TorchDrug, s |\n|---|---|---|---|---|---|")
    rows = [compare(ours, theirs, structure) for structure in structures]
    even = [row for row in rows if row[0] == 0]
    print(f"\nlargest difference without crowded residues ({len(even)} proteins): {max(row[1] for row in even):.1e}")
    print(f"TorchDrug's time / ours: {sum(row[3] for row in rows) / sum(row[2] for row in rows):.1f}")


def set_up(python: str) -> None:
    """Makes the environment of envs/torchdrug.yaml in .cache/torchdrug; whole or not at all."""
    if shutil.which(python) is None:
        raise SystemExit(f"compare_torchdrug: no {python} on PATH; TorchDrug needs Python 3.10, name one with --python")
    target = DEFAULT_PYTHON.parents[1]
    shutil.rmtree(target, ignore_errors=True)
    try:
        subprocess.run([python, "-m", "venv", target], check=True)
        environment = os.environ | {"PATH": f"{target.absolute() / 'bin'}{os.pathsep}{os.environ['PATH']}"}
        pins = yaml.safe_load((ROOT / "envs/torchdrug.yaml").read_text())["dependencies"][-1]["pip"]
        for command in (["python", "-m", "pip", "install", *pins], ["bash", "envs/torchdrug.post-deploy.sh"]):
            subprocess.run(command, check=True, env=environment)
        READY.touch()
    except (subprocess.CalledProcessError, KeyboardInterrupt) as failure:
        shutil.rmtree(target, ignore_errors=True)
        raise SystemExit(f"compare_torchdrug: setting up {target} failed: {failure}") from None


def networks(hidden: list[int]) -> tuple[GearNet, TorchDrugGearNet]:
    """Both with the same random weights, the norms' statistics random too."""
    torch.manual_seed(0)
    ours, theirs = GearNet(hidden).eval(), TorchDrugGearNet(hidden).eval()
    for name, value in ours.state_dict().items():
        if name.endswith("running_var"):
            value.uniform_(0.5, 1.5)
        elif name.endswith("running_mean"):
            value.normal_(std=0.1)
    theirs.load_state_dict(ours.state_dict())
    return ours, theirs


def compare(ours: GearNet, theirs: TorchDrugGearNet, structure: Structure) -> tuple[int, float, float, float]:
    """Residues with more radius neighbours than both keep, relative difference, seconds of ours and of TorchDrug's."""
    pairs, _ = within(structure.ca[structure.has_ca], RADIUS)
    crowded = int((np.bincount(pairs[:, 0]) > MAX_RADIUS_NEIGHBOURS).sum())
    start, before = time.perf_counter(), theirs.seconds
    mine = ours.embed([structure])
    seconds = time.perf_counter() - start
    original = theirs.embed([structure])
    difference = float((mine - original).abs().max() / original.abs().max())
    row = (crowded, difference, seconds, theirs.seconds - before)
    print(f"| {structure.id} | {structure.n_residues} | {crowded} | {difference:.1e} | {row[2]:.2f} | {row[3]:.2f} |")
    sys.stdout.flush()
    return row


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--python", default="python3.10", help="the Python to make the environment with")
    parser.add_argument("--hidden", type=int, nargs="+", default=[512] * 6)
    return parser.parse_args()


if __name__ == "__main__":
    main()
