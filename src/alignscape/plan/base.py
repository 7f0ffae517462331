"""What every part of a plan stands on: the study, its shards, its encoders by name, and digests."""

import ast
import re
from collections.abc import Iterable
from functools import cached_property
from pathlib import Path
from typing import Any

from ..config.encoders import FineTuning, StructureEncoderBlock, TextEncoderBlock
from ..config.study import Study
from ..storage.files import digest_of
from .digest import code_digest, full_names
from .sharding import make_shards
from .snapshot import Inputs

CONVERTER = ("encoders.text.registry_models",)  # of models that packages ship; it counts in `model_digest`
# Keys of an encoder's block that change no number of its embeddings.
NOT_IN_DIGEST = {"name", "role", "residue_budget", "token_budget", "shards_per_job", "size_class", "family"}
NOT_IN_DIGEST |= {"parameters_billion", "weights_file", "pretraining"}


class PlanBase:
    """The study and what it was given, with the shards that its proteins are in."""

    def __init__(self, study: Study, inputs: Inputs, *, scripts: Path | None = None) -> None:
        self.study = study
        self.inputs = inputs
        self.results = study.results_dir
        self._scripts = scripts
        self._script_digests: dict[str, str] = {}
        training = set(inputs.encoder_training or ())
        parts = (
            {i: c for i, c in inputs.file_digests.items() if (i in training) == wanted} for wanted in (True, False)
        )
        size = study.proteins.shard_size
        named, others = (
            make_shards(part, prefix=prefix, shard_size=size) for part, prefix in zip(parts, "ts", strict=True)
        )
        self.shards = named | others
        # Where proteins that train encoders may be: in shards of their own if they are named, else in any.
        self.training_shards = self.shards if inputs.encoder_training is None else named

    @cached_property
    def structure_blocks(self) -> dict[str, StructureEncoderBlock]:
        """GDMs by name, rungs of the ladder included."""
        return {block.name: block for block in self.study.all_structure_encoders}

    @cached_property
    def text_blocks(self) -> dict[str, TextEncoderBlock]:
        """LLMs by name, fine-tuned ones included."""
        return {block.name: block for block in self.study.all_language_models}

    @cached_property
    def fine_tunings(self) -> dict[str, FineTuning]:
        """LoRA runs by name."""
        return {block.name: block for block in self.study.fine_tuning}

    @cached_property
    def trained_encoders(self) -> list[str]:
        """GDMs whose weights are trained here."""
        return [name for name, block in self.structure_blocks.items() if block.weights == "trained"]

    def _script(self, name: str) -> str:
        if name not in self._script_digests:
            text = (self._scripts / f"{name}.py").read_text(encoding="utf-8") if self._scripts else ""
            self._script_digests[name] = digest_of(ast.dump(ast.parse(text)))
        return self._script_digests[name]

    def _file(self, path: Path | None) -> str:
        return self.inputs.files.get(str(path), "") if path else ""

    def _digest(
        self,
        script: str,
        *parts: Any,
        code: tuple[str, ...] = (),
        members: tuple[str, ...] = (),
        leave_out: tuple[str, ...] = (),
    ) -> str:
        """Of a script, values, modules of this package (`code`, without its name) and of members (full names)."""
        modules, known = (*full_names(code), *members), full_names(leave_out)
        return digest_of([self._script(script), code_digest(*modules, leave_out=known), *parts])

    @property
    def folder(self) -> Path:
        """Where a person looks: results/<study>/."""
        return self.results / self.study.study

    def names(self, *, text: bool = True, fine_tuned: bool = False, large: bool | None = None, gpu: bool = True) -> str:
        """A regular expression of the encoders that a rule serves; one that matches nothing if there are none."""
        if not text:
            return self._any_of(n for n, b in self.structure_blocks.items() if b.wants_gpu == gpu)
        blocks = {n: b for n, b in self.text_blocks.items() if b.wants_gpu == gpu}
        chosen = [n for n, b in blocks.items() if (getattr(b, "size_class", "") == "large") == bool(large)]
        return self._any_of(n for n in chosen if n in self.fine_tunings or not fine_tuned)

    @staticmethod
    def _any_of(names: Iterable[str]) -> str:
        return "|".join(sorted(re.escape(name) for name in names)) or "(?!)"
