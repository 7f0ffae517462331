"""Tiny random encoders of texts, with a vocabulary of words and letters made here."""

import string
from pathlib import Path
from typing import Any

from tests.helpers.tiny_models import TEXTS, save_varied

SIZES = {"hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 3, "num_attention_heads": 4}
SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]


def vocabulary() -> list[str]:
    """BERT's special tokens, every letter, digit and mark as a word and as the rest of one, and some words."""
    letters = [*string.ascii_lowercase, *string.digits, *string.punctuation]
    words = sorted({word.strip(".,:;").lower() for text in TEXTS[:3] for word in text.split()} - {*letters})
    return [*SPECIAL, *letters, *(f"##{letter}" for letter in letters), *words, "query", "text"]


def tiny_encoder_config(architecture: str, n_words: int) -> Any:
    """The config of a three-layer encoder; with windows and padded places shorter than the texts where it has them."""
    from transformers import BertConfig, Gemma3TextConfig, ModernBertConfig, RobertaConfig, T5Config

    sizes: dict[str, Any] = SIZES | {"vocab_size": n_words, "max_position_embeddings": 256, "pad_token_id": 0}
    if architecture == "bert":
        return BertConfig(**sizes)
    if architecture == "roberta":
        return RobertaConfig(**sizes, type_vocab_size=1)
    if architecture == "modernbert":
        return ModernBertConfig(**sizes, local_attention=8, global_attn_every_n_layers=2)
    if architecture == "gemma3":
        return Gemma3TextConfig(
            **sizes, num_key_value_heads=2, head_dim=8, sliding_window=8, query_pre_attn_scalar=8,
            sliding_window_pattern=2, use_bidirectional_attention=True,
        )  # fmt: skip
    return T5Config(vocab_size=n_words, d_model=32, d_kv=8, d_ff=64, num_layers=3, num_heads=4, pad_token_id=0)


def save_tiny_encoder(architecture: str, folder: Path, *, seed: int = 0) -> Path:
    """The folder of a tiny random encoder: bert, roberta, modernbert, gemma3 (both ways, as EmbeddingGemma) or t5."""
    import torch
    from transformers import AutoModel, BertTokenizer

    folder.mkdir(parents=True)
    words = vocabulary()
    (folder / "words.txt").write_text("\n".join(words))
    tokenizer = BertTokenizer(str(folder / "words.txt"))
    torch.manual_seed(seed)
    model = AutoModel.from_config(tiny_encoder_config(architecture, len(words)), dtype=torch.float32)
    return save_varied(model, tokenizer, folder)
