"""The blocks of structure encoders, language models and their fine-tuning."""

from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal, NamedTuple

from pydantic import BeforeValidator, Field, model_validator

from .block import Block, Name


class Requirement(NamedTuple):
    """What a protein must have for an encoder to take it; decided from the parsed structure's counts alone."""

    atoms: Literal["any", "ca", "backbone"] = "any"
    min_residues: int = 1


class Pretraining(Block):
    """Training of a structure encoder here, on the proteins of `proteins.encoder_training` only.

    The defaults are the paper's for enzyme_commission; for residue_recovery each encoder's block has some of its own.
    """

    task: Literal["residue_recovery", "enzyme_commission"] = Field("residue_recovery", description="What is predicted.")
    epochs: int = Field(10, ge=1, description="Passes over the training proteins.")
    batch_size: int = Field(4, ge=1, description="Proteins, or stretches of `truncate` residues, in a step.")
    learning_rate: float = Field(1e-4, gt=0, description="Adam's.")
    mask_fraction: float = Field(0.15, gt=0, lt=1, description="Share of residues masked by residue_recovery.")
    truncate: int | None = Field(350, ge=1, description="Longest stretch of residues seen at once; null for no limit.")
    held_out: float = Field(0.2, gt=0, lt=1, description="Share of the training proteins kept to report accuracy on.")
    ec_levels: list[int] = Field([1, 2, 3, 4], description="Levels of the EC number that become labels.")
    ec_table: Path | None = Field(
        None, description="Tab-separated id and EC numbers; the entries' own COMPND if absent."
    )


def _recovery(**own: Any) -> Any:
    """The `pretraining` field of an encoder that has values of its own for residue_recovery."""
    listed = ", ".join(f"`{key}: {value}`" for key, value in own.items())
    description = f"Used with `weights: trained`; for residue_recovery, unless given, {listed}."
    return Field(Pretraining(**own), description=description)


class StructureEncoderBlock(Block):
    """What every GDM's block has."""

    requirement: ClassVar[Requirement] = Requirement()
    name: Name = Field(description="How this encoder is called in files and tables.")
    weights: str = Field("random", description="Which weights to load.")
    weights_file: Path | None = Field(None, description="A local copy of the official weights, instead of a download.")
    pretraining: Pretraining = Field(Pretraining(), description="Used with `weights: trained`.")
    role: Literal["main", "baseline", "ladder"] = Field("main", description="Pairs of `main` encoders make Table 1.")
    residue_budget: int = Field(6000, ge=1, description="Residues packed into one batch.")

    @model_validator(mode="before")
    @classmethod
    def _pretraining_completed(cls, block: Any) -> Any:
        """What the config does not say of residue_recovery is the encoder's own, not `Pretraining`'s default."""
        given = block.get("pretraining") if isinstance(block, dict) else None
        if not isinstance(given, dict) or given.get("task", "residue_recovery") != "residue_recovery":
            return block
        own = cls.model_fields["pretraining"].default.model_dump(exclude_unset=True)
        return block | {"pretraining": own | given}

    @model_validator(mode="after")
    def _weights_file_is_read(self) -> "StructureEncoderBlock":
        if self.weights_file is not None and self.weights not in ("official", "cora"):
            raise ValueError(f"weights_file is read for official weights only, found weights: {self.weights}")
        return self


class GearNet(StructureEncoderBlock):
    """GearNet-Edge on residues (arXiv 2203.06125)."""

    requirement = Requirement("ca", 3)
    encoder: Literal["gearnet"]
    weights: Literal["official", "trained", "random"] = Field("trained", description="Which weights to load.")
    pretraining: Pretraining = _recovery(epochs=4, batch_size=4, learning_rate=1e-3, mask_fraction=0.9)
    checkpoint: Literal["angle_gearnet_edge", "mc_gearnet_edge"] = Field(
        "angle_gearnet_edge", description="Which official file."
    )
    hidden: list[int] = Field([512] * 6, min_length=1, description="Width of each layer; the embedding joins them all.")
    readout: Literal["sum", "mean"] = Field("sum", description="From residues to the protein.")
    backend: Literal["native", "torchdrug"] = Field("native", description="Our implementation, or TorchDrug's own.")


class Gvp(StructureEncoderBlock):
    """The GVP structural encoder (arXiv 2009.01411): backbone geometry only."""

    requirement = Requirement("backbone", 3)
    encoder: Literal["gvp"]
    weights: Literal["official", "trained", "random"] = Field("trained", description="Which weights to load.")
    pretraining: Pretraining = _recovery(epochs=5, batch_size=1, learning_rate=1e-3, mask_fraction=0.9)
    pooling: Literal["invariants", "components"] = Field(
        "invariants", description="`components` is not rotation invariant."
    )


class ScanNet(StructureEncoderBlock):
    """ScanNet (doi 10.1038/s41592-022-01490-7): atoms, then amino acids, in local frames."""

    requirement = Requirement("backbone", 3)
    encoder: Literal["scannet"]
    weights: Literal["official", "trained", "random"] = Field("trained", description="Which weights to load.")
    pretraining: Pretraining = _recovery(epochs=10, batch_size=1, learning_rate=5e-4, mask_fraction=0.3)
    preprocessing: Literal["invariant", "original"] = Field(
        "invariant", description="`original` repeats the published code's use of the file's axes and chain order."
    )


class Gat(StructureEncoderBlock):
    """Graph attention on atoms (arXiv 1710.10903). `weights: cora` is the paper's control."""

    requirement = Requirement("any", 3)
    encoder: Literal["gat"]
    weights: Literal["trained", "random", "cora"] = Field("trained", description="Which weights to load.")
    pretraining: Pretraining = _recovery(epochs=14, batch_size=1, learning_rate=3e-3, mask_fraction=0.3)
    backend: Literal["native", "pyg"] = Field(
        "native", description="Our attention, or torch-geometric's, which the optional group `pyg` installs."
    )


class ProteinMpnn(StructureEncoderBlock):
    """ProteinMPNN's encoder with its published weights (doi 10.1126/science.add2187)."""

    requirement = Requirement("backbone", 3)
    encoder: Literal["proteinmpnn"]
    weights: Literal["package", "random"] = Field("package", description="The weights of the registry's package.")


class Composition(StructureEncoderBlock):
    """A baseline without geometry: amino-acid composition, length and chains."""

    encoder: Literal["composition"]
    weights: Literal["none"] = Field("none", description="It has none.")
    role: Literal["main", "baseline", "ladder"] = Field("baseline", description="A baseline, not a GDM.")


StructureEncoderConfig = Annotated[
    GearNet | Gvp | ScanNet | Gat | ProteinMpnn | Composition, Field(discriminator="encoder")
]


class CausalLm(Block):
    """Any causal language model that transformers loads."""

    encoder: Literal["causal_lm"] = "causal_lm"
    name: Name = Field(description="How this model is called in files and tables.")
    model: str = Field(description="Hub id, local folder, or `registry:smollm2-135m` / `registry:gemma3-270m`.")
    revision: str | None = Field(None, description="A hub commit, to pin the weights.")
    dtype: Literal["float32", "bfloat16", "float16"] = Field("float32", description="Of weights and activations.")
    quantization: Literal["none", "nf4"] = Field("none", description="4-bit weights by bitsandbytes.")
    layer: int = Field(-1, description="Hidden state to take; -1 is the last, after the final norm.")
    pooling: Literal["last", "mean"] = Field("last", description="Last token, or mean over tokens.")
    token_budget: int | None = Field(
        None,
        ge=16,
        description="Tokens (padding included) in one batch; if absent, 4096 on a GPU, 1024 on a processor.",
    )
    shards_per_job: int = Field(1, ge=1, description="Shards read by one job; more where loading the model is slow.")
    size_class: Literal["standard", "large"] = Field("standard", description="`large` goes to several GPUs.")
    parameters_billion: float | None = Field(None, gt=0, description="For estimates, and to order models of a family.")
    family: str | None = Field(None, description="Models of one family are compared by size.")
    role: Literal["main", "option", "fine_tuned"] = Field("main", description="Pairs of `main` models make Table 1.")


class Tfidf(Block):
    """A baseline without a language model: TF-IDF of the words, reduced by a fixed random projection."""

    encoder: Literal["tfidf"]
    name: Name = Field(description="How this baseline is called in files and tables.")
    dimension: int = Field(512, ge=8, description="Of the embedding.")
    role: Literal["baseline"] = Field("baseline", description="A baseline, not a model.")


def _causal_lm_unless_named(block: Any) -> Any:
    return {"encoder": "causal_lm"} | block if isinstance(block, dict) else block


TextEncoderConfig = Annotated[
    Annotated[CausalLm | Tfidf, Field(discriminator="encoder")], BeforeValidator(_causal_lm_unless_named)
]


class FineTuning(Block):
    """LoRA on question and description (paper A.8), and extraction from base + adapter under a name of its own."""

    name: Name = Field(description="Name of the fine-tuned model.")
    base: Name = Field(description="Name of the language model to start from.")
    shuffled: bool = Field(False, description="The control: descriptions of other proteins.")
    question: str = Field("What is the protein: {id}?", description="The prompt; {id} is the protein's id.")
    loss_on: Literal["answer", "all"] = Field("answer", description="Tokens that count in the loss.")
    rank: int = Field(8, ge=1, description="LoRA r.")
    alpha: int = Field(16, ge=1, description="LoRA alpha.")
    dropout: float = Field(0.05, ge=0, lt=1, description="LoRA dropout.")
    quantization: Literal["none", "nf4"] = Field("nf4", description="Of the base while training.")
    compute_dtype: Literal["auto", "float32", "bfloat16", "float16"] = Field(
        "auto",
        description="Of the products; `auto` is what the device is fast in: bfloat16 on a GPU from Ampere on and a"
        " processor with AVX512-BF16 or AMX, float16 on an older GPU, float32 on another processor.",
    )
    optimizer: Literal["adamw", "paged_adamw_32bit"] = Field("paged_adamw_32bit", description="paged needs a GPU.")
    learning_rate: float = Field(2e-4, gt=0, description="Peak, cosine schedule.")
    batch_size: int = Field(1, ge=1, description="Texts in a forward pass.")
    accumulation: int = Field(16, ge=1, description="Forward passes in a step.")
    epochs: int = Field(10, ge=1, description="Passes over the training proteins.")
    held_out: float = Field(0.2, gt=0, lt=1, description="Share of the training proteins kept for perplexity.")
    save_steps: int = Field(50, ge=1, description="Steps between checkpoints to resume from.")
