"""Paths of models, adapters, weights trained here, and embeddings."""

from functools import cache, cached_property
from pathlib import Path
from typing import Any

from ..config.encoders import GivenRows, LanguageModelBlock, ProteinModelBlock, StructureEncoderBlock, TextEncoderBlock
from ..encoders.checking.entries import FEW, files
from ..encoders.structure.registry import implementation, official_of, shipped_with
from ..encoders.structure.shipped import shipped_weights
from ..encoders.text import registry as text_encoders
from ..errors import UserError
from ..storage.files import digest_of, sha256_file
from .base import CONVERTER, NOT_IN_DIGEST
from .digest import digest_modules, full_names
from .job_count import job_count
from .model_paths import ModelPaths
from .sharding import group_shards


class EncoderPaths(ModelPaths):
    """Where the embeddings of every encoder lie."""

    def embedding_digest(self, name: str) -> str:
        """Digest of an encoder's embeddings, structure or text."""
        return self._structure_digest(name) if name in self.structure_blocks else self._text_digest(name)

    def embedding_modules(self, name: str) -> frozenset[str]:
        """The modules whose code makes an encoder's embeddings: an edit of one of them makes those stale."""
        code, member = self._embedding_code(name)
        return digest_modules(*full_names((code,)), member, leave_out=full_names(CONVERTER))

    def _embedding_code(self, name: str) -> tuple[str, str]:
        """What makes the rows of all encoders of a kind, and the encoder's own module by its full name."""
        if name in self.structure_blocks:
            return "encoders.structure.rows", implementation(self.structure_blocks[name])
        return "encoders.text.rows", text_encoders.implementation(self.text_blocks[name])

    def _structure_digest(self, name: str) -> str:
        block = self.structure_blocks[name]
        settings = block.model_dump(mode="json", exclude=NOT_IN_DIGEST | _places(block))
        made_of = [settings, self._weights_used(block), block.requirement, self.study.seed, self.parser_digest]
        code, member = self._embedding_code(name)
        return self._digest("embed_structure", made_of, code=(code,), members=(member,))

    def _weights_used(self, block: StructureEncoderBlock) -> Any:
        """What tells the weights that a block asks for from others; a local copy counts for what the copy holds."""
        if block.weights == "trained":
            return self.weights_digest(block.name)
        if isinstance(block, GivenRows):
            return self._given(block)
        if isinstance(block, ProteinModelBlock):
            return self._file(Path(block.model))
        if block.weights == "shipped":
            return shipped_weights(block).sha256
        if block.weights_file is not None:
            return self._file(block.weights_file)
        if block.weights == "package":
            return _shipped_sha256(block)
        published = official_of(block)
        return published.identity if published else ""

    def _given(self, block: StructureEncoderBlock | TextEncoderBlock) -> Any:
        """What tells given rows from others: the content of their files; "" for an encoder that computes its rows."""
        return [self._file(block.rows), self._file(block.ids)] if isinstance(block, GivenRows) else ""

    def _text_digest(self, name: str) -> str:
        block = self.text_blocks[name]
        settings = block.model_dump(mode="json", exclude=NOT_IN_DIGEST | _places(block))
        model = self.model_digest(name) if isinstance(block, LanguageModelBlock) else self._given(block)
        adapter = self.adapter_digest(name) if name in self.fine_tunings else ""
        reference = self.text_set if self.needs_reference(name) else ""
        made_of = [settings, model, adapter, reference, self.description_digest]
        code, member = self._embedding_code(name)
        return self._digest("embed_text", made_of, code=(code,), members=(member,), leave_out=CONVERTER)

    def needs_reference(self, name: str) -> bool:
        """Whether a text encoder counts how common words are, which it does over the texts that are there to learn from."""
        return self.text_blocks[name].counts_over_reference

    def reference_inputs(self, wildcards: Any) -> list[Path]:
        """The files of the texts to learn from, for an encoder that counts words over them."""
        return self.texts_to_learn() if self.needs_reference(wildcards.encoder) else []

    def reference_clusters(self, wildcards: Any) -> list[Path]:
        """What tells which of these texts to count words over, besides the config."""
        return self.text_clusters if self.needs_reference(wildcards.encoder) else []

    def groups(self, name: str) -> dict[str, list[str]]:
        """Jobs of an encoder with the shards that each reads."""
        block = (self.structure_blocks | self.text_blocks)[name]
        jobs = job_count(block, len(self.inputs.file_digests), shards=len(self.shards))
        return group_shards(list(self.shards), max(1, -(-len(self.shards) // max(1, jobs))))

    def embedding_shards(self, name: str) -> list[Path]:
        """All shards of an encoder."""
        return [self.embedding(name, group) for group in self.groups(name)]

    def embedding(self, name: str, shard: str) -> Path:
        """One shard of an encoder; its sidecar is the same name with .json."""
        return self.results / "embeddings" / name / self.embedding_digest(name) / f"{shard}.npy"

    def gathered(self, name: str) -> Path:
        """All rows of an encoder in one file, so that later rules have few inputs."""
        content = digest_of([self._script("gather"), sorted(self.shards)])
        return self.results / "embeddings" / name / self.embedding_digest(name) / f"all-{content}.npy"

    @property
    def checked_encoders(self) -> list[str]:
        """The structure encoders that are tried on small proteins: all whose rows are made here, if the study asks for it."""
        asked = self.study.analysis.check_encoders
        return [name for name, block in self.structure_blocks.items() if asked and not isinstance(block, GivenRows)]

    @cached_property
    def checked(self) -> dict[str, Path]:
        """By encoder, what was found of it; no outputs of Snakemake's, so that the job keeps those that are there."""
        tried_on = [_sha256(path) for path in files(tuple(FEW))] if self.checked_encoders else []
        code = ("encoders.checking.structure_check",)
        return {name: self._check(name, tried_on, code) for name in self.checked_encoders}

    def _check(self, name: str, tried_on: list[str], code: tuple[str, ...]) -> Path:
        made_of = [self.embedding_digest(name), self.structure_blocks[name].not_promised(), tried_on]
        return self.results / "checks" / name / f"{self._digest('check_encoders', made_of, code=code)}.json"

    def all_checks(self) -> Path:
        """What the job leaves that tries them all."""
        found = {name: str(path.relative_to(self.results)) for name, path in self.checked.items()}
        return self.results / "checks" / f"all-{digest_of([self._script('check_encoders'), found])}.json"

    def checks(self) -> list[Path]:
        """The same as a list, which is empty where no encoder is tried."""
        return [self.all_checks()] if self.checked else []

    def check_inputs(self) -> list[Path]:
        """The weights trained here and the notes of published ones that the job needs."""
        trained = [self.weights(name) for name in self.trained_encoders if name in self.checked_encoders]
        return sorted(
            {*trained, *(note for name, note in self.prepared_weights.items() if name in self.checked_encoders)}
        )

    def check_settings(self) -> dict[str, dict[str, str | None]]:
        """By encoder, where what is found goes, its weights if they are trained here, and the note of published ones."""
        weights = {name: str(self.weights(name)) for name in self.trained_encoders}
        notes = {name: str(note) for name, note in self.prepared_weights.items()}
        return {
            name: {"found": str(path), "trained": weights.get(name), "note": notes.get(name)}
            for name, path in self.checked.items()
        }


def _places(block: StructureEncoderBlock | TextEncoderBlock) -> set[str]:
    """Keys of a block that say where a model or given rows lie, which count by their content."""
    kinds = {GivenRows: {"rows", "ids"}, LanguageModelBlock: {"model", "revision"}}
    return set().union(*(keys for kind, keys in kinds.items() if isinstance(block, kind)))


def _shipped_sha256(block: StructureEncoderBlock) -> str:
    """Of the weights that a package ships; "" where it is not installed, which the job that reads them says."""
    try:
        path = shipped_with(block)
    except UserError:
        return ""
    return _sha256(path) if path else ""


@cache
def _sha256(path: Path) -> str:
    return sha256_file(path) if path.is_file() else ""
