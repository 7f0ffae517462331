"""How often intervals cover the truth and tables of equal pairs are wrong, on made studies with protein families.

Sizes of families follow a power law (P(size) ~ size^-1.9 up to 500) in a study of 20,000 entries, of which n are
tested. Everything goes through the functions that the questions call. `python -m tests.helpers.simulation` prints the tables of
docs/statistics.md (`make simulate`); --quick prints a part of them from fewer studies.
"""

import argparse
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from itertools import product
from typing import NamedTuple

import numpy as np
from scipy import stats

from alignscape.alignment.result import PairResult, SplitScores
from alignscape.config.study import Variant
from alignscape.questions.evidence.catalogue import Catalogue, Encoder
from alignscape.questions.evidence.evidence import Evidence
from alignscape.questions.rarity import analysis as rarity
from alignscape.questions.separability import analysis as separability
from alignscape.statistics.association import lines, spearman
from alignscape.statistics.clusters import Clusters

ENTRIES = 20_000
TRUTH = 0.5  # of every pair's calibrated score
NEGATIVE = 0.25
PROTEIN_SD = 0.2  # of S_ii over proteins, as in the demo
NOISE_SD = 0.05  # of one protein over seeds
GDMS, LLMS = ("g1", "g2"), ("m1", "m2", "m3", "m4")
_SIZES = np.arange(1, 501)
_SHARES = _SIZES**-1.9 / (_SIZES**-1.9).sum()


class Setting(NamedTuple):
    """One cell of the grid."""

    n: int
    correlation: float  # of the scores within a family
    seed_sd: float
    seeds: int


class Cell(NamedTuple):
    """What was counted in a cell, over so many studies; each rate with the ends of its 95 % interval."""

    setting: Setting
    studies: int
    clusters: float
    covered: tuple[float, float, float]
    wrong: tuple[float, float, float]


def tested_families(n: int, generator: np.random.Generator) -> np.ndarray:
    """The family (n,) of every tested protein of a study of 20,000."""
    sizes = generator.choice(_SIZES, ENTRIES // 4, p=_SHARES)
    labels = np.repeat(np.arange(len(sizes)), sizes)[:ENTRIES]
    return np.sort(generator.choice(labels, n, replace=False))


def made_scores(families: np.ndarray, setting: Setting, generator: np.random.Generator) -> np.ndarray:
    """S_ii (pairs, seeds, n) of equal pairs: a part of the family, of the protein, of the seed and of both."""
    pairs, clusters = len(GDMS) * len(LLMS), Clusters.of(families)
    shared = generator.standard_normal((pairs, clusters.count))[:, clusters.codes]
    own = generator.standard_normal((pairs, len(families)))
    r = setting.correlation
    proteins = TRUTH + PROTEIN_SD * (np.sqrt(r) * shared + np.sqrt(1 - r) * own)
    seeds = setting.seed_sd * generator.standard_normal((pairs, setting.seeds, 1))
    noise = NOISE_SD * generator.standard_normal((pairs, setting.seeds, len(families)))
    return proteins[:, None] + seeds + noise


def made_study(families: np.ndarray, scores: np.ndarray) -> Evidence:
    """The evidence of pairs with these scores (pairs, seeds, n); the families are its clusters."""
    n, ids = len(families), [f"P{i:05d}" for i in range(len(families))]
    zeros, names = np.zeros((2, n), np.float32), list(product(GDMS, LLMS))
    results = []
    for (gdm, llm), score in zip(names, scores.astype(np.float32), strict=True):
        still = np.zeros_like(score)
        arrays = SplitScores(
            score=score, negative=still + np.float32(NEGATIVE), negative_signed=still, negative_of_text=still, negative_signed_of_text=still, rank_of_text=still + 1,
            rank_of_structure=still + 1, ties_of_text=still, ties_of_structure=still, untrained_score=zeros, untrained_negative=zeros, untrained_negative_signed=zeros,
            untrained_negative_of_text=zeros, untrained_negative_signed_of_text=zeros,
            pool=np.full(n, n, np.int32),
        )  # fmt: skip
        results.append(PairResult(gdm, llm, "layers1", Variant(), ids, {"random": arrays}))
    gdms = {g: Encoder(g, "gearnet", "main") for g in GDMS}
    llms = {m: Encoder(m, "causal_lm", "main") for m in LLMS}
    clusters = dict(zip(ids, families.tolist(), strict=True))
    return Evidence(Catalogue(gdms, llms), results, ["random"], clusters=clusters)


def rate(hits: float, of: int, *, units: float | None = None) -> tuple[float, float, float]:
    """A share with its 95 % Monte-Carlo interval (Wilson); units: independent ones among `of`, all if absent."""
    found = stats.binomtest(round(hits / of * (units or of)), round(units or of))
    return (hits / of, *found.proportion_ci(method="wilson"))


def simulate(setting: Setting, studies: int, *, seed: int = 0, related: bool = True) -> Cell:
    """Coverage of the pairs' intervals, and in how many studies the table of equal pairs has a verdict.

    related: whether the study knows its families, or takes every protein as unrelated to all others.
    """
    generator = np.random.default_rng([seed, setting.n, round(1000 * setting.correlation), round(1e4 * setting.seed_sd), setting.seeds])  # fmt: skip
    covered, wrong, clusters = 0, 0, 0
    for _ in range(studies):
        families = tested_families(setting.n, generator)
        evidence = made_study(families, made_scores(families, setting, generator))
        evidence = evidence if related else replace(evidence, clusters={})
        found, rows = separability.compare(evidence.main_table())
        covered += sum(p["calibrated_low"] <= TRUTH <= p["calibrated_high"] for p in found["pairs"])
        wrong += any(r["verdict"] in (separability.BETTER, separability.WORSE) for r in rows)
        clusters += found["clusters"]
    pairs = len(GDMS) * len(LLMS)
    return Cell(setting, studies, clusters / studies, rate(covered, studies * pairs), rate(wrong, studies))


class Relations(NamedTuple):
    """What was counted of correlations and groups where nothing is related: rates with Monte-Carlo intervals."""

    n: int
    correlation: float
    studies: int
    pearson: tuple[float, float, float]  # intervals that cover 0
    spearman: tuple[float, float, float]
    spearman_p: tuple[float, float, float]  # p below 0.05
    auc: tuple[float, float, float]  # intervals of popular over rare that cover 1/2
    auc_p: tuple[float, float, float]


def relations(n: int, correlation: float, studies: int, *, draws: int = 300, seed: int = 0) -> Relations:
    """Scores that have nothing to do with length and popularity, which families share.

    A protein's length is its family's with a spread of its own, its popularity the size of its family: the popular
    ones are many proteins of few families.
    """
    generator = np.random.default_rng([seed, n, round(1000 * correlation)])
    counts, compared = np.zeros(3), np.zeros(3)
    for _ in range(studies):
        families = tested_families(n, generator)
        evidence = made_study(families, made_scores(families, Setting(n, correlation, 0, 1), generator))
        table = evidence.main_table()
        lengths = (generator.standard_normal(families.max() + 1)[families] + 0.3 * generator.standard_normal(n))[:n]
        line = lines(lengths, table.matched[:1], table.families, draws=draws, generator=generator).standardised
        rank = spearman(lengths, table.matched[:1], table.families, draws=draws, generator=generator)
        counts += [line.low[0] <= 0 <= line.high[0], rank.rho.low[0] <= 0 <= rank.rho.high[0], rank.p[0] < 0.05]
        compared += _popularity(families, evidence)
    two = [rate(hits, max(compared[0], 1)) for hits in compared[1:]]
    return Relations(n, correlation, studies, *(rate(hits, studies) for hits in counts), *two)


def _popularity(families: np.ndarray, evidence: Evidence) -> list[float]:
    """Whether popular and rare could be compared, their interval covers 1/2, and p is below 0.05."""
    table = evidence.main_table()
    sizes = Clusters.of(families)
    others = dict(zip(table.ids, (sizes.sizes - 1)[sizes.codes].tolist(), strict=True))
    popular, rare, _ = rarity.groups(others)
    if min(len(popular), len(rare)) < rarity.FEWEST:
        return [0, 0, 0]
    found = rarity.auc_of(table, popular, rare).only(0)
    low, high = (end[0] for end in found.estimate()[1:])
    return [1, float(low <= 0.5 <= high), float(found.p()[0] < 0.05)]


def settings(*, quick: bool) -> Iterator[Setting]:
    """The grid: 5 seeds, then 3."""
    sizes, rs, spreads = ((60, 224), (0.3,), (0.01,)) if quick else ((60, 224, 2000), (0.1, 0.3, 0.6), (0, 0.003, 0.01))
    yield from (Setting(n, r, sd, seeds) for seeds in (5, 3) for n in sizes for r in rs for sd in spreads)


def _percent(found: tuple[float, float, float], digits: int = 1) -> str:
    return f"{100 * found[0]:.{digits}f} ({100 * found[1]:.{digits}f} to {100 * found[2]:.{digits}f})"


def main() -> None:
    """Prints the tables as they are made."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--studies", type=int, default=2000)
    parser.add_argument("--quick", action="store_true")
    options = parser.parse_args()
    start = time.monotonic()
    print("| proteins | clusters | family correlation | spread over seeds | seeds | covered, % | a wrong verdict, % |")
    print("|---|---|---|---|---|---|---|", flush=True)
    for setting in settings(quick=options.quick):
        cell = simulate(setting, 200 if options.quick else options.studies // (1 if setting.seeds == 5 else 4))
        row = (setting.n, f"{cell.clusters:.0f}", setting.correlation, setting.seed_sd, setting.seeds)
        print("|", " | ".join(map(str, (*row, _percent(cell.covered), _percent(cell.wrong)))), "|", flush=True)
    print(
        "\n| proteins | family correlation | r covered, % | rho covered, % | p of rho < .05, % | AUC covered, % | p of AUC < .05, % |"
    )
    print("|---|---|---|---|---|---|---|", flush=True)
    for n, r in product((60, 224) if options.quick else (60, 224, 2000), (0.3,) if options.quick else (0.1, 0.3, 0.6)):
        found = relations(n, r, 100 if options.quick else options.studies // (2 if n < 2000 else 8))
        print("|", " | ".join(map(str, (n, r, *(_percent(rate_, 0) for rate_ in found[3:])))), "|", flush=True)
    print(f"{time.monotonic() - start:.0f} s", file=sys.stderr)


if __name__ == "__main__":
    main()
