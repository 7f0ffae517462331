"""Products by oneDNN against torch's own on this kind of processor: what fills the table in compute/fast_linear.py.

python benchmarks/linear.py            # this processor
python benchmarks/linear.py --guise    # the same in the guise of one with AVX2 and no AVX-512
"""

import argparse
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable

GUISE = {"ATEN_CPU_CAPABILITY": "avx2", "ONEDNN_MAX_CPU_ISA": "AVX2", "MKL_ENABLE_INSTRUCTIONS": "AVX2"}
# rows, inputs, outputs: of a language model's maps and of encoders' (many rows), and of heads (a batch's rows)
MANY = [(1024, 576, 1536), (1024, 576, 576), (1024, 640, 2048), (3000, 128, 512), (4096, 512, 512)]
FEW = [(30, 384, 576), (32, 640, 640), (32, 3072, 2304)]


def rates(ways: dict[str, Callable[[], object]], *, turns: int) -> dict[str, float]:
    """Processor seconds of one call each way, the median of turns taken one after the other."""
    took: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(turns):
        for name, call in ways.items():
            call()
            start = time.process_time()
            for _ in range(5):
                call()
            took[name].append((time.process_time() - start) / 5)
    return {name: statistics.median(times) for name, times in took.items()}


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--guise", action="store_true", help="as a processor with AVX2 and no AVX-512")
    parser.add_argument("--turns", type=int, default=9)
    options = parser.parse_args()
    if options.guise:
        command = [sys.executable, __file__, "--turns", str(options.turns)]
        sys.exit(subprocess.run(command, env=os.environ | GUISE).returncode)
    import torch

    from alignscape.compute.processor import kind

    torch.set_num_threads(1)
    one_dnn = torch.ops.mkldnn._linear_pointwise
    print(f"{kind()}, torch {torch.__version__}, one thread\n")
    print("| product | rows, inputs, outputs | oneDNN | torch | torch / oneDNN |\n|---|---|---|---|---|")
    for name, shapes in (("linear map", MANY), ("of a batch", FEW), ("sum over a batch", FEW)):
        for rows, inputs, outputs in shapes:
            x, weight, gradient = torch.randn(rows, inputs), torch.randn(outputs, inputs), torch.randn(rows, outputs)
            ways: dict[str, Callable[[], object]] = {
                "oneDNN": lambda x=x, w=weight: one_dnn(x, w, None, "none", [], ""),
                "torch": lambda x=x, w=weight: torch.nn.functional.linear(x, w),
            }
            if name == "of a batch":  # the larger matrix first, as `StackedLinear` has it
                ways = {
                    "oneDNN": lambda x=x, w=weight: one_dnn(w, x, None, "none", [], ""),
                    "torch": lambda x=x, w=weight: torch.nn.functional.linear(w, x),
                }
            if name == "sum over a batch":
                ways = {
                    "oneDNN": lambda a=gradient, b=x: one_dnn(a.T.contiguous(), b.T.contiguous(), None, "none", [], ""),
                    "torch": lambda a=gradient, b=x: a.T @ b,
                }
            seconds = rates(ways, turns=options.turns)
            speed = {way: 2e-9 * rows * inputs * outputs / took for way, took in seconds.items()}
            ratio = seconds["torch"] / seconds["oneDNN"]
            print(
                f"| {name} | {rows}, {inputs}, {outputs} | {speed['oneDNN']:.0f} GFLOP/s | {speed['torch']:.0f} | {ratio:.2f} |"
            )


if __name__ == "__main__":
    main()
