"""Encoders by their name alone, with the defaults of their blocks and the best weights that are at hand."""

import time
from pathlib import Path
from typing import TYPE_CHECKING, get_args

from pydantic import BaseModel

from ..config.block import did_you_mean
from ..config.encoders import StructureEncoderBlock, TextEncoderBlock
from ..errors import UserError
from ..storage.deadline_client import DeadlineClient
from ..storage.server_limits import Overstepped
from .structure import registry as structure_encoders
from .structure.official import Official, cached_files
from .structure.shipped import shipped_choices
from .text import registry as text_encoders
from .text.official import MODELS, PREFIX

if TYPE_CHECKING:
    from .structure.rows import Ready

# Words of `weights` that need no study, in the order in which they are tried. `random` is used only if it is asked for.
WEIGHTS_TRIED = ("none", "official", "package", "shipped", "cora")
_ALWAYS = {"encoder", "name"}  # keys that a name alone fills in
_PATIENCE = 5.0  # seconds for a server to say that it is there


def is_structure_encoder(name: str) -> bool:
    """Whether a name is a structure encoder's."""
    return name in structure_encoders.members()


def text_block(name: str) -> TextEncoderBlock:
    """The block of a text encoder of that name, or of a language model: a registry's, a hub id, a folder.

    Raises UserError for a name that is none of these.
    """
    kinds = dict(zip(text_encoders.members(), text_encoders.blocks(), strict=True))
    if name in kinds:
        _require_complete(kinds[name], name)
        return kinds[name].model_validate({"encoder": name, "name": name})
    short = name.removeprefix(PREFIX)
    model = PREFIX + short if short in MODELS else name
    if model == name and not name.startswith(PREFIX) and "/" not in name and not Path(name).is_dir():
        raise UserError(_unknown(name))
    called = model.removeprefix(PREFIX).rstrip("/").rpartition("/")[2]
    return kinds[text_encoders.USUAL].model_validate({"encoder": text_encoders.USUAL, "name": called, "model": model})


def ready_structure_encoder(name: str, *, weights: str | None, seed: int, cache_dir: Path) -> "Ready":
    """The structure encoder of that name with weights: those asked for, or the first of WEIGHTS_TRIED that can be had.

    Raises UserError, one line, for a word that the encoder does not have, and where no weights can be had.
    """
    from .structure.rows import make_ready

    kind = dict(zip(structure_encoders.members(), structure_encoders.blocks(), strict=True))[name]
    _require_complete(kind, name)
    reasons = []
    for word in _words(kind, name, weights):
        block = _block_of(kind, name, word)
        try:
            _require_at_hand(block, cache_dir)
            return make_ready(block, seed=seed, cache_dir=cache_dir, trained=None)
        except UserError as error:
            reasons.append(f"{word}: {error}")
    random = "" if weights else "; or say --weights random for random ones, a control"
    raise UserError(f"{name}: no weights to be had ({'; '.join(reasons) or 'only a study trains them'}){random}")


def _block_of(kind: type[StructureEncoderBlock], name: str, weights: str) -> StructureEncoderBlock:
    """The block of these weights with its defaults, but for the sizes that weights which alignscape ships have."""
    says = {"encoder": name, "name": name, "weights": weights}
    block = kind.model_validate(says)
    choices = shipped_choices(block) if weights == "shipped" else []
    return kind.model_validate(says | choices[0]) if choices else block


def _words(kind: type[StructureEncoderBlock], name: str, weights: str | None) -> list[str]:
    """The words of `weights` to try."""
    known = [word for word in get_args(kind.model_fields["weights"].annotation) if word not in ("trained", "given")]
    if weights is None:
        return [word for word in WEIGHTS_TRIED if word in known]
    if weights not in known:
        raise UserError(
            f"{name}: there are no weights {weights!r} without a study; there are {', '.join(known) or 'none'}"
        )
    return [weights]


def _require_complete(kind: type[BaseModel], name: str) -> None:
    """Raises UserError for an encoder whose block has required keys beside its name."""
    lacking = [f"`{key}`" for key, f in kind.model_fields.items() if f.is_required() and key not in _ALWAYS]
    if lacking:
        raise UserError(
            f"{name}: its name alone does not say its {' and '.join(lacking)}; write a block of it into a config and say "
            f"--config"
        )


def _require_at_hand(block: StructureEncoderBlock, cache_dir: Path) -> None:
    """Raises UserError for published weights that are not in the cache and whose server does not answer."""
    published = structure_encoders.official_of(block)
    if published is None or all(path.exists() for path in cached_files(block, published, cache_dir)):
        return
    if problem := _unreachable(published):
        raise UserError(f"not in {cache_dir}, and {published.base_url.split('/')[2]} {problem}")


def _unreachable(published: Official) -> str | None:
    import httpx

    try:
        with DeadlineClient(timeout=_PATIENCE) as client:
            client.run(lambda http: http.head(published.base_url), ends=time.monotonic() + _PATIENCE)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        return f"cannot be reached ({type(error).__name__})"
    except Overstepped:
        return f"gives no answer within {_PATIENCE:g} s"
    return None


def _unknown(name: str) -> str:
    known = sorted({*structure_encoders.members(), *text_encoders.members(), *MODELS})
    return (
        f"there is no encoder {name!r}; there are {', '.join(known)}, language models by hub id (owner/name) or folder, and "
        f"with --config the blocks of a config{did_you_mean(name, known)}"
    )
