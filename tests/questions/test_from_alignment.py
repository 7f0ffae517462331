"""The questions read what the alignment really writes."""

import numpy as np
import pytest

from alignscape.alignment.pair import PairName, align_pair
from alignscape.alignment.result import PairResult
from alignscape.alignment.split import make_splits
from alignscape.config.study import Alignment, Variant
from alignscape.questions.evidence.catalogue import Catalogue, Encoder
from alignscape.questions.evidence.evidence import Evidence
from alignscape.questions.evidence.training import training_of
from alignscape.questions.registry import analyse

CONFIG = Alignment(splits=["kfold", "kfold_cluster"], folds=3, seeds=2, epochs=4, untrained_draws=3, permutations=50, bootstrap=200)  # fmt: skip


@pytest.fixture(scope="module")
def aligned(protein, tmp_path_factory):
    """Two pairs of real heads on related random embeddings, saved and loaded."""
    generator, ids = np.random.default_rng(0), [f"P{k:03d}" for k in range(90)]
    structure = generator.standard_normal((90, 10)).astype(np.float32)
    text = {m: (structure @ generator.standard_normal((10, 8))).astype(np.float32) for m in "ab"}
    splits = make_splits(ids, ids[:20], {i: k // 2 for k, i in enumerate(ids)}, config=CONFIG, seed=1)
    results = []
    for m, rows in text.items():
        pair, _, _ = align_pair(
            structure, rows, ids, splits, config=CONFIG, variant=Variant(), seed=1, name=PairName("g", m, "layers1")
        )
        pair.save(path := tmp_path_factory.mktemp("pairs") / f"{m}.npz")
        results.append(PairResult.load(path))
    llms = {m: Encoder(m, "causal_lm", "main", weights_state="pretrained") for m in "ab"}
    catalogue = Catalogue({"g": Encoder("g", "gvp", "main", weights_state="trained here")}, llms)
    facts = {i: protein(i, length=40 + k) for k, i in enumerate(ids)}
    training = {name: training_of(split) for name, split in splits.items()}
    return Evidence(catalogue, results, list(CONFIG.splits), facts=facts, training=training, bootstrap=200, permutations=50)  # fmt: skip


def test_pairs_agree_with_the_summary_of_the_alignment(aligned):
    """Our score, parts, null, retrieval and chance are those that the alignment itself reports."""
    row = analyse("pairs", aligned)["rows"][0]
    summary = aligned.results[0].splits["kfold"].summary
    same = {"score": "score", "sd": "score_sd", "pos": "positive", "neg": "negative", "neg_signed": "negative_signed"}
    for ours, theirs in (same | {k: k for k in ("null_mean", "null_sd", "z", "p", "n_train")}).items():
        assert row[ours] == pytest.approx(summary[theirs], abs=1e-6), ours
    assert row["recall_text_5"] == pytest.approx(summary["retrieval_of_text"]["r5"])
    assert row["mrr_structure"] == pytest.approx(summary["retrieval_of_structure"]["mrr"])
    assert row["chance_recall_5"] == pytest.approx(summary["retrieval_chance"]["r5"])
    assert row["effective_rank_text"] == summary["effective_rank_text"]
    assert (row["n"], row["seeds"]) == (70, 2)


def keys_of(value):
    """All keys of nested mappings."""
    return [k for key, inner in value.items() for k in (key, *(keys_of(inner) if isinstance(inner, dict) else ()))]


def test_a_score_has_one_interval(aligned):
    """That of the analyses, of the score table. The alignment leaves none of its own beside it."""
    for result in aligned.results:
        for scores in result.splits.values():
            assert not [key for key in keys_of(scores.summary) if key.endswith(("low", "high", "ci"))]
    low, high = aligned.main_table("kfold").means("paper").estimates().ends()
    rows = analyse("pairs", aligned)["rows"]
    shown = [(r["low"], r["high"]) for r in rows if (r["split"], r["state"]) == ("kfold", "trained")]
    assert shown == list(zip(low, high, strict=True))


@pytest.mark.parametrize("question", ["correlation", "length", "rarity", "leakage", "separability", "findings"])
def test_questions_are_answered(aligned, question):
    """Real results of k-fold splits answer every question that needs no further pairs."""
    found = analyse(question, aligned)
    assert found["not_testable"] is None
    assert found["rows"]
