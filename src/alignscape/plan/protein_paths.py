"""Paths of structure files, parsed structures, facts and descriptions."""

from functools import cached_property
from pathlib import Path
from typing import Any

from ..config.proteins import MOST_ATOMS
from ..encoders.structure.shipped import shipped_weights
from ..proteins.sources.registry import implementation, options
from ..storage.files import sha256_file
from .base import PlanBase
from .digest import code_digest, full_names


class ProteinPaths(PlanBase):
    """Where proteins and their descriptions lie."""

    @cached_property
    def fetch_digest(self) -> str:
        """Digest of the download source."""
        proteins = self.study.proteins
        if not self.downloads:
            return self._digest("fetch", proteins.source)
        return self._digest("fetch", proteins.source, options(proteins).identity(), members=(implementation(proteins),))

    @cached_property
    def parser_digest(self) -> str:
        """Digest of the parser and the downloads; local files are part of the shards' names."""
        modules, known = ("proteins.parse_shard",), ("proteins.sources.source",)
        proteins = self.study.proteins
        mask = [proteins.plddt_below, proteins.plddt]
        mask = [] if mask == [None, "auto"] else mask
        unit = [] if proteins.unit == "entry" else [proteins.unit]
        most = [] if proteins.atoms_at_most == MOST_ATOMS else [f"{proteins.atoms_at_most} atoms"]
        return self._digest("parse", self.fetch_digest, *mask, *unit, *most, code=modules, leave_out=known)

    @property
    def downloads(self) -> bool:
        """Whether structure files come from a server; local ones need no job of their own."""
        return options(self.study.proteins).downloads

    def located(self, shard: str = "{shard}") -> Path:
        """Where each downloaded file lies, or why there is none."""
        return self.results / "proteins" / self.fetch_digest / f"{shard}.located.json"

    def structures(self, shard: str = "{shard}") -> Path:
        """The shard's parsed structures."""
        return self.results / "proteins" / self.parser_digest / f"{shard}.npz"

    def facts(self, shard: str = "{shard}") -> Path:
        """The shard's facts, a JSON line a protein."""
        return self.structures(shard).with_suffix(".facts.jsonl")

    @cached_property
    def collection_digest(self) -> str:
        """Digest of which shards are collected into one file."""
        return self._digest("collect", sorted(self.shards))

    def all_facts(self) -> Path:
        """The facts of all shards in one file."""
        return self.results / "proteins" / self.parser_digest / f"all-{self.collection_digest}.facts.jsonl"

    @cached_property
    def cluster_digest(self) -> str:
        """Digest of the similar sequences among all proteins, and their clusters."""
        settings = self.study.alignment.model_dump(mode="json", include={"cluster_identity", "cluster_coverage"})
        made_of = [settings, self.parser_digest, sorted(self.shards), self._seen]
        return self._digest("cluster", made_of, code=("alignment.study_clusters",))

    @property
    def _seen(self) -> list[str]:
        """What tells the proteins that shipped weights and reference texts are of."""
        blocks = (b for b in self.structure_blocks.values() if b.weights == "shipped")
        shipped = {shipped_weights(block).card["seen"]["sha256"] for block in blocks}
        return sorted({*shipped, self._file(self.study.text.reference_texts)})

    def clusters(self, name: str = "clusters.tsv") -> Path:
        """The sequence cluster of every protein that could be read, and what else that step leaves."""
        return self.results / "clusters" / self.cluster_digest / name

    @cached_property
    def training_set(self) -> list[Any]:
        """What decides which proteins train encoders: their own names, or the clusters and how they are drawn."""
        if self.inputs.encoder_training is not None:
            return sorted(self.training_shards)
        how = [self.study.proteins.encoder_training.fraction, self.study.seed]
        return [self.cluster_digest, how, code_digest(*full_names(("alignment.encoder_training",)))]

    @property
    def n_training(self) -> int:
        """Proteins that encoders are trained on; where whole clusters are drawn, about how many."""
        named = self.inputs.encoder_training
        fraction = self.study.proteins.encoder_training.fraction
        return round(fraction * sum(map(len, self.shards.values()))) if named is None else len(named)

    @property
    def training_clusters(self) -> list[Path]:
        """The file that jobs need to know which proteins train encoders; none where the config names them."""
        return [self.clusters()] if self.inputs.encoder_training is None else []

    @property
    def text_set(self) -> list[Any]:
        """What decides which texts LoRA learns from and words are counted over."""
        reference = self.study.text.reference_texts
        return self.training_set if reference is None else [self._file(reference)]

    def texts_to_learn(self) -> list[Path]:
        """The files that hold these texts."""
        reference = self.study.text.reference_texts
        return [self.descriptions(shard) for shard in self.training_shards] if reference is None else [reference]

    @property
    def text_clusters(self) -> list[Path]:
        """What tells which of the descriptions in these files are meant, besides the config."""
        return self.training_clusters if self.study.text.reference_texts is None else []

    @cached_property
    def description_digest(self) -> str:
        """Digest of the descriptions."""
        text = self.study.text
        openai = text.openai.model_dump(mode="json", include={"base_url", "model", "seed", "max_tokens"})
        prompt = self._file(text.openai.prompt) or sha256_file(
            Path(__file__).parents[1] / "descriptions/prompts/describe.txt"
        )
        writer: list[Any] = [openai, prompt] if text.describer == "openai" else []
        modules = ("descriptions.template", *(("descriptions.openai_describer",) if writer else ()))
        if text.source == "table":
            own = text.own.model_dump(mode="json")
            writer, modules = [own, self._file(text.table), self.study.seed], ("descriptions.own_texts",)
        return self._digest("describe", self.parser_digest, sorted(text.drop), writer, code=modules)

    def descriptions(self, shard: str = "{shard}") -> Path:
        """The shard's descriptions, a JSON line a protein."""
        return self.results / "text" / self.description_digest / f"{shard}.jsonl"

    def all_descriptions(self) -> Path:
        """The descriptions of all shards in one file."""
        return self.results / "text" / self.description_digest / f"all-{self.collection_digest}.jsonl"
