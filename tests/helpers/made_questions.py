"""Made answers of every analysis in the layout of docs/outputs.md: plausible numbers, not computed from anything."""

from itertools import combinations
from typing import Any

import numpy as np
from scipy.cluster.hierarchy import leaves_list, linkage

from alignscape.alignment.measures import MEASURES

GDMS = {"gearnet": 0.30, "scannet": 0.34, "gvp": 0.12, "gat": 0.02, "proteinmpnn": 0.36}
LLMS = {"smollm2-135m": 0.0, "gemma3-270m": 0.03}


def _around(value: float, half: float = 0.02) -> dict[str, float]:
    return {"low": value - half, "high": value + half}


def _scores(value: float, half: float = 0.02) -> dict[str, float]:
    """The paper's score and the calibrated one, each with its interval."""
    calibrated = {f"calibrated_{end}": x for end, x in _around(value + 0.02, half).items()}
    return {"score": value, **_around(value, half), "calibrated": value + 0.02, **calibrated}


def _question(name: str, rows: list[dict[str, Any]], answer: str, **more: Any) -> dict[str, Any]:
    head = {"question": name, "answer": answer, "not_testable": None, "method": f"How {name} was computed, in a line."}
    return head | {"rows": rows} | more


def made_pairs(n: int) -> dict[str, Any]:
    """The answer `pairs`."""
    splits = ["kfold", "kfold_cluster"]
    gdms = GDMS | {"composition": 0.08}
    rows = [
        _pair_row(g, m, level + LLMS[m] - 0.06 * (split == "kfold_cluster"), state, split, n)
        for g, level in gdms.items()
        for m in LLMS
        for split in splits
        for state in ("trained", "untrained")
    ]
    answer = "All ten main pairs are above chance; the best, proteinmpnn × gemma3-270m, scores 0.390 [0.370, 0.410]."
    return _question("pairs", rows, answer, headline="kfold", splits=splits)


def _pair_row(gdm: str, llm: str, score: float, state: str, split: str, n: int) -> dict[str, Any]:
    trained = state == "trained"
    score = score if trained else -0.02
    row = {"label": f"{gdm} × {llm}", "gdm": gdm, "llm": llm, "gdm_kind": gdm}
    row |= {"gdm_role": "baseline" if gdm == "composition" else "main", "llm_role": "main", "variant": "layers1"}
    row |= {"state": state, "split": split, "sd": 0.01, **_scores(score), "calibrated_p": 0.001}
    row |= {"pos": score + 0.27, "neg": 0.27, "neg_signed": 0.05}
    only_trained = {
        "null_mean": -0.03,
        "null_sd": 0.01,
        "z": 12.0,
        "p": 0.001,
        "recall_text_1": 0.12,
        "recall_text_5": 0.3,
        "recall_text_tenth": 0.35,
        "mrr_text_low": 0.15,
        "mrr_text_high": 0.25,
    }
    only_trained |= {"recall_text_10": 0.45, "mrr_text": 0.2, "median_rank_text": 9.0, "recall_structure_1": 0.1}
    only_trained |= {"effective_rank_structure": 21.3, "effective_rank_text": 24.0}
    only_trained |= {"late_heads": 0.0, "not_converged": gdm == "gat"}
    row |= {k: v if trained else None for k, v in only_trained.items()}
    row |= {"chance_recall_1": 0.02, "chance_recall_5": 0.1, "chance_recall_10": 0.2, "chance_recall_tenth": 0.1}
    weights = "trained here" if gdm != "proteinmpnn" else "pretrained"
    row |= {"gdm_weights": weights, "gdm_sha256": "ab" * 32, "llm_weights": "pretrained", "llm_sha256": "cd" * 32}
    return row | {
        "gdm_dimension": 128,
        "llm_dimension": 576,
        "n": n,
        "n_train": 4 * n // 5,
        "seeds": 5 if trained else 20,
    }


def made_separability(pairs: list[dict[str, str]]) -> dict[str, Any]:
    """The answer `separability`."""
    levels = [GDMS[p["gdm"]] + LLMS[p["llm"]] for p in pairs]
    order = np.argsort(levels)[::-1]
    ranked = [pairs[i] | _scores(levels[i]) for i in order]
    difference = [[a["score"] - b["score"] for b in ranked] for a in ranked]

    def verdict(d: float, same: bool) -> str | None:
        return None if same else "better" if d > 0.035 else "worse" if d < -0.035 else "undecided"

    verdicts = [[verdict(d, i == j) for j, d in enumerate(row)] for i, row in enumerate(difference)]
    square = np.array(difference)
    p = np.where(abs(square) > 0.035, 0.001, 0.4)
    rows = [
        {
            "a": ranked[i]["label"],
            "b": ranked[j]["label"],
            "difference": difference[i][j],
            **_around(difference[i][j]),
            "p": float(p[i, j]),
            "p_corrected": float(p[i, j]),
            "verdict": verdicts[i][j],
        }
        for i, j in combinations(range(len(ranked)), 2)
    ]
    best = [r["label"] for i, r in enumerate(ranked) if "worse" not in verdicts[i]]
    matrices = {"difference": difference, "low": (square - 0.02).tolist(), "high": (square + 0.02).tolist()}
    matrices |= {"p": p.tolist(), "p_corrected": p.tolist(), "verdict": verdicts}
    level = [r["label"] for r, v in zip(ranked[1:], verdicts[0][1:], strict=True) if v != "better"]
    top = ranked[0]["calibrated"]
    baseline = {"label": "composition × gemma3-270m", "score": 0.13, "difference": 0.13 - top, **_around(0.13 - top)}
    more = {"best": best, "level": level, "baseline": baseline, "decide": [240.0] * len(rows), "n": 96, "clusters": 80}
    answer = f"{' and '.join(best)} align best; these data cannot tell them apart."
    return _question("separability", rows, answer, pairs=ranked, **more, **matrices)


def made_correlation(scores: dict[str, np.ndarray], pairs: list, generator: np.random.Generator) -> dict[str, Any]:
    """The answer `correlation`."""
    entries = [p | {"state": "trained"} for p in pairs]
    entries += [p | {"state": "untrained"} for p in pairs if p["gdm"] == "gearnet"]
    columns = [scores[p["label"]] for p in pairs]
    columns += [generator.normal(size=len(columns[0])) for _ in entries[len(pairs) :]]
    r = np.corrcoef(columns)
    tree = linkage(np.clip(1 - r, 0, None)[np.triu_indices(len(r), 1)], "average")
    order = leaves_list(tree).tolist()
    names = [p["label"] + (" (before training)" if p["state"] == "untrained" else "") for p in entries]
    matrices = {"r": r.tolist(), "low": (r - 0.1).tolist(), "high": (r + 0.1).tolist(), "partial": (r * 0.9).tolist()}
    rows = [
        {"a": names[i], "b": names[j], "r": r[i, j], "low": r[i, j] - 0.1, "high": r[i, j] + 0.1}
        | {"partial": 0.9 * r[i, j], "n": len(columns[0])}
        for i, j in combinations(range(len(names)), 2)
    ]
    answer = "Pairs of one structure encoder correlate most (mean r = 0.62); untrained heads do not (mean r = 0.01)."
    more = {"n": len(columns[0]), "pairs": entries, "order": order, "linkage": tree.tolist()}
    return _question("correlation", rows, answer, **more, **matrices)


def made_proteins(
    tested: list, scores: dict[str, np.ndarray], pairs: list, generator: np.random.Generator
) -> dict[str, Any]:
    """The answer `proteins`."""
    rows = []
    for k, f in enumerate(tested):
        first = f["entities"][0]
        row = {"id": f["id"], "name": first["name"], "organism": first["organism"], "length": f["length"]}
        row |= {"total_length": f["total_length"], "entities": f["n_entities"], "chains": f["n_chains"]}
        row |= {"category_count": int(generator.poisson(3)), "nearest": tested[k - 1]["id"]}
        row |= {"identity": round(float(generator.beta(1, 2)), 4), "same_text": 0}
        rows.append(row | {label: float(s[k]) for label, s in scores.items()})
    return _question("proteins", rows, "", pairs=pairs)


def made_length(pairs: list, n: int, generator: np.random.Generator) -> dict[str, Any]:
    """The answer `length`."""
    rows = []
    for p in pairs:
        slope, standardised = generator.normal(0, 5e-5), generator.normal(0, 0.1)
        row = p | {
            "slope": slope,
            "slope_low": slope - 4e-5,
            "slope_high": slope + 4e-5,
            "intercept": GDMS[p["gdm"]] + 0.25,
        }
        row |= {
            "standardised": standardised,
            "standardised_low": standardised - 0.1,
            "standardised_high": standardised + 0.1,
        }
        rows.append(
            row | {"spearman": 0.1, "spearman_low": -0.1, "spearman_high": 0.3, "p": 0.3, "p_corrected": 1.0, "n": n}
        )
    return _question("length", rows, "No pair's score changes with length beyond what chance allows.")


def made_rarity(pairs: list, ids: list[str], generator: np.random.Generator) -> dict[str, Any]:
    """The answer `rarity`."""
    rows = []
    for p in pairs:
        s, i = generator.uniform(0, 0.4), generator.uniform(0, 0.5)
        row = p | {"spearman": s, "spearman_low": s - 0.1, "spearman_high": s + 0.1, "p": 0.0004, "auc": 0.7}
        row |= {"auc_low": 0.6, "auc_high": 0.8, "auc_p": 0.002, "n_popular": 30, "n_rare": 40}
        row |= {"given_auc": None, "given_auc_low": None, "given_auc_high": None, "given_auc_p": None}
        row |= {"n_given_popular": 0, "n_given_rare": 0, "identity_spearman": i, "identity_low": i - 0.1}
        rows.append(
            row
            | {
                "identity_high": i + 0.1,
                "identity_p": 0.001,
                "p_corrected": 0.004,
                "auc_p_corrected": 0.02,
                "n": len(ids),
            }
        )
    more = {"popular_rule": "Popular: in the top tenth of counts.", "rare_rule": "Rare: no training entry of the name."}
    more |= {"popular": ids[:30], "rare": ids[-5:], "given_popular": [], "given_rare": []}
    return _question("rarity", rows, "Well-known proteins score higher in every pair.", **more)


def made_chains(pairs: list, n: int, generator: np.random.Generator) -> dict[str, Any]:
    """The answer `chains`."""
    rows = []
    for p in pairs:
        for counted in ("entities", "chains"):
            effect = generator.normal(0, 0.1)
            row = p | {"counted": counted, "n_single": 2 * n // 3, "n_multiple": n // 3, "mean_single": 0.5}
            row |= {"mean_multiple": 0.48, "median_single": 0.5, "median_multiple": 0.47, "effect": effect}
            rows.append(
                row
                | {"effect_low": effect - 0.1, "effect_high": effect + 0.1, "u": 900.0, "p": 0.2, "p_corrected": 1.0}
            )
    return _question("chains", rows, "Single and multiple chains cannot be told apart in any pair.")


def made_dimension() -> dict[str, Any]:
    """The answer `dimension`."""
    widths = [64, 128, 256, 512, 1024, 3072]
    rows, trend = [], []
    for m, gain in LLMS.items():
        for control, slope in (("none", 0.015), ("pca", 0.012), ("fixed", 0.008)):
            for k, width in enumerate(widths[: 6 if control != "pca" else 5]):
                score = 0.3 + gain + slope * k
                row = {
                    "llm": m,
                    "gdm": f"gearnet-{width}",
                    "dimension": width,
                    "control": control,
                    "variant": "layers1",
                }
                rows.append(row | {"sd": 0.01, **_scores(score, 0.012), "n": 96})
            trend.append(
                {
                    "llm": m,
                    "control": control,
                    "slope": slope,
                    **_around(slope, 0.003),
                    "p": 0.01,
                    "p_corrected": 0.06,
                    "rungs": 6,
                }
            )
    return _question("dimension", rows, "Each doubling of the width adds 0.015 [0.012, 0.018].", trend=trend)


def made_depth(pairs: list) -> dict[str, Any]:
    """The answer `depth`."""
    rows, differences = [], []
    for p in pairs:
        for layers in (1, 2, 3):
            score = GDMS[p["gdm"]] + LLMS[p["llm"]] + 0.03 * (layers > 1)
            rows.append(p | {"layers": layers, "sd": 0.01, **_scores(score), "n": 96})
        for a, b, d in ((1, 2, 0.03), (2, 3, 0.0)):
            step = {"from": a, "to": b, "difference": d, **_around(d, 0.01), "p": 0.01, "p_corrected": 0.03}
            differences.append(p | step)
    return _question("depth", rows, "A second layer helps every pair; a third adds nothing.", differences=differences)


def made_fine_tuning() -> dict[str, Any]:
    """The answer `fine_tuning`."""
    base = "smollm2-135m"
    kinds = {"base": (base, 0.0), "tuned": ("smollm2-tuned", 0.03), "shuffled": ("smollm2-shuffled", -0.02)}
    rows = [
        {
            "gdm": g,
            "llm": name,
            "base": base,
            "kind": kind,
            "sd": 0.01,
            **_scores(level + d),
            "n": 96,
        }
        for g, level in GDMS.items()
        for kind, (name, d) in kinds.items()
    ]
    differences = [
        {"gdm": g, "base": base, "a": "smollm2-tuned", "b": base, "difference": 0.03, **_around(0.03), "p": 0.01}
        | {"p_corrected": 0.05}
        for g in GDMS
    ]
    return _question("fine_tuning", rows, "Fine-tuning helps; wrong descriptions do not.", differences=differences)


def made_leakage(pairs: list, ids: list[str], generator: np.random.Generator) -> dict[str, Any]:
    """The answer `leakage`."""
    rows, summary = [], []
    for split, (a, b) in {"kfold": (1, 2), "kfold_cluster": (1, 9)}.items():
        identity = np.round(generator.beta(a, b, len(ids)), 4)
        rows += [
            {
                "split": split,
                "id": i,
                "nearest": ids[k - 1],
                "identity": float(identity[k]),
                "any_length": 0.5,
                "same_text": 0,
            }
            | {"same_name_organism": int(k % 3 == 0)}
            for k, i in enumerate(ids)
        ]
        shares = {f"share_{c}": float((identity >= c / 100).mean()) for c in (30, 50, 90, 100)}
        head = {"split": split, "n": len(ids), "n_known": len(ids), "median": float(np.median(identity))}
        summary.append(head | shares | {"any_length_30": 0.4, "same_text": 0.02, "same_name_organism": 0.33})
    side = []
    for p in pairs:
        score = GDMS[p["gdm"]] + LLMS[p["llm"]]
        both = {"kfold": score, "kfold_cluster": score - 0.06}
        scores = {s: {**_scores(v), "n": len(ids)} for s, v in both.items()}
        side.append(p | {"scores": scores, "difference": 0.06, "low": 0.04, "high": 0.08, "n_common": len(ids)})
    answer = (
        "41 % of the test proteins have a relative above 30 % identity in training; without them scores fall by 0.06."
    )
    shown = {"n": len(ids), "clusters": 80, "alone": 0.6, "large": 0.1, "enzymes": 0.4} | {
        f"ec_{c}": 0.05 for c in range(1, 8)
    }
    tested = [{"part": part} | shown for part in ("all", "kfold", "kfold_cluster")]
    return _question("leakage", rows, answer, summary=summary, side_by_side=side, composition=tested)


def made_screening(pairs: list, generator: np.random.Generator) -> dict[str, Any]:
    """The answer `screening`."""
    rows = []
    for p in pairs:
        score = GDMS[p["gdm"]] + LLMS[p["llm"]]
        row = p | {"structure_dimension": 10 + 5 * GDMS[p["gdm"]], "text_dimension": 12 + 5 * LLMS[p["llm"]]}
        for k, (measure, about) in enumerate(MEASURES.items()):
            base, sign = 0.1 + 0.05 * k, 1 if about.alike == "high" else -1
            value = base + sign * 0.5 * score + generator.normal(0, 0.02)
            row |= {measure: value, f"{measure}_null": base, f"{measure}_z": 8.1, f"{measure}_p": 0.001}
        rows.append(row | {"score": score, "calibrated": score + 0.02})
    told = {"spearman": 0.9, "low": 0.6, "high": 0.98, "p": 0.001, "p_corrected": 0.008, "pairs": len(rows), "why": ""}
    predicts = [{"measure": m} | told for m in (*MEASURES, "structure_dimension")]
    few = {"low": None, "high": None, "why": "2 LLMs are too few for an interval"}
    predicts.append({"measure": "text_dimension"} | told | few)
    dimensions = [
        {"encoder": name, "side": side, "dimension": 11.0, "low": 9.0, "high": 13.2, "n": 96}
        for side, names in (("structure", GDMS), ("text", LLMS))
        for name in names
    ]
    return _question(
        "screening",
        rows,
        "All measures rank the pairs as training does.",
        n=96,
        neighbours=10,
        predicts=predicts,
        dimensions=dimensions,
        left_out="",
    )


def made_methods(pairs: list) -> dict[str, Any]:
    """The answer `methods`."""
    options = {"default": ("", None), "symmetric": ("symmetric loss", 0.01), "learned": ("learned temperature", -0.01)}
    rows = []
    for p in pairs:
        score = GDMS[p["gdm"]] + LLMS[p["llm"]]
        for name, (changes, d) in options.items():
            row = p | {"method": name, "changes": changes, "sd": 0.01, **_scores(score + (d or 0))}
            row |= {"recall_text_1": 0.1, "mrr_text": 0.2, "difference": d, "p": None if d is None else 0.2, "n": 96}
            bounds = (None, None) if d is None else (d - 0.01, d + 0.01)
            rows.append(
                row | dict(zip(("difference_low", "difference_high"), bounds, strict=True)) | {"p_corrected": row["p"]}
            )
    return _question("methods", rows, "No option changes the score by more than 0.01.")


def made_findings() -> dict[str, Any]:
    """The answer `findings`."""
    verdicts = ("holds", "does not hold", "undecided", "not testable")
    rows = [
        {
            "number": k,
            "claim": f"Claim number {k}: larger language models align better than smaller ones of the family",
            "rule": "The lower bound of the interval is above 0.",
            "paper": "0.2958 to 0.3515" if k < 18 else None,
            "ours": "0.021 [0.004, 0.037]" if k % 4 != 3 else "",
            "value": 0.021 if k % 4 != 3 else None,
            "low": 0.004 if k % 4 != 3 else None,
            "high": 0.037 if k % 4 != 3 else None,
            "verdict": verdicts[k % 4],
            "calibrated": "0.031 [0.014, 0.047]" if k < 7 else None,
            "calibrated_verdict": "holds" if k < 7 else None,
            "calibrated_why": "" if k < 7 else None,
            "why": "only one model of each family was run" if k % 4 == 3 else "",
        }
        for k in range(1, 21)
    ]
    counts = {v: sum(r["verdict"] == v for r in rows) for v in verdicts}
    answer = f"Of 20 findings {counts['holds']} hold, {counts['does not hold']} do not, {counts['not testable']} cannot be tested here."
    return _question("findings", rows, answer, counts=counts, details={})
