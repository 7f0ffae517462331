"""Gromov-Wasserstein: pot's own solution on tiny geometries, the known pairing where it is the best, and exchanges."""

import itertools
import os
import subprocess
import sys

import numpy as np
import pytest

from alignscape.alignment.geometry import Geometry
from alignscape.alignment.gromov_wasserstein import GromovWasserstein

ot = pytest.importorskip("ot", reason="pot, an optional package, is not installed")


def distances(rows):
    return Geometry.of(rows, 1).distances


def of_pairing(first, second, order):
    first, second = (d / np.sqrt((d**2).mean()) for d in (first, second))
    return np.sqrt(((first - second[np.ix_(order, order)]) ** 2).mean())


def test_it_is_the_best_of_all_pairings_of_six_proteins_and_pot_agrees():
    """Where one geometry is a noisy copy, the least over all 720 pairings is that of the known one, or next to it."""
    generator = np.random.default_rng(0)
    x = generator.normal(size=(6, 3))
    a, b = distances(x), distances(x + 0.2 * generator.normal(size=x.shape))
    found = GromovWasserstein(a, b)(np.arange(6)[None])[0]
    best = min(of_pairing(a, b, list(order)) for order in itertools.permutations(range(6)))
    assert found == pytest.approx(best, rel=1e-6)
    first, second = (d / np.sqrt((d**2).mean()) for d in (a, b))
    direct = ot.gromov.gromov_wasserstein2(first, second, loss_fun="square_loss", G0=np.eye(6) / 6)
    assert found == pytest.approx(np.sqrt(float(direct)), rel=1e-6)


def test_a_rotated_and_scaled_copy_is_at_no_distance_and_exchanged_pairings_further():
    generator = np.random.default_rng(1)
    x = generator.normal(size=(40, 8))
    rotation = np.linalg.qr(generator.normal(size=(8, 8)))[0]
    measure = GromovWasserstein(distances(x), distances(5 * x @ rotation))
    assert measure(np.arange(40)[None])[0] == pytest.approx(0, abs=1e-6)
    orders = generator.permuted(np.tile(np.arange(40), (5, 1)), axis=1)
    assert measure(orders).min() > 0.01


def test_pot_brings_no_other_library_of_tensors():
    """Importing torch takes seconds and hundreds of MiB."""
    assert _imported_in("own_process()") == "torch: False, settings of pot: True"


@pytest.mark.slow
def test_in_a_process_that_is_not_ours_pot_stays_as_it_is():
    """Whoever calls the package from a notebook may use pot with torch afterwards."""
    assert _imported_in("nullcontext()").endswith("settings of pot: False")


def _imported_in(context: str) -> str:
    program = (
        "import os, sys; from contextlib import nullcontext; import numpy as np\n"
        "from alignscape.alignment.gromov_wasserstein import GromovWasserstein as G\n"
        "from alignscape.compute.own_process import own_process\n"
        f"with {context}:\n    a = 1 - np.eye(4); G(a, a)(np.arange(4)[None])\n"
        "said = any(name.startswith('POT_BACKEND') for name in os.environ)\n"
        "print(f\"torch: {'torch' in sys.modules}, settings of pot: {said}\")"
    )
    environment = {name: value for name, value in os.environ.items() if not name.startswith("POT_BACKEND")}
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, env=environment, check=True)
    return done.stdout.strip()
