"""What a config may say of a text encoder that is not causal."""

from typing import Literal

from pydantic import Field

from ....config.encoders import LanguageModelBlock


class Sentence(LanguageModelBlock):
    """Any encoder of texts whose tokens see both ways: BERT, PubMedBERT, E5, bge, ModernBERT, EmbeddingGemma."""

    encoder: Literal["sentence"]
    pooling: Literal["own", "mean", "cls", "last"] = Field(
        "own", description="`own`: as the model's files for sentence-transformers say; mean where they say nothing."
    )
    prompt: str | None = Field(
        None, description='Put before each text (E5: "query: "); if absent, what the model\'s files say.'
    )
    long_texts: Literal["omit", "cut"] = Field(
        "omit", description="Texts with more tokens than the model takes: left out with a line in the ledger, or cut."
    )
    dimension: int | None = Field(
        None, ge=1, description="Of its rows, if it is to be checked when the model is loaded."
    )
    token_budget: int | None = Field(
        None,
        ge=16,
        description="Tokens (padding included) in one pass; if absent, 4096 on a GPU (16384 for a model less than 1024"
        " wide), 1024 on a processor.",
    )
    role: Literal["main", "option"] = Field("main", description="Pairs of `main` models make Table 1.")


BLOCK = Sentence
