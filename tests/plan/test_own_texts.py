"""A table of texts in a plan: what is wrong is said before anything runs, and what depends on it is made anew, no more."""

from pathlib import Path
from typing import Any

import pytest

from alignscape.commands.doctor import examine
from alignscape.config.load import parse
from alignscape.errors import UserError
from alignscape.plan.inputs import collect_inputs
from alignscape.plan.launch import open_plan
from alignscape.plan.plan import Plan
from alignscape.storage.shipped import shipped_folder

IDS = ["1CRN", "1A8O", "1UBQ"]


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    monkeypatch.chdir(tmp_path)
    Path("texts.tsv").write_text("id\ttext\n" + "".join(f"{id_.lower()}\ta text of {id_}\n" for id_ in IDS))
    return {
        "proteins": {"source": "embedded", "ids": IDS, "encoder_training": {"fraction": 0}},
        "text": {"source": "table", "table": "texts.tsv"},
        "structure_encoders": [{"name": "composition", "encoder": "composition", "role": "main"}],
        "language_models": [{"name": "words", "encoder": "tfidf"}],
    }


def plan_of(config: dict[str, Any]) -> Plan:
    study = parse(config)
    return Plan(study, collect_inputs(study))


def start(config: dict[str, Any]) -> Plan:
    return open_plan(config, path="my.yaml", scripts=shipped_folder() / "workflow" / "scripts", main=True)


def test_a_changed_table_or_rule_describes_anew_and_embeds_no_structure_anew(config: dict[str, Any]) -> None:
    before = plan_of(config)
    Path("texts.tsv").write_text("id\ttext\n1CRN\tanother\n")
    other = plan_of(config)
    averaged = plan_of(config | {"text": config["text"] | {"own": {"several": "average"}}})
    by_template = plan_of(config | {"text": {}})
    digests = [plan.description_digest for plan in (before, other, averaged, by_template)]
    assert len(set(digests)) == 4
    assert len({plan.embedding_digest("words") for plan in (before, other, averaged, by_template)}) == 4
    assert len({plan.embedding_digest("composition") for plan in (before, other, averaged, by_template)}) == 1


def test_a_study_without_a_table_is_described_as_ever(config: dict[str, Any]) -> None:
    """Its digest does not know of tables."""
    plan = plan_of(config | {"text": {"drop": ["id"]}})
    assert plan.description_digest == plan._digest(
        "describe", plan.parser_digest, ["id"], [], code=("descriptions.template",)
    )


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ("id\ttext\n9XYZ\ta text\n", "texts.tsv: none of its ids is a protein of the study: it has '9XYZ', the study '1A8O'"),
        ("id\tdescription\n1CRN\ta text\n", "texts.tsv: no column 'text'; its columns are 'id', 'description'"),
    ],
)  # fmt: skip
def test_a_table_of_no_use_ends_a_run_before_it_begins(config: dict[str, Any], table: str, said: str) -> None:
    start(config)
    Path("texts.tsv").write_text(table)
    with pytest.raises(UserError, match=said):
        start(config)
    found = {check.what: check for check in examine(parse(config))}
    assert found["descriptions"].outcome == "failure"
    Path("texts.tsv").unlink()
    with pytest.raises(UserError, match=r"texts\.tsv: cannot be read: No such file"):
        start(config)


def test_the_doctor_counts_whom_the_table_serves(config: dict[str, Any]) -> None:
    found = {check.what: check for check in examine(parse(config))}
    assert (found["descriptions"].outcome, found["descriptions"].found) == (
        "ok", "3 of 3 proteins have a text in texts.tsv"
    )  # fmt: skip
    Path("texts.tsv").write_text("id\ttext\n1CRN\ta text\n9XYZ\tb\n")
    found = {check.what: check for check in examine(parse(config))}
    said = "1 of 3 proteins have a text in texts.tsv; the others are described by the template"
    assert (found["descriptions"].outcome, found["descriptions"].found) == ("warning", said)
