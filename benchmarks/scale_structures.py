"""From structure files to splits, at many proteins: time and memory of each step, on made files whose families are known.

    python benchmarks/scale_structures.py 2000 20000 [--folder DIR] [--threads 2]

Each step is a process of its own, as in a study, and its peak memory is that process's (of MMseqs2, where it runs, the largest
of the two). The files are removed at the end. Families found are compared with those made.
"""

import argparse
import json
import multiprocessing
import os
import resource
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

RESIDUES = 60
IDENTITY = 0.7  # of a relative to its family's first member
_NAMES = (b" N  ", b" CA ", b" C  ", b" O  ")
_THREE = np.array(
    [list(name.encode()) for name in (
        "ALA", "CYS", "ASP", "GLU", "PHE", "GLY", "HIS", "ILE", "LYS", "LEU",
        "MET", "ASN", "PRO", "GLN", "ARG", "SER", "THR", "VAL", "TRP", "TYR",
    )],
    dtype=np.uint8,
)  # fmt: skip


# --- made files -------------------------------------------------------------------------------------------


def family_of(n: int, *, seed: int = 1) -> NDArray[np.int64]:
    """(n,) family of each protein: half of them alone, the others in families of 2 to 20."""
    generator = np.random.default_rng(seed)
    sizes = np.where(generator.random(n) < 0.8, 1, generator.integers(2, 21, n))
    return np.repeat(np.arange(n), sizes)[:n]


def sequences(family: NDArray[np.int64], *, seed: int = 1) -> NDArray[np.int64]:
    """(n, RESIDUES) residue types: a random sequence for each family, `IDENTITY` of it kept in each member."""
    generator = np.random.default_rng(seed)
    first = generator.integers(0, 20, (int(family.max()) + 1, RESIDUES))
    change = generator.random((len(family), RESIDUES)) > IDENTITY
    return np.where(change, generator.integers(0, 20, change.shape), first[family])


def write_files(folder: Path, types: NDArray[np.int64]) -> None:
    """One PDB file of a helix for each row of `types`: M0000000.pdb, M0000001.pdb ..."""
    folder.mkdir(parents=True)
    table = _helix()
    for number, row in enumerate(types):
        table[:, 17:20] = np.repeat(_THREE[row], len(_NAMES), axis=0)
        (folder / f"m{number:07d}.pdb").write_bytes(b"HEADER    MADE\n" + table.tobytes() + b"TER\nEND\n")


def _helix() -> NDArray[np.uint8]:
    """(atoms, 81) the characters of the atom records of an alpha helix, residue names to be filled in."""
    shape = {
        b" N  ": (1.55, 0.0, -0.9),
        b" CA ": (2.3, 28.0, 0.0),
        b" C  ": (1.7, 55.0, 1.1),
        b" O  ": (2.0, 65.0, 2.3),
    }
    lines = []
    for residue in range(RESIDUES):
        for atom, (name, (radius, angle, rise)) in enumerate(shape.items()):
            turn = np.deg2rad(100 * residue + angle)
            x, y, z = radius * np.cos(turn), radius * np.sin(turn), 1.5 * residue + rise
            serial, element = 4 * residue + atom + 1, name.strip()[:1].decode()
            lines.append(
                f"ATOM  {serial:5d} {name.decode()} ALA A{residue + 1:4d}    {x:8.3f}{y:8.3f}{z:8.3f}  1.00 20.00          {element:>2}  \n"
            )
    return np.frombuffer("".join(lines).encode(), dtype=np.uint8).reshape(len(lines), 81).copy()


def prepare(n: int, folder: Path, *, parse: int, shard_size: int = 1000) -> NDArray[np.int64]:
    """Makes n files below `folder`, of which `parse` will be parsed at most; their (n, RESIDUES) residue types."""
    types = sequences(family_of(n))
    write_files(folder / "files", types)
    (folder / "options.json").write_text(json.dumps({"n": n, "parse": parse, "shard_size": shard_size}))
    return types


def _options(folder: Path) -> dict[str, int]:
    options: dict[str, int] = json.loads((folder / "options.json").read_text())
    return options


# --- steps ------------------------------------------------------------------------------------------------


def study_of(folder: Path) -> Any:
    """The study of the files below `folder`."""
    from alignscape.config.load import parse

    return parse(
        {
            "study": "scale",
            "results_dir": str(folder / "results"),
            "cache_dir": str(folder / "cache"),
            "proteins": {
                "source": "directory",
                "directory": str(folder / "files"),
                "shard_size": _options(folder)["shard_size"],
            },
            "structure_encoders": [{"name": "composition", "encoder": "composition"}],
            "language_models": [{"name": "tfidf", "encoder": "tfidf"}],
        }
    )


def collect(folder: Path, threads: int) -> None:
    """What starts every run: ids and digests of all files, the plan, its snapshot."""
    from alignscape.plan.inputs import collect_inputs
    from alignscape.plan.plan import Plan
    from alignscape.plan.snapshot import save_snapshot

    study = study_of(folder)
    inputs = collect_inputs(study)
    plan = Plan(study, inputs)
    save_snapshot(folder / "snapshot.json", study, inputs, scripts=folder)
    (folder / "shards.json").write_text(json.dumps(plan.shards))


def locate_shard(folder: Path, threads: int) -> None:
    """What a parse job does before it reads: the files of one shard among all."""
    from alignscape.proteins.sources.open import open_source

    study = study_of(folder)
    shards = json.loads((folder / "shards.json").read_text())
    source = open_source(study.proteins, cache_dir=study.cache_dir, seed=study.seed)
    source.fetch(next(iter(shards.values())))


def parse_some(folder: Path, threads: int) -> None:
    """Parse jobs one after the other, their files located once: all, or as many as hold the proteins that are to be parsed."""
    from alignscape.proteins.parse_shard import parse_shard
    from alignscape.proteins.sources.source import Located

    left = _options(folder)["parse"]
    for shard, ids in json.loads((folder / "shards.json").read_text()).items():
        if left <= 0:
            break
        left -= len(ids)
        out = folder / "parsed" / shard
        located = {id_: Located(folder / "files" / f"{id_.lower()}.pdb", None, "") for id_ in ids}
        parse_shard(
            located,
            structures=out.with_suffix(".npz"),
            facts=out.with_suffix(".facts.jsonl"),
            omissions=out.with_suffix(".omissions.jsonl"),
        )


def make_other_facts(folder: Path, threads: int) -> None:
    """The facts of the shards that were not parsed, as the parser would write them."""
    from alignscape.proteins.structure import AMINO_ACIDS
    from alignscape.storage.files import read_jsonl, write_jsonl

    (row,) = read_jsonl(next((folder / "parsed").glob("*.facts.jsonl")))[:1]
    letters, types = np.array(list(AMINO_ACIDS)), sequences(family_of(_options(folder)["n"]))
    for shard, ids in json.loads((folder / "shards.json").read_text()).items():
        path = folder / "parsed" / f"{shard}.facts.jsonl"
        if not path.exists():
            made = ((id_, "".join(letters[types[int(id_[1:])]])) for id_ in ids)
            write_jsonl(
                path, (row | {"id": id_, "entities": [row["entities"][0] | {"sequence": one}]} for id_, one in made)
            )


def collect_facts(folder: Path, threads: int) -> None:
    """The facts of all shards in one file, as the workflow's script does it."""
    _script(folder, "collect", sorted((folder / "parsed").glob("*.facts.jsonl")), folder / "facts.jsonl")


def describe(folder: Path, threads: int) -> None:
    """The template's text of every protein."""
    from alignscape.descriptions.template import describe_each, description_row
    from alignscape.storage.files import write_jsonl

    for path in sorted((folder / "parsed").glob("*.facts.jsonl")):
        proteins, texts, _ = describe_each(list(_facts(path)), drop=[])
        rows = (description_row(p, t, describer="template") for p, t in zip(proteins, texts, strict=True))
        write_jsonl(folder / "texts" / path.name, rows)
    _script(folder, "collect", sorted((folder / "texts").glob("*.jsonl")), folder / "texts.jsonl")


def cluster(folder: Path, threads: int) -> None:
    """Similar sequences and clusters."""
    from alignscape.alignment.study_clusters import cluster_study

    cluster_study(
        _facts(folder / "facts.jsonl"), config=study_of(folder).alignment, threads=threads, folder=folder / "clusters"
    )


def cluster_made(folder: Path, threads: int) -> None:
    """Clusters of hits that are known, in place of a search: all pairs of each made family."""
    from alignscape.alignment.clusters import cluster_entries, save_clusters
    from alignscape.alignment.homology import Homology
    from alignscape.alignment.relatives import save_relatives

    n = _options(folder)["n"]
    family, everyone = family_of(n), np.arange(n)
    first, size = np.unique(family, return_index=True, return_counts=True)[1:]
    query = np.repeat(everyone, size[family])
    target = np.concatenate([np.arange(f, f + s) for f, s in zip(first[family], size[family], strict=True)])
    identity = np.where(query == target, 1.0, 0.5)
    ids = tuple(f"M{i:07d}" for i in range(n))
    made = Homology(ids, everyone, everyone, query, target, identity, np.ones(len(query)), "made")
    made.save(folder / "clusters" / "homology.npz")
    save_relatives(folder / "clusters" / "relatives.tsv", {})
    save_clusters(folder / "clusters" / "clusters.tsv", cluster_entries(made, identity=0.3, coverage=0.5))


def split(folder: Path, threads: int) -> None:
    """The shared list, its splits, the nearest relatives of what they test."""
    from alignscape.alignment.study_split import split_study

    study = study_of(folder)
    split_study(
        _facts(folder / "facts.jsonl"),
        clustered=folder / "clusters",
        requirements={block.name: block.requirement for block in study.all_structure_encoders},
        named=None,
        fraction=study.proteins.encoder_training.fraction,
        config=study.alignment,
        seed=study.seed,
        folder=folder / "splits",
    )


def ledger(folder: Path, threads: int) -> None:
    """The ledger of a study that loses every tenth protein."""
    from alignscape.storage.ledger import Omission, write_ledger

    n = sum(map(len, json.loads((folder / "shards.json").read_text()).values()))
    write_ledger(folder / "ledger.tsv", [Omission(f"M{i:07d}", "parse", "", "no atoms") for i in range(0, n, 10)])


STEPS: dict[str, Callable[[Path, int], None]] = {
    "scan and plan, first start": collect,
    "scan and plan, later starts": collect,
    "files of one shard, in its job": locate_shard,
    "parse": parse_some,
    "(other facts are made)": make_other_facts,
    "facts in one file": collect_facts,
    "descriptions": describe,
    "clusters": cluster,
    "clusters of known hits": cluster_made,
    "splits": split,
    "ledger": ledger,
}


def _facts(path: Path) -> Any:
    from alignscape.proteins.facts import ProteinFacts
    from alignscape.storage.files import each_jsonl

    return (ProteinFacts.from_json(row) for row in each_jsonl(path))


def _script(folder: Path, name: str, inputs: list[Path], output: Path) -> None:
    """Runs a script of the workflow as Snakemake does, with nothing but inputs and an output."""
    import types

    given = types.SimpleNamespace(input=[str(p) for p in inputs], output=[str(output)], log=[str(folder / "log")])
    code = (Path(__file__).parents[1] / "workflow" / "scripts" / f"{name}.py").read_text(encoding="utf-8")
    exec(compile(code, name, "exec"), {"snakemake": given})


# --- measuring --------------------------------------------------------------------------------------------


def measure(step: Callable[[Path, int], None], folder: Path, threads: int) -> tuple[float, float, float]:
    """Seconds, seconds of processor, and peak MiB of a step in a process of its own."""
    context = multiprocessing.get_context("spawn")
    receive, send = context.Pipe(duplex=False)
    process = context.Process(target=_measured, args=(step.__name__, folder, threads, send))
    process.start()
    send.close()
    try:
        return receive.recv()
    except EOFError:
        raise SystemExit(f"{step.__name__} ended with {process.exitcode}") from None
    finally:
        process.join()


def _measured(name: str, folder: Path, threads: int, send: Any) -> None:
    start = time.perf_counter()
    globals()[name](folder, threads)
    wall = time.perf_counter() - start
    usage = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    cpu = sum(one.ru_utime + one.ru_stime for one in usage)
    unit = 1024 if sys.platform == "linux" else 1024**2
    send.send((wall, cpu, max(_own_peak(usage[0].ru_maxrss / unit), usage[1].ru_maxrss / unit)))


def _own_peak(reported: float) -> float:
    """Peak MiB of this process. What getrusage reports is at least what the process that started it held, so Linux is asked."""
    status = Path("/proc/self/status")
    lines = status.read_text().splitlines() if status.exists() else []
    peak = next((line.split()[1] for line in lines if line.startswith("VmHWM:")), None)
    return reported if peak is None else int(peak) / 1024


def families_found(folder: Path, family: NDArray[np.int64]) -> tuple[float, float]:
    """Shares of related pairs that share a cluster, and of pairs of one cluster that are related."""
    from alignscape.alignment.clusters import load_clusters

    clusters = load_clusters(folder / "clusters" / "clusters.tsv")
    found = np.array([clusters[f"M{i:07d}"] for i in range(len(family))])
    both = np.unique(np.stack([family, found]), axis=1, return_counts=True)[1]
    pairs = [float((count * (count - 1) / 2).sum()) for count in (both, np.bincount(family), np.bincount(found))]
    return pairs[0] / pairs[1], pairs[0] / pairs[2]


def run(n: int, folder: Path, threads: int, *, parse: int, search: int) -> Iterator[str]:
    """Makes n files below `folder` and yields a row of the table for each step.

    parse: how many proteins are parsed at most; the facts of the others are made. search: up to how many proteins relatives
    are searched for; beyond, they are those that were made.
    """
    family = family_of(n)
    prepare(n, folder, parse=parse)
    for title, step in STEPS.items():
        if step is (cluster_made if n <= search else cluster):
            continue
        wall, cpu, peak = measure(step, folder, threads)
        yield f"| {n:,} | {title} | {wall:.1f} | {cpu:.1f} | {peak:.0f} |"
    related, right = families_found(folder, family)
    yield f"{n:,}: {family.max() + 1:,} families; {related:.4f} of related pairs share a cluster, {right:.4f} of a cluster's pairs are related"


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("n", type=int, nargs="+")
    parser.add_argument("--folder", type=Path, help="where the files are made; a temporary folder unless given")
    parser.add_argument("--threads", type=int, default=os.cpu_count() or 1)
    parser.add_argument(
        "--parse", type=int, default=sys.maxsize, help="parse so many proteins at most; facts of others are made"
    )
    parser.add_argument(
        "--search", type=int, default=sys.maxsize, help="search for relatives of so many proteins at most"
    )
    given = parser.parse_args()
    print("| proteins | step | seconds | seconds of processor | peak, MiB |\n|---|---|---|---|---|", flush=True)
    for n in given.n:
        folder = Path(tempfile.mkdtemp(dir=given.folder))
        try:
            for row in run(n, folder, given.threads, parse=given.parse, search=given.search):
                print(row, flush=True)
        finally:
            shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
