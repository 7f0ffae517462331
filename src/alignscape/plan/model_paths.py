"""Paths of language models, of adapters, and of weights trained here."""

from functools import cached_property
from pathlib import Path
from typing import Any

from ..config.encoders import LanguageModelBlock, ProteinModelBlock
from ..encoders.structure.registry import implementation, official_of
from ..encoders.text.official import registry_model
from .base import CONVERTER, NOT_IN_DIGEST
from .protein_paths import ProteinPaths


class ModelPaths(ProteinPaths):
    """Where the models lie that embed proteins and texts."""

    def model_digest(self, name: str) -> str:
        """Digest of a language model's prepared files."""
        block = self.text_blocks[name]
        assert isinstance(block, LanguageModelBlock)
        shipped = registry_model(block.model)
        identity = [block.model, block.revision, self._file(Path(block.model)), shipped.sha256 if shipped else ""]
        return self._digest("prepare_model", identity, code=CONVERTER if shipped else ())

    def prepared_model(self, name: str) -> Path:
        """A note of where a model was put; models that share their files share it."""
        return self.results / "models" / f"{self.model_digest(name)}.json"

    def models_to_prepare(self) -> dict[str, LanguageModelBlock]:
        """The language models whose files a job puts in place, by digest; models that share them count once."""
        blocks = self.text_blocks.items()
        return {self.model_digest(name): block for name, block in blocks if isinstance(block, LanguageModelBlock)}

    def model_of_digest(self, digest: str) -> str:
        """The name of a configured model whose prepared files have this digest."""
        return next(
            n
            for n, b in self.text_blocks.items()
            if isinstance(b, LanguageModelBlock) and self.model_digest(n) == digest
        )

    def is_converted(self, digest: str) -> bool:
        """Whether the model of this digest comes in a package, to be converted: with up to 2.6 GiB, the most that a demo's job takes."""
        return registry_model(self.models_to_prepare()[digest].model) is not None

    def adapter_digest(self, name: str) -> str:
        """Digest of a LoRA run: its base, settings and texts."""
        tuning, base = self.fine_tunings[name], self.text_blocks[self.fine_tunings[name].base]
        settings = tuning.model_dump(mode="json", exclude={"name", "base", "save_steps"})
        made_of = [settings, self.study.seed, self.model_digest(base.name), self.description_digest]
        return self._digest("fine_tune", made_of, self.text_set, code=("encoders.text.lora",), leave_out=CONVERTER)

    def adapter(self, name: str) -> Path:
        """The adapter's card; the adapter lies beside it."""
        return self.results / "adapters" / name / self.adapter_digest(name) / "card.json"

    def weights_digest(self, name: str) -> str:
        """Digest of weights trained here."""
        block = self.structure_blocks[name]
        settings = block.model_dump(mode="json", exclude=NOT_IN_DIGEST - {"pretraining"})
        table = self._file(block.pretraining.ec_table)
        made_of = [
            settings,
            table,
            block.requirement,
            self.study.seed,
            self.parser_digest,
            self.training_set,
        ]
        code = ("encoders.training.pretrain", "encoders.structure.weights")
        return self._digest("pretrain", made_of, code=code, members=(implementation(block),))

    def weights(self, name: str) -> Path:
        """Weights trained here; their card lies beside them."""
        return self.results / "weights" / name / self.weights_digest(name) / "weights.safetensors"

    def official_digest(self, name: str) -> str | None:
        """Digest of the published weights that an encoder downloads; None for one that downloads none."""
        block = self.structure_blocks[name]
        if isinstance(block, ProteinModelBlock):
            here = str(Path(block.model)) in self.inputs.files  # a folder, which is there
            return None if here else self._digest("prepare_weights", block.encoder, [block.model, block.revision])
        published = official_of(block) if block.weights_file is None else None
        return self._digest("prepare_weights", block.encoder, published.identity) if published else None

    @cached_property
    def prepared_weights(self) -> dict[str, Path]:
        """By encoder, a note of where its published weights were put; encoders that share them share the note."""
        digests = {name: self.official_digest(name) for name in self.structure_blocks}
        return {name: self.results / "models" / f"weights-{digest}.json" for name, digest in digests.items() if digest}

    def encoder_of_digest(self, digest: str) -> str:
        """The name of an encoder whose published weights have this digest."""
        return next(name for name in self.structure_blocks if self.official_digest(name) == digest)

    def official_inputs(self, wildcards: Any) -> list[Path]:
        """The note that an encoder's published weights are there, if it has any to download."""
        return [self.prepared_weights[wildcards.encoder]] if wildcards.encoder in self.prepared_weights else []

    def weights_inputs(self, wildcards: Any) -> list[Path]:
        """The weights trained here that an encoder's shards need, if any."""
        return [self.weights(wildcards.encoder)] if wildcards.encoder in self.trained_encoders else []

    def model_inputs(self, wildcards: Any) -> list[Path]:
        """The prepared model and the adapter that a language model's shards need, if any."""
        name = wildcards.encoder
        if not isinstance(self.text_blocks[name], LanguageModelBlock):
            return []
        return [self.prepared_model(name), *([self.adapter(name)] if name in self.fine_tunings else [])]
