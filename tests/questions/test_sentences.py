"""What the answers say: counts that are corrected, all of the comparisons, and numbers in the singular."""

import re
from importlib import import_module
from pathlib import Path

import numpy as np
import pytest

from alignscape.questions.chains import analysis as chains
from alignscape.questions.correlation import analysis as correlation
from alignscape.questions.findings import analysis as findings
from alignscape.questions.length import analysis as length
from alignscape.questions.pairs import analysis as pairs
from alignscape.questions.rarity import analysis as rarity
from alignscape.questions.registry import questions


def unrelated(study, made, protein, seed, n_pairs=10):
    """Pairs that share a taste for proteins which has nothing to do with length, chains or names."""
    taste = np.random.default_rng(seed).standard_normal(160)
    generator = np.random.default_rng(seed + 1000)
    facts = {
        f"P{k:05d}": protein(
            f"P{k:05d}", length=int(generator.integers(50, 600)), entities=1 + int(generator.random() < 0.4),
            chains=1 + int(generator.random() < 0.4),
        )
        for k in range(160)
    }  # fmt: skip
    scored = {("g", f"m{k}"): made(shared=taste, agreement=0.3) for k in range(n_pairs)}
    return study(scored, n=160, test=100, facts=facts, seed=seed)


@pytest.mark.parametrize(("question", "said"), [(length, "beyond chance in 0,"), (chains, "beyond chance in 0 of")])
def test_no_effect_is_rarely_counted_beyond_chance(question, said, study, made, protein):
    """Ten pairs without any effect: the sentence counts one in few of 40 studies, not in a third of them."""
    spoke = [said not in question.run(unrelated(study, made, protein, seed))["answer"] for seed in range(40)]
    assert sum(spoke) <= 6


def test_all_comparisons_are_accounted_for(study, made, protein):
    """Beyond chance, too weak to matter and undecided add up to the pairs."""
    answer = length.run(unrelated(study, made, protein, 3))["answer"]
    numbers = [
        int(part.split()[-1].rstrip(".,"))
        for part in answer.split("beyond chance in ")[1].replace(".", "").split(",")[:1]
    ]
    small = int(answer.split("(|r| below 0.1) in ")[1].split(",")[0])
    undecided = int(answer.split("undecided in ")[1].rstrip("."))
    assert numbers[0] + small + undecided == 10


def test_relations_with_rarity_are_said_first(study, made):
    """Where popular and rare cannot be compared, the correlations that were found stand before that."""
    identity = np.random.default_rng(2).random(400)
    nearest = {"random": {f"P{k:05d}": ("P00007", float(identity[k])) for k in range(100, 400)}}
    answer = rarity.run(study({("g", "a"): made(bonus=0.5 * identity)}, nearest=nearest))["answer"]
    found = "identity to the nearest training protein beyond chance in 1 of 1 pair (rho 0."
    assert 0 < answer.index(found) < answer.index("popular and rare cannot be compared")


def test_methods_and_claims_are_in_the_words_of_the_page() -> None:
    """Structure encoder, language model, main split, before training, width series: no other word for one of them."""
    other = re.compile(r"\bGDM|\bLLM|headline|\brung|ladder|kfold|cluster split|untrained")
    modules = [import_module(f"alignscape.questions.{name}.analysis") for name in questions()]
    texts = [module.METHOD for module in modules] + [text for f in findings.FINDINGS for text in (f.claim, f.rule)]
    captions = Path(findings.__file__).parents[1].glob("*/*.rst")
    texts += [path.read_text(encoding="utf-8") for path in captions]
    assert [text for text in texts if other.search(text)] == []


@pytest.mark.parametrize("question", ["length", "rarity", "pairs", "chains"])
def test_one_pair_is_in_the_singular(question, study, made, protein):
    """No `1 pairs`."""
    answer = import_module(f"alignscape.questions.{question}.analysis").run(
        unrelated(study, made, protein, 1, n_pairs=1)
    )["answer"]
    assert "1 pairs" not in answer
    assert "1 comparisons" not in answer


def test_no_direction_is_given_where_nothing_differs(study, made, protein):
    """Which side scores higher is said only of comparisons that differ."""
    assert "matches better in" not in chains.run(unrelated(study, made, protein, 5))["answer"]


def test_a_root_mean_square_is_called_one(study, made):
    """What has no sign is not printed as a mean correlation."""
    answer = correlation.run(study({("g", m): made() for m in "ab"}))["answer"]
    assert "is the root mean square of r between pairs after and before training" in answer


def test_the_first_pair_is_not_called_best(study, made):
    """The table of pairs says which score is highest and how many are above chance; what is best the headline says."""
    answer = pairs.run(study({("g", m): made() for m in "ab"}))["answer"]
    assert "aligned best" not in answer
    assert answer.startswith("2 of 2 pairs align beyond chance.")
