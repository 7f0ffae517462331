"""How well a language model foretells descriptions: the loss over the tokens that count, and perplexity."""

import math
from collections.abc import Sequence
from typing import Any

from .batches import fill_batches, pad_right
from .dialogue import IGNORED, Example

_EVALUATION_TOKENS = 4096  # in one pass of held-out texts


def n_counted(examples: Sequence[Example]) -> int:
    """Tokens that count in the loss; the first of a text is foretold by nothing."""
    return sum(label != IGNORED for example in examples for label in example.labels[1:])


def summed_loss(model: Any, batch: Sequence[Example]) -> Any:
    """Summed cross entropy over the tokens that count. Padded on the right, which causal attention never looks at."""
    import torch

    device = model.get_input_embeddings().weight.device
    tokens = pad_right([example.tokens for example in batch]).to(device)
    labels = pad_right([example.labels for example in batch], fill=IGNORED)[:, 1:]
    counted = labels != IGNORED
    logits = _logits(model, tokens, counted).float()  # (counted tokens, vocabulary)
    return torch.nn.functional.cross_entropy(logits, labels[counted].to(logits.device), reduction="sum")


def perplexity(model: Any, examples: Sequence[Example]) -> float:
    """exp of the mean loss of a token that counts, over all examples."""
    import torch

    model.eval()
    total = 0.0
    with torch.no_grad():
        for indices in fill_batches([len(e.tokens) for e in examples], token_budget=_EVALUATION_TOKENS):
            total += float(summed_loss(model, [examples[i] for i in indices]))
    return math.exp(total / n_counted(examples))


def _logits(model: Any, tokens: Any, counted: Any) -> Any:
    """Logits (n, vocabulary) of the tokens that are foretold where `counted` (b, length - 1) says.

    The head, which in small models is most of the work and in all models most of the memory, sees these places only.
    """
    texts, places = counted.nonzero(as_tuple=True)

    def keep_counted(_: Any, arguments: tuple[Any, ...]) -> tuple[Any, ...]:
        states, *others = arguments  # (b, length, d)
        return states[texts.to(states.device), places.to(states.device)][None], *others

    handle = model.get_output_embeddings().register_forward_pre_hook(keep_counted)
    try:
        return model(input_ids=tokens, use_cache=False).logits[0]
    finally:
        handle.remove()
