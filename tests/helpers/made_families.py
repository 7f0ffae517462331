"""Made proteins in sequence families, with rows of four encoders whose pairs have a known order: a study from its rows on.

Written by the package's own writers to where the study's plan looks for them, as if the jobs before had run.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from alignscape.alignment.clusters import cluster_entries, save_clusters
from alignscape.alignment.homology import Homology
from alignscape.alignment.relatives import save_relatives
from alignscape.config.load import parse
from alignscape.descriptions.template import describe_each, description_row
from alignscape.plan.inputs import Inputs
from alignscape.plan.plan import Plan
from alignscape.proteins.facts import Entity, ProteinFacts
from alignscape.storage.embeddings import EmbeddingMeta, write_shard
from alignscape.storage.files import write_jsonl

DIMENSION, LATENT = 64, 16
NOISE = {"keen": 0.3, "dull": 1.0, "clear": 0.5, "vague": 2.0}  # of an encoder's rows, its signal having 1
ORDER = ("keen × clear", "dull × clear", "keen × vague", "dull × vague")  # of the pairs, best first
ROOT = Path(__file__).parents[2]
_FAMILY = 3  # proteins, on average; a few families are large


def made_plan(folder: Path, n: int, *, shard_size: int = 1000, **alignment: Any) -> Plan:
    """The plan of a study of n proteins whose results lie in `folder`; nothing is written."""
    study = parse({
        "study": "families", "results_dir": str(folder / "results"), "cache_dir": str(folder / "cache"),
        "proteins": {
            "source": "directory", "directory": str(folder / "structures"), "shard_size": shard_size,
            "encoder_training": {"fraction": 0},
        },
        "structure_encoders": [_given(folder, name) for name in ("keen", "dull")],
        "language_models": [_given(folder, name) for name in ("clear", "vague")],
        "alignment": {"seeds": 1, "epochs": 5, "layers": [1]} | alignment,
    })  # fmt: skip
    return Plan(study, Inputs(dict.fromkeys(made_ids(n), "made")), scripts=ROOT / "workflow/scripts")


def _given(folder: Path, name: str) -> dict[str, str]:
    return {"name": name, "encoder": "precomputed", "rows": str(folder / f"{name}.npy")}


def made_ids(n: int) -> list[str]:
    """Sorted ids."""
    return [f"P{k:07d}" for k in range(n)]


def families(n: int, generator: np.random.Generator) -> np.ndarray:
    """(n,) the family of each protein: sizes of a power law, the proteins in random order."""
    sizes = np.minimum(generator.zipf(2.2, n), max(1, n // 50))
    return generator.permutation(np.repeat(np.arange(n), sizes)[:n])


def write_study(plan: Plan, *, seed: int = 0) -> None:
    """Facts, descriptions, similar sequences and embedding shards of all proteins of a plan."""
    generator, ids = np.random.default_rng(seed), sorted(plan.inputs.file_digests)
    family = families(len(ids), generator)
    write_jsonl(plan.all_facts(), (facts.to_json() for facts in made_facts(ids, family)))
    write_jsonl(plan.all_descriptions(), _descriptions(made_facts(ids, family)))
    homology = made_homology(ids, family, generator)
    homology.save(plan.clusters("homology.npz"))
    save_clusters(plan.clusters(), cluster_entries(homology, identity=0.3, coverage=0.5))
    save_relatives(plan.clusters("relatives.tsv"), {})
    for shard in plan.shards:
        for path in (
            plan.facts(shard).with_name(f"{shard}.omissions.jsonl"),
            plan.descriptions(shard).with_suffix(".omissions.jsonl"),
        ):
            write_jsonl(path, [])
    _write_rows(plan, ids, family, generator)
    (plan.results / "study.yaml").write_text(yaml.safe_dump(plan.study.model_dump(mode="json")))


def made_facts(ids: list[str], family: np.ndarray) -> Iterator[ProteinFacts]:
    """A protein of one entity, or of two, whose name its family shares."""
    letters = np.frombuffer(b"ACDEFGHIKLMNPQRSTVWY", np.uint8)
    generator = np.random.default_rng(1)
    long = letters[generator.integers(0, 20, 100_000)].tobytes().decode()
    for k, (id_, own) in enumerate(zip(ids, family.tolist(), strict=True)):
        start, length = own * 97 % 90_000, 60 + (own * 31 + k % 7) % 500
        named = f"protein of family {own}", f"Species {own % 1000}"
        entities = [
            Entity(
                e + 1,
                "polypeptide",
                ["A"],
                ["A"],
                *named,
                1 + own % 1000,
                long[start + e : start + length],
                ["3.2.1.17"],
            )
            for e in range(1 + (k % 5 == 0))
        ]
        yield ProteinFacts(
            id_,
            f"Structure {k}",
            "HYDROLASE",
            "X-RAY DIFFRACTION",
            entities,
            length,
            length,
            length,
            8 * length,
            "0" * 64,
        )


def _descriptions(proteins: Iterator[ProteinFacts]) -> Iterator[dict[str, Any]]:
    for facts in proteins:
        described, texts, _ = describe_each([facts])
        yield description_row(described[0], texts[0])


def made_homology(ids: list[str], family: np.ndarray, generator: np.random.Generator) -> Homology:
    """Each protein's sequence hits itself, and each member of a family the next one of it."""
    n, order = len(ids), np.argsort(family, kind="stable")
    alike = family[order[1:]] == family[order[:-1]]
    first, second = order[:-1][alike], order[1:][alike]
    identity = generator.uniform(0.35, 0.95, len(first))
    own = np.arange(n)
    query, target = (np.concatenate(parts) for parts in ((own, first, second), (own, second, first)))
    return Homology(
        tuple(ids),
        own,
        own,
        query,
        target,
        np.concatenate([np.ones(n), identity, identity]),
        np.ones(len(query)),
        "made",
    )


def _write_rows(plan: Plan, ids: list[str], family: np.ndarray, generator: np.random.Generator) -> None:
    """Each encoder sees the same latent numbers of a protein, of which its family explains half, through its own noise."""
    centres = generator.standard_normal((family.max() + 1, LATENT), dtype=np.float32)
    latent = (centres[family] + generator.standard_normal((len(ids), LATENT), dtype=np.float32)) / np.sqrt(2)
    place = {id_: k for k, id_ in enumerate(ids)}
    for name, noise in NOISE.items():
        through = generator.standard_normal((LATENT, DIMENSION), dtype=np.float32) / np.sqrt(LATENT)
        for group, shards in plan.groups(name).items():
            own = sorted(id_ for shard in shards for id_ in plan.shards[shard])
            seen = latent[[place[id_] for id_ in own]]
            rows = (seen + noise * generator.standard_normal(seen.shape, dtype=np.float32)) @ through
            meta = EmbeddingMeta(own, name, "given", "0" * 64, f"{name}.npy", DIMENSION, "float32", 42)
            write_shard(plan.embedding(name, group), rows.astype(np.float32), meta)
