"""The study's splits: no relative of anything that an encoder was trained on here is tested under a cluster split."""

from pathlib import Path

import pytest

from alignscape.alignment import homology
from alignscape.alignment.split import load_splits
from alignscape.alignment.study_clusters import cluster_study
from alignscape.alignment.study_split import load_clusters, load_nearest, split_study
from alignscape.config.encoders import Requirement
from alignscape.config.study import Alignment
from alignscape.proteins.facts import Entity, ProteinFacts
from tests.alignment.test_clusters import mutated, stranger

N = 40
CONFIG = Alignment(splits=["random", "cluster", "kfold", "kfold_cluster"])


@pytest.fixture(autouse=True)
def _quick(monkeypatch):
    """MMseqs2 takes seconds to start; test_clusters compares the two."""
    monkeypatch.setattr(homology, "find_mmseqs", lambda: None)


def protein(id_: str, sequence: str, *, backbone: bool = True) -> ProteinFacts:
    entity = Entity(1, "polypeptide", ["A"], ["A"], "", "", None, sequence)
    n = len(sequence)
    return ProteinFacts(id_, "", "", "", [entity], n, n, n if backbone else 0, n, "")


def strangers(n: int, length: int = 120) -> list[str]:
    return [stranger(length, seed) for seed in range(n)]


def made(folder: Path, proteins: list[ProteinFacts], *, named=None, fraction=0.3, seed=1, config=CONFIG):
    cluster_study(proteins, config=config, threads=1, folder=folder / "clusters")
    split_study(
        proteins,
        clustered=folder / "clusters",
        requirements={"mpnn": Requirement("backbone", 3)},
        named=named,
        fraction=fraction,
        config=config,
        seed=seed,
        folder=folder / "split",
    )
    return load_splits(folder / "split" / "splits.tsv")


@pytest.mark.parametrize("seed", range(3))
def test_a_relative_of_a_protein_that_trained_an_encoder_but_is_not_in_the_list_is_never_tested(tmp_path, seed):
    """CA00 has C-alphas only, so the study leaves it out, but a language model read its text: its twin P020 is no news."""
    sequences = strangers(N)
    proteins = [protein(f"P{i:03d}", s) for i, s in enumerate(sequences)]
    proteins.append(protein("CA00", mutated(sequences[20], 0.3, 1), backbone=False))
    splits = made(tmp_path, proteins, named=["CA00", "P000"], seed=seed)
    for name in ("cluster", "kfold_cluster"):
        assert dict(zip(splits[name].ids, splits[name].parts, strict=True))["P020"] == "train"
        assert "CA00" not in splits[name].ids
    assert "P020" in {splits["kfold"].ids[row] for row in splits["kfold"].tested}


def test_no_training_protein_of_a_cluster_split_is_as_near_as_its_clusters(tmp_path):
    """Fragments included: they are covered as a whole, though they cover a third of the other."""
    sequences = strangers(N)
    proteins = [protein(f"P{i:03d}", s) for i, s in enumerate(sequences)]
    proteins += [protein(f"F{i:03d}", mutated(s[:50], 0.2, i)) for i, s in enumerate(sequences[:15])]
    made(tmp_path, proteins)
    near = load_nearest(tmp_path / "split" / "nearest.tsv")
    assert max(identity for _, identity in near["kfold"].values()) > 0.7
    for name in ("cluster", "kfold_cluster"):
        assert max(identity for _, identity in near[name].values()) < CONFIG.cluster_identity


def test_whole_clusters_train_encoders_and_the_list_lies_beside_the_splits(tmp_path):
    sequences = strangers(N)
    proteins = [protein(f"P{i:03d}", s) for i, s in enumerate(sequences)]
    proteins += [protein(f"R{i:03d}", mutated(s, 0.3, i)) for i, s in enumerate(sequences[:20])]
    splits = made(tmp_path, proteins, fraction=0.3)
    training = (tmp_path / "split" / "encoder_training.txt").read_text().split()
    assert len(training) == pytest.approx(18, abs=1)
    for i in range(20):
        assert (f"P{i:03d}" in training) == (f"R{i:03d}" in training)
    clusters = load_clusters(tmp_path / "split" / "clusters.tsv")
    assert list(clusters) == list(splits["random"].ids)
    for split in splits.values():
        assert {split.ids[row] for row in split.tested}.isdisjoint(training)


def test_chains_of_one_entry_have_one_part_in_every_split(tmp_path):
    sequences = iter(strangers(N))
    proteins = [protein(f"{entry}:{chain}", next(sequences)) for entry in range(1000, 1010) for chain in "ABCD"]
    for split in made(tmp_path, proteins, named=["1003:B"]).values():
        part = dict(zip(split.ids, split.parts, strict=True))
        assert all(len({part[f"{entry}:{chain}"] for chain in "ABCD"}) == 1 for entry in range(1000, 1010))
        assert {part[f"1003:{chain}"] for chain in "ABCD"} == {"train"}
