"""From facts and clusters of all proteins to the shared ID list, its splits, and how near tests are to training."""

import csv
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from pathlib import Path

import numpy as np

from ..config.encoders import Requirement
from ..config.study import Alignment
from ..proteins.facts import ProteinFacts
from ..storage.files import write_jsonl, write_text
from ..storage.plain_text import from_cell, to_cell
from .clusters import load_clusters, nearest, save_clusters
from .eligibility import eligible_ids
from .encoder_training import encoder_training_ids
from .homology import Homology
from .relatives import load_relatives, save_relatives
from .split import Split, make_splits, save_splits

Nearest = dict[str, tuple[str | None, float]]  # test protein -> nearest training protein, identity in [0, 1]


def split_study(
    proteins: Iterable[ProteinFacts],
    *,
    clustered: Path,
    requirements: Mapping[str, Requirement],
    named: Iterable[str] | None,
    fraction: float,
    config: Alignment,
    seed: int,
    folder: Path,
) -> None:
    """Leaves splits.tsv, clusters.tsv, nearest.tsv, relatives.tsv, encoder_training.txt and omissions.jsonl in `folder`.

    clustered: the folder that `cluster_study` filled from the same proteins. requirements: by encoder name. named,
    fraction: which proteins train encoders (`encoder_training_ids`). Everything after works on the ids of splits.tsv.
    """
    homology, clusters = Homology.load(clustered / "homology.npz"), load_clusters(clustered / "clusters.tsv")
    training = encoder_training_ids(named, clusters, fraction=fraction, seed=seed)
    ids, omissions = eligible_ids(proteins, requirements)
    relatives = load_relatives(clustered / "relatives.tsv")
    splits = make_splits(ids, training, clusters, relatives=relatives, config=config, seed=seed)
    near, any_length = (
        {name: nearest_of(split, homology, coverage=covered) for name, split in splits.items()}
        for covered in (config.cluster_coverage, 0.0)
    )
    listed = set(ids)
    write_jsonl(folder / "omissions.jsonl", map(asdict, omissions))
    write_text(folder / "encoder_training.txt", "".join(f"{id_}\n" for id_ in training))
    save_clusters(folder / "clusters.tsv", {id_: clusters[id_] for id_ in ids})
    write_text(folder / "nearest.tsv", _nearest_table(near, any_length))
    save_relatives(folder / "relatives.tsv", {id_: one for id_, one in relatives.items() if id_ in listed})
    save_splits(folder / "splits.tsv", splits)


def nearest_of(split: Split, homology: Homology, *, coverage: float) -> Nearest:
    """For each test protein of a split, its nearest protein among those its heads are trained on."""
    row_of = {id_: row for row, id_ in enumerate(homology.ids)}
    rows = np.array([row_of[id_] for id_ in split.ids], dtype=np.int64)
    found: Nearest = {}
    for run in split.runs:
        identity, target = nearest(homology, rows[run.test], rows[run.train], coverage=coverage)
        for test, value, hit in zip(run.test, identity, target, strict=True):
            found[split.ids[test]] = (homology.ids[hit] if hit >= 0 else None, float(value))
    return found


def _nearest_table(by_split: Mapping[str, Nearest], any_length: Mapping[str, Nearest]) -> str:
    rows = [
        f"{name}\t{to_cell(id_)}\t{to_cell(hit or '')}\t{identity:.4f}\t{any_length[name][id_][1]:.4f}\n"
        for name, found in by_split.items()
        for id_, (hit, identity) in sorted(found.items())
    ]
    return "split\tid\tnearest\tidentity\tany_length\n" + "".join(rows)


def load_nearest(path: Path) -> dict[str, Nearest]:
    """By split, what nearest.tsv says of each test protein."""
    found: dict[str, Nearest] = {}
    for row in _rows(path):
        near = from_cell(row["nearest"]) or None
        found.setdefault(row["split"], {})[from_cell(row["id"])] = (near, float(row["identity"]))
    return found


def load_any_length(path: Path) -> dict[str, dict[str, float]]:
    """By split, each test protein's highest identity to a training protein over whatever length a hit has."""
    found: dict[str, dict[str, float]] = {}
    for row in _rows(path):
        found.setdefault(row["split"], {})[from_cell(row["id"])] = float(row["any_length"])
    return found


def _rows(path: Path) -> list[dict[str, str]]:
    with open(path, encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle, delimiter="\t", quoting=csv.QUOTE_NONE))
