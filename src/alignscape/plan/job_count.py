"""In how many jobs an encoder embeds a study's proteins: few enough that each is worth its start, by estimated work."""

import math

from ..config.encoders import LanguageModelBlock, StructureEncoderBlock, TextEncoderBlock
from .model_size import parameters

_FEWEST = 4  # of a study with so many shards: a job that is killed is lost, and several machines may share the work
_WORTH = 300.0  # seconds that a job should take beyond its start, which takes some twenty
_RESIDUES, _TOKENS = 300, 80  # of a protein and of its description
# The slowest card in use, against the core-seconds of `Cost` and of a core's products.
_STRUCTURE_CARD, _TEXT_CARD, _CORE_FLOPS = 1 / 10, 1 / 2000, 40e9
_READ_BYTES, _STARTS = 0.5e9, 5  # of a model's file in a second; a job should take so many times as long as reading it


def job_count(block: StructureEncoderBlock | TextEncoderBlock, n: int, *, shards: int) -> int:
    """Jobs that read `shards` shards of `n` proteins in all; what the block says of `shards_per_job` goes first."""
    said = getattr(block, "shards_per_job", None)
    if said is not None:
        return math.ceil(shards / said)
    seconds, worth = _work(block)
    return max(1, min(shards, max(_FEWEST, math.ceil(n * seconds / worth))))


def _work(block: StructureEncoderBlock | TextEncoderBlock) -> tuple[float, float]:
    """Seconds of a card that a protein takes, and what a job should take at least."""
    if isinstance(block, StructureEncoderBlock):
        return _RESIDUES * block.cost().embedding * 1e-3 * _STRUCTURE_CARD, _WORTH
    if not isinstance(block, LanguageModelBlock):
        return 0.0, _WORTH
    size = parameters(block)
    return 2 * size * _TOKENS / _CORE_FLOPS * _TEXT_CARD, max(_WORTH, _STARTS * 2 * size / _READ_BYTES)
