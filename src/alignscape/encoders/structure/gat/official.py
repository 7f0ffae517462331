"""Where the weights of the GAT paper's citation network are to be had."""

from ..official import Official
from .block import Gat

_CORA = Official(
    "https://raw.githubusercontent.com/PetarV-/GAT/465ca7af124a9091dc6678ecc11bda86b2906fa7/pre_trained/cora",
    {
        "mod_cora.ckpt.index": "da5e9aa9109f59c35893295706dd02d9c5068b4ca420f82835974878781e0c7f",
        "mod_cora.ckpt.data-00000-of-00001": "2cd45046edd87654e4b68042eb8b0fa7ffebbb4af088cbf40029fd50c008f578",
    },
    "MIT",
)


def official(config: Gat) -> Official | None:
    """The model of the Cora citation graph, the control that `weights: cora` asks for."""
    return _CORA if config.weights == "cora" else None
