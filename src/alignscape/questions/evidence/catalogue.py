"""Who is who: kind, role, weights and size of every encoder of a study."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ...config.study import Study, Variant
from ...storage.embeddings import EmbeddingMeta

# The weights that the paper used come first where a study has a kind of GDM twice.
_PAPER_WEIGHTS = ("official", "cora", "package")


@dataclass(frozen=True)
class Encoder:
    """One GDM or LLM: what its config block says, and what its embeddings' sidecar says of its weights."""

    name: str
    kind: str  # the config's `encoder`: gearnet, gvp, scannet, gat, ..., causal_lm, tfidf
    role: str
    weights: str = ""  # the config's `weights`; "" for language models
    weights_state: str | None = None
    weights_sha256: str | None = None
    dimension: int | None = None
    model: str | None = None
    family: str | None = None
    parameters_billion: float | None = None
    base: str | None = None  # of a fine-tuned model
    shuffled: bool = False  # fine-tuned on other proteins' descriptions
    pooling: str | None = None

    @property
    def is_random(self) -> bool:
        """Whether its weights were never trained: a control, of which no finding is asked."""
        return self.weights_state == "random" or self.weights == "random"


@dataclass(frozen=True)
class Catalogue:
    """The encoders of a study by name, in the config's order."""

    gdms: dict[str, Encoder]
    llms: dict[str, Encoder]
    methods: dict[str, Variant] = field(default_factory=dict)  # settings of `alignment.methods` by name
    method_pairs: frozenset[tuple[str, str]] = frozenset()  # (GDM, LLM) that they are tried on

    @property
    def main_gdms(self) -> list[str]:
        """Names of the GDMs of `role: main`."""
        return [name for name, e in self.gdms.items() if e.role == "main"]

    @property
    def main_llms(self) -> list[str]:
        """Names of the LLMs of `role: main`."""
        return [name for name, e in self.llms.items() if e.role == "main"]

    def main_of_kind(self, kind: str) -> Encoder | None:
        """The main GDM of a kind, the one with the paper's weights if there are several; None if there is none."""
        found = [self.gdms[name] for name in self.main_gdms if self.gdms[name].kind == kind]
        return min(found, key=lambda e: e.weights not in _PAPER_WEIGHTS, default=None)

    def families(self) -> dict[str, list[Encoder]]:
        """Main LLMs of one family and different sizes, smallest first; families of one size are left out."""
        sized = [self.llms[name] for name in self.main_llms]
        sized = [e for e in sized if e.family and e.parameters_billion and not e.is_random]
        by_family = {e.family: [m for m in sized if m.family == e.family] for e in sized}
        ordered = {f: sorted(models, key=lambda m: m.parameters_billion or 0) for f, models in by_family.items() if f}
        return {f: models for f, models in ordered.items() if len({m.parameters_billion for m in models}) > 1}


def build_catalogue(study: Study, *, metas: Mapping[str, EmbeddingMeta] | None = None) -> Catalogue:
    """The catalogue of a study. metas: one sidecar per encoder."""
    metas, tuned = metas or {}, {f.name: f for f in study.fine_tuning}

    def made(name: str) -> dict[str, Any]:
        if (meta := metas.get(name)) is None:
            return {}
        state = {"weights_state": meta.weights_state, "weights_sha256": meta.weights_sha256}
        return state | {"dimension": meta.dimension}

    gdms = {
        e.name: Encoder(e.name, e.encoder, e.role, weights=e.weights, **made(e.name))
        for e in study.all_structure_encoders
    }
    llms = {}
    for m in study.all_language_models:
        extra: dict[str, Any] = {k: getattr(m, k, None) for k in ("model", "family", "parameters_billion", "pooling")}
        if m.name in tuned:
            extra |= {"base": tuned[m.name].base, "shuffled": tuned[m.name].shuffled}
        llms[m.name] = Encoder(m.name, m.encoder, m.role, **extra, **made(m.name))
    return Catalogue(gdms, llms, dict(study.alignment.methods), frozenset(study.method_pairs))
