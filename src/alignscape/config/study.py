"""A whole study: proteins, encoders, alignment, questions."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, field_validator, model_validator

from .block import Block, Name, unknown_name
from .encoders import FineTuning, StructureEncoderBlock, TextEncoderBlock
from .proteins import Proteins, Text

# Under results/ these belong to no study but to all.
SHARED_FOLDERS = (
    "proteins",
    "text",
    "models",
    "embeddings",
    "alignment",
    "clusters",
    "splits",
    "weights",
    "adapters",
    "checks",
)
SplitName = Literal["random", "cluster", "kfold", "kfold_cluster"]


class Variant(Block):
    """One way to train the heads; every field has the paper's value as its default."""

    layers: int = Field(1, ge=1, le=3, description="Linear layers of the structure head (RQ5).")
    loss: Literal["structure_to_text", "symmetric"] = Field(
        "structure_to_text", description="One-sided is the paper's."
    )
    temperature: Literal["fixed", "learned"] = Field("fixed", description="0.2, or learned from there.")
    negatives: Literal["all", "skip_same_text", "skip_same_cluster"] = Field(
        "all", description="Duplicate-aware negatives."
    )
    sampling: Literal["by_protein", "by_cluster"] = Field(
        "by_protein", description="Each training protein as often as another, or each sequence cluster."
    )
    dimension: int | None = Field(None, ge=2, description="Common dimension of the heads; the LLM's if absent.")
    structure_pca: int | None = Field(None, ge=2, description="Cut structure embeddings to so many components first.")
    inputs: Literal["raw", "standardised"] = Field(
        "raw",
        description="Embeddings as they come, or each number of both sides standardised on the training proteins.",
    )

    @property
    def changes(self) -> str:
        """What differs from the default, in words: `layers: 2, loss: symmetric`; "" for the default."""
        fields = {name: field.default for name, field in type(self).model_fields.items()}
        return ", ".join(f"{k}: {getattr(self, k)}" for k, default in fields.items() if getattr(self, k) != default)


class Alignment(Block):
    """Split, training and scoring of the heads."""

    splits: list[SplitName] = Field(["random", "cluster"], min_length=1, description="The first is the headline.")
    folds: int = Field(5, ge=3, description="For the k-fold splits: one tests, the next validates.")
    cluster_identity: float = Field(0.3, gt=0, le=1, description="Sequence identity of a cluster (MMseqs2).")
    cluster_coverage: float = Field(
        0.5, gt=0, le=1, description="Share of the shorter sequence over which two must be that alike."
    )
    seeds: int = Field(5, ge=1, description="Trained heads per pair.")
    epochs: int = Field(40, ge=1, description="Passes over the training pairs.")
    batch_size: int = Field(32, ge=2, description="Pairs in a step.")
    learning_rate: float = Field(1e-3, gt=0, description="Adam's.")
    temperature: float = Field(0.2, gt=0, description="tau of the loss.")
    cuda_graphs: Literal["auto", "never"] = Field(
        "auto", description="`never`: a GPU is told of each kernel of a step anew; slower, with the same numbers."
    )
    untrained_draws: int = Field(20, ge=2, description="Pairs of heads as initialised.")
    permutations: int = Field(1000, ge=10, description="Draws of a permutation null.")
    bootstrap: int = Field(2000, ge=100, description="Draws of a bootstrap interval.")
    layers: list[Annotated[int, Field(ge=1, le=3)]] = Field([1, 2, 3], description="Depths of RQ5.")
    depth_models: list[Name] = Field(
        [], description="Language models that heads of more than one layer are tried on; all if empty."
    )
    methods: dict[Name, Variant] = Field(
        {}, description="Further variants, compared in one table. The name is a label and sets nothing."
    )
    method_models: list[Name] = Field([], description="Language models that `methods` are tried on; all if empty.")
    method_encoders: list[Name] = Field([], description="GDMs that `methods` are tried on; all if empty.")


class DimensionLadder(Block):
    """RQ4: one encoder at several widths, trained here, each scored like every pair."""

    base: StructureEncoderBlock = Field(description="The encoder's block; its name gets the width appended.")
    hidden: list[list[int]] = Field(description="The widths, smallest first.")
    pca: list[Annotated[int, Field(ge=2)]] = Field(
        [], description="Control: the largest one cut by PCA to these dimensions."
    )
    fixed_dimension: int | None = Field(None, ge=2, description="Control: a common dimension of the heads.")


class Analysis(Block):
    """The research questions."""

    popular_ids: Path | list[str] | None = Field(None, description="RQ3: a given list of popular proteins.")
    rare_ids: Path | list[str] | None = Field(None, description="RQ3: a given list of rare proteins.")
    example_ids: list[str] = Field([], description="Proteins shown as examples; some are drawn if absent.")
    neighbours: int = Field(10, ge=1, description="k of mutual kNN and CKNNA.")
    check_encoders: bool = Field(
        True,
        description="Whether structure encoders are tried on three small embedded entries (rotation, order, batches), for the page.",
    )


class Study(Block):
    """A whole study: proteins, encoders, alignment, questions."""

    # `schema.py` puts the blocks of the members in the place of base classes.
    study: Name = Field("demo", description="Name of the folder under results/.")
    title: str | None = Field(None, description="Heading of the report.")
    figure_columns: Literal[1, 2] = Field(
        2, description="Width of the figures' files in columns of a journal's page: 1 (85 mm) or 2 (178 mm)."
    )
    seed: int = Field(42, ge=0, description="Seed of everything random.")
    cache_dir: Path = Field(Path(".cache"), description="Downloads and converted models, shared by studies.")
    results_dir: Path = Field(Path("results"), description="Everything a run makes.")
    plugins: bool = Field(
        True,
        strict=True,
        description="Whether encoders, questions and sources of installed packages may be used; see docs/plugins.md.",
    )
    proteins: Proteins = Field(Proteins(), description="Which proteins.")
    text: Text = Field(Text(), description="How proteins are put into words.")
    structure_encoders: list[StructureEncoderBlock] = Field(min_length=1, description="The GDMs.")
    language_models: list[TextEncoderBlock] = Field(min_length=1, description="The LLMs.")
    fine_tuning: list[FineTuning] = Field([], description="RQ6.")
    dimension_ladder: DimensionLadder | None = Field(None, description="RQ4.")
    alignment: Alignment = Field(Alignment(), description="Heads and scores.")
    analysis: Analysis = Field(Analysis(), description="Research questions.")

    @field_validator("study")
    @classmethod
    def _folder_is_its_own(cls, name: str) -> str:
        if name.lower() in SHARED_FOLDERS:  # in lower case, for file systems that do not tell the two apart
            raise ValueError(
                f"{name!r} is the name of a folder that all studies share, as are {', '.join(SHARED_FOLDERS)}; "
                "give the study another"
            )
        return name

    @model_validator(mode="after")
    def _names_fit_together(self) -> "Study":
        names = [e.name for e in self.all_structure_encoders] + [m.name for m in self.all_language_models]
        for name in names:
            if names.count(name) > 1:
                raise ValueError(f"the name {name!r} is given to more than one encoder")
        blocks: dict[str, Sequence[Any]] = {
            "depth_models": self.language_models,
            "method_models": self.language_models,
            "method_encoders": self.structure_encoders,
        }
        for key, block in blocks.items():
            allowed = [b.name for b in block if b.role == "main"]
            for name in getattr(self.alignment, key):
                if name not in allowed:
                    raise ValueError(unknown_name(f"alignment.{key}", name, allowed))
        return self

    @model_validator(mode="after")
    def _a_label_means_one_setting(self) -> "Study":
        for name, settings in self.alignment.methods.items():
            if name in self.own_variants and self.own_variants[name] != settings:
                raise ValueError(
                    f"alignment.methods.{name}: found {settings.changes or 'the default settings'}, but the study's "
                    f"own heads of that name have {self.own_variants[name].changes or 'the default settings'}; "
                    "give the method another name"
                )
        return self

    @property
    def own_variants(self) -> dict[str, Variant]:
        """Settings of the heads that are trained without being named in `methods`, by label: RQ5's depths first."""
        variants = {f"layers{n}": Variant(layers=n) for n in (1, *self.alignment.layers)}
        if self.dimension_ladder is None:
            return variants
        ladder = self.dimension_ladder
        if ladder.fixed_dimension:
            variants[f"dimension{ladder.fixed_dimension}"] = Variant(dimension=ladder.fixed_dimension)
        return variants | {f"pca{width}": Variant(structure_pca=width) for width in ladder.pca}

    @property
    def variants(self) -> dict[str, Variant]:
        """Settings of all heads by label; a label means the same wherever it stands."""
        return self.own_variants | self.alignment.methods

    @property
    def method_pairs(self) -> list[tuple[str, str]]:
        """The main (GDM, LLM) that `alignment.methods` are tried on."""
        gdms = self.alignment.method_encoders or [e.name for e in self.structure_encoders if e.role == "main"]
        llms = self.alignment.method_models or [m.name for m in self.language_models if m.role == "main"]
        return [(gdm, llm) for gdm in gdms for llm in llms]

    @property
    def all_structure_encoders(self) -> list[StructureEncoderBlock]:
        """The GDMs with the rungs of the dimension ladder."""
        return [*self.structure_encoders, *ladder_encoders(self.dimension_ladder)]

    @property
    def all_language_models(self) -> list[TextEncoderBlock]:
        """The LLMs with the fine-tuned ones."""
        return [*self.language_models, *(self.fine_tuned_model(f) for f in self.fine_tuning)]

    def fine_tuned_model(self, fine_tuning: FineTuning) -> TextEncoderBlock:
        """The block of the fine-tuned model: its base's, under its own name."""
        bases = {m.name: m for m in self.language_models if m.takes_adapter}
        if fine_tuning.base not in bases:
            raise ValueError(unknown_name(f"fine_tuning {fine_tuning.name}: base", fine_tuning.base, list(bases)))
        return bases[fine_tuning.base].model_copy(update={"name": fine_tuning.name, "role": "fine_tuned"})


def ladder_encoders(ladder: DimensionLadder | None) -> list[StructureEncoderBlock]:
    """One block a rung, named after its embedding's dimension."""
    if ladder is None:
        return []
    rungs = [(sum(hidden), hidden) for hidden in ladder.hidden]
    return [
        ladder.base.model_copy(update={"name": f"{ladder.base.name}-{width}", "hidden": hidden, "role": "ladder"})
        for width, hidden in rungs
    ]
