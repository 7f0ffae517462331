"""What the blocks of all encoders have in common; each encoder's own lies with the encoder. And fine-tuning."""

import re
from pathlib import Path
from typing import Any, ClassVar, Literal, NamedTuple

from pydantic import Field, model_validator

from .block import Block, Name


class Requirement(NamedTuple):
    """What a protein must have for an encoder to take it; decided from the parsed structure's counts alone."""

    atoms: Literal["any", "ca", "backbone"] = "any"
    min_residues: int = 1


class Cost(NamedTuple):
    """What an encoder takes, for estimates before a run: one core of a processor with AVX2, imports not counted."""

    embedding: float = 1.0  # milliseconds a residue
    training: float = 3.0  # milliseconds for each residue seen in training
    width: int = 512  # numbers in a protein's row
    held: float = 0.0  # GiB of weights, where they count


def named_size(model: str) -> float | None:
    """How many weights a model's name says that it has (`-8B`, `_650M_`); None if it says nothing."""
    found = re.findall(r"(?<![a-z0-9.])(\d+(?:\.\d+)?)([bm])(?![a-z0-9])", model.lower())
    return float(found[-1][0]) * {"b": 1e9, "m": 1e6}[found[-1][1]] if found else None


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


_PRETRAINING = "Used with `weights: trained`; of `weights: shipped` its `task` says which."


def recovery(**own: Any) -> Any:
    """The `pretraining` field of an encoder that has values of its own for residue_recovery."""
    listed = ", ".join(f"`{key}: {value}`" for key, value in own.items())
    description = f"{_PRETRAINING} For residue_recovery, unless given, {listed}."
    return Field(Pretraining(**own), description=description)


_A_SECOND = 40e9  # operations of a transformer's products on a core of a processor with AVX2
MatmulPrecision = Literal["tf32", "float32"]
_PRECISION = (
    "Of float32 products on a GPU: tf32 is several times as fast and keeps 10 bits; processors compute in float32."
)
_SHARDS = "Shards read by one job; if absent, so many that it is worth its start on a GPU, and four jobs or more of an encoder."


class StructureEncoderBlock(Block):
    """What every GDM's block has."""

    requirement: ClassVar[Requirement] = Requirement()
    wants_gpu: ClassVar[bool] = True  # whether a job that embeds by it should hold a GPU, where there is one
    published: ClassVar[frozenset[str]] = frozenset({"official"})  # words of `weights` that mean published files
    encoder: str
    name: Name = Field(description="How this encoder is called in files and tables.")
    weights: str = Field("random", description="Which weights to load.")
    weights_file: Path | None = Field(None, description="A local copy of the official weights, instead of a download.")
    pretraining: Pretraining = Field(Pretraining(), description=_PRETRAINING)
    role: Literal["main", "baseline", "ladder"] = Field("main", description="Pairs of `main` encoders make Table 1.")
    residue_budget: int | None = Field(
        None, ge=1, description="Residues packed into one batch; if absent, 24000 on a GPU, 6000 on a processor."
    )
    matmul_precision: MatmulPrecision = Field("tf32", description=_PRECISION)
    shards_per_job: int | None = Field(None, ge=1, description=_SHARDS)

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
        if self.weights_file is not None and self.weights not in self.published:
            raise ValueError(f"weights_file is read for official weights only, found weights: {self.weights}")
        return self

    def what_is_missing(self) -> tuple[str, str] | None:
        """What is not installed that this block needs, and what to do about it, for the doctor; None if all is there."""
        return None

    def cost(self) -> Cost:
        """What embedding and training take, within a factor of two; the default is for an encoder nobody measured."""
        return Cost()

    def not_promised(self) -> dict[str, str]:
        """What `alignscape check-encoder` asks that this encoder does not promise, by its word (rotation, ...), and why."""
        return {}


class ProteinModelBlock(StructureEncoderBlock):
    """What the block of a structure encoder has that reads a protein language model's files."""

    requirement = Requirement("any", 1)
    model: str = Field(description="Local folder, or hub id.")
    revision: str | None = Field(None, description="A hub commit, to pin the weights.")
    weights: Literal["model", "random"] = Field("model", description="The model's own, or random ones: a control.")
    dtype: Literal["float32", "bfloat16", "float16"] = Field("float32", description="Of weights and activations.")
    layer: int = Field(-1, description="Hidden state to take; 0 is the embedding, -1 the last, after the final norm.")
    window: int = Field(1022, ge=16, description="Residues read at once; longer chains are read in windows.")
    overlap: int = Field(256, ge=0, description="Residues, at least, that one window shares with the next.")
    dimension: int | None = Field(
        None, ge=1, description="Of its rows, if it is to be checked when the model is loaded."
    )
    token_budget: int | None = Field(
        None,
        ge=16,
        description="Tokens (padding included) in one pass; if absent, 4096 on a GPU (16384 for a model less than 1024"
        " wide), 1024 on a processor.",
    )

    def cost(self) -> Cost:
        """By the number of weights: as its name says, or its files (of 4 bytes each), or ProtBERT's, which says neither."""
        files = sum(path.stat().st_size for path in Path(self.model).expanduser().glob("*.safetensors"))
        size = files / 4 or named_size(self.model) or 420e6
        width = self.dimension or round(1280 * (size / 650e6) ** 0.45)
        return Cost(2e3 * size / _A_SECOND, 0, width, size * (4 if self.dtype == "float32" else 2) / 2**30)

    @model_validator(mode="after")
    def _windows_move_on(self) -> "ProteinModelBlock":
        if self.overlap >= self.window:
            raise ValueError(f"overlap: found {self.overlap}, expected less than window, which is {self.window}")
        return self


class TextEncoderBlock(Block):
    """What every text encoder's block has."""

    wants_gpu: ClassVar[bool] = True  # as of a `StructureEncoderBlock`
    counts_over_reference: ClassVar[bool] = False  # whether rows depend on the texts of the encoder-training proteins
    takes_adapter: ClassVar[bool] = False  # whether `fine_tuning` may start from it
    encoder: str
    name: Name = Field(description="How this encoder is called in files and tables.")
    role: Literal["main", "option", "baseline", "fine_tuned"] = Field(
        "main", description="Pairs of `main` models make Table 1."
    )

    def not_promised(self) -> dict[str, str]:
        """As of a `StructureEncoderBlock`."""
        return {}


class LanguageModelBlock(TextEncoderBlock):
    """What the block of a text encoder has that reads a language model's files; they are put in place first."""

    model: str = Field(description="Hub id, local folder, or `registry:smollm2-135m` / `registry:gemma3-270m`.")
    revision: str | None = Field(None, description="A hub commit, to pin the weights.")
    dtype: Literal["float32", "bfloat16", "float16"] = Field("float32", description="Of weights and activations.")
    matmul_precision: MatmulPrecision = Field("tf32", description=_PRECISION)
    shards_per_job: int | None = Field(None, ge=1, description=_SHARDS)
    size_class: Literal["standard", "large"] = Field("standard", description="`large` goes to several GPUs.")
    parameters_billion: float | None = Field(None, gt=0, description="For estimates, and to order models of a family.")
    family: str | None = Field(None, description="Models of one family are compared by size.")


class GivenRows(Block):
    """What the block of an encoder has whose rows were made elsewhere: where they lie."""

    rows: Path = Field(
        description="A `.npy`, `.npz`, `.parquet` or `.safetensors` file of all proteins, or a folder with one file per protein."
    )
    ids: Path | None = Field(
        None, description="Of a `.npy`: a text file of its ids, one a line; if absent, the same name with .txt."
    )


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
    batch_size: int = Field(
        1, ge=1, description="Texts in a pass on a processor; a GPU takes as many as it has room for."
    )
    accumulation: int = Field(16, ge=1, description="A step has `batch_size` x `accumulation` texts on every device.")
    epochs: int = Field(10, ge=1, description="Passes over the training proteins.")
    texts: int | None = Field(None, ge=3, description="Use so many of the texts, drawn by the seed; all if absent.")
    held_out: float = Field(0.2, gt=0, lt=1, description="Share of the training proteins kept for perplexity.")
    save_steps: int = Field(50, ge=1, description="Steps between checkpoints to resume from.")
