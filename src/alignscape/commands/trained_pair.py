"""A trained pair of a finished study, to use: proteins and texts in one space."""

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..compute.device import pick_device
from ..config.encoders import CausalLm, StructureEncoderBlock, Tfidf
from ..config.study import Study
from ..errors import ProteinRejected, UserError
from ..inputs import collect_inputs
from ..plan import Pair, Plan
from ..storage.files import read_jsonl

Rows = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class TrainedPair:
    """The heads of one (GDM, LLM) pair, with the encoders before them."""

    plan: Plan
    pair: Pair
    structure_block: StructureEncoderBlock
    text_block: CausalLm | Tfidf
    heads: Any  # alignment.heads.Heads, a stack of one
    card: dict[str, Any]

    @property
    def study(self) -> Study:
        """The study that trained it."""
        return self.plan.study

    def embed_files(self, paths: Sequence[Path]) -> tuple[list[str], Rows, list[str]]:
        """Ids (file stems), unit rows (n, d) of structure files, and a line for each file that has none."""
        from ..encoders.structure.rows import structure_rows
        from ..proteins.parsing.parse import parse_structure
        from ..proteins.sources import protein_id

        structures, problems = [], []
        for path in paths:
            try:
                structures.append(parse_structure(path, id=protein_id(path))[0])
            except (ProteinRejected, OSError) as reason:
                problems.append(f"{path}: {reason}")
        block, study = self.structure_block, self.study
        rows, meta = structure_rows(
            block,
            structures,
            seed=study.seed,
            cache_dir=study.cache_dir,
            trained=self.plan.weights(block.name) if block.weights == "trained" else None,
            device=pick_device(),
        )
        return (
            meta.ids,
            self._project(rows, "structure"),
            problems + [f"{loss.id}: {loss.reason}" for loss in meta.losses],
        )

    def embed_texts(self, texts: Sequence[str]) -> Rows:
        """Unit rows (n, d) of texts. Raises UserError for one the model cannot take."""
        from ..encoders.text.rows import text_rows

        name, study = self.text_block.name, self.study
        rows, meta = text_rows(
            self.text_block,
            [f"text {number}" for number in range(1, len(texts) + 1)],
            texts,
            seed=study.seed,
            cache_dir=study.cache_dir,
            adapter=self.plan.adapter(name).parent if name in self.plan.fine_tunings else None,
            reference=self._reference(),
            device=pick_device(),
        )
        if meta.losses:
            raise UserError(f"{meta.losses[0].id}: {meta.losses[0].reason}")
        return self._project(rows, "text")

    def _reference(self) -> list[str]:
        """The texts over which the study counted how common words are; none for a model that does not count."""
        if not self.plan.needs_reference(self.text_block.name):
            return []
        return [row["text"] for shard in self.plan.training_shards for row in read_jsonl(self.plan.descriptions(shard))]

    def study_rows(self, side: str) -> tuple[list[str], Rows]:
        """Ids and unit rows of the study's own proteins; side: "structure" or "text"."""
        from ..storage.embeddings import read_shard

        rows, meta = read_shard(self.plan.gathered(getattr(self.pair, side)))
        return meta.ids, self._project(rows, side)

    def _project(self, rows: Rows, side: str) -> Rows:
        import torch
        from torch.nn import functional

        with torch.inference_mode():
            raw = getattr(self.heads, side)(torch.from_numpy(rows)[None])[0]
            return functional.normalize(raw, dim=-1).numpy()


def open_pair(study: Study, gdm: str, llm: str, *, variant: str = "layers1", scripts: Path) -> TrainedPair:
    """The trained pair of a finished study. Raises UserError for names it does not have, or if it was not run."""
    from ..alignment.heads import load_heads

    plan = Plan(study, collect_inputs(study), scripts=scripts)
    pair = plan.find_pair(gdm, llm, variant)
    path = heads_file(plan, pair)
    if not path.exists():
        raise UserError(f"{path}: not trained yet with the current config; run snakemake first")
    heads, card = load_heads(path)
    return TrainedPair(plan, pair, plan.structure_blocks[gdm], plan.text_blocks[llm], heads, card)


def heads_file(plan: Plan, pair: Pair) -> Path:
    """Where the heads of a pair lie."""
    return plan.pair(pair).with_suffix(".heads.safetensors")


def export(trained: TrainedPair, folder: Path) -> list[Path]:
    """Copies the heads and their card into a folder; the paths written."""
    folder.mkdir(parents=True, exist_ok=True)
    source = heads_file(trained.plan, trained.pair)
    written = []
    for path, name in ((source, "heads.safetensors"), (source.with_suffix(".json"), "heads.json")):
        written.append(folder / name)
        shutil.copyfile(path, written[-1])
    return written


def search(trained: TrainedPair, *, text: str | None, structure: Path | None, top: int) -> list[tuple[str, float]]:
    """The study's proteins nearest to a text (by structure) or to a structure file (by text): id and cosine."""
    if (text is None) == (structure is None):
        raise UserError("search for a text or for a structure file: give one of them")
    if structure is not None:
        _, query, problems = trained.embed_files([structure])
        if problems:
            raise UserError(problems[0])
    else:
        query = trained.embed_texts([str(text)])
    ids, rows = trained.study_rows("structure" if text is not None else "text")
    cosines = rows @ query[0]
    return [(ids[i], float(cosines[i])) for i in np.argsort(-cosines, kind="stable")[:top]]
