"""From the facts of all proteins to their similar sequences and sequence clusters."""

from collections.abc import Sequence
from pathlib import Path

from ..config.study import Alignment
from ..proteins.facts import ProteinFacts
from .clusters import cluster_entries, save_clusters
from .homology import find_homologs


def cluster_study(proteins: Sequence[ProteinFacts], *, config: Alignment, threads: int, folder: Path) -> None:
    """Leaves homology.npz and clusters.tsv in `folder`.

    Of all proteins that could be read, also of those that some encoder cannot take: encoders may be trained on them.
    """
    sequences = {p.id: [e.sequence for e in p.polypeptides] for p in proteins}
    homology = find_homologs(sequences, threads=threads)
    limits = {"identity": config.cluster_identity, "coverage": config.cluster_coverage}
    homology.save(folder / "homology.npz")
    save_clusters(folder / "clusters.tsv", cluster_entries(homology, **limits))
