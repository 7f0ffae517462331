"""What a config may say of the TF-IDF baseline."""

from typing import Literal

from pydantic import Field

from ....config.encoders import TextEncoderBlock


class Tfidf(TextEncoderBlock):
    """A baseline without a language model: TF-IDF of the words, reduced by a fixed random projection."""

    counts_over_reference = True
    wants_gpu = False
    encoder: Literal["tfidf"]
    dimension: int = Field(512, ge=8, description="Of the embedding.")
    role: Literal["baseline"] = Field("baseline", description="A baseline, not a model.")


BLOCK = Tfidf
