"""Tiny random protein language models of each architecture, with vocabularies written in the published formats."""

from itertools import product
from pathlib import Path

from tests.helpers.tiny_models import save_varied

# The order of ESM-2's vocabulary, of ProtBERT's, and of SaProt's two alphabets.
ESM = ["<cls>", "<pad>", "<eos>", "<unk>", *"LAGVSERTIDPKQNFYMHWCXBUZO.-", "<null_1>", "<mask>"]
BERT = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *"LAGVESIKRDTPNQFYMHCWXUBZO"]
T5_WORDS = ["<pad>", "</s>", "<unk>", *(f"▁{letter}" for letter in "ALGVSREDTIPKFQNYMHWCXBOUZ")]
PAIRS = (letter + state for letter, state in product("ACDEFGHIKLMNPQRSTVWY#", "pynwrqhgdlvtmfsaeikc#"))
SAPROT = ["<cls>", "<pad>", "<eos>", "<unk>", "<mask>", *PAIRS]


def save_tiny(architecture: str, folder: Path, *, seed: int = 0) -> Path:
    """The folder of a tiny random model: esm, esm1 (learned places), bert, t5 or saprot."""
    import torch

    folder.mkdir(parents=True)
    torch.manual_seed(seed)
    model, tokenizer = {"bert": _bert, "t5": _t5}.get(architecture, _esm)(architecture, folder)
    return save_varied(model, tokenizer, folder)


def _esm(architecture, folder):
    from transformers import EsmConfig, EsmForMaskedLM, EsmTokenizer

    words = SAPROT if architecture == "saprot" else ESM
    (folder / "vocab.txt").write_text("\n".join(words))
    config = EsmConfig(
        vocab_size=len(words), hidden_size=32, intermediate_size=64, num_hidden_layers=3, num_attention_heads=4,
        max_position_embeddings=1026, token_dropout=True, emb_layer_norm_before=False, pad_token_id=1,
        position_embedding_type="absolute" if architecture == "esm1" else "rotary",
        mask_token_id=words.index("<mask>"),
    )  # fmt: skip
    return EsmForMaskedLM(config), EsmTokenizer(str(folder / "vocab.txt"))


def _bert(_, folder):
    from transformers import BertConfig, BertForMaskedLM, BertTokenizer

    (folder / "vocab.txt").write_text("\n".join(BERT))
    config = BertConfig(
        vocab_size=len(BERT), hidden_size=32, intermediate_size=64, num_hidden_layers=3, num_attention_heads=4,
        max_position_embeddings=2048,
    )  # fmt: skip
    return BertForMaskedLM(config), BertTokenizer(str(folder / "vocab.txt"), do_lower_case=False)


def _t5(_, folder):
    from transformers import T5Config, T5ForConditionalGeneration, T5Tokenizer

    vocabulary = [(word, -float(i)) for i, word in enumerate(T5_WORDS)]
    tokenizer = T5Tokenizer(vocab=vocabulary, extra_ids=0)
    config = T5Config(
        vocab_size=len(T5_WORDS), d_model=32, d_kv=8, d_ff=64, num_layers=3, num_heads=4, decoder_start_token_id=0
    )
    return T5ForConditionalGeneration(config), tokenizer
