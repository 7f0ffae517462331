"""Where the published weights of GVP are to be had."""

from ..official import Official
from .block import Gvp

_CATH = Official(
    "https://raw.githubusercontent.com/drorlab/gvp/2c344f49667fab6718f05913795c91d38d86d311/models",
    {
        "cath_pretrained.index": None,
        "cath_pretrained.data-00000-of-00002": None,
        "cath_pretrained.data-00001-of-00002": None,
    },
    "MIT",
)


def official(config: Gvp) -> Official | None:
    """The model trained on CATH to design sequences."""
    return _CATH if config.weights == "official" else None
