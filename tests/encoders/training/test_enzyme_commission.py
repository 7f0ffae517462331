"""EC labels follow the hierarchy, and both metrics equal an independent reference."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from sklearn.metrics import average_precision_score

from alignscape.encoders.training.enzyme_commission import (
    auprc_micro,
    ec_prefixes,
    f1_max,
    label_matrix,
    label_names,
    prevalence_scores,
    read_ec_table,
)
from alignscape.errors import UserError

NUMBERS = [["3.2.1.17"], ["3.2.1.-", "3.4.21.4"], [], ["2.7"], ["3.4.24.n2", "not stated"]]


@pytest.mark.parametrize(
    ("number", "labels"),
    [
        ("3.2.1.17", ["3", "3.2", "3.2.1", "3.2.1.17"]),
        ("EC 3.2.1.-", ["3", "3.2", "3.2.1"]),
        ("2.7", ["2", "2.7"]),
        ("1.-.-.-", ["1"]),
        ("3.4.24.n2", ["3", "3.4", "3.4.24", "3.4.24.n2"]),
        ("8.1.1.1", []),
        ("", []),
        ("n/a", []),
    ],
)
def test_a_number_gives_a_label_a_level_as_far_as_it_goes(number: str, labels: list[str]) -> None:
    assert ec_prefixes(number) == labels


def test_labels_are_those_of_the_levels_that_enough_proteins_carry() -> None:
    assert label_names(NUMBERS, levels=[1]) == ["2", "3"]
    assert label_names(NUMBERS, levels=[2, 3], min_proteins=2) == ["3.2", "3.2.1", "3.4"]
    assert label_names(NUMBERS, levels=[4]) == ["3.2.1.17", "3.4.21.4", "3.4.24.n2"]


def test_the_matrix_has_a_one_for_each_label_and_ignores_names_it_was_not_given() -> None:
    matrix = label_matrix(NUMBERS, ["2", "3", "3.4"])
    assert matrix.tolist() == [[0, 1, 0], [0, 1, 1], [0, 0, 0], [1, 0, 0], [0, 1, 1]]


def test_a_table_may_have_a_heading_comments_and_several_numbers(tmp_path) -> None:
    path = tmp_path / "ec.tsv"
    path.write_text("id\tec\n# a comment\n1abc\t3.2.1.17; 2.7.-.-\n\n2XYZ\t1.1.1.1\n1ABC\t3.4.21.4\n")
    assert read_ec_table(path) == {"1ABC": ["3.2.1.17", "2.7.-.-", "3.4.21.4"], "2XYZ": ["1.1.1.1"]}


@pytest.mark.parametrize(
    ("line", "message"),
    [("1ABC 3.2.1.17", "line 2 has 1 columns, expected 2"), ("1ABC\tkinase", "line 2: 'kinase' is no EC number")],
)
def test_a_table_that_does_not_fit_is_refused_in_one_line(tmp_path, line: str, message: str) -> None:
    path = tmp_path / "ec.tsv"
    path.write_text(f"id\tec\n{line}\n")
    with pytest.raises(UserError, match=message):
        read_ec_table(path)


def brute_f1_max(target: np.ndarray, score: np.ndarray) -> float:
    best = 0.0
    for threshold in np.unique(score):
        precisions, recalls = [], []
        for truth, predicted in zip(target.astype(bool), score >= threshold, strict=True):
            if predicted.any():
                precisions.append((truth & predicted).sum() / predicted.sum())
            recalls.append((truth & predicted).sum() / truth.sum())
        p, r = np.mean(precisions), np.mean(recalls)
        best = max(best, 2 * p * r / (p + r) if p + r else 0.0)
    return best


@st.composite
def predictions(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray]:
    """Targets with one label per protein, and scores with many ties."""
    shape = (draw(st.integers(1, 6)), draw(st.integers(1, 6)))
    target = draw(arrays(np.int8, shape, elements=st.integers(0, 1)))
    target[np.arange(shape[0]), draw(arrays(np.int64, shape[0], elements=st.integers(0, shape[1] - 1)))] = 1
    return target, draw(arrays(np.float64, shape, elements=st.sampled_from([-1.5, 0.0, 0.25, 0.3, 2.0])))


@given(predictions())
def test_both_metrics_equal_their_references_with_ties(sample: tuple[np.ndarray, np.ndarray]) -> None:
    target, score = sample
    assert auprc_micro(target, score) == pytest.approx(average_precision_score(target, score, average="micro"))
    assert f1_max(target, score) == pytest.approx(brute_f1_max(target, score))


def test_both_metrics_equal_their_references_without_ties() -> None:
    generator = np.random.default_rng(0)
    target = generator.random((40, 30)) < 0.2
    target[:, 0] = True
    score = generator.normal(size=target.shape)
    assert auprc_micro(target, score) == pytest.approx(average_precision_score(target, score, average="micro"))
    assert auprc_micro(target, torch.from_numpy(score)) == auprc_micro(target, score)
    assert f1_max(target, score) == pytest.approx(brute_f1_max(target, score))


def test_a_perfect_prediction_scores_one_and_a_constant_one_the_share_of_labels() -> None:
    target = np.random.default_rng(0).random((50, 8)) < 0.3
    target[:, 0] = True
    assert auprc_micro(target, target * 1.0) == f1_max(target, target * 1.0) == 1
    assert auprc_micro(target, np.zeros(target.shape)) == pytest.approx(target.mean())


def test_the_baseline_scores_every_protein_alike() -> None:
    scores = prevalence_scores(np.array([[1, 0], [1, 1]]), 3)
    assert scores.tolist() == [[1, 0.5]] * 3


@pytest.mark.parametrize(
    ("metric", "target", "score", "message"),
    [
        (auprc_micro, np.zeros((2, 2)), np.ones((2, 2)), "no protein carries any label"),
        (f1_max, np.array([[1, 0], [0, 0]]), np.ones((2, 2)), "1 of 2 proteins have no label"),
        (f1_max, np.ones((2, 2)), np.ones((2, 3)), "expected the same"),
        (auprc_micro, np.ones((1, 2)), np.array([[np.nan, 0]]), "1 of 2 scores are not finite"),
    ],
)
def test_what_cannot_be_scored_is_refused(metric, target, score, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        metric(target, score)
