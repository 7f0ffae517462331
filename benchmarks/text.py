"""How fast and how large text embedding is: batched against single texts, number types, loading, memory.

    python benchmarks/text.py [--threads 2] [--repeats 3]

On the processor: the two models of the package registry on the embedded proteins' descriptions. On a GPU, if there is
one: random weights of the true shapes of Llama-3.1-8B, Gemma-2-2B and, where it fits, Llama-3.1-70B, made on the
device. Compared things are timed in turns within one run, so that a busy machine slows both. float32 is compared with the
number type that the device is fast in; on a processor without instructions for bfloat16 that is float32 itself.
"""

import argparse
import dataclasses
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch

from alignscape.compute.allocator import keep_freed_memory
from alignscape.compute.number_types import NumberType, fast_number_type
from alignscape.descriptions.template import describe
from alignscape.encoders.text.backbone import Backbone, load_backbone, model_folder
from alignscape.encoders.text.causal_lm.block import CausalLm
from alignscape.encoders.text.causal_lm.model import embed_layers
from alignscape.encoders.text.model_files import needed_bytes, tensor_shapes
from alignscape.encoders.text.registry_models import resolve_model
from alignscape.proteins.parsing.parse import parse_structure
from alignscape.storage.embeddings import TextWeights

ROOT = Path(__file__).parents[1]
CACHE = ROOT / ".cache"
MODELS = ("smollm2-135m", "gemma3-270m")
ONE_BY_ONE = 1  # a token budget that no second text fits into


def block(name: str, dtype: NumberType) -> CausalLm:
    """The config of a registry model."""
    return CausalLm(name=name, model=f"registry:{name}", dtype=dtype)


def descriptions(n: int) -> list[str]:
    """Template descriptions of embedded proteins."""
    paths = sorted((ROOT / "data" / "demo" / "structures").iterdir())[:n]
    return [describe(parse_structure(path, id=path.name.partition(".")[0].upper())[1]) for path in paths]


def seconds(work: Callable[[], object]) -> float:
    """Wall-clock time of one call."""
    if torch.cuda.is_available():
        torch.cuda.synchronize()
    began = time.perf_counter()
    work()
    if torch.cuda.is_available():
        torch.cuda.synchronize()
    return time.perf_counter() - began


def in_turns(works: dict[str, Callable[[], object]], *, repeats: int) -> dict[str, list[float]]:
    """Times of each work, done in turns."""
    times: dict[str, list[float]] = {name: [] for name in works}
    for _ in range(repeats):
        for name, work in works.items():
            times[name].append(seconds(work))
    return times


def ratio(times: dict[str, list[float]], slow: str, fast: str) -> float:
    """The median over the turns of slow / fast."""
    return statistics.median(s / f for s, f in zip(times[slow], times[fast], strict=True))


def as_transformers_has_it(backbone: Backbone) -> Backbone:
    """The same model as transformers loads it."""
    import transformers

    folder = model_folder(block(backbone.name, "float32"), cache_dir=CACHE)
    model = transformers.AutoModel.from_pretrained(folder, dtype=torch.float32, local_files_only=True)
    return dataclasses.replace(backbone, model=model.eval().requires_grad_(False))


def embedding(backbone: Backbone, texts: list[str], token_budget: int | None = None) -> Callable[[], object]:
    """A call that embeds the texts."""
    ids = [str(n) for n in range(len(texts))]
    return lambda: embed_layers(backbone, ids, texts, token_budget=token_budget)


def on_the_processor(name: str, texts: list[str], *, repeats: int) -> None:
    """Batched against single texts in float32, and the fast number type, if another, against float32 in batches."""
    full = load_backbone(block(name, "float32"), cache_dir=CACHE, device="cpu")
    tokens = [len(row) for row in full.encode(texts)]
    plain = as_transformers_has_it(full)
    works = {
        "one by one, plain": embedding(plain, texts, ONE_BY_ONE),
        "batched, plain": embedding(plain, texts),
        "one by one, float32": embedding(full, texts, ONE_BY_ONE),
        "batched, float32": embedding(full, texts),
    }
    fast = fast_number_type("cpu")
    if fast != "float32":
        half = load_backbone(block(name, fast), cache_dir=CACHE, device="cpu")
        works[f"batched, {fast}"] = embedding(half, texts)
    for work in works.values():
        work()
    times = in_turns(works, repeats=repeats)
    print(f"\n{name}: {len(texts)} descriptions of {min(tokens)} to {max(tokens)} tokens, mean {np.mean(tokens):.0f}")
    for work_name, values in times.items():
        print(f"  {work_name:22s} {len(texts) / statistics.median(values):7.1f} texts/s")
    print(f"  ours / plain, batched  {ratio(times, 'batched, plain', 'batched, float32'):7.2f} x")
    print(f"  batched / plain 1 by 1 {ratio(times, 'one by one, plain', 'batched, float32'):7.2f} x (aim: 1.4)")
    print(f"  batched / one by one   {ratio(times, 'one by one, float32', 'batched, float32'):7.2f} x (aim: 1.4)")
    if fast != "float32":
        print(f"  {fast} / plain       {ratio(times, 'batched, plain', f'batched, {fast}'):7.2f} x")
        print(f"  {fast} / float32     {ratio(times, 'batched, float32', f'batched, {fast}'):7.2f} x (aim: 1.8)")


ALONE = """
import resource, sys, time
import torch
torch.set_num_threads(int(sys.argv[3]))
from alignscape.compute.allocator import keep_freed_memory
keep_freed_memory()
from benchmarks_text import block, descriptions, embedding, CACHE
import peft, transformers.models.auto.modeling_auto, transformers.models.llama.modeling_llama
import transformers.models.gemma3.modeling_gemma3
from alignscape.encoders.text.backbone import load_backbone
texts = descriptions(24)
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
began, cpu = time.perf_counter(), time.process_time()
backbone = load_backbone(block(sys.argv[1], sys.argv[2]), cache_dir=CACHE, device="cpu")
print(time.perf_counter() - began, time.process_time() - cpu, end=" ")
embedding(backbone, texts, 2048)()
print(1024 * (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before))
"""


def alone(name: str, dtype: NumberType, *, threads: int) -> None:
    """Load time and peak memory of one model in a process of its own, weights already converted."""
    folder = Path(resolve_model(block(name, dtype), cache_dir=CACHE))  # converted now if it was not
    code = f"import sys; sys.path.insert(0, {str(ROOT / 'benchmarks')!r}); import text as t; sys.modules['benchmarks_text'] = t\n"
    command = [sys.executable, "-c", code + ALONE, name, dtype, str(threads)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    wall, cpu, peak = (float(value) for value in done.stdout.split()[-3:])
    weights = needed_bytes(tensor_shapes(folder), dtype=dtype, quantization="none")
    print(f"  {name} in {dtype}: loads in {wall:.2f} s ({cpu:.2f} s of processor); peak memory", end=" ")
    print(
        f"{peak / 1e9:.2f} GB = {peak / weights:.2f} x its weights ({weights / 1e9:.2f} GB), one batch of 2048 tokens included"
    )


SHAPES = {
    "Gemma-2-2B": ("Gemma2Config", {"num_hidden_layers": 26, "hidden_size": 2304, "intermediate_size": 9216,
                                    "num_attention_heads": 8, "num_key_value_heads": 4, "head_dim": 256,
                                    "vocab_size": 256000}),
    "Llama-3.1-8B": ("LlamaConfig", {"num_hidden_layers": 32, "hidden_size": 4096, "intermediate_size": 14336,
                                     "num_attention_heads": 32, "num_key_value_heads": 8, "vocab_size": 128256}),
    "Llama-3.1-70B": ("LlamaConfig", {"num_hidden_layers": 80, "hidden_size": 8192, "intermediate_size": 28672,
                                      "num_attention_heads": 64, "num_key_value_heads": 8, "vocab_size": 128256}),
}  # fmt: skip


def matrix_rate(dtype: torch.dtype) -> float:
    """Operations per second of one large matrix product on the GPU, the best of ten."""
    a, b = (torch.randn(8192, 8192, device="cuda", dtype=dtype) for _ in range(2))
    best = min(seconds(lambda: a @ b) for _ in range(10))
    return 2 * 8192**3 / best


def random_backbone(name: str, dtype: torch.dtype) -> Backbone:
    """Random weights of a model's true shape, made on the GPU; a text is its number of tokens."""
    import transformers

    kind, sizes = SHAPES[name]
    with torch.device("cuda"):
        model = transformers.AutoModel.from_config(getattr(transformers, kind)(**sizes), dtype=dtype)
    rng = np.random.default_rng(0)

    def encode(texts: list[str]) -> list[list[int]]:
        return [rng.integers(10, 10_000, size=int(text)).tolist() for text in texts]

    return Backbone(name, model.eval().requires_grad_(False), encode, TextWeights("random", None, "seed 0"), str(dtype))


def on_the_gpu(name: str, *, repeats: int) -> None:
    """Tokens/s of batches and of single texts of about 77 tokens, and the fraction of the card's matrix rate."""
    dtype = torch.float16 if "70B" in name else getattr(torch, fast_number_type("cuda"))
    kind, sizes = SHAPES[name]
    backbone = random_backbone(name, dtype)
    body = sum(w.numel() for n, w in backbone.model.named_parameters() if "embed_tokens" not in n)
    lengths = np.random.default_rng(0).integers(60, 95, size=2000)
    texts, few = [str(n) for n in lengths], [str(n) for n in lengths[:50]]
    budget = 32_768
    works = {"batched": embedding(backbone, texts, budget), "one by one": embedding(backbone, few, ONE_BY_ONE)}
    for work in works.values():
        work()
    times = in_turns(works, repeats=repeats)
    batched = int(lengths.sum()) / statistics.median(times["batched"])
    single = int(lengths[:50].sum()) / statistics.median(times["one by one"])
    rate = matrix_rate(dtype)
    print(
        f"\n{name} ({kind}, {sizes['hidden_size']} wide), {dtype}, mean {lengths.mean():.0f} tokens, {len(texts)} texts"
    )
    print(
        f"  batched, budget {budget}: {batched:9.0f} tokens/s = {2 * body * batched / rate:.0%} of the card's own matrix rate"
    )
    print(f"  one by one:           {single:9.0f} tokens/s = {2 * body * single / rate:.0%}")
    print(f"  batched / one by one: {batched / single:9.1f} x;  matrix rate {rate / 1e12:.0f} TFLOP/s")
    print(f"  peak memory {torch.cuda.max_memory_allocated() / 1e9:.1f} GB")


def gpu_section(*, repeats: int) -> None:
    """The three shapes, as far as the card's memory goes."""
    print(f"\n{torch.cuda.get_device_name()}, torch {torch.__version__}")
    for name, (_, sizes) in SHAPES.items():
        width, feed = sizes["hidden_size"], sizes["intermediate_size"]
        needed = 2 * (sizes["num_hidden_layers"] * (3 * width * feed + 3 * width**2) + sizes["vocab_size"] * width)
        if needed > 0.95 * torch.cuda.mem_get_info()[0]:
            print(f"\n{name}: not run, needs about {needed / 1e9:.0f} GB")
            continue
        torch.cuda.reset_peak_memory_stats()
        on_the_gpu(name, repeats=repeats)
        torch.cuda.empty_cache()


def main() -> None:
    """Print all sections."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--proteins", type=int, default=85)
    parser.add_argument("--models", nargs="+", choices=MODELS, default=MODELS)
    arguments = parser.parse_args()
    keep_freed_memory()  # as every job does
    if torch.cuda.is_available():
        gpu_section(repeats=arguments.repeats)
        return
    torch.set_num_threads(arguments.threads)
    print(f"torch {torch.__version__}, {arguments.threads} threads; load and memory, each in a process of its own:")
    for name in arguments.models:
        for dtype in dict.fromkeys(("float32", fast_number_type("cpu"))):
            alone(name, dtype, threads=arguments.threads)
    texts = descriptions(arguments.proteins)
    for name in arguments.models:
        on_the_processor(name, texts, repeats=arguments.repeats)


if __name__ == "__main__":
    main()
