"""Model folders are data here: one that needs code of its own, or holds pickles alone, is refused before it is opened."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...errors import UserError
from ...storage.files import read_json

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

_PICKLES = (".bin", ".pt", ".pth", ".ckpt", ".pkl")


def require_data_only(folder: Path, *, name: str) -> None:
    """Raises UserError, one line, for a folder that transformers could only read by running code that comes with it.

    That is a config whose type is none of transformers' and that maps it to a module of its own (`auto_map`), the same
    of a tokenizer, attention by a kernel to be fetched, an adapter, which may name another model to load, or weights that
    are pickled and nothing else.
    """
    where = f"model {name!r}: {folder}"
    config, tokenizer = (_read(folder / file, name) for file in ("config.json", "tokenizer_config.json"))
    if "auto_map" in config and not _is_known_model(config.get("model_type")):
        raise UserError(
            f"{where}/config.json: {_needs_code(config['auto_map'], 'model type', config.get('model_type'))}"
        )
    if "auto_map" in tokenizer and not _is_known_tokenizer(tokenizer.get("tokenizer_class"), config.get("model_type")):
        found = _needs_code(tokenizer["auto_map"], "tokenizer class", tokenizer.get("tokenizer_class"))
        raise UserError(f"{where}/tokenizer_config.json: {found}")
    for key, kernel in _kernels(config):
        raise UserError(f"{where}/config.json: {key} asks for code from elsewhere ({kernel!r}); remove the key")
    # transformers would load the model that it names, or add the adapter to this one.
    if (folder / "adapter_config.json").is_file():
        raise UserError(
            f"{where}: holds an adapter (adapter_config.json), which changes or replaces the model; merge it into its base, "
            "save that, and name that folder"
        )
    if any(folder.glob("*.safetensors")):
        return
    pickles = sorted(path.name for path in folder.iterdir() if path.suffix in _PICKLES)
    if pickles:
        raise UserError(
            f"{where}: its weights are pickled ({pickles[0]}), and a pickle can run any code; save them as .safetensors"
        )
    raise UserError(f"{where}: has no .safetensors weights; save the model there")


def load_tokenizer(folder: Path) -> "PreTrainedTokenizerBase":
    """The tokenizer of a local model folder. Raises UserError, one line, for one that transformers cannot read."""
    from transformers import AutoTokenizer

    try:
        return AutoTokenizer.from_pretrained(folder, local_files_only=True, trust_remote_code=False)
    except (ValueError, OSError, ImportError) as error:  # a package that some vocabularies need, such as sentencepiece
        said = " ".join(str(error).split())[:300]
        raise UserError(f"{folder}: its tokenizer cannot be loaded: {said}") from None


def _read(path: Path, name: str) -> dict[str, Any]:
    """A JSON object of the folder's, empty where the file is not there."""
    if not path.is_file():
        return {}
    try:
        found = read_json(path)
    except (ValueError, OSError, RecursionError) as error:
        raise UserError(f"model {name!r}: {path}: not valid JSON: {' '.join(str(error).split())}") from None
    if not isinstance(found, dict):
        raise UserError(f"model {name!r}: {path}: expected a JSON object, found {type(found).__name__}")
    return found


def _kernels(config: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """Keys of a config, or of a part of it at any depth, that ask for a kernel of the hub's."""
    for key, value in config.items():
        if key in ("attn_implementation", "_attn_implementation") and "/" in str(value):
            yield key, value
        elif isinstance(value, dict):
            yield from _kernels(value)


def _needs_code(auto_map: Any, what: str, found: Any) -> str:
    classes = list(auto_map.values()) if isinstance(auto_map, dict) else auto_map
    return (
        f"the {what} {found!r} is none of transformers' and needs code that comes with it ({str(classes)[:80]}); such code "
        "is never run here: use a model that transformers knows"
    )


def _is_known_model(model_type: Any) -> bool:
    from transformers import CONFIG_MAPPING

    return isinstance(model_type, str) and model_type in CONFIG_MAPPING


def _is_known_tokenizer(class_name: Any, model_type: Any) -> bool:
    from transformers.models.auto.tokenization_auto import TOKENIZER_MAPPING_NAMES

    names = {name.removesuffix("Fast") for name in TOKENIZER_MAPPING_NAMES.values() if name}
    generic = {"PreTrainedTokenizer", "TokenizersBackend", "PythonBackend"}
    return model_type in TOKENIZER_MAPPING_NAMES or str(class_name).removesuffix("Fast") in names | generic
