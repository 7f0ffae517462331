"""From the facts of all proteins to the shared ID list, its splits, and how near test proteins are to training ones."""

import csv
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

import numpy as np

from ..config.encoders import Requirement
from ..config.study import Alignment
from ..proteins.facts import ProteinFacts
from ..storage.files import write_jsonl, write_text
from ..storage.plain_text import from_cell, to_cell
from .clusters import cluster_entries, nearest
from .eligibility import eligible_ids
from .homology import Homology, find_homologs
from .split import Split, make_splits, save_splits

Nearest = dict[str, tuple[str | None, float]]  # test protein -> nearest training protein, identity in [0, 1]


def split_study(
    proteins: Sequence[ProteinFacts],
    *,
    requirements: Mapping[str, Requirement],
    encoder_training: Iterable[str],
    config: Alignment,
    seed: int,
    threads: int,
    folder: Path,
) -> None:
    """Leaves splits.tsv, clusters.tsv, nearest.tsv and omissions.jsonl in `folder`.

    requirements: by encoder name. Everything after works on the ids of splits.tsv.
    """
    ids, omissions = eligible_ids(proteins, requirements)
    chosen = set(ids)
    sequences = {p.id: [e.sequence for e in p.polypeptides] for p in proteins if p.id in chosen}
    homology = find_homologs(sequences, threads=threads)
    clusters = cluster_entries(homology, identity=config.cluster_identity)
    splits = make_splits(ids, chosen & set(encoder_training), clusters, config=config, seed=seed)
    write_jsonl(folder / "omissions.jsonl", map(asdict, omissions))
    write_text(folder / "clusters.tsv", "id\tcluster\n" + "".join(f"{to_cell(i)}\t{clusters[i]}\n" for i in ids))
    write_text(folder / "nearest.tsv", _nearest_table({name: nearest_of(s, homology) for name, s in splits.items()}))
    save_splits(folder / "splits.tsv", splits)


def nearest_of(split: Split, homology: Homology) -> Nearest:
    """For each test protein of a split, its nearest protein among those its heads are trained on."""
    row_of = {id_: row for row, id_ in enumerate(homology.ids)}
    rows = np.array([row_of[id_] for id_ in split.ids], dtype=np.int64)
    found: Nearest = {}
    for run in split.runs:
        identity, target = nearest(homology, rows[run.test], rows[run.train])
        for test, value, hit in zip(run.test, identity, target, strict=True):
            found[split.ids[test]] = (homology.ids[hit] if hit >= 0 else None, float(value))
    return found


def _nearest_table(by_split: Mapping[str, Nearest]) -> str:
    rows = [
        f"{name}\t{to_cell(id_)}\t{to_cell(hit or '')}\t{identity:.4f}\n"
        for name, found in by_split.items()
        for id_, (hit, identity) in sorted(found.items())
    ]
    return "split\tid\tnearest\tidentity\n" + "".join(rows)


def load_nearest(path: Path) -> dict[str, Nearest]:
    """By split, what nearest.tsv says of each test protein."""
    found: dict[str, Nearest] = {}
    with open(path, encoding="utf-8", newline="") as handle:
        for row in csv.DictReader(handle, delimiter="\t", quoting=csv.QUOTE_NONE):
            near = from_cell(row["nearest"]) or None
            found.setdefault(row["split"], {})[from_cell(row["id"])] = (near, float(row["identity"]))
    return found


def load_clusters(path: Path) -> dict[str, int]:
    """Cluster number by id."""
    with open(path, encoding="utf-8", newline="") as handle:
        return {
            from_cell(row["id"]): int(row["cluster"])
            for row in csv.DictReader(handle, delimiter="\t", quoting=csv.QUOTE_NONE)
        }
