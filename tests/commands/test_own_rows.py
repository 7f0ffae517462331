"""What the commands embed lies where the workflow put it."""

from pathlib import Path

import numpy as np
import pytest
from fixtures.trained_study import MODELS
from fixtures.workspace import Workspace

from alignscape.commands.trained_pair import open_pair
from alignscape.config.load import load
from alignscape.storage.files import read_jsonl


@pytest.mark.parametrize("model", MODELS)
def test_a_text_is_its_own_stored_row(trained: Workspace, model: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(trained.path)
    pair = open_pair(load(Path("study.yaml")), "gearnet", model, scripts=Path("workflow/scripts"))
    texts = {row["id"]: row["text"] for row in read_jsonl(pair.plan.all_descriptions())}
    ids, stored = pair.study_rows("text")
    assert len(ids) == 16
    rows = pair.embed_texts([texts[id_] for id_ in ids])
    np.testing.assert_array_less(1 - 1e-5, (rows * stored).sum(axis=1))


def test_a_structure_file_is_its_own_stored_row(trained: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(trained.path)
    pair = open_pair(load(Path("study.yaml")), "gearnet", "llama", scripts=Path("workflow/scripts"))
    ids, stored = pair.study_rows("structure")
    found, rows, problems = pair.embed_files([Path(f"structures/{id_.lower()}.pdb.gz") for id_ in ids])
    assert (found, problems) == (ids, [])
    np.testing.assert_array_less(1 - 1e-5, (rows * stored).sum(axis=1))
