"""A trained pair of a finished study, to use: proteins and texts in one space."""

from collections.abc import Sequence
from contextlib import chdir
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ..compute.device import pick_device
from ..compute.uncollected import uncollected
from ..config.encoders import GivenRows, StructureEncoderBlock, TextEncoderBlock
from ..errors import UserError
from ..plan.pairs import Pair
from ..plan.plan import Plan
from ..storage.files import read_jsonl
from ..storage.ledger import Omission
from .head_start import begin_model
from .locate import Place
from .measured_pairs import best_pair

if TYPE_CHECKING:
    from ..proteins.structure import Structure

Rows = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class TrainedPair:
    """The heads of one (GDM, LLM) pair, with the encoders before them."""

    plan: Plan
    folder: Path  # the plan's relative paths count from here
    pair: Pair
    heads: Any  # alignment.heads.Heads, a stack of one

    @property
    def structure_block(self) -> StructureEncoderBlock:
        """The structure encoder's block of the config."""
        return self.plan.structure_blocks[self.pair.structure]

    @property
    def text_block(self) -> TextEncoderBlock:
        """The language model's block of the config."""
        return self.plan.text_blocks[self.pair.text]

    @property
    def heads_file(self) -> Path:
        """The heads; their card lies beside them, with the ending .json."""
        return self.folder / heads_file(self.plan, self.pair)

    def embed_structures(self, structures: Sequence["Structure"]) -> tuple[list[str], Rows, list[Omission]]:
        """Ids, unit rows (n, d) of structures, and why the others have none."""
        from ..encoders.structure.rows import structure_rows

        block, study = self.structure_block, self.plan.study
        _require_computed(block, "structure file", "search with --text")
        with chdir(self.folder):
            rows, meta = structure_rows(
                block,
                structures,
                seed=study.seed,
                cache_dir=study.cache_dir,
                trained=self.plan.weights(block.name) if block.weights == "trained" else None,
                device=pick_device(),
            )
        return meta.ids, self._project(rows, "structure"), meta.omissions

    def embed_texts(self, texts: Sequence[str]) -> Rows:
        """Unit rows (n, d) of texts. Raises UserError for one the model cannot take."""
        from ..encoders.text.rows import text_rows

        name, study = self.text_block.name, self.plan.study
        _require_computed(self.text_block, "text", "search with --structure")
        with chdir(self.folder):
            rows, meta = text_rows(
                self.text_block,
                [f"text {number}" for number in range(1, len(texts) + 1)],
                texts,
                seed=study.seed,
                cache_dir=study.cache_dir,
                adapter=self.plan.adapter(name).parent if name in self.plan.fine_tunings else None,
                reference=reference_texts(self.plan, name),
                device=pick_device(),
            )
        if meta.omissions:
            raise UserError(f"{meta.omissions[0].id}: {meta.omissions[0].reason}")
        return self._project(rows, "text")

    def study_rows(self, side: str) -> tuple[list[str], Rows]:
        """Ids and unit rows of the study's own proteins; side: "structure" or "text"."""
        from ..storage.embeddings import read_shard

        rows, meta = read_shard(self.folder / self.plan.gathered(getattr(self.pair, side)))
        return meta.ids, self._project(rows, side)

    def study_names(self) -> dict[str, tuple[str, str]]:
        """Name and organism of the study's own proteins, each "" where the structure file does not state it."""
        from ..proteins.facts import ProteinFacts

        facts = map(ProteinFacts.from_json, read_jsonl(self.folder / self.plan.all_facts()))
        first = {protein.id: protein.polypeptides[:1] for protein in facts}
        return {id_: (found[0].name, found[0].organism) if found else ("", "") for id_, found in first.items()}

    def _project(self, rows: Rows, side: str) -> Rows:
        import torch
        from torch.nn import functional

        with torch.inference_mode():
            raw = getattr(self.heads, side)(torch.from_numpy(rows)[None])[0]
            return functional.normalize(raw, dim=-1).numpy()


def _require_computed(block: StructureEncoderBlock | TextEncoderBlock, what: str, instead: str) -> None:
    """Raises UserError for an encoder whose rows are given: of what is new there is none."""
    if isinstance(block, GivenRows):
        raise UserError(
            f"{block.name}: its rows are given ({block.rows}), so there is none of a new {what}; {instead}, or use a pair "
            f"with an encoder that alignscape runs"
        )


def open_pair(
    place: Place, gdm: str | None, llm: str | None, *, heads: str = "layers1", for_texts: bool = False
) -> TrainedPair:
    """The trained pair of a finished study, its best one if none is named.

    for_texts: whether it will be asked for rows of texts; then reading their model begins. Raises UserError for names it
    does not have, or if it was not run.
    """
    if (gdm is None) != (llm is None):
        raise UserError(
            f"found {gdm or llm!r} alone; name a structure encoder and a language model, or neither for the study's best pair"
        )
    if gdm is None or llm is None:
        gdm, llm = best_pair(place.results / place.study.study)
    plan = place.plan()
    pair = plan.find_pair(gdm, llm, heads)
    if for_texts:
        with chdir(place.folder):
            begin_model(plan.text_blocks[llm], cache_dir=place.study.cache_dir)
    path = place.folder / heads_file(plan, pair)
    if not path.exists():
        raise UserError(f"{path}: not trained yet with the current config, code and proteins; run snakemake first")
    with uncollected("torch"):
        from ..alignment.heads import load_heads

    return TrainedPair(plan, place.folder, pair, load_heads(path)[0])


def reference_texts(plan: Plan, name: str) -> list[str]:
    """The texts over which a finished study counted how common words are; none for a model that does not count.

    The plan's relative paths count from the current folder.
    """
    if not plan.needs_reference(name):
        return []
    from ..descriptions.reference_texts import texts_to_learn

    training = set(plan.split("encoder_training.txt").read_text(encoding="utf-8").splitlines())
    foreign = plan.study.text.reference_texts is not None
    found = texts_to_learn(plan.texts_to_learn(), reference=foreign, chosen=training.__contains__)
    return [text for _, text in found]


def heads_file(plan: Plan, pair: Pair) -> Path:
    """Where the heads of a pair lie."""
    return plan.pair(pair).with_suffix(".heads.safetensors")
