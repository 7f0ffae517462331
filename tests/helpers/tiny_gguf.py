"""A tiny Llama in GGUF, lying in an installed package as the registry's models do."""

import hashlib
from pathlib import Path

import numpy as np
from gguf import GGUFWriter

from alignscape.encoders.text.official import RegistryModel

HIDDEN, LAYERS, HEADS, FEED_FORWARD = 32, 2, 4, 64


def write_tiny_gguf(path: Path) -> None:
    """A random two-layer Llama with a byte-level tokenizer of 260 tokens."""
    tokens = ["<unk>", "<s>", "</s>", *_byte_tokens(), "Ġt"]
    writer = GGUFWriter(path, "llama")
    writer.add_name("tiny")
    writer.add_block_count(LAYERS)
    writer.add_context_length(128)
    writer.add_embedding_length(HIDDEN)
    writer.add_feed_forward_length(FEED_FORWARD)
    writer.add_head_count(HEADS)
    writer.add_head_count_kv(HEADS)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_rope_freq_base(10000.0)
    writer.add_rope_dimension_count(HIDDEN // HEADS)
    writer.add_vocab_size(len(tokens))
    writer.add_tokenizer_model("gpt2")
    writer.add_token_list(tokens)
    writer.add_token_types([3, 3, 3, *[1] * (len(tokens) - 3)])
    writer.add_token_merges(["Ġ t"])
    writer.add_bos_token_id(1)
    writer.add_eos_token_id(2)
    _add_weights(writer, len(tokens))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def _byte_tokens() -> list[str]:
    """GPT-2's 256 printable stand-ins for the bytes."""
    from tokenizers.pre_tokenizers import ByteLevel

    return sorted(ByteLevel.alphabet())


def _add_weights(writer: GGUFWriter, n_tokens: int) -> None:
    rng = np.random.default_rng(0)
    square, wide = (HIDDEN, HIDDEN), (FEED_FORWARD, HIDDEN)
    shapes = {"token_embd": (n_tokens, HIDDEN), "output_norm": (HIDDEN,)}
    for layer in range(LAYERS):
        block = f"blk.{layer}."
        shapes |= {block + name: square for name in ("attn_q", "attn_k", "attn_v", "attn_output")}
        shapes |= {block + "ffn_gate": wide, block + "ffn_up": wide, block + "ffn_down": wide[::-1]}
        shapes |= {block + "attn_norm": (HIDDEN,), block + "ffn_norm": (HIDDEN,)}
    for name, shape in shapes.items():
        writer.add_tensor(f"{name}.weight", rng.normal(size=shape).astype(np.float32))


def install_tiny(site: Path) -> RegistryModel:
    """A package in two pieces under the folder `site`, which the caller puts on the path, and its registry entry."""
    site.mkdir(parents=True, exist_ok=True)
    write_tiny_gguf(site / "whole.gguf")
    whole = (site / "whole.gguf").read_bytes()
    for n, piece in enumerate((whole[:1000], whole[1000:])):
        metadata = site / f"tiny_piece{n}-1.0.dist-info"
        metadata.mkdir(exist_ok=True)
        (metadata / "METADATA").write_text(f"Metadata-Version: 2.1\nName: tiny-piece{n}\nVersion: 1.0\n")
        (site / f"tiny_piece{n}").mkdir(exist_ok=True)
        (site / f"tiny_piece{n}" / "part").write_bytes(piece)
    return RegistryModel(
        name="tiny",
        packages=("tiny-piece0", "tiny-piece1"),
        files=("tiny_piece0/part", "tiny_piece1/part"),
        version="1.0",
        sha256=hashlib.sha256(whole).hexdigest(),
        licence="MIT",
        multiplied=1e4,
        weights=2e4,
    )
