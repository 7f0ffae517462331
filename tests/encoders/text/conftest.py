"""Fixtures: the registry's models with their real tokenizers, and tiny random models that share those."""

from collections.abc import Callable
from pathlib import Path

import pytest

from alignscape.encoders.text.causal_lm.block import CausalLm
from alignscape.encoders.text.registry_models import resolve_model
from tests.helpers.tiny_models import save_tiny

CACHE = Path(__file__).parents[3] / ".cache"  # the default `cache_dir`, so that the demo's conversions are used again


@pytest.fixture(scope="session")
def cache_dir() -> Path:
    """The project's cache."""
    return CACHE


@pytest.fixture(scope="session")
def registry_folder(cache_dir: Path) -> Callable[[str], Path]:
    """The converted folder of a registry model (converted now if the cache does not have it)."""

    def folder(name: str) -> Path:
        return Path(resolve_model(CausalLm(name=name, model=f"registry:{name}"), cache_dir=cache_dir))

    return folder


@pytest.fixture(scope="session")
def tiny_model(
    registry_folder: Callable[[str], Path], tmp_path_factory: pytest.TempPathFactory
) -> Callable[[str], Path]:
    """The folder of a tiny model by architecture: llama and qwen2 with SmolLM2's tokenizer, gemma2 and 3 with Gemma's."""
    made: dict[str, Path] = {}

    def folder(architecture: str) -> Path:
        if architecture not in made:
            tokenizer = registry_folder("gemma3-270m" if "gemma" in architecture else "smollm2-135m")
            made[architecture] = save_tiny(architecture, tokenizer, tmp_path_factory.mktemp("tiny") / architecture)
        return made[architecture]

    return folder
