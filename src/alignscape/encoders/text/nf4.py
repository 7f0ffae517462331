"""4-bit weights (NormalFloat 4, arXiv 2305.14314) by bitsandbytes."""

from typing import Any

from ...errors import UserError


def nf4_config(*, compute_dtype: Any) -> Any:
    """transformers' description of nf4 weights with products in `compute_dtype` (a torch dtype).

    Raises UserError where bitsandbytes is not installed.
    """
    from transformers import BitsAndBytesConfig
    from transformers.utils import is_bitsandbytes_available

    if not is_bitsandbytes_available():
        raise UserError("quantization: nf4 needs the package bitsandbytes; pip install bitsandbytes, or use none")
    return BitsAndBytesConfig(load_in_4bit=True, bnb_4bit_quant_type="nf4", bnb_4bit_compute_dtype=compute_dtype)


def keep_trainable(model: Any) -> None:
    """Forbid bitsandbytes to repack the weights of `model` on processors with avx512_bf16.

    There one forward in eval mode packs the weights for inference: widths that are no multiple of 64 crash, the scales
    are rounded to bfloat16, and every later gradient through them is exactly zero, with no more than a warning.
    """
    import bitsandbytes

    for module in model.modules():
        if isinstance(module, bitsandbytes.nn.Linear4bit):
            module.support_avx512bf16_for_cpu = False
