"""From the facts of all proteins to their similar sequences and sequence clusters."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from ..config.study import Alignment
from ..proteins.facts import ProteinFacts
from .clusters import cluster_entries, save_clusters
from .homology import find_homologs
from .relatives import find_relatives, save_relatives


def cluster_study(
    proteins: Iterable[ProteinFacts],
    *,
    config: Alignment,
    threads: int,
    folder: Path,
    seen: Mapping[str, Sequence[str]] | None = None,
) -> None:
    """Leaves homology.npz, clusters.tsv and relatives.tsv in `folder`.

    Of all proteins that could be read, also of those that some encoder cannot take: encoders may be trained on them.
    seen: by id, the sequences of proteins that weights or texts which ship were learned from; relatives.tsv has the
    proteins of the study that are related to one of them.
    """
    sequences = {p.id: [e.sequence for e in p.polypeptides] for p in proteins}
    homology = find_homologs(sequences, threads=threads)
    limits = {"identity": config.cluster_identity, "coverage": config.cluster_coverage}
    homology.save(folder / "homology.npz")
    save_relatives(folder / "relatives.tsv", find_relatives(sequences, seen or {}, threads=threads, **limits))
    save_clusters(folder / "clusters.tsv", cluster_entries(homology, **limits))
