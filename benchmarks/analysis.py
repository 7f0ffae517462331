"""Time and memory of all analyses of a made study: 20,000 proteins, 12 pairs, 3 depths, 5 seeds.

    python benchmarks/analysis.py [--proteins 20000] [--folder DIR]

Every protein is tested (as under k-fold), ten times what the paper's split tests: the worst case. Each question runs in
a process of its own, as in the workflow, so its peak memory is its own.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from alignscape.alignment.result import PairResult, SplitScores
from alignscape.alignment.split import Split, save_splits
from alignscape.config.load import parse
from alignscape.config.study import Study, Variant
from alignscape.proteins.facts import Entity, ProteinFacts
from alignscape.questions.evidence.evidence import load_evidence
from alignscape.questions.evidence.tables import write
from alignscape.questions.registry import analyse, questions
from alignscape.storage.embeddings import EmbeddingMeta, write_shard
from alignscape.storage.files import write_jsonl, write_text

GDMS = {"gearnet": 3072, "gvp": 148, "scannet": 128, "gat": 64}
LLMS = {"gemma": 2304, "llama-8b": 4096, "llama-70b": 8192}
SEEDS, DRAWS, FOLDS = 5, 20, 5


def config() -> Study:
    """The study's config."""
    llama = {"family": "llama"}
    return parse({
        "structure_encoders": [{"name": g, "encoder": g, "weights": "trained"} for g in GDMS],
        "language_models": [
            {"name": "gemma", "model": "x"},
            {"name": "llama-8b", "model": "x", "parameters_billion": 8} | llama,
            {"name": "llama-70b", "model": "x", "parameters_billion": 70} | llama,
        ],
        "alignment": {"splits": ["kfold", "kfold_cluster"], "seeds": SEEDS},
    })  # fmt: skip


def made_scores(n: int, level: float, generator: np.random.Generator) -> SplitScores:
    """Scores of one pair under one split."""
    taste, values = 0.2 * generator.standard_normal(n, dtype=np.float32), {}
    for state, draws in (("", SEEDS), ("untrained_", DRAWS)):
        own, other = generator.standard_normal((2, draws, n), dtype=np.float32)
        mean = 0.03 * own if state else level + taste + 0.05 * own
        values |= {
            f"{state}score": mean,
            f"{state}negative": 0.27 + 0.05 * other,
            f"{state}negative_signed": 0.02 * other,
        }
        values |= {f"{state}{name}_of_text": values[f"{state}{name}"] for name in ("negative", "negative_signed")}
    for way in ("of_text", "of_structure"):
        values[f"rank_{way}"] = generator.integers(1, n // FOLDS, (SEEDS, n)).astype(np.float32)
        values[f"ties_{way}"] = np.zeros((SEEDS, n), np.float32)
    summary = {"null_mean": -0.02, "null_sd": 0.004, "z": 60.0, "p": 0.001, "n_train": int(0.6 * n)}
    return SplitScores(**values, pool=np.full(n, n // FOLDS, np.int32), summary=summary)


def made_facts(id_: str, k: int, generator: np.random.Generator) -> ProteinFacts:
    """A protein of one to three entities, with a name that some others share."""
    entities = [
        Entity(e + 1, "polypeptide", ["A"], ["A"], f"protein {int(k**0.7)}", "Homo sapiens", 9606, "A" * int(size))
        for e, size in enumerate(generator.integers(30, 600, 1 + k % 3))
    ]
    return ProteinFacts(id_, "", "", "", entities, 100, 100, 100, 800, "")


def make_study(folder: Path, n: int) -> dict[str, object]:
    """Writes a study's files; returns what `load_evidence` reads."""
    generator, ids = np.random.default_rng(0), [f"P{k:06d}" for k in range(n)]
    pairs = []
    for g, gdm in enumerate(GDMS):
        for m, llm in enumerate(LLMS):
            for layers in (1, 2, 3):
                level = 0.4 + 0.05 * g + 0.02 * m + 0.01 * layers
                splits = {s: made_scores(n, level, generator) for s in ("kfold", "kfold_cluster")}
                pairs.append(folder / f"{gdm}-{llm}-{layers}.npz")
                PairResult(gdm, llm, f"layers{layers}", Variant(layers=layers), ids, splits).save(pairs[-1])
    rows = []
    for name, dimension in (GDMS | LLMS).items():
        meta = EmbeddingMeta(ids, name, "trained here", None, "made", dimension, "float32", 0)
        rows.append(folder / f"{name}.npy")
        write_shard(rows[-1], generator.standard_normal((n, dimension), dtype=np.float32), meta)
    files = {name: folder / name for name in ("splits", "nearest", "clusters", "facts", "descriptions")}
    parts = tuple(str(k) for k in generator.integers(0, FOLDS, n))
    save_splits(files["splits"], {s: Split(s, tuple(ids), parts) for s in ("kfold", "kfold_cluster")})
    lines = "".join(
        f"{s}\t{i}\t\t{k % 100 / 100}\t{k % 100 / 100}\n" for s in ("kfold", "kfold_cluster") for k, i in enumerate(ids)
    )
    write_text(files["nearest"], "split\tid\tnearest\tidentity\tany_length\n" + lines)
    write_text(files["clusters"], "id\tcluster\n" + "".join(f"{i}\t{k // 3}\n" for k, i in enumerate(ids)))
    write_jsonl(files["facts"], (made_facts(i, k, generator).to_json() for k, i in enumerate(ids)))
    write_jsonl(files["descriptions"], ({"id": i, "text": f"text {k // 2}"} for k, i in enumerate(ids)))
    return {"pairs": pairs, "rows": rows} | files


def answer(question: str, folder: Path, files: dict[str, object]) -> dict[str, float]:
    """Processor seconds to load and to answer one question, and the process's peak memory in GiB."""
    start = time.process_time()
    if question != "depth" and question != "findings":
        files = files | {"pairs": [p for p in files["pairs"] if str(p).endswith("-1.npz")]}
    evidence = load_evidence(config(), **files)
    loaded = time.process_time()
    write(folder / f"{question}.json", analyse(question, evidence))
    peak = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM"))
    return {"load": loaded - start, "answer": time.process_time() - loaded, "peak_gib": int(peak.split()[1]) / 2**20}


def bootstrap_ratio(n: int) -> float:
    """How many times faster bootstrap intervals of 60 columns are than a loop over draws and columns."""
    from alignscape.statistics.bootstrap import bootstrap_means
    from alignscape.statistics.clusters import Clusters

    values, draws = np.random.default_rng(0).standard_normal((60, n)), 20
    start = time.perf_counter()
    bootstrap_means(values, Clusters.alone(n), draws=draws * 50, generator=np.random.default_rng(1))
    fast = (time.perf_counter() - start) / 50
    start, generator = time.perf_counter(), np.random.default_rng(1)
    for _ in range(draws):
        picks = generator.integers(0, n, n)
        for row in values:
            row[picks].mean()
    return (time.perf_counter() - start) / fast


def main() -> None:
    """Makes the study, answers every question, prints a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--proteins", type=int, default=20000)
    parser.add_argument("--folder", type=Path, default=None)
    parser.add_argument("--question", default=None, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.question:
        files = json.loads((options.folder / "files.json").read_text())
        print(json.dumps(answer(options.question, options.folder, files)))
        return
    with tempfile.TemporaryDirectory(dir=options.folder) as name:
        folder, total = Path(name), 0.0
        (folder / "files.json").write_text(json.dumps(make_study(folder, options.proteins), default=str))
        print(f"{'question':14} {'load s':>8} {'answer s':>9} {'peak GiB':>9}")
        for question in questions():
            command = [sys.executable, __file__, "--folder", name, "--question", question]
            found = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
            total += found["load"] + found["answer"]
            print(f"{question:14} {found['load']:8.1f} {found['answer']:9.1f} {found['peak_gib']:9.2f}", flush=True)
        print(f"all questions, one after the other: {total:.0f} s")
    print(f"bootstrap of 60 columns against a loop: {bootstrap_ratio(options.proteins):.0f} times as fast")


if __name__ == "__main__":
    main()
