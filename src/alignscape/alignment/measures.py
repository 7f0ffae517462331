"""What the measures without training are called; how they are computed is in `screen`."""

from typing import NamedTuple

from ..statistics.exchange import Alike


class Measure(NamedTuple):
    """A name to show, and which of its values mean that two encoders are alike."""

    title: str
    alike: Alike = "high"


MEASURES = {
    "mutual_knn": Measure("mutual kNN"),
    "cka": Measure("CKA, unbiased"),
    "cknna": Measure("CKNNA"),
    "distance_correlation": Measure("distance correlation"),
    "imbalance_to_text": Measure("imbalance to text", "low"),
    "imbalance_to_structure": Measure("imbalance to structure", "low"),
    "gromov_wasserstein": Measure("Gromov-Wasserstein", "low"),
}
# What is known of one encoder alone.
DIMENSIONS = {
    "structure_dimension": "intrinsic dimension of structures",
    "text_dimension": "intrinsic dimension of texts",
}
TITLES = {name: measure.title for name, measure in MEASURES.items()} | DIMENSIONS
