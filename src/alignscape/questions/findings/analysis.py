"""The twenty findings: the paper's claim, our number and interval, and a verdict by a written rule."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

from ...report.numbers import plural
from ..chains import analysis as chains
from ..evidence.evidence import Evidence
from ..evidence.tables import Result, Row, result
from ..length import analysis as length
from . import claims_proteins, claims_scores, claims_training
from .context import FindingContext
from .judgement import FAILS, HOLDS, UNDECIDED, UNKNOWN, Estimate, Judgement, NotTestable, not_testable
from .paper_numbers import paper_texts

COLUMNS = (
    "number", "claim", "rule", "paper", "ours", "value", "low", "high", "verdict", "why", "calibrated",
    "calibrated_value", "calibrated_low", "calibrated_high", "calibrated_verdict", "calibrated_why",
)  # fmt: skip
OF_SCORES = (1, 2, 3, 4, 5, 6, 14, 15, 16, 17, 18, 19)  # findings that speak of the score of pairs
METHOD = (
    "Every verdict follows a written rule on 95 % intervals (over sequence clusters, as relatives are not "
    "independent, and seeds). A claim that something is above or below holds if the interval lies wholly on its side, "
    "and does not hold if it lies wholly on the other; a claim of no effect holds if the interval lies within a "
    "margin fixed in advance. Where a claim is about several pairs or has several parts, all must hold, and one that "
    "does not, at a level corrected for all of them, is enough against it. Where the data were looked at and allow "
    "both, it is undecided; where the study lacks what the claim is about, it is not testable. Encoders with random "
    "weights are asked nothing. Findings about scores are judged on the paper's score, as the claim is worded, and "
    "beside it on the calibrated one, whose chance level is 0 for every pair. An undecided one says how many proteins "
    "would decide, for numbers like these, in 8 of 10 such studies."
)


@dataclass(frozen=True)
class Finding:
    """One claim and the rule that judges it."""

    number: int
    claim: str
    rule: str
    judge: Callable[[FindingContext], Judgement]


FINDINGS = (
    Finding(
        1,
        "Heads score higher after training than before, for every pair.",
        "Every pair's score after minus that before training is above 0.",
        claims_scores.trained_above_untrained,
    ),
    Finding(
        2,
        "Heads before training score near 0.",
        f"Every pair's mean score of heads before training is within ±{claims_scores.UNTRAINED_BOUND}.",
        claims_scores.untrained_near_zero,
    ),
    Finding(
        3,
        "ScanNet is at least level with GearNet, GearNet above GVP, GVP above GAT.",
        f"Mean over the language models: ScanNet - GearNet above -{claims_scores.NOT_BELOW}, GearNet - GVP and GVP - "
        "GAT above 0.",
        claims_scores.order_of_gdms,
    ),
    Finding(4, "GAT scores at or below 0.", "Every GAT pair's score is below 0.", claims_scores.gat_not_above_zero),
    Finding(
        5,
        "A larger language model of the same family scores higher.",
        "Larger minus next smaller model of a family, mean over the structure encoders, is above 0.",
        claims_scores.larger_llm_higher_score,
    ),
    Finding(
        6,
        "Positive scores rise with the language model, negative ones stay.",
        "Larger minus smaller model of a family, mean over the structure encoders: cosines with the own text above 0, with others within "
        f"±{claims_scores.NEG_STAYS}.",
        claims_scores.pos_rises_neg_stays,
    ),
    Finding(
        7,
        "Pairs of the same structure encoder agree about the proteins.",
        f"Mean Pearson r between pairs of one structure encoder and different language models is above {claims_proteins.HIGH}.",
        claims_proteins.same_gdm_correlates,
    ),
    Finding(
        8,
        "ScanNet and GearNet pairs agree about the proteins.",
        f"Mean Pearson r between them is above {claims_proteins.SOME}.",
        claims_proteins.scannet_gearnet_correlate,
    ),
    Finding(
        9,
        "GAT pairs agree little with others.",
        f"Mean Pearson r between GAT pairs and those of other structure encoders is below {claims_proteins.SOME}.",
        claims_proteins.gat_correlates_little,
    ),
    Finding(
        10,
        "Pairs before training do not correlate with trained ones.",
        "The root mean square of Pearson's r over the draws of heads before training and the pairs, less what noise "
        f"gives, is below {claims_proteins.UNTRAINED_R} (r itself averages 0 by symmetry).",
        claims_proteins.untrained_do_not_correlate,
    ),
    Finding(
        11,
        "A protein's length has no effect.",
        f"Every pair's standardised slope is within ±{length.EFFECT}.",
        claims_proteins.no_effect_of_length,
    ),
    Finding(
        12,
        "Popular proteins score above rare ones.",
        "The AUC of popular over rare proteins, mean over the pairs, is above 0.5.",
        claims_proteins.popular_above_rare,
    ),
    Finding(
        13,
        "Single or multiple chains make no difference.",
        f"Every pair's rank-biserial effect of one against several different chains is within ±{chains.EFFECT}.",
        claims_proteins.no_effect_of_chains,
    ),
    Finding(
        14,
        "A structure encoder of larger dimension scores higher.",
        "For every language model the score's slope per doubling of the dimension, over the width series, is above 0.",
        claims_training.wider_is_better,
    ),
    Finding(
        15,
        "Two layers in the structure head score above one.",
        "The second layer's gain, mean over the pairs, is above 0.",
        claims_training.second_layer_helps,
    ),
    Finding(
        16,
        "A third layer adds nothing.",
        f"The third layer's gain, mean over the pairs, is below {claims_training.NOTHING}.",
        claims_training.third_layer_adds_nothing,
    ),
    Finding(
        17,
        "A fine-tuned language model scores above its base.",
        "Every tuned model's gain over its base, mean over the structure encoders, is above 0.",
        claims_training.tuned_above_base,
    ),
    Finding(
        18,
        "The order of the structure encoders survives equal dimensions and held-out relatives.",
        "Every two structure encoders that the main split tells apart (means over the language models) keep their order, "
        "beyond chance, with all of them cut by PCA to one dimension, with relatives held out, and, where the study has "
        "such heads for all, with standardised inputs.",
        claims_scores.order_survives,
    ),
    Finding(
        19,
        "Every pair beats a composition-and-length baseline.",
        "Every pair's score minus that of the encoder `composition` with the same language model is above 0.",
        claims_scores.above_baseline,
    ),
    Finding(
        20,
        "The calibrated score is above its null.",
        "Every pair's calibrated score (matched minus the signed mean of the others, 0 at chance) is above 0; one that "
        f"is below {claims_scores.NOT_BELOW} with confidence is against it.",
        claims_scores.above_null,
    ),
)


def judge(finding: Finding, context: FindingContext) -> Judgement:
    """The verdict on one finding; what the study lacks makes it not testable."""
    try:
        return finding.judge(context)
    except NotTestable as why:
        return not_testable(str(why))


def _numbers(item: Estimate | None) -> Row:
    if item is None:
        return {"value": None, "low": None, "high": None}
    low, high = item.ends()
    return {"value": item.value, "low": low, "high": high}


def _ours(item: Estimate | None) -> str:
    if item is None:
        return ""
    low, high = item.ends()
    return f"{item.label}: {item.value:.3f} [{low:.3f}, {high:.3f}]"


def _judged(judged: Judgement) -> Row:
    return _numbers(judged.item) | {"ours": _ours(judged.item), "verdict": judged.verdict, "why": judged.why}


def _calibrated(judged: Judgement | None) -> Row:
    """The columns of a finding judged on the calibrated score; nulls for one that is not about scores."""
    names = ("ours", "value", "low", "high", "verdict", "why")
    found = dict.fromkeys(names) if judged is None else _judged(judged)
    return {"calibrated": found["ours"]} | {f"calibrated_{name}": found[name] for name in names[1:]}


def run(evidence: Evidence) -> Result:
    """All findings with their verdicts (docs/outputs.md)."""
    context, calibrated, paper = FindingContext(evidence), FindingContext(evidence, "calibrated"), paper_texts()
    judged = {f.number: judge(f, context) for f in FINDINGS}
    again = {f.number: judge(f, calibrated) for f in FINDINGS if f.number in OF_SCORES}
    rows = [
        {"number": f.number, "claim": f.claim, "rule": f.rule, "paper": paper.get(f.number)}
        | _judged(judged[f.number])
        | _calibrated(again.get(f.number))
        for f in FINDINGS
    ]
    counts = Counter(str(row["verdict"]) for row in rows)
    details = {n: [{"label": i.label} | _numbers(i) for i in j.items] for n, j in judged.items()}
    verdicts = {verdict: counts[verdict] for verdict in (HOLDS, FAILS, UNDECIDED, UNKNOWN)}
    answer = _answer(counts, [row for row in rows if row["calibrated_verdict"] not in (None, row["verdict"])])
    return result("findings", rows, columns=COLUMNS, answer=answer, method=METHOD, counts=verdicts, details=details)


def _answer(counts: Counter[str], otherwise: list[Row]) -> str:
    """How many findings have each verdict, and which have another on the calibrated score."""
    said = (
        f"Of {len(FINDINGS)} findings {plural(counts[HOLDS], 'holds', 'hold')}, "
        f"{plural(counts[FAILS], 'does', 'do')} not, {plural(counts[UNDECIDED], 'is', 'are')} undecided by these "
        f"proteins, and {counts[UNKNOWN]} cannot be tested by this study."
    )
    if not otherwise:
        return said
    changed = ", ".join(f"{row['number']} ({row['calibrated_verdict']})" for row in otherwise)
    return f"{said} On the calibrated score the verdict is another for {changed}."
