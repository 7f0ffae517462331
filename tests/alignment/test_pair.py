"""A pair: scores by protein agree with the heads that are handed out, splits are kept, small sets give reasons."""

import json

import numpy as np
import pytest
import torch

from alignscape.alignment.heads import project
from alignscape.alignment.pair import PairName, align_pair, negative_groups
from alignscape.alignment.result import PairResult
from alignscape.alignment.score import alignment_score, chance_score, similarity
from alignscape.alignment.split import make_splits
from alignscape.config.study import Alignment, Variant

N = 80
IDS = [f"P{i:03d}" for i in range(N)]
ENCODER_TRAINING = IDS[::4]
CLUSTERS = {id_: i // 2 for i, id_ in enumerate(IDS)}
NAME = PairName("gdm", "llm", "layers1")
CONFIG = Alignment(
    splits=["kfold", "random", "kfold_cluster"],
    folds=4,
    seeds=2,
    epochs=8,
    learning_rate=1e-2,
    untrained_draws=3,
    permutations=99,
    bootstrap=200,
)


def rows(n=N):
    generator = np.random.default_rng(0)
    hidden = generator.normal(size=(n, 5))
    views = [hidden @ generator.normal(size=(5, d)) + 0.1 * generator.normal(size=(n, d)) for d in (20, 12)]
    return [view.astype(np.float32) for view in views]


def splits_of(ids=IDS, config=CONFIG):
    return make_splits(ids, ENCODER_TRAINING, CLUSTERS, config=config, seed=3)


def aligned(structure, text, ids=IDS, *, splits=None, variant=None, config=CONFIG, **options):
    options = {"config": config, "variant": variant or Variant(), "seed": 3, "name": NAME} | options
    return align_pair(structure, text, ids, splits or splits_of(), **options)


@pytest.fixture(scope="module")
def pair():
    return aligned(*rows())


def test_kfold_scores_every_free_protein_once_and_nobody_else(pair):
    result, _, _ = pair
    free = np.array([id_ not in ENCODER_TRAINING for id_ in IDS])
    scores = result.splits["kfold"]
    for name in ("score", "negative", "negative_signed", "rank_of_text", "rank_of_structure", "untrained_score"):
        assert np.array_equal(np.isfinite(getattr(scores, name)).all(axis=0), free)
        assert np.isnan(getattr(scores, name)[:, ~free]).all()
    assert np.array_equal(scores.pool > 0, free)


def test_the_summary_is_the_mean_over_proteins_and_seeds(pair):
    for split in pair[0].splits.values():
        parts = split.score - split.negative
        assert split.summary["score"] == pytest.approx(np.nanmean(parts), abs=1e-6)
        assert split.summary["score_by_seed"] == pytest.approx(np.nanmean(parts, axis=1), abs=1e-6)
        assert split.summary["n_test"] == np.isfinite(split.score[0]).sum()
        assert split.summary["chance"] == chance_score(12)


def test_two_views_of_the_same_thing_align_above_null_and_above_untrained_heads(pair):
    for split in pair[0].splits.values():
        s = split.summary
        assert s["z"] > 3
        assert s["p"] == 1 / 100
        assert min(s["score_by_seed"]) > max(s["untrained"]["score_by_seed"])
        assert s["retrieval_of_text"]["r1"] > 2 * s["retrieval_chance"]["r1"]


def test_the_heads_handed_out_give_the_first_seed_s_scores_of_the_first_run(pair):
    result, heads, card = pair
    structure, text = map(torch.from_numpy, rows())
    run = splits_of()["kfold"].runs[0]
    s = similarity(*project(heads, structure[run.test], text[run.test]))
    assert np.diagonal(s) == pytest.approx(result.splits["kfold"].score[0, run.test], abs=1e-6)
    assert card["trained_on"] == [IDS[i] for i in run.train]
    assert set(ENCODER_TRAINING) <= set(card["trained_on"])


def test_a_single_split_s_score_is_the_paper_s_formula(pair):
    result, run = pair[0], splits_of(config=CONFIG)["random"].runs[0]
    only = CONFIG.model_copy(update={"splits": ["random"], "seeds": 1})
    again, heads, _ = aligned(*rows(), splits=splits_of(config=only), config=only)
    structure, text = map(torch.from_numpy, rows())
    s = similarity(*project(heads, structure[run.test], text[run.test]))
    assert again.splits["random"].summary["score"] == pytest.approx(alignment_score(s), abs=1e-6)
    assert np.allclose(again.splits["random"].score[0], result.splits["random"].score[0], atol=1e-5, equal_nan=True)


def test_a_result_is_json_and_comes_back_from_its_files(pair, tmp_path):
    result = pair[0]
    result.save(tmp_path / "pair.npz")
    loaded = PairResult.load(tmp_path / "pair.npz")
    assert loaded.ids == [i for k, i in enumerate(result.ids) if any(s.pool[k] for s in result.splits.values())]
    for name, split in result.splits.items():
        assert loaded.splits[name].summary == json.loads(json.dumps(split.summary, allow_nan=False))
        tested = split.pool > 0
        assert loaded.ids_of(name).tolist() == result.ids_of(name)[tested].tolist()
        for key in ("score", "untrained_score", "pool"):
            assert np.array_equal(getattr(loaded.splits[name], key), getattr(split, key)[..., tested])


def test_the_same_input_gives_the_same_numbers_twice(pair):
    again = aligned(*rows())[0]
    for name, split in pair[0].splits.items():
        assert np.array_equal(again.splits[name].score, split.score, equal_nan=True)
        assert again.splits[name].summary == split.summary


def test_a_protein_without_a_row_is_left_out_and_nobody_changes_part():
    structure, text = rows()
    kept = [i for i in range(N) if i not in (1, 2, 50)]
    found = aligned(structure[kept], text[kept], [IDS[i] for i in kept])[0]
    pool = dict(zip(IDS, aligned(structure, text)[0].splits["kfold"].pool, strict=True))
    runs = splits_of()["kfold"].runs
    assert found.ids == [IDS[i] for i in kept]
    for run in runs:
        left = [IDS[i] for i in run.test if i in kept]
        lost = len(run.test) - len(left)
        for id_ in left:
            assert found.splits["kfold"].pool[found.ids.index(id_)] == pool[id_] - lost


@pytest.mark.parametrize("n", [1, 3, 7])
def test_too_few_proteins_give_a_reason_and_untrained_heads(n, tmp_path):
    structure, text = rows(n)
    result, heads, card = aligned(structure, text, IDS[:n], splits=splits_of(IDS[:n]))
    for split in result.splits.values():
        assert str(n) in split.summary["reason"]
        assert np.isnan(split.score).all()
        assert split.score.shape == (2, n)
    assert card["untrained"]
    assert project(heads, *map(torch.from_numpy, (structure, text)))[0].shape == (n, 12)
    result.save(tmp_path / "pair.npz")


@pytest.mark.parametrize(
    "variant",
    [
        Variant(layers=2),
        Variant(layers=3, dimension=6),
        Variant(structure_pca=4),
        Variant(structure_pca=500, layers=2),
        Variant(inputs="standardised"),
        Variant(inputs="standardised", structure_pca=4, layers=2),
        Variant(loss="symmetric", temperature="learned"),
        Variant(negatives="skip_same_text"),
        Variant(negatives="skip_same_cluster"),
    ],
    ids=lambda v: ",".join(f"{k}={x}" for k, x in v.model_dump(exclude_defaults=True).items()),
)
def test_every_variant_trains_and_its_heads_take_raw_embeddings(variant):
    structure, text = rows()
    texts = {id_: f"{id_} is protein {i // 2}" for i, id_ in enumerate(IDS)}
    groups = negative_groups(variant, IDS, texts=texts, clusters=CLUSTERS)
    result, heads, _ = aligned(structure, text, variant=variant, groups=groups)
    run = splits_of()["kfold"].runs[0]
    s = similarity(*project(heads, *(torch.from_numpy(a[run.test]) for a in (structure, text))))
    assert np.diagonal(s) == pytest.approx(result.splits["kfold"].score[0, run.test], abs=1e-4)
    assert result.splits["kfold"].summary["score"] > 0.1
    if variant.dimension:
        assert result.splits["kfold"].summary["dimension"] == variant.dimension


def test_same_text_and_same_cluster_are_the_groups_they_say():
    texts = {"1ABC": "1ABC is lysozyme", "2XYZ": "2XYZ is lysozyme", "3AAA": "3AAA is barnase"}
    clusters = {"1ABC": 5, "2XYZ": 4, "3AAA": 5}
    named = {"texts": texts, "clusters": clusters}
    assert negative_groups(Variant(), list(texts), **named) is None
    a, b, c = negative_groups(Variant(negatives="skip_same_text"), list(texts), **named)
    assert a == b != c
    assert negative_groups(Variant(negatives="skip_same_cluster"), list(texts), **named).tolist() == [5, 4, 5]


def test_unsorted_ids_and_missing_groups_are_errors():
    structure, text = rows()
    with pytest.raises(ValueError, match="sorted ids need as many rows"):
        aligned(structure, text, IDS[::-1])
    with pytest.raises(ValueError, match="'skip_same_text' with groups missing"):
        aligned(structure, text, variant=Variant(negatives="skip_same_text"))


@pytest.mark.skipif(not torch.cuda.is_available(), reason="no GPU here")
@pytest.mark.parametrize("variant", [Variant(), Variant(layers=3, inputs="standardised", temperature="learned")])
def test_a_gpu_gives_what_the_processor_gives(variant):
    ours = [aligned(*rows(), variant=variant, device=device)[0] for device in ("cpu", "cuda")]
    for name, split in ours[0].splits.items():
        assert np.allclose(split.score, ours[1].splits[name].score, atol=1e-3, equal_nan=True)
        assert np.allclose(split.untrained_score, ours[1].splits[name].untrained_score, atol=1e-4, equal_nan=True)
