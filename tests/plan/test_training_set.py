"""Which proteins train encoders is part of what they make: by name, or by the clusters and how they are drawn."""

from pathlib import Path
from types import SimpleNamespace

import pytest

from alignscape.config.load import parse
from alignscape.plan.plan import Plan
from alignscape.plan.snapshot import Inputs

CONTENTS = {f"P{i}": "x" for i in range(6)}
ADDED = CONTENTS | {"P6": "x"}


def plan_of(named: list[str] | None, contents=CONTENTS, *, fraction=0.3, **alignment) -> Plan:
    study = parse(
        {
            "structure_encoders": [{"name": "gat", "encoder": "gat"}, {"name": "mpnn", "encoder": "proteinmpnn"}],
            "language_models": [{"name": "x", "model": "owner/name"}, {"name": "words", "encoder": "tfidf"}],
            "fine_tuning": [{"name": "tuned", "base": "x"}],
            "proteins": {"encoder_training": {"fraction": fraction}},
            "alignment": alignment,
        }
    )
    return Plan(study, Inputs(contents, named))


def with_reference(sha256: str, contents=CONTENTS) -> Plan:
    """The same study with reference texts."""
    study = plan_of(["P0"]).study
    text = study.text.model_copy(update={"reference_texts": Path("texts.tsv")})
    return Plan(study.model_copy(update={"text": text}), Inputs(contents, ["P0"], {"texts.tsv": sha256}))


def trained(plan: Plan) -> tuple[str, ...]:
    """Digests of all that is made from the training proteins."""
    return plan.weights_digest("gat"), plan.adapter_digest("tuned"), plan.embedding_digest("words")


def untouched(plan: Plan) -> tuple[str, ...]:
    return plan.embedding_digest("mpnn"), plan.embedding_digest("x")


@pytest.mark.parametrize(
    "other",
    [
        plan_of(None, fraction=0.2),
        plan_of(None, cluster_identity=0.4),
        plan_of(None, cluster_coverage=0.8),
        plan_of(None, ADDED),
    ],
)
def test_what_can_change_the_choice_of_clusters_makes_stale_what_was_trained_on_them(other):
    before = plan_of(None)
    assert all(a != b for a, b in zip(trained(before), trained(other), strict=True))
    assert untouched(before) == untouched(other)
    assert before.split_digest != other.split_digest


def test_named_proteins_do_not_wait_for_clusters_and_a_protein_more_leaves_what_was_trained():
    before, after = plan_of(["P0", "P1"]), plan_of(["P0", "P1"], ADDED)
    assert trained(before) == trained(after)
    assert trained(before) == trained(plan_of(["P0", "P1"], cluster_identity=0.5))
    assert before.training_clusters == []
    assert {id_ for ids in before.training_shards.values() for id_ in ids} == {"P0", "P1"}
    assert all(a != b for a, b in zip(trained(before), trained(plan_of(["P0", "P2"])), strict=True))


def test_folds_and_encoders_leave_similar_sequences_and_what_was_trained():
    before, after = plan_of(None), plan_of(None, splits=["kfold"], folds=4)
    assert before.clusters() == after.clusters()
    assert trained(before) == trained(after)
    assert before.split_digest != after.split_digest


def test_reference_texts_take_the_place_of_the_training_proteins_texts():
    """LoRA and TF-IDF go by the file alone; the trained encoder goes by the proteins; relatives are looked for anew."""
    usual, before, after = plan_of(["P0"]), with_reference("a"), with_reference("b")
    assert before.texts_to_learn() == [Path("texts.tsv")]
    assert before.reference_inputs(SimpleNamespace(encoder="words")) == [Path("texts.tsv")]
    assert before.reference_inputs(SimpleNamespace(encoder="x")) == []
    assert before.text_clusters == []
    assert usual.weights_digest("gat") == before.weights_digest("gat") == after.weights_digest("gat")
    for one, other in ((usual, before), (before, after)):
        assert one.adapter_digest("tuned") != other.adapter_digest("tuned")
        assert one.embedding_digest("words") != other.embedding_digest("words")
        assert one.cluster_digest != other.cluster_digest
    assert trained(before)[1:] == trained(with_reference("a", ADDED))[1:]
