"""Trains the weights that alignscape ships (`weights: shipped`), writes the card of each, and the demo's reference texts.

    python tools/train_shipped.py choose STRUCTURES        writes the lists of ids: entries that share no cluster with the demo's
    python tools/train_shipped.py train NAME STRUCTURES    trains one encoder of shipped_weights/blocks.yaml on its list
    python tools/train_shipped.py names                    says their names
    python tools/train_shipped.py texts STRUCTURES         writes data/demo/reference_texts.tsv from its list

STRUCTURES is a folder of structure files named after their PDB ids. The lists lie beside blocks.yaml; with the same files the
same weights come out. A rung of the ladder is trained three times, each from a seed of its own (`--training 2` trains one of
them); the first is what a study reads, and its card says what all of them measured.
"""

import argparse
import gzip
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
import yaml

from alignscape.alignment.clusters import cluster_entries
from alignscape.alignment.homology import find_homologs
from alignscape.compute.allocator import keep_freed_memory
from alignscape.compute.device import pick_device
from alignscape.config.encoders import StructureEncoderBlock
from alignscape.config.load import parse
from alignscape.descriptions.template import describe
from alignscape.encoders.structure.shipped import sizes_of
from alignscape.encoders.structure.weights import initialise
from alignscape.encoders.training.pretrain import pretrain
from alignscape.proteins.facts import ProteinFacts
from alignscape.proteins.parse_shard import parse_located
from alignscape.proteins.sources.source import Located
from alignscape.proteins.structure import Structure
from alignscape.storage.files import (
    atomic,
    hash_fraction,
    read_json,
    sha256_file,
    write_json,
    write_tensors,
    write_text,
)
from alignscape.storage.plain_text import to_cell

ROOT = Path(__file__).parents[1]
HERE = Path(__file__).parent / "shipped_weights"
DEMO = ROOT / "data" / "demo"
SEED = 42
# What is chosen for each task: observed residues, and at most so many proteins of a cluster.
LENGTHS = {"residue_recovery": range(50, 301), "enzyme_commission": range(50, 351)}
OF_A_CLUSTER = {"residue_recovery": 2, "enzyme_commission": 1000}
TRAININGS = {"residue_recovery": 1, "enzyme_commission": 3}  # of each encoder
TEXTS = 500  # of as many clusters

Parsed = list[tuple[Structure, ProteinFacts]]


def main() -> None:
    arguments = _arguments()
    keep_freed_memory()
    torch.set_num_threads(arguments.threads)
    if arguments.command == "choose":
        choose(arguments.structures, threads=arguments.threads)
    elif arguments.command == "names":
        print(" ".join(blocks()))
    elif arguments.command == "texts":
        write_reference_texts(DEMO / "reference_texts.tsv", read(arguments.structures, ids_of("reference_texts")))
    else:
        task = block_of(arguments.name).pretraining.task
        for training in [arguments.training] if arguments.training else range(1, TRAININGS[task] + 1):
            train(arguments.name, arguments.structures, training=training)


# --- which entries ------------------------------------------------------------------------------------------


def choose(folder: Path, *, threads: int) -> None:
    """Writes the list of each task, and that of the reference texts."""
    facts = [facts for _, facts in read(folder)]
    clusters = clusters_away_from(facts, [facts for _, facts in read(DEMO / "structures")], threads=threads)
    for task, lengths in LENGTHS.items():
        enzymes = task == "enzyme_commission"
        usable = [f for f in facts if f.id in clusters and f.n_residues in lengths and (f.ec or not enzymes)]
        write_ids(task, few_of_each(sorted(f.id for f in usable), clusters, most=OF_A_CLUSTER[task]))
    drawn = sorted(clusters, key=lambda id_: hash_fraction(SEED, id_))
    write_ids("reference_texts", few_of_each(drawn, clusters, most=1)[:TEXTS])


def write_ids(name: str, ids: Sequence[str]) -> None:
    """A list of ids, sorted."""
    write_text(HERE / f"{name}.txt", "".join(f"{id_}\n" for id_ in sorted(ids)))
    print(f"{name}: {len(ids)} entries")


def ids_of(name: str) -> list[str]:
    """The ids of a list."""
    return (HERE / f"{name}.txt").read_text().split()


def clusters_away_from(
    facts: Sequence[ProteinFacts], others: Sequence[ProteinFacts], *, threads: int
) -> dict[str, int]:
    """Cluster by id of the entries that share none with any of `others`, by the defaults of a study (30 % over 50 %)."""
    of = {f"A-{f.id}": f for f in facts} | {f"B-{f.id}": f for f in others}
    sequences = {key: [entity.sequence for entity in f.polypeptides] for key, f in of.items()}
    clusters = cluster_entries(find_homologs(sequences, threads=threads), identity=0.3, coverage=0.5)
    taken = {number for key, number in clusters.items() if key.startswith("B-")}
    return {of[key].id: number for key, number in clusters.items() if key.startswith("A-") and number not in taken}


def few_of_each(ids: Iterable[str], clusters: Mapping[str, int], *, most: int) -> list[str]:
    """The first `most` ids of each cluster."""
    count: dict[int, int] = {}
    chosen = []
    for id_ in ids:
        number = clusters[id_]
        count[number] = count.get(number, 0) + 1
        if count[number] <= most:
            chosen.append(id_)
    return chosen


# --- training -----------------------------------------------------------------------------------------------


def train(name: str, folder: Path, *, training: int) -> None:
    """Leaves weights, card and sequences in the folder `shipped` of the encoder."""
    block = block_of(name)
    task = block.pretraining.task
    seed = SEED + training - 1
    parsed = read(folder, ids_of(task))
    stem = "-".join([task, *map(str, _widths(block)), *([f"training{training}"] if training > 1 else [])])
    target = ROOT / "src/alignscape/encoders/structure" / block.encoder / "shipped" / f"{stem}.safetensors"
    checkpoint = ROOT / ".cache" / "shipped_weights" / target.parents[1].name / f"{stem}.safetensors"
    state, card = _pretrained(block, parsed, seed=seed, checkpoint=checkpoint)
    measured = [s for s, _ in parsed if s.id in card["held_out"]]
    few = _few(block, measured, [f for _, f in parsed], seed=seed, checkpoint=checkpoint.with_stem("few"))
    not_seen = {*card["held_out"], *card["left_out"]}
    seen = [facts for _, facts in parsed if facts.id not in not_seen and (facts.ec or task != "enzyme_commission")]
    write_tensors(target, state)
    write_fasta(target.with_suffix(".fasta.gz"), seen)
    head = {
        "encoder": block.encoder,
        "training": training,
        "sizes": sizes_of(block),
        "weights": {"file": target.name, "sha256": sha256_file(target)},
        "seen": {
            "file": target.with_suffix(".fasta.gz").name,
            "sha256": sha256_file(target.with_suffix(".fasta.gz")),
            "ids": [facts.id for facts in seen],
        },
    }
    write_json(target.with_suffix(".json"), head | card | {"trained_on_few": few})
    note_trainings(target.parent, target.stem.partition("-training")[0])
    print(f"{target}: {card['metrics']}\n  on few proteins: {few['metrics']}")


def note_trainings(folder: Path, stem: str) -> None:
    """Writes into the card of the first training what all trainings of its kind measured, so that their spread is seen."""
    cards = {path: read_json(path) for path in (folder / f"{stem}.json", *folder.glob(f"{stem}-training*.json"))}
    listed = sorted(cards.values(), key=lambda card: card["training"])
    measured = [{key: card[key] for key in ("training", "seed", "metrics")} for card in listed]
    write_json(folder / f"{stem}.json", cards[folder / f"{stem}.json"] | {"trainings": measured})


def block_of(name: str) -> StructureEncoderBlock:
    """The block of that name in blocks.yaml."""
    if name not in (found := blocks()):
        sys.exit(f"train_shipped: no encoder {name!r} in {HERE / 'blocks.yaml'}; it has {', '.join(found)}")
    return found[name]


def blocks() -> dict[str, StructureEncoderBlock]:
    """The blocks of blocks.yaml by name."""
    listed = yaml.safe_load((HERE / "blocks.yaml").read_text())
    study = {"structure_encoders": [b | {"weights": "trained"} for b in listed], "language_models": [_ANY_TEXT]}
    return {block.name: block for block in parse(study).structure_encoders}


_ANY_TEXT = {"name": "words", "encoder": "tfidf"}  # a study has one


def _widths(block: StructureEncoderBlock) -> list[int]:
    return getattr(block, "hidden", [])


def _pretrained(
    block: StructureEncoderBlock, parsed: Parsed, *, seed: int, checkpoint: Path, **more: Any
) -> tuple[dict[str, torch.Tensor], dict[str, Any]]:
    structures, facts = [s for s, _ in parsed], [f for _, f in parsed]
    how: dict[str, Any] = {"config": block.pretraining, "seed": seed, "device": pick_device(), "checkpoint": checkpoint}
    return pretrain(initialise(block, seed), structures, more.pop("facts", facts), **how, **more)


def _few(
    block: StructureEncoderBlock,
    measured: list[Structure],
    facts: Sequence[ProteinFacts],
    *,
    seed: int,
    checkpoint: Path,
) -> dict[str, Any]:
    """What training on the 21 proteins that the demo once set aside gives on the same held-out proteins."""
    few = read(DEMO / "structures", FEW)
    usual = {"task": block.pretraining.task, "epochs": 10, "learning_rate": 1e-4, "batch_size": 4}
    own = type(block).model_fields["pretraining"].default if block.pretraining.task == "residue_recovery" else None
    config = own or type(block.pretraining)(**usual)
    _, card = _pretrained(
        block.model_copy(update={"pretraining": config}),
        few,
        facts=[*facts, *(f for _, f in few)],
        seed=seed,
        checkpoint=checkpoint,
        measured_on=measured,
    )
    return {"ids": FEW, "proteins": card["proteins"], "config": card["config"], "metrics": card["metrics"]}


FEW = tuple(
    line.strip()
    for line in (DEMO / "encoder_training.txt").read_text().splitlines()
    if line.strip() and not line.startswith("#")
)


# --- files --------------------------------------------------------------------------------------------------


def read(folder: Path, ids: Iterable[str] | None = None) -> Parsed:
    """Structures and facts of the folder's files, or of the entries named, by id. Exits where one of them is not there."""
    files = {path.name.split(".")[0].upper(): path for path in sorted(folder.iterdir())}
    wanted = list(files) if ids is None else list(ids)
    missing = [id_ for id_ in wanted if id_ not in files]
    if missing:
        sys.exit(f"train_shipped: {folder} lacks {len(missing)} of {len(wanted)} entries: {' '.join(missing[:20])}")
    parsed, lost = parse_located({id_: Located(files[id_], None, "") for id_ in wanted})
    for omission in lost:
        print(f"left out: {omission.id}: {omission.reason}", file=sys.stderr)
    return parsed


def write_fasta(path: Path, proteins: Sequence[ProteinFacts]) -> None:
    """The sequences of the polypeptides, packed; the same bytes for the same proteins."""
    records = (f">{f.id}\n{sequence}\n" for f in proteins for sequence in sorted({e.sequence for e in f.polypeptides}))
    with atomic(path) as temporary:
        temporary.write_bytes(gzip.compress("".join(records).encode(), mtime=0))


def write_reference_texts(path: Path, proteins: Parsed) -> None:
    """The table that `text.reference_texts` asks for: each protein's description by our template, and its sequences."""
    rows = (
        f"{facts.id}\t{to_cell(describe(facts))}\t{' '.join(sorted({e.sequence for e in facts.polypeptides}))}\n"
        for _, facts in proteins
    )
    write_text(path, "id\ttext\tsequences\n" + "".join(rows))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    for command in ("choose", "train", "names", "texts"):
        sub = commands.add_parser(command)
        if command == "train":
            sub.add_argument("name")
            sub.add_argument("--training", type=int)
        if command != "names":
            sub.add_argument("structures", type=Path)
        sub.add_argument("--threads", type=int, default=1)
    return parser.parse_args()


if __name__ == "__main__":
    main()
