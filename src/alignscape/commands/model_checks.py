"""The doctor's checks of the models that a config names."""

from pathlib import Path
from typing import Any

from ..config.encoders import LanguageModelBlock, ProteinModelBlock
from ..encoders.text.foreign_code import require_data_only
from ..encoders.text.special_tokens import first_token
from ..errors import UserError
from ..storage.files import read_json
from .check import Check

# Beginnings of the families (`model_type` in a config.json) whose activations are known to go beyond float16's 65504.
_OVERFLOW = ("gemma", "t5", "mt5", "umt5")

Model = LanguageModelBlock | ProteinModelBlock


def language_model(block: LanguageModelBlock) -> Check:
    """Whether a language model's files are there, or can be had."""
    what = f"language model {block.name}"
    if block.model.startswith("registry:"):
        return _in_float16(what, block, block.model.removeprefix("registry:"), "shipped by a package")
    return model_files(what, block)


def model_files(what: str, block: Model) -> Check:
    """Whether a local folder is a model that can be read, or the hub has the model."""
    folder = Path(block.model)
    if not folder.is_dir():
        return _hub_model(what, block)
    missing = [f for f in ("config.json", "tokenizer_config.json") if not (folder / f).exists()]
    if missing:
        return Check(what, "failure", f"{block.model} lacks {', '.join(missing)}", "save model and tokenizer there")
    try:
        require_data_only(folder, name=block.name)
        begin = f"; {first_token(folder, bos=block.bos)}" if hasattr(block, "bos") else ""
    except UserError as error:
        return Check(what, "failure", str(error))
    family = read_json(folder / "config.json").get("model_type")
    return _in_float16(what, block, family, f"the folder {block.model}{begin}")


def _in_float16(what: str, block: Model, family: Any, found: str) -> Check:
    """The check, with a warning for a family that overflows in the number type asked for."""
    if block.dtype == "float16" and str(family).startswith(_OVERFLOW):
        found = f"{found}; {family} is known to overflow in float16"
        return Check(what, "warning", found, "use dtype: bfloat16, or float32")
    return Check(what, "ok", found)


def _hub_model(what: str, block: Model) -> Check:
    from huggingface_hub import HfApi
    from huggingface_hub.errors import GatedRepoError, RepositoryNotFoundError

    try:
        info = HfApi().model_info(block.model, revision=block.revision, timeout=10)
    except GatedRepoError:
        remedy = "accept its licence on the hub and set HF_TOKEN, or run `hf auth login`"
        return Check(what, "failure", f"{block.model} is gated", remedy)
    except RepositoryNotFoundError:
        return Check(what, "failure", f"the hub has no {block.model}", "correct the id; a private model needs HF_TOKEN")
    except Exception as error:
        found = f"the hub cannot be asked ({type(error).__name__})"
        return Check(what, "warning", found, "needed only until the model is in the hub's cache on every node")
    family = (getattr(info, "config", None) or {}).get("model_type")
    return _in_float16(what, block, family, f"{block.model} at {info.sha}")
