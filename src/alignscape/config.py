"""The typed configuration of a study. Unknown keys are errors; every key carries its own description."""

import difflib
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal, NamedTuple

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from .errors import UserError

Name = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9.+_-]*$", max_length=64)]


class Block(BaseModel):
    """A part of the config: immutable, and strict about its keys."""

    model_config = ConfigDict(extra="forbid", frozen=True, protected_namespaces=())


class Requirement(NamedTuple):
    """What a protein must have for an encoder to take it; decided from the parsed structure's counts alone."""

    atoms: Literal["any", "ca", "backbone"] = "any"
    min_residues: int = 1


# --- proteins ---------------------------------------------------------------------------------------------


class Sample(Block):
    """A seeded sample of the protein entries that the RCSB search API lists."""

    n: int = Field(20000, ge=1, description="How many entries to draw.")
    pool: int | None = Field(
        None, ge=1, description="Draw from the first so many ids of the sorted list; all if absent."
    )


class EncoderTraining(Block):
    """The proteins that encoders are trained on here (GDMs without weights, LoRA). Never tested on, in any split."""

    ids: Path | None = Field(None, description="A text file of ids, one a line. Takes precedence over `fraction`.")
    fraction: float = Field(0.3, ge=0, lt=1, description="Share of the proteins, chosen by a hash of seed and id.")


class RcsbSource(Block):
    """How to talk to RCSB, politely."""

    files_url: str = Field("https://files.rcsb.org", description="Server of PDB and mmCIF files.")
    fasta_url: str = Field("https://www.rcsb.org", description="Server of FASTA files.")
    search_url: str = Field("https://search.rcsb.org", description="Server of the search API.")
    data_url: str = Field("https://data.rcsb.org", description="Server of the data API, which knows obsolete ids.")
    requests_per_second: float = Field(10, gt=0, description="Upper bound on the request rate of one job.")
    connections: int = Field(8, ge=1, le=32, description="Requests under way at once in one job.")
    retries: int = Field(5, ge=0, description="Tries after a failed request, with growing pauses.")
    timeout: float = Field(30, gt=0, description="Seconds until a silent server counts as failed.")


class Proteins(Block):
    """Which proteins, and where their structure files come from."""

    source: Literal["embedded", "directory", "rcsb"] = Field("embedded", description="Where structure files come from.")
    directory: Path | None = Field(
        None, description="Folder of PDB/mmCIF files, plain or .gz, for `source: directory`."
    )
    ids: Path | list[str] | None = Field(
        None, description="Ids to use: a list, or a text file with one id a line. All if absent."
    )
    sample: Sample | None = Field(None, description="Draw a sample from RCSB instead of naming ids.")
    shard_size: int = Field(1000, ge=1, description="Proteins in one job of an encoder.")
    encoder_training: EncoderTraining = Field(
        EncoderTraining(), description="Proteins set aside for training encoders."
    )
    rcsb: RcsbSource = Field(RcsbSource(), description="The RCSB servers.")

    @model_validator(mode="after")
    def _source_is_complete(self) -> "Proteins":
        if self.source == "directory" and self.directory is None:
            raise ValueError("`source: directory` needs `directory`, the folder of structure files")
        if self.source == "rcsb" and self.ids is None and self.sample is None:
            raise ValueError("`source: rcsb` needs `ids` or `sample`")
        return self


# --- text -------------------------------------------------------------------------------------------------

Droppable = Literal["id", "length", "chains", "organism", "name"]


class OpenAIDescriber(Block):
    """Any OpenAI-compatible endpoint. The key comes from the environment variable OPENAI_API_KEY only."""

    base_url: str = Field("https://api.openai.com/v1", description="The endpoint.")
    model: str = Field("gpt-4o-2024-08-06", description="The model's name at the endpoint.")
    prompt: Path | None = Field(None, description="A prompt file; the one that ships with alignscape if absent.")
    seed: int = Field(42, description="Passed to the endpoint.")
    concurrency: int = Field(8, ge=1, description="Requests under way at once in one job.")
    requests_per_minute: float = Field(300, gt=0, description="Upper bound on the request rate of one job.")
    retries: int = Field(6, ge=0, description="Tries after 429, 5xx, a timeout or a cut connection.")
    timeout: float = Field(60, gt=0, description="Seconds until a silent server counts as failed.")
    max_tokens: int = Field(400, ge=1, description="Upper bound on an answer's length.")
    usd_per_million_input_tokens: float = Field(2.5, ge=0, description="For the cost line of the log.")
    usd_per_million_output_tokens: float = Field(10.0, ge=0, description="For the cost line of the log.")


class Text(Block):
    """How a protein is put into words."""

    describer: Literal["template", "openai"] = Field("template", description="Who writes entries of several entities.")
    drop: list[Droppable] = Field([], description="Facts to leave out of the text: an ablation of shortcuts.")
    openai: OpenAIDescriber = Field(OpenAIDescriber(), description="The endpoint for `describer: openai`.")


# --- structure encoders -----------------------------------------------------------------------------------


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

# --- language models --------------------------------------------------------------------------------------


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
    compute_dtype: Literal["float32", "bfloat16", "float16"] = Field("float16", description="Of the products.")
    optimizer: Literal["adamw", "paged_adamw_32bit"] = Field("paged_adamw_32bit", description="paged needs a GPU.")
    learning_rate: float = Field(2e-4, gt=0, description="Peak, cosine schedule.")
    batch_size: int = Field(1, ge=1, description="Texts in a forward pass.")
    accumulation: int = Field(16, ge=1, description="Forward passes in a step.")
    epochs: int = Field(10, ge=1, description="Passes over the training proteins.")
    held_out: float = Field(0.2, gt=0, lt=1, description="Share of the training proteins kept for perplexity.")
    save_steps: int = Field(50, ge=1, description="Steps between checkpoints to resume from.")


# --- alignment --------------------------------------------------------------------------------------------

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
    dimension: int | None = Field(None, ge=2, description="Common dimension of the heads; the LLM's if absent.")
    structure_pca: int | None = Field(None, ge=2, description="Cut structure embeddings to so many components first.")
    inputs: Literal["raw", "standardised"] = Field(
        "raw",
        description="Embeddings as they come, or each number of both sides standardised on the training proteins.",
    )


class Alignment(Block):
    """Split, training and scoring of the heads."""

    splits: list[SplitName] = Field(["random", "cluster"], min_length=1, description="The first is the headline.")
    folds: int = Field(5, ge=3, description="For the k-fold splits: one tests, the next validates.")
    cluster_identity: float = Field(0.3, gt=0, le=1, description="Sequence identity of a cluster (MMseqs2).")
    seeds: int = Field(5, ge=1, description="Trained heads per pair.")
    epochs: int = Field(40, ge=1, description="Passes over the training pairs.")
    batch_size: int = Field(32, ge=2, description="Pairs in a step.")
    learning_rate: float = Field(1e-3, gt=0, description="Adam's.")
    temperature: float = Field(0.2, gt=0, description="tau of the loss.")
    untrained_draws: int = Field(20, ge=2, description="Pairs of heads as initialised.")
    permutations: int = Field(1000, ge=10, description="Draws of a permutation null.")
    bootstrap: int = Field(2000, ge=100, description="Draws of a bootstrap interval.")
    layers: list[int] = Field([1, 2, 3], description="Depths of RQ5.")
    methods: dict[Name, Variant] = Field({}, description="Further variants, compared in one table.")
    method_models: list[Name] = Field([], description="Language models that `methods` are tried on; all if empty.")
    method_encoders: list[Name] = Field([], description="GDMs that `methods` are tried on; all if empty.")


class DimensionLadder(Block):
    """RQ4: one encoder at several widths, trained here, each scored like every pair."""

    base: GearNet = Field(description="The encoder's block; its name gets the width appended.")
    hidden: list[list[int]] = Field(description="The widths, smallest first.")
    pca: list[int] = Field([], description="Control: the largest one cut by PCA to these dimensions.")
    fixed_dimension: int | None = Field(None, ge=2, description="Control: a common dimension of the heads.")


class Analysis(Block):
    """The research questions."""

    popular_ids: Path | list[str] | None = Field(None, description="RQ3: a given list of popular proteins.")
    rare_ids: Path | list[str] | None = Field(None, description="RQ3: a given list of rare proteins.")
    example_ids: list[str] = Field([], description="Proteins shown as examples; some are drawn if absent.")
    neighbours: int = Field(10, ge=1, description="k of mutual kNN and CKNNA.")


class Study(Block):
    """A whole study: proteins, encoders, alignment, questions."""

    study: Name = Field("demo", description="Name of the folder under results/.")
    title: str | None = Field(None, description="Heading of the report.")
    seed: int = Field(42, ge=0, description="Seed of everything random.")
    cache_dir: Path = Field(Path(".cache"), description="Downloads and converted models, shared by studies.")
    results_dir: Path = Field(Path("results"), description="Everything a run makes.")
    proteins: Proteins = Field(Proteins(), description="Which proteins.")
    text: Text = Field(Text(), description="How proteins are put into words.")
    structure_encoders: list[StructureEncoderConfig] = Field(min_length=1, description="The GDMs.")
    language_models: list[TextEncoderConfig] = Field(min_length=1, description="The LLMs.")
    fine_tuning: list[FineTuning] = Field([], description="RQ6.")
    dimension_ladder: DimensionLadder | None = Field(None, description="RQ4.")
    alignment: Alignment = Field(Alignment(), description="Heads and scores.")
    analysis: Analysis = Field(Analysis(), description="Research questions.")

    @model_validator(mode="after")
    def _names_fit_together(self) -> "Study":
        names = [e.name for e in self.all_structure_encoders] + [m.name for m in self.all_language_models]
        for name in names:
            if names.count(name) > 1:
                raise ValueError(f"the name {name!r} is given to more than one encoder")
        blocks = {"method_models": self.language_models, "method_encoders": self.structure_encoders}
        for key, block in blocks.items():
            allowed = [b.name for b in block if b.role == "main"]
            for name in getattr(self.alignment, key):
                if name not in allowed:
                    raise ValueError(_unknown(f"alignment.{key}", name, allowed))
        return self

    @property
    def all_structure_encoders(self) -> list[StructureEncoderBlock]:
        """The GDMs with the rungs of the dimension ladder."""
        return [*self.structure_encoders, *ladder_encoders(self.dimension_ladder)]

    @property
    def all_language_models(self) -> list[CausalLm | Tfidf]:
        """The LLMs with the fine-tuned ones."""
        return [*self.language_models, *(self.fine_tuned_model(f) for f in self.fine_tuning)]

    def fine_tuned_model(self, fine_tuning: FineTuning) -> CausalLm:
        """The block of the fine-tuned model: its base's, under its own name."""
        bases = {m.name: m for m in self.language_models if isinstance(m, CausalLm)}
        if fine_tuning.base not in bases:
            raise ValueError(_unknown(f"fine_tuning {fine_tuning.name}: base", fine_tuning.base, list(bases)))
        return bases[fine_tuning.base].model_copy(update={"name": fine_tuning.name, "role": "fine_tuned"})


def ladder_encoders(ladder: DimensionLadder | None) -> list[GearNet]:
    """One block a rung, named after its embedding's dimension."""
    if ladder is None:
        return []
    rungs = [(sum(hidden), hidden) for hidden in ladder.hidden]
    return [
        ladder.base.model_copy(update={"name": f"{ladder.base.name}-{width}", "hidden": hidden, "role": "ladder"})
        for width, hidden in rungs
    ]


# --- loading ----------------------------------------------------------------------------------------------


def _unknown(where: str, found: str, allowed: list[str]) -> str:
    near = difflib.get_close_matches(found, allowed, n=1, cutoff=0.5)
    hint = f"; did you mean {near[0]!r}?" if near else ""
    return f"{where}: {found!r} is not one of {', '.join(sorted(allowed))}{hint}"


def _location(error: dict[str, Any]) -> str:
    tags = {"gearnet", "gvp", "scannet", "gat", "proteinmpnn", "composition", "causal_lm", "tfidf"}
    parts = [p for i, p in enumerate(error["loc"]) if not (p in tags and i and isinstance(error["loc"][i - 1], int))]
    return "".join(f"[{p}]" if isinstance(p, int) else f".{p}" if i else str(p) for i, p in enumerate(parts))


def _block_at(model: type[BaseModel], loc: tuple[Any, ...], data: Any) -> list[str]:
    """The keys allowed in the block that holds the last element of `loc`."""
    import typing

    def models(annotation: Any) -> list[type[BaseModel]]:
        if isinstance(annotation, type) and issubclass(annotation, BaseModel):
            return [annotation]
        return [m for argument in typing.get_args(annotation) for m in models(argument)]

    current = [model]
    for part in loc[:-1]:
        tagged = [m for m in current if part in typing.get_args(m.model_fields.get("encoder", Field()).annotation)]
        if tagged:
            current = tagged
        elif isinstance(part, str):
            current = [
                n for m in current if part in m.model_fields for n in models(m.model_fields[part].annotation)
            ] or current
    return sorted({key for m in current for key in m.model_fields})


def _one_line(error: ValidationError, data: Any, path: str) -> str:
    first = error.errors(include_url=False)[0]
    where, kind, found = _location(first), first["type"], first.get("input")
    if kind == "extra_forbidden":
        return (
            f"{path}: "
            + _unknown("unknown key", where.rpartition(".")[2], _block_at(Study, first["loc"], data))
            + (f" (at {where})" if "." in where else "")
        )
    if kind == "missing":
        return f"{path}: {where} is missing; it is required"
    if kind == "union_tag_invalid":
        allowed = first["ctx"]["expected_tags"].replace("'", "").split(", ")
        return f"{path}: " + _unknown(f"{where}.encoder", first["ctx"]["tag"], allowed)
    if kind == "literal_error":
        allowed = first["ctx"]["expected"].replace("'", "").replace(" or ", ", ").split(", ")
        return f"{path}: " + _unknown(where, str(found), allowed)
    if kind == "value_error":
        return f"{path}: " + (f"{where}: " if where else "") + str(first["ctx"]["error"])
    return f"{path}: {where}: {first['msg'][0].lower() + first['msg'][1:]}, found {found!r}"


def parse(data: dict[str, Any], *, path: str = "config") -> Study:
    """The study of an already loaded mapping. Raises UserError, one line, for what does not fit."""
    try:
        return Study.model_validate(data)
    except ValidationError as error:
        raise UserError(_one_line(error, data, path)) from None


def load(path: str | Path) -> Study:
    """The study of a YAML file. Raises UserError, one line, for what does not fit."""
    try:
        data = yaml.safe_load(Path(path).read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise UserError(f"{path}: there is no such config file") from None
    except yaml.YAMLError as error:
        raise UserError(f"{path}: not valid YAML: {' '.join(str(error).split())}") from None
    if not isinstance(data, dict):
        raise UserError(f"{path}: expected a mapping of keys, found {type(data).__name__}")
    return parse(data, path=str(path))
