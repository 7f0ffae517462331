"""The doctor's checks of the models that a config names."""

from pathlib import Path

from ..config.encoders import LanguageModelBlock, ProteinModelBlock
from ..encoders.text.foreign_code import require_data_only
from ..errors import UserError
from .check import Check


def language_model(block: LanguageModelBlock) -> Check:
    """Whether a language model's files are there, or can be had."""
    what = f"language model {block.name}"
    if block.model.startswith("registry:"):
        return Check(what, "ok", "shipped by a package")
    return model_files(what, block)


def model_files(what: str, block: LanguageModelBlock | ProteinModelBlock) -> Check:
    """Whether a local folder is a model that can be read, or the hub has the model."""
    if Path(block.model).is_dir():
        missing = [f for f in ("config.json", "tokenizer_config.json") if not (Path(block.model) / f).exists()]
        if missing:
            return Check(what, "failure", f"{block.model} lacks {', '.join(missing)}", "save model and tokenizer there")
        try:
            require_data_only(Path(block.model), name=block.name)
        except UserError as error:
            return Check(what, "failure", str(error))
        return Check(what, "ok", f"the folder {block.model}")
    return _hub_model(what, block)


def _hub_model(what: str, block: LanguageModelBlock | ProteinModelBlock) -> Check:
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
    return Check(what, "ok", f"{block.model} at {info.sha}")
