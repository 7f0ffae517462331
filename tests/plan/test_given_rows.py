"""Rows that a config gives: what is wrong with them is said before anything runs, and a changed file is read anew."""

import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from alignscape.commands.doctor import examine
from alignscape.commands.trained_pair import TrainedPair
from alignscape.config.load import parse
from alignscape.errors import UserError
from alignscape.plan.given_rows import served
from alignscape.plan.inputs import collect_inputs
from alignscape.plan.launch import open_plan
from alignscape.plan.plan import Plan
from alignscape.storage.shipped import shipped_folder

SCRIPTS = shipped_folder() / "workflow" / "scripts"
IDS = ["1CRN", "1A8O", "1UBQ"]


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """A study of three embedded entries with given rows on both sides, beside encoders that are run."""
    monkeypatch.chdir(tmp_path)
    np.savez("mine.npz", **{id_: np.ones(3) for id_ in IDS})
    Path("texts").mkdir()
    for id_ in IDS:
        np.save(f"texts/{id_}.npy", np.ones(4))
    return {
        "proteins": {"source": "embedded", "ids": IDS, "encoder_training": {"fraction": 0}},
        "structure_encoders": [
            {"name": "mine", "encoder": "precomputed", "rows": "mine.npz"},
            {"name": "composition", "encoder": "composition", "role": "main"},
        ],
        "language_models": [
            {"name": "text", "encoder": "precomputed", "rows": "texts"},
            {"name": "words", "encoder": "tfidf"},
        ],
    }


def plan_of(config: dict[str, Any]) -> Plan:
    study = parse(config)
    return Plan(study, collect_inputs(study))


def embeddings(config: dict[str, Any]) -> dict[str, str]:
    plan = plan_of(config)
    return {name: plan.embedding_digest(name) for name in plan.structure_blocks | plan.text_blocks}


def changed(config: dict[str, Any], before: dict[str, str]) -> set[str]:
    return {name for name, digest in embeddings(config).items() if digest != before[name]}


def start(config: dict[str, Any]) -> Plan:
    return open_plan(config, path="my.yaml", scripts=SCRIPTS, main=True)


def test_a_changed_file_makes_its_encoders_rows_anew_and_what_follows_and_nothing_else(config: dict[str, Any]) -> None:
    before, plan = embeddings(config), plan_of(config)
    np.savez("mine.npz", **{id_: np.full(3, 2.0) for id_ in IDS})
    assert changed(config, before) == {"mine"}
    fresh = plan_of(config)
    stale = {path for path in plan.current_files() - fresh.current_files() if "alignscape" not in path.parts}
    pairs = {p.key: plan.pair(p) != fresh.pair(fresh.find_pair(p.structure, p.text, p.label)) for p in plan.pairs}
    assert {key.partition("--")[0] for key, anew in pairs.items() if anew} == {"mine"}
    assert {key.partition("--")[0] for key, anew in pairs.items() if not anew} == {"composition"}
    assert {path.parts[2] for path in stale if path.parts[1] == "embeddings"} == {"mine"}
    assert not [path for path in stale if path.parts[1] in ("proteins", "text", "clusters", "weights")]


def test_a_file_of_a_folder_counts_by_name_and_content(config: dict[str, Any]) -> None:
    before = embeddings(config)
    np.save("texts/1CRN.npy", np.zeros(4))
    assert changed(config, before) == {"text"}
    np.save("texts/1CRN.npy", np.ones(4))
    assert changed(config, before) == set()
    Path("texts/1CRN.npy").rename("texts/1ABC.npy")
    assert changed(config, before) == {"text"}


def test_a_file_that_was_moved_is_the_same_rows(config: dict[str, Any]) -> None:
    before = embeddings(config)
    Path("mine.npz").rename("moved.npz")
    config["structure_encoders"][0]["rows"] = "moved.npz"
    assert changed(config, before) == set()


def test_the_ids_beside_an_array_count_too(config: dict[str, Any]) -> None:
    np.save("a.npy", np.ones((3, 2)))
    Path("a.txt").write_text("\n".join(IDS))
    config["structure_encoders"][0]["rows"] = "a.npy"
    before = embeddings(config)
    Path("a.txt").write_text("\n".join(reversed(IDS)))
    assert changed(config, before) == {"mine"}


def test_a_run_starts_with_good_rows_and_knows_them_the_next_time(config: dict[str, Any], monkeypatch: Any) -> None:
    start(config)
    monkeypatch.setattr("alignscape.plan.given_rows.read_rows", None)  # not asked again
    assert start(config).structure_blocks["mine"].rows == Path("mine.npz")


@pytest.mark.parametrize(
    ("arrays", "said"),
    [
        ({"1crn": np.ones(3)}, r"mine.npz \(mine\): none of its ids is a protein of the study: it has '1crn', the study '1A8O'"),
        ({"ids": np.array(["1CRN", "1CRN"]), "rows": np.ones((2, 3))}, "the id '1CRN' stands there more than once"),
        ({"1CRN": np.full(3, np.nan)}, "none of its 1 rows can be used: its row in mine.npz is not finite"),
        ({"1CRN": np.ones((9, 3))}, "'1CRN' is of shape"),
    ],
)  # fmt: skip
def test_bad_rows_end_a_run_before_it_begins(config: dict[str, Any], arrays: dict[str, Any], said: str) -> None:
    np.savez("mine.npz", **arrays)
    with pytest.raises(UserError, match=said):
        start(config)


def test_a_missing_file_ends_a_run_before_it_begins(config: dict[str, Any]) -> None:
    Path("mine.npz").unlink()
    with pytest.raises(UserError, match=r"mine\.npz: cannot be read: No such file"):
        start(config)


def test_chains_are_known_by_their_entry(config: dict[str, Any]) -> None:
    np.savez("mine.npz", **{f"{id_}:A": np.ones(3) for id_ in IDS})
    with pytest.raises(UserError, match="none of its ids is a protein of the study"):
        start(config)
    start(
        config
        | {"proteins": config["proteins"] | {"unit": "chain"}, "language_models": [{"name": "w", "encoder": "tfidf"}]}
    )


def test_the_doctor_counts_whom_the_rows_serve(config: dict[str, Any]) -> None:
    np.savez("mine.npz", **{"1CRN": np.ones(3), "1A8O": np.full(3, np.inf), "9XYZ": np.ones(3)})
    found = {check.what: check for check in examine(parse(config))}
    assert found["rows of mine"].outcome == "warning"
    expected = "1 of 3 proteins have a row of 3 numbers in mine.npz, 1 of the others one that cannot be used"
    assert found["rows of mine"].found == expected
    assert found["rows of text"].outcome == "ok"
    assert found["rows of text"].found == "3 of 3 proteins have a row of 4 numbers in texts"
    assert found["weights of mine"].found == "none: its rows are given"


def test_what_is_new_has_no_given_row(config: dict[str, Any], tmp_path: Path) -> None:
    """`search` and `embed` say so in one line."""
    plan = plan_of(config)
    pair = TrainedPair(plan, tmp_path, plan.find_pair("mine", "text", "layers1"), None)
    with pytest.raises(
        UserError, match=r"mine: its rows are given \(mine.npz\), so there is none of a new structure file"
    ):
        pair.embed_structures([])
    with pytest.raises(
        UserError, match=r"text: its rows are given \(texts\), so there is none of a new text; search with"
    ):
        pair.embed_texts(["a protein"])


def test_names_that_no_table_can_show_cost_nobody_their_row(config: dict[str, Any]) -> None:
    """A file of a folder whose name is not UTF-8, a pipe among them, half a character as an id: the others' rows are read."""
    for folder in ("texts", "models"):
        Path(folder).mkdir(exist_ok=True)
        with open(os.fsencode(folder) + b"/lat\xe9.npy", "wb") as handle:
            np.save(handle, np.full(4, np.nan))
    os.mkfifo("texts/pipe.npy")  # reading it would never end
    np.savez("mine.npz", ids=np.array([*IDS, "\ud800", "a\tb\x1b"]), rows=np.ones((5, 3)))
    config["language_models"] += [{"name": "m", "model": "models"}]
    plan = start(config)
    assert [found.with_row for found in served(plan.study, plan.inputs)] == [3, 3]
    assert len(embeddings(config)) == 5


def test_a_pipe_in_the_place_of_a_file_is_one_line(config: dict[str, Any]) -> None:
    os.mkfifo("pipe.npz")
    config["structure_encoders"][0]["rows"] = "pipe.npz"
    with pytest.raises(UserError, match=r"pipe\.npz: cannot be read: it is a pipe or a device, not a file"):
        start(config)
