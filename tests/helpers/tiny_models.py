"""Tiny random models of the architectures that matter, and texts of very different lengths for them."""

import json
from pathlib import Path

TEXTS = [
    "The protein structure 1MBO has a sequence length of 153 amino acids.",
    "The protein is named myoglobin and is derived from the organism Physeter catodon.",
    "Chains A and B.",
    "The protein structure 4HHB has a sequence length of 287 amino acids. Here is more information: The protein structure"
    " 4HHB involves the following chains: A, C. The protein is named hemoglobin subunit alpha and is derived from the"
    " organism Homo sapiens. A 2nd entity, in chains B and D, is named hemoglobin subunit beta (β), 5'-phosphate.",
    "A",
    "Trypsin, Bos taurus; 2.1 Å",
]
SIZES = {
    "vocab_size": 0,
    "hidden_size": 32,
    "intermediate_size": 64,
    "num_hidden_layers": 3,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "max_position_embeddings": 256,
}


def tiny_config(architecture: str, vocabulary: int, **larger: int) -> object:
    """The config of a three-layer model whose sliding windows, where it has them, are shorter than the texts."""
    from transformers import Gemma2Config, Gemma3TextConfig, LlamaConfig, Qwen2Config

    sizes = SIZES | {"vocab_size": vocabulary} | larger
    if architecture == "llama":
        return LlamaConfig(**sizes, tie_word_embeddings=False)
    if architecture == "gemma2":
        return Gemma2Config(**sizes, head_dim=8, sliding_window=8, query_pre_attn_scalar=8)
    if architecture == "gemma3":
        return Gemma3TextConfig(
            **sizes, head_dim=8, sliding_window=8, query_pre_attn_scalar=8, sliding_window_pattern=2
        )
    return Qwen2Config(**sizes, use_sliding_window=True, sliding_window=8, max_window_layers=1)


def save_tiny(architecture: str, tokenizer_from: Path, folder: Path, *, seed: int = 0, **larger: int) -> Path:
    """Random weights of that architecture in float32, saved with a real tokenizer as a plain model folder."""
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(tokenizer_from)
    torch.manual_seed(seed)
    model = AutoModelForCausalLM.from_config(tiny_config(architecture, len(tokenizer), **larger), dtype=torch.float32)
    return save_varied(model, tokenizer, folder, mean=0.1)


def save_varied(model, tokenizer, folder: Path, *, mean: float = 0.5) -> Path:
    """The folder of a model whose norms and biases are not the ones and zeros of a fresh one, so that a missing one shows."""
    import torch

    with torch.no_grad():
        for name, weight in model.named_parameters():
            if "norm" in name.lower() or "bias" in name:
                weight.normal_(mean, 0.3)
            elif weight.dim() == 2:
                weight.normal_(0, weight.shape[1] ** -0.5)
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


def mark_converted(folder: Path) -> Path:
    """The folder with the card of one that the conversion of a package's model leaves."""
    card = {"model": "registry:tiny", "source": "tiny==1", "sha256": "0" * 64, "licence": "none"}
    (folder / "alignscape.json").write_text(json.dumps(card))
    return folder
