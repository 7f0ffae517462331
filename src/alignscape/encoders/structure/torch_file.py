"""Arrays of a file that `torch.save` wrote, read without running anything that the file asks for."""

import pickle
import re
import struct
from pathlib import Path
from typing import Any

import torch

from ...errors import UserError

# What the readers raise when a file is cut or damaged.
_DAMAGE = (EOFError, IndexError, KeyError, OSError, RuntimeError, TypeError, ValueError, struct.error)


def read_torch_file(path: Path) -> dict[str, Any]:
    """What `torch.save` put into the file, if that is arrays in mappings; anything that could run code is refused."""
    try:
        loaded = torch.load(path, map_location="cpu", weights_only=True)
    except pickle.UnpicklingError as error:
        code = re.search(r"GLOBAL (\S+)", str(error))
        what = f"asks to run {code[1]}; that was refused, nothing was run" if code else "is damaged, or no torch file"
        raise UserError(f"{path}: {what}; expected arrays by name, as torch.save writes them") from None
    except _DAMAGE:
        raise UserError(f"{path}: cut short, damaged, or not written by torch.save; get it again") from None
    if not isinstance(loaded, dict):
        raise UserError(f"{path}: expected a mapping of arrays, found {type(loaded).__name__}")
    return loaded
