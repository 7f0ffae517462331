"""What a config may say of a causal language model."""

from typing import Literal

from pydantic import Field

from ....config.encoders import LanguageModelBlock


class CausalLm(LanguageModelBlock):
    """Any causal language model that transformers loads."""

    takes_adapter = True
    encoder: Literal["causal_lm"] = "causal_lm"
    dtype: Literal["auto", "float32", "bfloat16", "float16"] = Field(  # type: ignore[assignment] # one word more
        "auto",
        description="Of weights and activations; `auto` is what the device is fast in: bfloat16 on a GPU from Ampere on and a"
        " processor with AVX512-BF16 or AMX, float16 on an older GPU, float32 on another processor.",
    )
    quantization: Literal["none", "nf4"] = Field("none", description="4-bit weights by bitsandbytes.")
    layer: int = Field(-1, description="Hidden state to take; -1 is the last, after the final norm.")
    pooling: Literal["last", "mean"] = Field("last", description="Last token, or mean over tokens.")
    bos: Literal["tokenizer", "always", "never"] = Field(
        "tokenizer", description="The beginning-of-text token before each text: as the tokenizer does, or as said here."
    )
    token_budget: int | None = Field(
        None,
        ge=16,
        description="Tokens (padding included) in one batch; if absent, 4096 on a GPU (16384 for a model less than 1024"
        " wide), 1024 on a processor.",
    )
    role: Literal["main", "option", "fine_tuned"] = Field("main", description="Pairs of `main` models make Table 1.")


BLOCK = CausalLm
