"""The pairs that a study trains: one for every structure encoder, language model and settings of the heads."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from ..config.study import Study, Variant, ladder_encoders


@dataclass(frozen=True)
class Pair:
    """One (GDM, LLM, variant of the heads) to train."""

    structure: str
    text: str
    variant: Variant
    label: str = field(compare=False)  # what the variant is called: `layers2`, or a method's name

    @property
    def key(self) -> str:
        """How the pair is called in messages and files."""
        return f"{self.structure}--{self.text}--{self.label}"


def study_pairs(study: Study) -> Iterable[Pair]:
    """Pairs by research question; the same pair may come up twice."""
    main_gdms = [e.name for e in study.structure_encoders if e.role == "main"]
    main_llms = [m.name for m in study.language_models if m.role == "main"]
    deep = study.alignment.depth_models or main_llms
    for gdm in main_gdms:
        for llm in main_llms:
            depths = study.alignment.layers if llm in deep else ()
            yield from (_own_pair(study, gdm, llm, f"layers{n}") for n in (1, *depths))
        others = [m.name for m in study.all_language_models if m.role != "main"]
        yield from (_own_pair(study, gdm, llm) for llm in others)
    for gdm, llm in study.method_pairs:
        yield from (Pair(gdm, llm, settings, name) for name, settings in study.alignment.methods.items())
    baselines = [e.name for e in study.structure_encoders if e.role != "main"]
    yield from (_own_pair(study, gdm, llm) for gdm in baselines for llm in main_llms)
    yield from _ladder_pairs(study, main_llms)


def _own_pair(study: Study, gdm: str, llm: str, label: str = "layers1") -> Pair:
    return Pair(gdm, llm, study.own_variants[label], label)


def _ladder_pairs(study: Study, main_llms: list[str]) -> Iterable[Pair]:
    ladder, rungs = study.dimension_ladder, ladder_encoders(study.dimension_ladder)
    if ladder is None:
        return
    for llm in main_llms:
        for rung in rungs:
            yield _own_pair(study, rung.name, llm)
            if ladder.fixed_dimension:
                yield _own_pair(study, rung.name, llm, f"dimension{ladder.fixed_dimension}")
        yield from (_own_pair(study, rungs[-1].name, llm, f"pca{width}") for width in ladder.pca)
