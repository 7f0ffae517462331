"""Each question on made studies where the answer is known, and on studies too small to answer."""

import json

import numpy as np
import pytest
from scipy import stats
from sklearn.metrics import roc_auc_score

from alignscape.config.study import Analysis, Variant
from alignscape.questions.chains import analysis as chains
from alignscape.questions.correlation import analysis as correlation
from alignscape.questions.depth import analysis as depth
from alignscape.questions.dimension import analysis as dimension
from alignscape.questions.evidence.catalogue import Encoder
from alignscape.questions.evidence.score_table import score_table
from alignscape.questions.fine_tuning import analysis as fine_tuning
from alignscape.questions.leakage import analysis as leakage
from alignscape.questions.length import analysis as length
from alignscape.questions.methods import analysis as methods
from alignscape.questions.pairs import analysis as pairs
from alignscape.questions.proteins import analysis as proteins
from alignscape.questions.rarity import analysis as rarity
from alignscape.questions.registry import analyse, questions
from alignscape.questions.separability import analysis as separability
from alignscape.statistics.clusters import Clusters

QUESTIONS = tuple(questions())


@pytest.mark.parametrize("question", QUESTIONS)
@pytest.mark.parametrize("test", [0, 1, 2, 12])
def test_no_study_is_too_small_to_end_well(question, test, study, made):
    """With few or no test proteins every question ends with valid JSON, a reason where it has no rows, and no NaN."""
    evidence = study({("gearnet", m): made() for m in "ab"}, n=30, test=test, seeds=1)
    found = analyse(question, evidence)
    json.dumps(found, allow_nan=False)
    assert found["rows"] or found["not_testable"]
    assert found["answer"]
    assert all(list(row) == found["columns"] for row in found["rows"])


@pytest.mark.parametrize("question", sorted({*QUESTIONS} - {"leakage"}))
def test_an_empty_study_says_so(question, study):
    """No pair at all: every question is not testable (but leakage, which is about the split alone)."""
    found = analyse(question, study({}))
    assert found["not_testable"] or {r["verdict"] for r in found["rows"]} == {"not testable"}


def test_pairs_are_means_over_seeds_and_proteins(study, made):
    """A row's numbers are those of a plain loop over the arrays."""
    evidence = study({("gearnet", "a"): made(z=12.0, p=0.004)}, test=40, splits=("random", "cluster"))
    found = pairs.run(evidence)
    assert [(r["split"], r["state"]) for r in found["rows"]] == [
        ("random", "trained"), ("random", "untrained"), ("cluster", "trained"), ("cluster", "untrained"),
    ]  # fmt: skip
    row, arrays = found["rows"][0], evidence.results[0].splits["random"]
    by_seed = [np.nanmean(s) - np.nanmean(n) for s, n in zip(arrays.score, arrays.negative, strict=True)]
    assert row["score"] == pytest.approx(np.mean(by_seed), abs=1e-6)
    assert row["sd"] == pytest.approx(np.std(by_seed, ddof=1), abs=1e-6)
    assert row["pos"] - row["neg"] == pytest.approx(row["score"])
    assert row["low"] < row["score"] < row["high"]
    assert (row["z"], row["p"], row["null_mean"]) == (12.0, 0.004, -0.02)
    ranks = arrays.rank_of_text[:, -40:]
    assert row["recall_text_10"] == pytest.approx(np.mean(ranks <= 10))
    assert row["chance_recall_10"] == pytest.approx(10 / 40)
    assert row["recall_text_tenth"] == pytest.approx(np.mean(ranks <= 4))
    assert row["recall_text_tenth_low"] < row["recall_text_tenth"] < row["recall_text_tenth_high"]
    assert row["mrr_text"] == pytest.approx(np.mean(1 / ranks))
    assert row["mrr_text_low"] < row["mrr_text"] < row["mrr_text_high"]
    assert row["chance_recall_tenth"] == pytest.approx(0.1)
    assert (row["gdm_weights"], row["llm_weights"], row["seeds"], row["n"]) == ("trained here", "pretrained", 3, 40)
    assert found["rows"][1]["seeds"] == 20
    assert found["rows"][1]["z"] is None


def test_only_proteins_that_all_pairs_have_are_compared(study, made):
    """A protein that one pair has no score for counts for no pair."""
    evidence = study({("gearnet", m): made() for m in "ab"}, test=40)
    evidence.results[1].splits["random"].score[1, -3] = np.nan
    table = score_table(evidence.results, "random")
    assert table.n == 39
    assert "P00397" not in table.ids
    assert pairs.run(evidence)["rows"][0]["n"] == 39


def test_separability_knows_apart_from_level(study, made):
    """A pair well above two level ones is better than both; the two are not separable."""
    levels = {"a": 0.6, "b": 0.5, "c": 0.501}
    found = separability.run(study({("gearnet", m): made(pos=p) for m, p in levels.items()}))
    assert found["best"] == ["gearnet × a"]
    assert found["pairs"][0]["llm"] == "a"
    assert found["verdict"][0] == [None, "better", "better"]
    assert found["verdict"][1][2] == found["verdict"][2][1] == "undecided"
    assert found["verdict"][1][0] == "worse"
    assert found["difference"][0][1] == -found["difference"][1][0]
    assert found["low"][0][1] == -found["high"][1][0]
    assert found["answer"].startswith("gearnet × a is aligned best")


def test_separability_is_paired(study, made):
    """Two pairs that agree about the proteins are told apart by a difference too small for unpaired scores."""
    taste = np.random.default_rng(0).standard_normal(400)
    about = {"shared": taste, "agreement": 0.999, "spread": 0.3}
    found = separability.run(study({("gearnet", "a"): made(pos=0.52, **about), ("gearnet", "b"): made(**about)}))
    assert found["verdict"][0][1] == "better"
    unpaired = 0.3 * np.sqrt(2 / 300)
    assert found["rows"][0]["difference"] < 1.96 * unpaired


def test_level_pairs_are_rarely_called_apart(study, made):
    """Over 40 studies of 6 equal pairs, Holm's correction keeps the share with any verdict near 5 %."""
    wrong = 0
    for k in range(40):
        taste = np.random.default_rng(k).standard_normal(400)
        found = separability.run(study({("g", m): made(shared=taste, agreement=0.3) for m in "abcdef"}, seed=k))
        wrong += any(r["verdict"] in ("better", "worse") for r in found["rows"])
    assert wrong <= 6


def test_correlations_equal_numpy_and_know_untrained_from_trained(study, made):
    """r of trained pairs is corrcoef; an untrained entry is the mean over its draws."""
    taste = np.random.default_rng(1).standard_normal(400)
    about = {"shared": taste, "agreement": 0.8}
    evidence = study({(g, m): made(**about) for g in ("gvp", "gearnet") for m in "ab"})
    found = correlation.run(evidence)
    names = [p["label"] for p in found["pairs"]]
    assert names[4:] == ["gearnet × a (before training)", "gearnet × b (before training)"]
    table = evidence.main_table()
    assert np.allclose(np.array(found["r"])[:4, :4], np.corrcoef(table.matched))
    draws = table.values("untrained_score")[2]
    assert found["r"][0][4] == pytest.approx(np.mean([np.corrcoef(table.matched[0], d)[0, 1] for d in draws]))
    assert found["spread"][0][4] == pytest.approx(np.std([np.corrcoef(table.matched[0], d)[0, 1] for d in draws]))
    assert found["spread"][0][1] == pytest.approx(0, abs=1e-7)
    assert sorted(found["order"]) == list(range(6))
    assert found["low"][0][1] < found["r"][0][1] < found["high"][0][1]
    assert len(found["rows"]) == 15


def test_bootstrap_of_correlations_equals_a_loop(study, made):
    """The draws made of weighted moments are corrcoef on the resampled proteins."""
    entries = correlation.entries(
        study({("g", m): made() for m in "ab"}, test=50).main_table(), study({("g", "a"): made()})
    )
    c = correlation.Correlations(entries[:2], Clusters.alone(50))
    fast = c.draws(draws=20, generator=np.random.default_rng(3))[:, 0]
    picks = np.random.default_rng(3).integers(0, 50, (20, 50))
    a, b = entries[0].scores[0], entries[1].scores[0]
    assert np.allclose(fast, [np.corrcoef(a[p], b[p])[0, 1] for p in picks])


def test_products_of_many_proteins_are_taken_some_at_a_time_with_the_same_numbers(study, made, monkeypatch):
    """Every r, its noise and its draws, to the bit, with the products of three pairs at once instead of all."""
    evidence = study({(g, m): made() for g in ("gvp", "gearnet") for m in "ab"})
    table = evidence.main_table()

    def found() -> list[np.ndarray]:
        c = correlation.Correlations(correlation.entries(table, evidence), table.families)
        draws = c.draws(draws=50, generator=np.random.default_rng(0))
        return [c.values(), c.noise, draws, np.array([len(c._parts)])]

    whole = found()
    monkeypatch.setattr(correlation, "_CELLS", 3 * table.n)
    some = found()
    assert whole[3] == [1] < some[3]
    assert all(np.array_equal(a, b) for a, b in zip(whole[:3], some[:3], strict=True))


@pytest.mark.parametrize(("related", "near"), [(False, 0.007), (True, 0.012)])
def test_the_square_of_r_beyond_noise_averages_the_square_of_the_true_r(related, near):
    """Made scores of 60 proteins whose r is .5, alone or in pairs that are alike: .25 once noise is taken off."""
    generator = np.random.default_rng(4)
    families = np.repeat(np.arange(30), 2) if related else np.arange(60)
    share = np.sqrt(0.6) if related else 0.0

    def normal(*shape: int) -> np.ndarray:
        own = generator.standard_normal((*shape, 60))
        return (
            share * generator.standard_normal((*shape, families.max() + 1))[..., families] + np.sqrt(1 - share**2) * own
        )

    common = normal(2000)
    ours, theirs = (np.sqrt(0.5) * common + np.sqrt(0.5) * normal(2000) for _ in range(2))
    found = []
    for x, y in zip(ours, theirs, strict=True):
        entries = [correlation.Entry(name, "g", "m", "trained", v[None]) for name, v in (("a", x), ("b", y))]
        found.append(correlation.Correlations(entries, Clusters.of(families)).square_mean()[0])
    # r itself is a little small in few proteins; products for influences would be .010 and .023 away.
    assert abs(np.mean(found) - 0.25) < near


def test_partial_correlation_equals_residuals(study, made, protein):
    """r given length is the correlation of what regressions on length leave over."""
    evidence = study({("g", m): made() for m in "ab"})
    table = evidence.main_table()
    x = np.array([evidence.facts[i].length for i in table.ids], float)
    left = [y - np.polyval(np.polyfit(x, y, 1), x) for y in table.matched]
    assert correlation.run(evidence)["rows"][0]["partial"] == pytest.approx(np.corrcoef(left)[0, 1])


def test_clusters_stand_side_by_side():
    """Two blocks of correlated entries are not mixed in the order."""
    r = np.array([[1, 0, 0.9, 0], [0, 1, 0, 0.8], [0.9, 0, 1, 0], [0, 0.8, 0, 1]], float)
    order, tree = correlation.cluster(r)
    assert {frozenset(order[:2]), frozenset(order[2:])} == {frozenset({0, 2}), frozenset({1, 3})}
    assert tree.shape == (3, 4)


def test_length_finds_the_slope_that_was_put_in(study, made):
    """The slope per residue is the one that made the scores, within its interval."""
    lengths = np.array([50 + 7 * k % 500 for k in range(400)])
    row = length.run(study({("g", "a"): made(bonus=0.0004 * lengths, spread=0.05)}))["rows"][0]
    assert row["slope_low"] < 0.0004 < row["slope_high"]
    assert row["slope"] == pytest.approx(0.0004, rel=0.2)
    assert row["p"] < 1e-6


def named(protein, names, n=400):
    """Facts of n proteins; names: by row, else a name of its own."""
    return {f"P{k:05d}": protein(f"P{k:05d}", name=names.get(k, f"single {k}")) for k in range(n)}


def test_rarity_counts_training_proteins_only(study, made, protein):
    """The count of a category is that of the training part: its other test proteins do not count."""
    facts = named(protein, {k: "Lysozyme" for k in [*range(50, 80), *range(200, 240)]})
    evidence = study({("g", "a"): made()}, facts=facts)
    counts = rarity.category_counts(evidence, "random")
    assert counts["P00200"] == 30  # rows 0 to 4 validate, 5 to 99 train, the rest is tested
    assert counts["P00300"] == 0
    assert "P00050" not in counts


def test_rarity_finds_popular_proteins_that_score_higher(study, made, protein):
    """AUC equals scikit-learn's, its p is small, and Spearman's rho is SciPy's."""
    popular = np.isin(np.arange(400), np.arange(200, 240))
    facts = named(
        protein, {k: "LYSOZYME" if k < 100 else "Protein (lysozyme)" for k in [*range(50, 80), *range(200, 240)]}
    )
    evidence = study({("g", "a"): made(bonus=0.3 * popular)}, facts=facts)
    found = rarity.run(evidence)
    row, scores = found["rows"][0], evidence.main_table().matched[0]
    assert found["popular"] == [f"P{k:05d}" for k in range(200, 240)]
    assert (row["n_popular"], row["n_rare"]) == (40, 260)
    assert row["auc"] == pytest.approx(roc_auc_score(popular[100:], scores))
    assert row["auc_p"] < 1e-4
    assert row["spearman"] == pytest.approx(stats.spearmanr(30 * popular[100:], scores).statistic)
    assert row["identity_spearman"] is None


def test_given_lists_are_used_and_read_from_files(study, made, protein, tmp_path):
    """Ids of a list, or of a file with comments, that were tested make the given groups; others are ignored."""
    high = np.isin(np.arange(400), np.arange(300, 310))
    file = tmp_path / "rare.txt"
    file.write_text(
        "# rare\np00320\nP00321\nP00322 # no\nP00323\n"
        + "".join(f"P0032{k}\n" for k in range(4, 10))
        + "P00001\nXXXX\n"
    )
    analysis = Analysis(popular_ids=[f"p{k:05d}" for k in range(300, 310)], rare_ids=file)
    found = rarity.run(study({("g", "a"): made(bonus=1.0 * high)}, analysis=analysis))
    assert found["given_rare"] == [f"P{k:05d}" for k in range(320, 330)]
    assert found["rows"][0]["given_auc"] == 1
    assert found["rows"][0]["n_given_popular"] == 10


def test_identity_to_training_is_correlated_with_the_score(study, made):
    """Spearman's rho with the identity of the nearest training protein is SciPy's."""
    identity = np.random.default_rng(2).random(400)
    nearest = {"random": {f"P{k:05d}": ("P00007", float(identity[k])) for k in range(100, 400)}}
    evidence = study({("g", "a"): made(bonus=0.3 * identity)}, nearest=nearest)
    row = rarity.run(evidence)["rows"][0]
    expected = stats.spearmanr(identity[100:], evidence.main_table().matched[0])
    assert row["identity_spearman"] == pytest.approx(expected.statistic)
    assert row["identity_low"] < row["identity_spearman"] < row["identity_high"]


def test_chains_equal_mann_whitney(study, made, protein):
    """Effect and U are SciPy's, p is near its; entities and chains are counted apart."""
    facts = {f"P{k:05d}": protein(f"P{k:05d}", entities=1 + (k % 3 == 0), chains=1 + (k % 2)) for k in range(400)}
    evidence = study({("g", "a"): made(bonus=0.1 * (np.arange(400) % 3 == 0))}, facts=facts)
    found = chains.run(evidence)
    row, scores = found["rows"][0], evidence.main_table().matched[0]
    single = np.arange(100, 400) % 3 != 0
    test = stats.mannwhitneyu(scores[single], scores[~single])
    assert row["u"] == pytest.approx(test.statistic)
    assert np.log(row["p"]) == pytest.approx(np.log(test.pvalue), rel=0.1)
    assert row["effect"] == pytest.approx(2 * roc_auc_score(single, scores) - 1)
    assert row["effect_high"] < 0
    assert (row["n_single"], found["rows"][1]["n_single"]) == (200, 100)
    assert found["rows"][1]["counted"] == "chains"


def test_proteins_hold_the_points(study, made):
    """A row a test protein, with its facts and its S_ii under the pair's label."""
    evidence = study({("g", "a"): made()}, nearest={"random": {"P00399": ("P00010", 0.5)}})
    found = proteins.run(evidence)
    last = found["rows"][-1]
    assert (last["id"], last["nearest"], last["identity"]) == ("P00399", "P00010", 0.5)
    assert last["g × a"] == pytest.approx(evidence.main_table().matched[0][-1])
    assert last["organism"] == "Homo sapiens"
    assert last["category_count"] == 95


def test_depth_pairs_each_step(study, made):
    """What a layer adds is the difference of two scores on the same proteins."""
    evidence = study({("g", "a", f"layers{n}"): made(pos=p) for n, p in ((1, 0.5), (2, 0.6), (3, 0.6))})
    found = depth.run(evidence)
    assert [(d["from"], d["to"]) for d in found["differences"]] == [(1, 2), (2, 3)]
    scores = {r["layers"]: r["calibrated"] for r in found["rows"]}
    assert found["differences"][0]["difference"] == pytest.approx(scores[2] - scores[1])
    assert found["differences"][0]["p_corrected"] < 0.01
    assert found["differences"][1]["p_corrected"] > 0.05


def test_depth_is_about_the_models_that_deeper_heads_were_tried_on(study, made):
    """One without has no row beside them, and the page names the key that would give it some."""
    on_all = {("g", m, f"layers{n}"): made(pos=0.5) for m in "ab" for n in (1, 2)}
    assert "depth_models" not in depth.run(study(on_all))["method"]
    found = depth.run(study({key: about for key, about in on_all.items() if key != ("g", "b", "layers2")}))
    assert {(r["llm"], r["layers"]) for r in found["rows"]} == {("a", 1), ("a", 2)}
    assert found["method"].endswith("Tried on a, 1 of 2 language models (`alignment.depth_models`).")


def ladder_study(study, made, gain):
    """Rungs of 64, 128 and 512 dimensions, `gain` a doubling, and the last cut by PCA to the others."""
    widths = (64, 128, 512)
    gdms = {f"w{w}": Encoder(f"w{w}", "gearnet", "ladder", dimension=w) for w in widths}
    variants = {"layers1": Variant(), "pca64": Variant(structure_pca=64), "pca128": Variant(structure_pca=128)}
    pairs_ = {(f"w{w}", "a", "layers1"): made(pos=0.3 + gain * np.log2(w / 64)) for w in widths}
    pairs_ |= {("w512", "a", f"pca{w}"): made(pos=0.45) for w in widths[:2]}
    return study(pairs_, n=900, test=300, gdms=gdms, variants=variants)


def test_dimension_slope_is_what_was_put_in(study, made):
    """The slope per doubling is NumPy's polyfit on log2, and that of the PCA control is flat."""
    found = dimension.run(ladder_study(study, made, 0.05))
    rungs = [r for r in found["rows"] if r["control"] == "none"]
    expected = np.polyfit([6, 7, 9], [r["calibrated"] for r in rungs], 1)[0]
    trend = {t["control"]: t for t in found["trend"]}
    assert trend["none"]["slope"] == pytest.approx(expected)
    assert trend["none"]["low"] < 0.05 < trend["none"]["high"]
    assert [r["dimension"] for r in found["rows"] if r["control"] == "pca"] == [64, 128, 512]
    assert abs(trend["pca"]["slope"]) < 0.02


def test_fine_tuning_compares_with_base_and_control(study, made):
    """Tuned, base and shuffled are compared within one GDM."""
    llms = {
        "b": Encoder("b", "causal_lm", "main"),
        "t": Encoder("t", "causal_lm", "fine_tuned", base="b"),
        "s": Encoder("s", "causal_lm", "fine_tuned", base="b", shuffled=True),
    }
    found = fine_tuning.run(study({("g", "b"): made(), ("g", "t"): made(pos=0.65), ("g", "s"): made()}, llms=llms))
    by_kind = {d["kinds"]: d for d in found["differences"]}
    assert by_kind["tuned - base"]["p_corrected"] < 0.01
    assert by_kind["tuned - shuffled"]["low"] > 0
    assert by_kind["shuffled - base"]["p_corrected"] > 0.05
    assert {r["kind"] for r in found["rows"]} == {"base", "tuned", "shuffled"}


def test_methods_compare_with_the_default(study, made):
    """Variants and other readings of the model stand beside the default they differ from."""
    variants = {"layers1": Variant(), "layers2": Variant(layers=2), "both": Variant(loss="symmetric")}
    llms = {
        "m": Encoder("m", "causal_lm", "main", model="x"),
        "m-mean": Encoder("m-mean", "causal_lm", "option", model="x", pooling="mean"),
    }
    about = {("g", "m", "layers1"): made(), ("g", "m", "layers2"): made(), ("g", "m", "both"): made(pos=0.7)}
    about |= {("g", "m-mean", "layers1"): made()}
    found = methods.run(study(about, variants=variants, methods=["both"], llms=llms))
    rows = {r["method"]: r for r in found["rows"]}
    assert set(rows) == {"default", "both", "m-mean"}
    assert rows["both"]["changes"] == "loss: symmetric"
    assert rows["both"]["difference_low"] > 0.1
    assert rows["m-mean"]["changes"] == "pooling: mean"
    assert rows["default"]["difference"] is None


def test_a_method_with_the_settings_of_a_depth_has_its_row(study, made):
    """Heads trained once answer for the depth and for the method; a method that was not asked for has no row."""
    variants = {"layers1": Variant(), "layers2": Variant(layers=2), "layers3": Variant(layers=3)}
    about = {("g", "m", name): made(pos=0.4 + 0.1 * k) for k, name in enumerate(variants)}
    evidence = study(about, variants=variants)
    evidence.catalogue.methods["deep"] = Variant(layers=2)
    default, deep = methods.run(evidence)["rows"]
    assert (default["method"], deep["method"], deep["changes"]) == ("default", "deep", "layers: 2")
    assert deep["score"] - default["score"] == pytest.approx(0.1, abs=0.03)


def test_heads_are_chosen_by_their_settings_not_by_their_names(study, made):
    """Whatever the labels say, depth is told by the number of layers."""
    variants = {"layers1": Variant(), "pca32": Variant(layers=2), "layers2": Variant(layers=2, loss="symmetric")}
    about = {("g", m, name): made(pos=0.4 + 0.1 * k) for k, name in enumerate(variants) for m in "ab"}
    evidence = study(about, variants=variants)
    assert [r.variant for r in evidence.select(variant=Variant(layers=2))] == ["pca32", "pca32"]
    added = depth.run(evidence)["differences"]
    assert [(d["from"], d["to"]) for d in added] == [(1, 2), (1, 2)]
    assert [d["difference"] for d in added] == pytest.approx([0.1, 0.1], abs=0.03)


def test_leakage_counts_what_is_shared_with_training(study, made, protein):
    """Shares of test proteins with a near, equally described or equally named training protein; scores side by side."""
    facts = named(protein, {k: "Lysozyme" for k in [50, *range(200, 230)]})
    alike = ("P00060", "P00399")  # they differ in nothing but the id
    texts = {i: f"The protein {i} is {'one' if i in alike else f'number {k}'}." for k, i in enumerate(facts)}
    nearest = {"random": {f"P{k:05d}": ("P00060", 0.95) if k < 250 else (None, 0.0) for k in range(100, 400)}}
    evidence = study(
        {("g", "a"): made()}, facts=facts, texts=texts, nearest=nearest, splits=("random", "cluster"),
        by_split=lambda split, about: about if split == "random" else made(pos=0.3),
    )  # fmt: skip
    found = leakage.run(evidence)
    random, cluster = found["summary"]
    assert (random["n"], random["n_known"], cluster["n_known"]) == (300, 300, 0)
    assert (random["share_30"], random["share_90"], random["share_100"]) == (0.5, 0.5, 0)
    assert cluster["share_30"] is None
    assert random["same_text"] == pytest.approx(1 / 300)
    assert random["same_name_organism"] == pytest.approx(30 / 300)
    side = found["side_by_side"][0]
    assert side["difference"] == pytest.approx(
        side["scores"]["random"]["calibrated"] - side["scores"]["cluster"]["calibrated"]
    )
    assert side["low"] > 0.15
