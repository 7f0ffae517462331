"""An encoder to embed with, by its name alone or as a block of a config; no finished study is needed."""

import os
from collections.abc import Iterator, Sequence
from contextlib import chdir, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..compute.device import pick_device
from ..config.block import unknown_name
from ..config.encoders import GivenRows, StructureEncoderBlock, TextEncoderBlock
from ..config.load import load
from ..config.proteins import Proteins
from ..config.study import Study
from ..encoders.by_name import is_structure_encoder, ready_structure_encoder, text_block
from ..errors import UserError
from ..plan.plan import Plan
from .head_start import begin_model
from .locate import locate
from .trained_pair import Rows, reference_texts

if TYPE_CHECKING:
    from ..encoders.structure.rows import Ready
    from ..storage.embeddings import EmbeddingMeta

SEED = 42  # of random weights that are asked for by name; the default of a config


def default_cache() -> Path:
    """Where weights and converted models are kept without a config: .cache where there is one, else the user's cache."""
    here = Path(".cache")
    return here if here.is_dir() else Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "alignscape"


def takes_structures(name: str, config: Path | None) -> bool:
    """Whether an encoder embeds structures; else it embeds texts. Raises UserError for a name that is not known."""
    if config is not None:
        return isinstance(_block(load(config), name, config), StructureEncoderBlock)
    if not (known := is_structure_encoder(name)):
        text_block(name)
    return known


def text_encoder(name: str, config: Path | None) -> TextEncoderBlock:
    """The block of a text encoder. Raises UserError for a name that is not known."""
    block = _block(load(config), name, config) if config is not None else text_block(name)
    assert isinstance(block, TextEncoderBlock)
    return block


def open_structure_encoder(
    name: str, *, weights: str | None, config: Path | None, directory: Path | None
) -> tuple["Ready", Proteins]:
    """The encoder with its weights, and how structure files are read for it.

    weights: those to use, for a name alone. Raises UserError, one line, for weights that cannot be had.
    """
    if config is None:
        return ready_structure_encoder(name, weights=weights, seed=SEED, cache_dir=default_cache()), Proteins()
    from ..encoders.structure.rows import make_ready

    if weights is not None:
        raise UserError(f"--weights goes with an encoder's name alone; set `weights` of {name} in {config}")
    study = load(config)
    block = _block(study, name, config)
    assert isinstance(block, StructureEncoderBlock)
    needed = block.weights == "trained"
    with _where_it_ran(config, directory, needed=needed) as plan:
        trained = plan.weights(name) if plan and needed else None
        return make_ready(block, seed=study.seed, cache_dir=study.cache_dir, trained=trained), study.proteins


def embed_texts(
    name: str, ids: Sequence[str], texts: Sequence[str], *, config: Path | None, directory: Path | None
) -> tuple[Rows, "EmbeddingMeta"]:
    """Rows (n, d) of the texts that the encoder takes, and what made them. Raises UserError for a model that cannot be had."""
    from ..encoders.text.rows import text_rows

    if config is None:
        options: dict[str, Any] = {"seed": SEED, "cache_dir": default_cache(), "adapter": None, "reference": []}
        begin_model(text_block(name), cache_dir=options["cache_dir"])
        return text_rows(text_block(name), ids, texts, device=pick_device(), **options)
    study, block = load(config), text_encoder(name, config)
    tuned = name in {tuning.name for tuning in study.fine_tuning}
    with _where_it_ran(config, directory, needed=tuned or block.counts_over_reference) as plan:
        adapter = plan.adapter(name).parent if plan and tuned else None
        if adapter and not adapter.is_dir():
            raise UserError(f"{adapter}: not fine-tuned yet with the current config and code; run the study first")
        reference = reference_texts(plan, name) if plan else []
        begin_model(block, cache_dir=study.cache_dir)
        return text_rows(
            block, ids, texts, seed=study.seed, cache_dir=study.cache_dir, adapter=adapter, reference=reference,
            device=pick_device(),
        )  # fmt: skip


def _block(study: Study, name: str, config: Path | None) -> StructureEncoderBlock | TextEncoderBlock:
    """The block of that name. Raises UserError where there is none, or where its rows are given."""
    blocks: dict[str, StructureEncoderBlock | TextEncoderBlock] = {b.name: b for b in study.all_structure_encoders}
    blocks |= {b.name: b for b in study.all_language_models}
    if name not in blocks:
        raise UserError(unknown_name(f"{config}: encoder", name, list(blocks)))
    block = blocks[name]
    if isinstance(block, GivenRows):
        raise UserError(
            f"{name}: its rows are given ({block.rows}), so there is none of what is new; take them from there"
        )
    return block


@contextmanager
def _where_it_ran(config: Path, directory: Path | None, *, needed: bool) -> Iterator[Plan | None]:
    """Works where the config's study ran, if it did, with its plan if something it made is needed."""
    try:
        place = locate(config, directory)
    except UserError:
        if needed or directory is not None:
            raise
        place = None
    if place is None:
        yield None
        return
    with chdir(place.folder):
        yield place.plan() if needed else None
