"""LoRA fine-tuning of a language model on question and description (paper RQ6, A.8).

A plain loop: gradients are summed over the accumulated batches and divided by the tokens that count, the learning rate
falls along a cosine, and every random draw follows from seed and step, so that a run that was killed ends in the same
adapter as one that was not.
"""

import math
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from ...compute.memory import require_memory
from ...config.encoders import FineTuning
from ...storage.embeddings import package_versions
from ...storage.files import digest_of, read_json, sha256_file, write_json, write_tensors
from ..training.checkpoint import load_checkpoint, read_progress, save_checkpoint
from . import model_files
from .answer_loss import perplexity
from .backbone import describe_weights, from_folder, model_folder
from .causal_lm.block import CausalLm
from .dialogue import Pair, encode_pair, split_pairs
from .foreign_code import load_tokenizer
from .lora_settings import feasible, gone_on_in
from .lora_step import PASS_TOKENS, Run, Standing, train_step
from .quiet import quiet_transformers


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
    standing = Standing(**read_progress(path, key=key) or {"compute_dtype": settings.compute_dtype})
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
) -> Run:
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
    return Run(config, model, optimizer, learnt, kept_back, seed, PASS_TOKENS.get(device.partition(":")[0]))


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


def _train(run: Run, standing: Standing) -> Iterator[None]:
    """Do the steps that are left, and let the caller look after each."""
    from tqdm import tqdm

    pause = 0.2 if sys.stderr.isatty() else 30
    with tqdm(
        total=run.n_steps, initial=standing.step, desc=run.config.name, unit=" steps", mininterval=pause, delay=pause
    ) as progress:
        while standing.step < run.n_steps:
            train_step(run, standing)
            progress.update(1)
            yield


def _save_adapter(model: Any, base: CausalLm, out: Path) -> None:
    """The adapter as peft lays it out, with nothing in it of where it was made; equal runs give equal bytes."""
    from peft import get_peft_model_state_dict

    out.mkdir(parents=True, exist_ok=True)
    state = get_peft_model_state_dict(
        model, save_embedding_layers=False
    )  # as they were; "auto" asks the hub about them
    write_tensors(out / "adapter_model.safetensors", state, metadata={"format": "pt"})
    lora = model.peft_config["default"]
    lora.base_model_name_or_path, lora.inference_mode = base.model, True
    lora.save_pretrained(str(out))
    settings = read_json(out / "adapter_config.json")
    write_json(out / "adapter_config.json", settings | {"target_modules": sorted(settings["target_modules"])})


def _card(run: Run, standing: Standing, training: list[Pair], held_out: list[Pair], notes: list[str]) -> dict[str, Any]:
    trained = sum(weight.numel() for weight in run.adapter.values())
    return {
        "name": run.config.name,
        "settings": run.config.model_dump(mode="json"),
        "seed": run.seed,
        "control": "descriptions of other training proteins" if run.config.shuffled else None,
        "fed": [[pair.id, pair.text_id] for pair in training],  # who was asked about, whose description was the answer
        "held_out": [pair.id for pair in held_out],
        "steps": standing.step,
        "skipped_steps": standing.skipped,  # in which float16 overflowed
        "loss_first_epoch": _mean(standing.losses[: run.steps_per_epoch]),
        "loss_last_epoch": _mean(standing.losses[-run.steps_per_epoch :]),
        "trained_parameters": trained,
        "notes": notes,
        "versions": package_versions(),
    }


def _mean(losses: Sequence[float]) -> float | None:
    """Of the steps that were not skipped; None if there is none."""
    done = [loss for loss in losses if not math.isnan(loss)]
    return float(np.mean(done)) if done else None
