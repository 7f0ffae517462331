"""Terms that a reader may stop at, explained where they stand: by pointer, by keyboard, and in a list at the page's end."""

import re

from markupsafe import Markup

from .markup import join, tag
from .prose import prose

TERMS = {
    "calibrated score": "Mean cosine of proteins with their own texts minus the mean with others' texts: 0 at chance, 1 at best.",
    "sequence clusters": "Groups of proteins with similar sequences. Relatives are not independent, so intervals are over these groups.",
    "interval": "The range that would hold the true value in 95 of 100 such studies.",
    "seeds": "Repeats of the training that differ in their random numbers only.",
    "Holm": "A correction for making many comparisons: with it, all verdicts of a table are right in 95 of 100 such studies.",
    "beyond chance": "A difference so large that chance alone gives it in fewer than 5 of 100 such studies.",
    "S_ii": "The match of a protein: the cosine of its structure with its own text, after the heads.",
    "before training": "Heads as they were drawn at random.",
    "Spearman": "A correlation of ranks: 1 if one value always grows with the other, 0 without a relation.",
    "rank-biserial": "How much more often one group is above the other: 1 always, 0 as often as not.",
    "PCA": "Principal component analysis: the directions in which the embeddings differ most.",
    "CKA": "Centred kernel alignment: how alike two embeddings arrange the same proteins, without training.",
    "CKNNA": "CKA over nearest neighbours only.",
    "mutual kNN": "The share of nearest neighbours that two embeddings have in common.",
    "distance correlation": "Whether proteins that are far apart in one embedding are so in the other: 0 at chance, 1 at best.",
    "imbalance to text": "How far, in ranks, a protein's nearest neighbour by structure is by text: 1 at chance, near 0 at best.",
    "imbalance to structure": "How far, in ranks, a protein's nearest neighbour by text is by structure: 1 at chance, near 0 at best.",
    "Gromov-Wasserstein": "How much distances differ between two embeddings when proteins are matched: 0 if they have one shape.",
    "MRR": "Mean of 1 / rank at which the right text is found: 1 if always first.",
    "LoRA": "Fine-tuning by small added matrices, with the model's own weights unchanged.",
    "heads": "Small layers that project structures and texts into one space; they are what is trained here.",
}
_WORDS = "|".join(sorted(map(re.escape, TERMS), key=len, reverse=True))
_TERM = re.compile(rf"(<[^>]*>)|(?<![\w-])({_WORDS})(?![\w-])([.,;:)]*)")


def glossed(text: str) -> Markup:
    """A sentence of an analysis, with the first use of each term as a button that explains it."""
    seen: set[str] = set()

    def explained(found: re.Match[str]) -> str:
        term = found[2]
        if term is None or term in seen:
            return found[0]
        seen.add(term)
        button = tag("button", term, type="button", cls="term", data_tip=TERMS[term], aria_describedby=_id(term))
        return str(tag("span", button, found[3], cls="whole") if found[3] else button)  # a stop never begins a line

    return Markup(_TERM.sub(explained, str(prose(text))))


def glossary() -> Markup:
    """All terms with their explanations."""
    items = [join(tag("dt", term), tag("dd", said, id=_id(term))) for term, said in TERMS.items()]
    return join(tag("h3", "Glossary"), tag("dl", *items, id="glossary"))


def _id(term: str) -> str:
    return "term-" + re.sub(r"\W+", "-", term.lower())
