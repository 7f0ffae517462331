"""What a command that embeds texts begins before it imports torch, so that a machine of two cores works on both."""

import os
from pathlib import Path

from ..compute.own_process import is_own_process
from ..config.encoders import TextEncoderBlock
from ..encoders.text.causal_lm.block import CausalLm
from ..encoders.text.official import registry_model
from ..encoders.text.registry_models import converted_path
from ..encoders.text.tokens_beside import begin_tokens


def begin_model(block: TextEncoderBlock, *, cache_dir: Path) -> None:
    """Has the tokenizer of a model read that was converted here; of other models, nothing is begun.

    Nor in a process that is not ours, where torch may be there already, nor where a second process has no core of its own.
    """
    if not is_own_process() or not isinstance(block, CausalLm) or _cores() < 2:
        return
    if (entry := registry_model(block.model)) is None:
        return
    if (tokenizer := converted_path(entry, cache_dir=cache_dir) / "tokenizer.json").is_file():
        begin_tokens(tokenizer, entry.sha256)


def _cores() -> int:
    """How many this process may use, where the system tells."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
