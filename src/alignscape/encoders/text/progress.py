"""How far the reading of texts has come."""

import sys
from typing import Any

FEW = 20  # texts that are worth no bar


def text_progress(total: int, name: str) -> Any:
    """A bar with proteins/s and time left on a terminal; in a log one line every half minute, none for few texts."""
    from tqdm import tqdm

    pause = 0.2 if sys.stderr.isatty() else 30
    form = "{l_bar}{bar}| {n_fmt}/{total_fmt} [{elapsed}<{remaining}, {rate_noinv_fmt}]"
    few = total < FEW
    return tqdm(total=total, desc=name, unit=" proteins", mininterval=pause, delay=pause, bar_format=form, disable=few)
