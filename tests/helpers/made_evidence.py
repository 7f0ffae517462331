"""Made studies, whose every effect is known."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np

from alignscape.alignment.result import PairResult, SplitScores
from alignscape.alignment.split import Split
from alignscape.config.study import Variant
from alignscape.proteins.facts import Entity, ProteinFacts
from alignscape.questions.evidence.catalogue import Catalogue, Encoder
from alignscape.questions.evidence.evidence import Evidence
from alignscape.questions.evidence.training import training_of

VARIANTS = {"layers1": Variant(), "layers2": Variant(layers=2), "layers3": Variant(layers=3)}


@dataclass(frozen=True)
class Made:
    """What a made pair's scores are drawn from."""

    pos: float = 0.55
    neg: float = 0.25
    signed: float = 0.0  # mean of S_ij with its sign
    spread: float = 0.2  # standard deviation of S_ii over proteins
    shared: Sequence[float] | None = None  # standardised taste (n,) that pairs may have in common
    agreement: float = 0.0  # share of the variance that is the shared taste
    bonus: Sequence[float] | float = 0.0  # (n,) added to S_ii
    untrained: float = 0.0  # mean of untrained scores
    untrained_agreement: float = 0.0  # share of their variance that is the shared taste
    z: float = 40.0
    p: float = 0.001
    null_mean: float = -0.02


def scores(about: Made, n: int, *, tested: np.ndarray, seeds: int, draws: int, generator: np.random.Generator):
    """SplitScores with the given properties; NaN for proteins that are not tested."""
    own = generator.standard_normal(n)
    taste = np.zeros(n) if about.shared is None else np.asarray(about.shared)
    matched = (
        np.asarray(about.bonus)
        + about.pos
        + about.spread * (np.sqrt(about.agreement) * taste + np.sqrt(1 - about.agreement) * own)
    )
    arrays = {
        "score": matched + 0.01 * generator.standard_normal((seeds, n)),
        "negative": about.neg + 0.02 * generator.standard_normal((seeds, n)),
        "negative_signed": about.signed + 0.01 * generator.standard_normal((seeds, n)),
        "negative_of_text": np.full((seeds, n), about.neg),
        "negative_signed_of_text": np.full((seeds, n), about.signed),
        "rank_of_text": generator.integers(1, 30, (seeds, n)),
        "rank_of_structure": generator.integers(1, 30, (seeds, n)),
        "ties_of_text": np.zeros((seeds, n)),
        "ties_of_structure": np.zeros((seeds, n)),
        "untrained_score": about.untrained
        + 0.03
        + 0.03
        * (
            np.sqrt(about.untrained_agreement) * taste
            + np.sqrt(1 - about.untrained_agreement) * generator.standard_normal((draws, n))
        ),
        "untrained_negative": np.full((draws, n), 0.03),
        "untrained_negative_signed": np.full((draws, n), 0.03),
        "untrained_negative_of_text": np.full((draws, n), 0.03),
        "untrained_negative_signed_of_text": np.full((draws, n), 0.03),
    }
    arrays = {k: np.where(tested, v, np.nan).astype(np.float32) for k, v in arrays.items()}
    summary = {
        "null_mean": about.null_mean,
        "null_sd": 0.01,
        "z": about.z,
        "p": about.p,
        "n_train": int(n - tested.sum()),
    }
    return SplitScores(**arrays, pool=np.where(tested, tested.sum(), 0).astype(np.int32), summary=summary)


def make_facts(id_: str, *, length: int = 100, entities: int = 1, chains: int = 1, name: str = "thing") -> ProteinFacts:
    """A protein of `entities` entities; the first has `chains` chains."""
    made = [
        Entity(i + 1, "polypeptide", ["A"], ["A"] * (chains if i == 0 else 1), name, "Homo sapiens", 9606, "A" * (length // entities))
        for i in range(entities)
    ]  # fmt: skip
    return ProteinFacts(id_, "", "", "", made, length, length, length, 8 * length, "")


GDMS = {"gearnet": "gearnet", "gvp": "gvp", "scannet": "scannet", "gat": "gat"}


def make_study(
    pairs: Mapping[tuple[str, str] | tuple[str, str, str], Made],
    *,
    n: int = 400,
    test: int = 300,
    seeds: int = 3,
    draws: int = 20,
    splits: Sequence[str] = ("random",),
    by_split: Callable[[str, Made], Made] = lambda split, about: about,
    gdms: Mapping[str, Encoder] | None = None,
    llms: Mapping[str, Encoder] | None = None,
    variants: Mapping[str, Variant] = VARIANTS,
    methods: Sequence[str] = (),
    facts: Mapping[str, ProteinFacts] | None = None,
    seed: int = 7,
    **more: object,
) -> Evidence:
    """Evidence of pairs (gdm, llm[, variant]); the last `test` of n proteins are tested in every split.

    methods: the variants that stand in `alignment.methods`, tried on all main pairs.
    """
    generator = np.random.default_rng(seed)
    ids = [f"P{i:05d}" for i in range(n)]
    tested = np.arange(n) >= n - test
    keys = [(*key, "layers1") if len(key) == 2 else key for key in pairs]
    results = [
        PairResult(g, m, v, variants[v], ids, {
            s: scores(by_split(s, about), n, tested=tested, seeds=seeds, draws=draws, generator=generator) for s in splits
        })
        for (g, m, v), about in zip(keys, pairs.values(), strict=True)
    ]  # fmt: skip
    weights = {"weights": "trained", "weights_state": "trained here"}
    gdms = gdms or {g: Encoder(g, GDMS.get(g, g), "main", **weights) for g in dict.fromkeys(k[0] for k in keys)}
    llms = llms or {
        m: Encoder(m, "causal_lm", "main", weights_state="pretrained") for m in dict.fromkeys(k[1] for k in keys)
    }
    parts = tuple("test" if t else "train" if i > 4 else "validation" for i, t in enumerate(tested))
    training = {s: training_of(Split("random", tuple(ids), parts)) for s in splits}
    facts = facts or {i: make_facts(i, length=50 + 7 * k % 500) for k, i in enumerate(ids)}
    mains = product(*([name for name, e in side.items() if e.role == "main"] for side in (gdms, llms)))
    catalogue = Catalogue(dict(gdms), dict(llms), {v: variants[v] for v in methods}, frozenset(mains))
    return Evidence(catalogue, results, list(splits), facts=facts, training=training,
                    bootstrap=400, permutations=200, seed=seed, **more)  # fmt: skip
