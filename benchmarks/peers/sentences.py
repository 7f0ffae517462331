"""Rows of texts by a BERT of six layers and 384 numbers with random weights: ours, and sentence-transformers."""

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from .demo import descriptions

AMOUNT, MOST = 12, 256
_FOLDER = tempfile.TemporaryDirectory()
# Products of a token: in each layer four maps of 384 by 384 and two of 384 by 1536.
_OPERATIONS = 2 * 6 * (4 * 384**2 + 2 * 384 * 1536)
LIMIT: dict[str, float] = {"operations": _OPERATIONS}


def _saved() -> Path:
    """The model's folder, as sentence-transformers writes one: mean over tokens, at most 256 of them."""
    import json

    import torch
    from transformers import BertConfig, BertModel, BertTokenizer

    folder = Path(_FOLDER.name)
    letters = "abcdefghijklmnopqrstuvwxyz0123456789.,:;()-'/"
    words = sorted({word.strip(".,:;()").lower() for text in descriptions(AMOUNT) for word in text.split()})
    known = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *letters, *(f"##{letter}" for letter in letters)]
    (folder / "words.txt").write_text("\n".join(dict.fromkeys([*known, *filter(None, words)])))
    tokenizer = BertTokenizer(str(folder / "words.txt"), model_max_length=512)
    torch.manual_seed(0)
    sizes = {"hidden_size": 384, "num_hidden_layers": 6, "num_attention_heads": 12, "intermediate_size": 1536}
    BertModel(BertConfig(vocab_size=len(tokenizer), **sizes)).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    kinds = [("", "0", "Transformer"), ("1_Pooling", "1", "Pooling")]
    modules = [
        {"idx": int(n), "name": n, "path": path, "type": f"sentence_transformers.models.{kind}"}
        for path, n, kind in kinds
    ]
    (folder / "modules.json").write_text(json.dumps(modules))
    (folder / "sentence_bert_config.json").write_text(json.dumps({"max_seq_length": MOST, "do_lower_case": False}))
    (folder / "1_Pooling").mkdir()
    pooling = {"word_embedding_dimension": 384, "pooling_mode_mean_tokens": True}
    (folder / "1_Pooling/config.json").write_text(json.dumps(pooling))
    return folder


def ours(cache: Path) -> Callable[[], Any]:
    """Our encoder `sentence`, loaded before, as a job of many texts has it."""
    from alignscape.encoders.text.bidirectional import load_encoder
    from alignscape.encoders.text.foreign_code import load_tokenizer
    from alignscape.encoders.text.sentence import model
    from alignscape.encoders.text.sentence.block import Sentence

    folder, texts = _saved(), descriptions(AMOUNT)
    config = Sentence(name="bert", model=str(folder), encoder="sentence", dtype="float32", long_texts="cut")
    layers, tokenizer = model.chosen_layers(config, folder), load_tokenizer(folder)
    bert = load_encoder(config, folder, device="cpu")

    def run() -> Any:
        tokens, _ = model.read_tokens(tokenizer, texts, most=MOST, cut=True)
        return model._embed(config, bert, layers, tokens)

    tokens, _ = model.read_tokens(tokenizer, texts, most=MOST, cut=True)
    LIMIT["operations"] = _OPERATIONS * sum(map(len, tokens))
    return run


def theirs(cache: Path) -> Callable[[], Any]:
    """sentence-transformers, with its own batches of 32."""
    from sentence_transformers import SentenceTransformer

    model, texts = SentenceTransformer(str(_saved()), device="cpu"), descriptions(AMOUNT)
    return lambda: model.encode(texts, batch_size=32, show_progress_bar=False)
