"""LoRA fine-tuning of a language model on question and description (paper RQ6, A.8).

A plain loop: gradients are summed over the accumulated batches and divided by the tokens that count, the learning rate
falls along a cosine, and every random draw follows from seed and step, so that a run that was killed ends in the same
adapter as one that was not.
"""

import math
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from ...compute.memory import require_memory
from ...compute.number_types import NumberType
from ...config.encoders import FineTuning
from ...errors import UserError
from ...storage.embeddings import package_versions
from ...storage.files import digest_of, read_json, sha256_file, write_json, write_tensors
from ..training.checkpoint import load_checkpoint, read_progress, save_checkpoint
from . import model_files
from .backbone import describe_weights, from_folder, model_folder
from .batches import fill_batches, pad_right
from .causal_lm.block import CausalLm
from .dialogue import IGNORED, Example, Pair, encode_pair, split_pairs
from .foreign_code import load_tokenizer
from .lora_settings import feasible, gone_on_in
from .quiet import quiet_transformers

_EVALUATION_TOKENS = 4096  # in one batch of held-out texts


@dataclass
class _Standing:
    """Steps done, in which number type, and what was measured on the way."""

    compute_dtype: NumberType
    step: int = 0
    perplexity_before: float | None = None
    losses: list[float] = field(default_factory=list)  # mean loss of a token, a value a step


@dataclass(eq=False)
class _Run:
    """What a training run works with."""

    config: FineTuning
    model: Any
    optimizer: Any
    training: list[Example]
    held_out: list[Example]
    seed: int

    @property
    def steps_per_epoch(self) -> int:
        return math.ceil(len(self.training) / (self.config.batch_size * self.config.accumulation))

    @property
    def n_steps(self) -> int:
        return self.steps_per_epoch * self.config.epochs

    @property
    def adapter(self) -> dict[str, Any]:
        """The weights that are trained, by name."""
        return {name: weight for name, weight in self.model.named_parameters() if weight.requires_grad}


def fine_tune(
    config: FineTuning,
    base: CausalLm,
    ids: Sequence[str],
    texts: Sequence[str],
    *,
    cache_dir: Path,
    out: Path,
    seed: int,
    device: str = "cpu",
) -> dict[str, Any]:
    """Train an adapter on the given proteins and no others; returns its card.

    `ids` and `texts` are of the proteins that encoders may be trained on; a share of them is held out for perplexity.
    `out` gets adapter_model.safetensors, adapter_config.json and, last, card.json, which lists every protein that was
    fed; until then it holds a checkpoint from which a killed run goes on. Raises UserError for too few proteins, or a
    base that cannot be had or held.
    """
    path = out / "checkpoint.safetensors"
    settings, notes = feasible(config, device=device)
    training, held_out = split_pairs(settings, ids, texts, seed=seed)
    base_weights = describe_weights(base, model_folder(base, cache_dir=cache_dir), cache_dir=cache_dir, adapter=None)
    # The number type as configured: a run goes on in the one it was begun in, on whatever machine it is taken up.
    asked = settings.model_copy(update={"compute_dtype": config.compute_dtype})
    key = digest_of([asked.model_dump(), base_weights.sha256, [vars(p) for p in training + held_out], seed])
    standing = _Standing(**read_progress(path, key=key) or {"compute_dtype": settings.compute_dtype})
    settings, notes = gone_on_in(settings, notes, standing.compute_dtype)
    loaded = base.model_copy(update={"dtype": settings.compute_dtype, "quantization": settings.quantization})
    folder = model_folder(loaded, cache_dir=cache_dir)
    run = _start(settings, loaded, folder, training, held_out, seed=seed, device=device)
    load_checkpoint(path, run.adapter, run.optimizer, key=key)
    if standing.perplexity_before is None:
        standing.perplexity_before = perplexity(run.model, run.held_out)
    for _ in _train(run, standing):
        if standing.step % settings.save_steps == 0 and standing.step < run.n_steps:
            save_checkpoint(path, run.adapter, run.optimizer, key=key, progress=vars(standing))
    after = perplexity(run.model, run.held_out)
    _save_adapter(run.model, base, out)
    card = _card(run, standing, training, held_out, notes) | {
        "base": base.model,
        "base_source": base_weights.source,
        "base_sha256": base_weights.sha256,
        "sha256": sha256_file(out / "adapter_model.safetensors"),
        "perplexity": {"before": standing.perplexity_before, "after": after},
    }
    write_json(out / "card.json", card)
    path.unlink(missing_ok=True)
    return card


def _start(
    config: FineTuning,
    base: CausalLm,
    folder: Path,
    training: list[Pair],
    held_out: list[Pair],
    *,
    seed: int,
    device: str,
) -> _Run:
    import torch
    from transformers import AutoModelForCausalLM

    shapes = model_files.tensor_shapes(folder)
    needed = model_files.needed_bytes(shapes, dtype=base.dtype, quantization=base.quantization)
    require_memory(needed, name=base.name, dtype=base.dtype, device=device)
    model = _with_adapter(config, from_folder(AutoModelForCausalLM, base, folder, device=device), seed=seed)
    tokenizer = load_tokenizer(folder)
    learnt, kept_back = ([encode_pair(config, pair, tokenizer) for pair in pairs] for pairs in (training, held_out))
    trained = [weight for weight in model.parameters() if weight.requires_grad]
    if config.optimizer == "paged_adamw_32bit":
        import bitsandbytes

        optimizer: Any = bitsandbytes.optim.PagedAdamW32bit(trained, lr=config.learning_rate, weight_decay=0.0)
    else:
        optimizer = torch.optim.AdamW(trained, lr=config.learning_rate, weight_decay=0.0)
    return _Run(config, model, optimizer, learnt, kept_back, seed)


def _with_adapter(config: FineTuning, model: Any, *, seed: int) -> Any:
    """The model with fresh float32 adapters at every linear layer but the head; nothing else is trained."""
    import torch

    with quiet_transformers():
        from peft import LoraConfig, get_peft_model

        torch.manual_seed(seed)
        lora = LoraConfig(
            r=config.rank,
            lora_alpha=config.alpha,
            lora_dropout=config.dropout,
            target_modules="all-linear",
            task_type="CAUSAL_LM",
        )
        return get_peft_model(model.requires_grad_(False), lora)


def _train(run: _Run, standing: _Standing) -> Iterator[None]:
    """Do the steps that are left, and let the caller look after each."""
    from tqdm import tqdm

    pause = 0.2 if sys.stderr.isatty() else 30
    with tqdm(
        total=run.n_steps, initial=standing.step, desc=run.config.name, unit=" steps", mininterval=pause, delay=pause
    ) as progress:
        while standing.step < run.n_steps:
            standing.losses.append(_step(run, standing.step))
            standing.step += 1
            progress.update(1)
            yield


def _step(run: _Run, step: int) -> float:
    """One update from all its batches; the mean loss of a token that counts. Raises UserError if it is not finite."""
    import torch

    run.model.train()
    torch.manual_seed(run.seed + 1 + step)  # dropout: the same after a restart
    for group in run.optimizer.param_groups:
        group["lr"] = run.config.learning_rate * 0.5 * (1 + math.cos(math.pi * step / run.n_steps))
    batches = _batches(run, step)
    counted = sum(label != IGNORED for batch in batches for example in batch for label in example.labels[1:])
    # Half-precision gradients of one token in many thousands vanish below 6e-8, so they are scaled up and back.
    scale = 2.0**10 if run.config.compute_dtype == "float16" else 1.0
    total = 0.0
    for batch in batches:
        loss = summed_loss(run.model, batch) / counted
        (loss * scale).backward()
        total += float(loss.detach())
    weights = [weight for weight in run.adapter.values() if weight.grad is not None]
    for weight in weights:
        weight.grad /= scale
    if not math.isfinite(total) or not all(bool(weight.grad.isfinite().all()) for weight in weights):
        raise UserError(
            f"fine_tuning {run.config.name!r}: the loss or a gradient is not finite at step {step} in"
            f" {run.config.compute_dtype}; lower the learning rate or use bfloat16"
        )
    run.optimizer.step()
    run.optimizer.zero_grad(set_to_none=True)
    return total


def _batches(run: _Run, step: int) -> list[list[Example]]:
    """The batches of one step, in which texts of similar length meet; every epoch has an order of its own."""
    epoch, place = divmod(step, run.steps_per_epoch)
    order = np.random.default_rng([run.seed, epoch]).permutation(len(run.training))
    size = run.config.batch_size
    chosen = order[place * size * run.config.accumulation : (place + 1) * size * run.config.accumulation]
    examples = sorted((run.training[i] for i in chosen), key=lambda example: -len(example.tokens))
    return [examples[start : start + size] for start in range(0, len(examples), size)]


def summed_loss(model: Any, batch: Sequence[Example]) -> Any:
    """Summed cross entropy over the tokens that count. Padded on the right, which causal attention never looks at."""
    import torch

    device = model.get_input_embeddings().weight.device
    tokens = pad_right([example.tokens for example in batch]).to(device)
    labels = pad_right([example.labels for example in batch], fill=IGNORED)[:, 1:]
    logits = model(input_ids=tokens, use_cache=False).logits[:, :-1]
    counted = labels != IGNORED
    chosen = logits[counted.to(logits.device)].float()  # (counted tokens, vocabulary)
    return torch.nn.functional.cross_entropy(chosen, labels[counted].to(chosen.device), reduction="sum")


def perplexity(model: Any, examples: Sequence[Example]) -> float:
    """exp of the mean loss of a token that counts, over all examples."""
    import torch

    model.eval()
    lengths = [len(example.tokens) for example in examples]
    total, counted = 0.0, 0
    with torch.no_grad():
        for indices in fill_batches(lengths, token_budget=_EVALUATION_TOKENS):
            batch = [examples[i] for i in indices]
            total += float(summed_loss(model, batch))
            counted += sum(label != IGNORED for example in batch for label in example.labels[1:])
    return math.exp(total / counted)


def _save_adapter(model: Any, base: CausalLm, out: Path) -> None:
    """The adapter as peft lays it out, with nothing in it of where it was made; equal runs give equal bytes."""
    from peft import get_peft_model_state_dict

    out.mkdir(parents=True, exist_ok=True)
    write_tensors(out / "adapter_model.safetensors", get_peft_model_state_dict(model), metadata={"format": "pt"})
    lora = model.peft_config["default"]
    lora.base_model_name_or_path, lora.inference_mode = base.model, True
    lora.save_pretrained(str(out))
    settings = read_json(out / "adapter_config.json")
    write_json(out / "adapter_config.json", settings | {"target_modules": sorted(settings["target_modules"])})


def _card(
    run: _Run, standing: _Standing, training: list[Pair], held_out: list[Pair], notes: list[str]
) -> dict[str, Any]:
    trained = sum(weight.numel() for weight in run.adapter.values())
    return {
        "name": run.config.name,
        "settings": run.config.model_dump(mode="json"),
        "seed": run.seed,
        "control": "descriptions of other training proteins" if run.config.shuffled else None,
        "fed": [[pair.id, pair.text_id] for pair in training],  # who was asked about, whose description was the answer
        "held_out": [pair.id for pair in held_out],
        "steps": standing.step,
        "loss_first_epoch": float(np.mean(standing.losses[: run.steps_per_epoch])),
        "loss_last_epoch": float(np.mean(standing.losses[-run.steps_per_epoch :])),
        "trained_parameters": trained,
        "notes": notes,
        "versions": package_versions(),
    }
