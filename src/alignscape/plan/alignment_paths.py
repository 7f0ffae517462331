"""Paths of the splits and of the trained pairs."""

import difflib
from functools import cached_property
from pathlib import Path

from ..config.block import unknown_name
from ..errors import UserError
from .encoder_paths import EncoderPaths
from .pairs import Pair, study_pairs


class AlignmentPaths(EncoderPaths):
    """Where the splits and the heads of every pair lie."""

    @cached_property
    def split_digest(self) -> str:
        """Digest of the shared ID list and its splits."""
        alignment = self.study.alignment
        settings = alignment.model_dump(mode="json", include={"splits", "folds"})
        needs = sorted({block.requirement for block in self.structure_blocks.values()})
        made_of = [settings, needs, self.study.seed, self.cluster_digest, self.training_set]
        return self._digest("split", made_of, code=("alignment.study_split",))

    def split(self, name: str = "splits.tsv") -> Path:
        """The shared ID list with each protein's part under every split, and what else that step leaves."""
        return self.results / "splits" / self.split_digest / name

    @cached_property
    def pairs(self) -> list[Pair]:
        """Every (GDM, LLM, variant) of the study, once, sorted; heads of two labels have the one that came first."""
        return sorted(dict.fromkeys(study_pairs(self.study)), key=lambda p: p.key)

    def find_pair(self, gdm: str, llm: str, heads: str) -> Pair:
        """The pair of these encoders whose heads have that label. Raises UserError if the study has none."""
        wanted = self.study.variants.get(heads)
        alike = [p for p in self.pairs if p.variant == wanted]
        for pair in alike:
            if (pair.structure, pair.text) == (gdm, llm):
                return pair
        if not alike:
            raise UserError(unknown_name("heads", heads, list(self.study.variants)))
        raise UserError(f"the study has no pair {gdm} {llm} with heads {heads}{self._pairs_near(gdm, llm, alike)}")

    def _pairs_near(self, gdm: str, llm: str, alike: list[Pair]) -> str:
        """The pair that was probably meant, and the main ones."""
        blocks = self.structure_blocks | self.text_blocks
        near = difflib.get_close_matches(f"{gdm} {llm}", [f"{p.structure} {p.text}" for p in alike], n=1, cutoff=0.5)
        main = [f"{p.structure} {p.text}" for p in alike if blocks[p.structure].role == blocks[p.text].role == "main"]
        rest = (
            f", and {len(alike) - len(main)} with baselines, options or fine-tuned models"
            if len(alike) > len(main)
            else ""
        )
        hint = f"; did you mean {near[0]}?" if near else ";"
        return f"{hint} it has: {', '.join(main)}{rest}"

    def pair_digest(self, pair: Pair) -> str:
        """Digest of a trained pair."""
        alignment = self.study.alignment
        chosen = {
            "layers",
            "methods",
            "splits",
            "folds",
            "depth_models",
            "method_models",
            "method_encoders",
            "bootstrap",
        }
        settings = alignment.model_dump(mode="json", exclude=chosen | {"cuda_graphs"})
        variant = pair.variant.model_dump(mode="json")
        same_text = [self.description_digest] if variant["negatives"] == "skip_same_text" else []
        embeddings = [self.embedding_digest(pair.structure), self.embedding_digest(pair.text), *same_text]
        made_of = [settings, variant, embeddings, self.split_digest, self.study.seed]
        return self._digest("align", made_of, code=("alignment.pair", "alignment.shared_ids"))

    def pair(self, pair: Pair) -> Path:
        """Scores of a trained pair; the heads lie beside them."""
        folder = self.results / "alignment" / pair.structure / pair.text
        return folder / f"{pair.label}-{self.pair_digest(pair)}.npz"
