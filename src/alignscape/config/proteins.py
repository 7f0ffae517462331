"""Which proteins a study is about, where their structures come from, and how they are put into words."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar, Literal

from pydantic import Field, field_validator, model_validator

from .block import Block, Url

MOST_ATOMS = 3_000_000  # of one file; the largest entries of the archive have 2.5 million


class Sample(Block):
    """A seeded sample of the protein entries that the RCSB search API lists."""

    n: int = Field(20000, ge=1, description="How many entries to draw.")
    pool: int | None = Field(
        None, ge=1, description="Draw from the first so many ids of the sorted list; all if absent."
    )


class EncoderTraining(Block):
    """The proteins that encoders are trained on here (GDMs without weights, LoRA). Never tested on, in any split."""

    ids: Path | None = Field(
        None,
        description="A text file of ids, one a line; each stands for its whole entry. Takes precedence over `fraction`.",
    )
    fraction: float = Field(
        0.3, ge=0, lt=1, description="Share of the proteins, whole sequence clusters drawn by the seed."
    )


class SourceBlock(Block):
    """What every source's block has; its keys, if it has any, stand under `proteins.<source>`."""

    downloads: ClassVar[bool] = False  # from a server, so that files are fetched by jobs of their own
    title: ClassVar[str] = "a source of its own"  # as the page calls it: "proteins from ..."

    @classmethod
    def incomplete(cls, proteins: "Proteins") -> str | None:
        """What a config with this source lacks, in a sentence; None if nothing."""
        return None

    def identity(self) -> dict[str, Any]:
        """What of the block tells its files from others, for the digest of what is downloaded."""
        return self.model_dump(mode="json")


class ArchiveBlock(SourceBlock):
    """What the block of a source has that downloads from an archive."""

    downloads = True
    requests_per_second: float = Field(10, gt=0, description="Upper bound on the request rate of one job.")
    connections: int = Field(8, ge=1, le=32, description="Requests under way at once in one job.")
    retries: int = Field(5, ge=0, description="Tries after a failed request, with growing pauses.")
    timeout: float = Field(30, gt=0, description="Seconds until a silent server counts as failed.")

    def identity(self) -> dict[str, Any]:
        """Nothing: an archive has the same files whatever its address and however often it is asked."""
        return {}


class Proteins(Block):
    """Which proteins, and where their structure files come from."""

    # `schema.py` adds the keys of the sources' blocks.
    sources: ClassVar[Mapping[str, type[SourceBlock]]] = {}
    source: str = Field("embedded", description="Where structure files come from.")
    directory: Path | None = Field(
        None, description="Folder of PDB, mmCIF and BinaryCIF files, plain or packed, for `source: directory`."
    )
    recursive: bool = Field(True, description="Whether the folder's subfolders are read too.")
    ids: Path | list[str] | None = Field(
        None,
        description="Ids to use: a list, a text file with one id a line, or a table (.tsv, .csv) with a column `id` and, for "
        "chains, `chain`. All if absent. `4HHB:A,B` means these chains only, by the authors' names. For "
        "`source: alphafold_db` UniProt accessions (P69905), with a fragment where there are several (Q8WZ42-F1).",
    )
    unit: Literal["entry", "chain"] = Field(
        "entry", description="What one protein is: an entry, or each polypeptide chain of it (4HHB:A, 4HHB:B)."
    )
    sample: Sample | None = Field(None, description="Draw a sample from RCSB instead of naming ids.")
    plddt_below: float | None = Field(
        None, gt=0, le=100, description="Leave out residues of predicted models whose pLDDT is below this, e.g. 70."
    )
    plddt: Literal["auto", "yes", "no"] = Field(
        "auto",
        description="Whether B factors are pLDDT: `auto` as each file says; `yes` where it says nothing. B factors of an "
        "experiment are never taken for pLDDT.",
    )
    atoms_at_most: int = Field(
        MOST_ATOMS,
        ge=1,
        description="A file with more atoms, over all its models, is left out with a line in the ledger, before it takes memory.",
    )
    shard_size: int = Field(1000, ge=1, description="Proteins in one job of an encoder.")
    encoder_training: EncoderTraining = Field(
        EncoderTraining(), description="Proteins set aside for training encoders."
    )

    @field_validator("plddt", mode="before")
    @classmethod
    def _yes_of_yaml(cls, value: object) -> object:
        """YAML reads yes and no as true and false."""
        return {True: "yes", False: "no"}.get(value, value) if isinstance(value, bool) else value

    @model_validator(mode="after")
    def _source_is_complete(self) -> "Proteins":
        kind = self.sources.get(self.source)
        if kind is not None and (lacking := kind.incomplete(self)):
            raise ValueError(lacking)
        return self


Droppable = Literal["id", "length", "chains", "organism", "name"]


class OpenAIDescriber(Block):
    """Any OpenAI-compatible endpoint. The key comes from the environment variable OPENAI_API_KEY only."""

    base_url: Url = Field("https://api.openai.com/v1", description="The endpoint.")
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


class OwnTexts(Block):
    """How a table of your own texts is read, for `text.source: table`."""

    id_column: str = Field("id", description="The column of ids, written as in `proteins.ids`.")
    text_column: str = Field("text", description="The column of texts.")
    several: Literal["draw", "average"] = Field(
        "draw", description="Of several texts of one protein: one, drawn by the seed, or the mean of their rows."
    )
    without_text: Literal["template", "ledger"] = Field(
        "template",
        description="A protein without a text: described by the template, or left out with a line in the ledger.",
    )


class Text(Block):
    """How a protein is put into words."""

    source: Literal["facts", "table"] = Field("facts", description="Written from the structure files' facts, or yours.")
    table: Path | None = Field(
        None,
        description="Your texts, for `source: table`: .tsv, .csv, .jsonl or .parquet, several per protein if you like.",
    )
    own: OwnTexts = Field(OwnTexts(), description="How `table` is read.")
    describer: Literal["template", "openai"] = Field("template", description="Who writes entries of several entities.")
    drop: list[Droppable] = Field(
        [],
        description="Facts to leave out of the text: an ablation of shortcuts. Of your own texts, where they state them word "
        "for word.",
    )
    reference_texts: Path | None = Field(
        None,
        description="A table (.tsv: id, text, sequences) of other proteins' texts: LoRA learns from them and TF-IDF counts words over "
        "them, instead of the descriptions of `proteins.encoder_training`. Relatives of these proteins are trained on.",
    )
    openai: OpenAIDescriber = Field(OpenAIDescriber(), description="The endpoint for `describer: openai`.")

    @model_validator(mode="after")
    def _source_is_complete(self) -> "Text":
        if self.source == "table" and self.table is None:
            raise ValueError("source: table needs `table`, a file with columns of ids and texts")
        if self.source == "facts" and (self.table is not None or self.own != OwnTexts()):
            raise ValueError("`table` and `own` are read for `source: table` only; say so, or leave them out")
        if self.source == "table" and self.describer == "openai":
            raise ValueError("`describer: openai` writes from facts; with `source: table` leave it out")
        return self

    @property
    def writer(self) -> str:
        """Who writes the descriptions: template, openai or table."""
        return "table" if self.source == "table" else self.describer
