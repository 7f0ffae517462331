"""Which pairs are trained in which job."""

import pytest

from alignscape.config.load import parse
from alignscape.config.study import Study
from alignscape.plan.alignment_jobs import pair_files
from alignscape.plan.plan import Plan
from alignscape.plan.snapshot import Inputs

GDMS = [{"name": name, "encoder": "gat"} for name in "abcde"]
LLMS = [{"name": name, "model": "owner/name"} for name in ("x", "y")]
LADDER = {"base": {"name": "w", "encoder": "gearnet"}, "hidden": [[16], [64]], "pca": [16], "fixed_dimension": 8}


def plan_of(n: int = 85, results_dir: str = "results", **alignment: object) -> Plan:
    """The plan of a study of n proteins with these settings of its alignment."""
    study: Study = parse(
        {
            "results_dir": results_dir,
            "structure_encoders": GDMS,
            "language_models": [*LLMS, {"name": "words", "encoder": "tfidf", "role": "baseline"}],
            "dimension_ladder": LADDER,
            "alignment": alignment,
        }
    )
    return Plan(study, Inputs({f"P{i}": "" for i in range(n)}, []))


@pytest.mark.parametrize(("n", "most"), [(2, 6), (85, 6), (10_000, 4), (20_000, 2), (200_000, 1)])
def test_every_pair_is_trained_by_one_job_and_jobs_are_of_one_size(n: int, most: int) -> None:
    plan = plan_of(n, methods={"sym": {"loss": "symmetric"}})
    in_jobs = [pair for pairs in plan.alignment_jobs.values() for pair in pairs]
    assert len(in_jobs) == len(set(in_jobs)) == len(plan.pairs)
    assert set(in_jobs) == set(plan.pairs)
    assert max(map(len, plan.alignment_jobs.values())) == most


def test_the_pairs_of_a_job_are_read_by_the_same_questions() -> None:
    plan = plan_of(methods={"sym": {"loss": "symmetric"}})
    asked = {question: set(plan.question_pairs(question)) for question in plan.questions}
    for pairs in plan.alignment_jobs.values():
        assert len({frozenset(q for q, own in asked.items() if pair in own) for pair in pairs}) == 1


def test_a_question_waits_for_the_jobs_of_its_own_pairs_and_no_others() -> None:
    """With a method more, only questions that read methods have other inputs."""
    before, after = (
        plan_of(methods=methods)
        for methods in (
            {"sym": {"loss": "symmetric"}},
            {"sym": {"loss": "symmetric"}, "learned": {"temperature": "learned"}},
        )
    )
    changed = {q for q in before.questions if before.question_inputs(q)["pairs"] != after.question_inputs(q)["pairs"]}
    assert changed == {"methods", "findings"}
    assert all(before.analysis(q) != after.analysis(q) for q in changed)
    assert all(before.analysis(q) == after.analysis(q) for q in set(before.questions) - changed)


def test_what_a_job_left_goes_only_with_its_pairs_files(tmp_path) -> None:
    plan = plan_of(results_dir=str(tmp_path))
    notes = {name: plan.alignment_job(name) for name in plan.alignment_jobs}
    files = {name: [f for p in pairs for f in pair_files(plan.pair(p))] for name, pairs in plan.alignment_jobs.items()}
    for path in [*notes.values(), *(file for own in files.values() for file in own)]:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    plan.forget_lost_pairs()
    assert all(note.exists() for note in notes.values())
    lost = sorted(files)[0]
    files[lost][-1].unlink()
    plan.forget_lost_pairs()
    assert {name for name, note in notes.items() if not note.exists()} == {lost}
