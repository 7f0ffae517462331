"""What the commands embed lies where the workflow put it."""

from pathlib import Path

import numpy as np
import pytest

from alignscape.commands.embed import Reader, embed_files
from alignscape.commands.locate import locate
from alignscape.commands.trained_pair import TrainedPair, open_pair
from alignscape.config.proteins import Proteins
from alignscape.storage.files import read_jsonl
from tests.helpers.alphafold_server import model_cif
from tests.helpers.trained_study import MODELS
from tests.helpers.workspace import IDS, Workspace


def pair_of(study: Workspace, model: str) -> TrainedPair:
    return open_pair(locate(study.path / "study.yaml"), "gearnet", model)


@pytest.mark.parametrize("model", MODELS)
def test_a_text_is_its_own_stored_row(trained: Workspace, model: str) -> None:
    """Whatever reads it: a fine-tuned language model with its adapter, TF-IDF with its word weights."""
    pair = pair_of(trained, model)
    texts = {row["id"]: row["text"] for row in read_jsonl(trained.path / pair.plan.all_descriptions())}
    ids, stored = pair.study_rows("text")
    assert ids == sorted(IDS[:16])
    rows = pair.embed_texts([texts[id_] for id_ in ids])
    np.testing.assert_array_less(1 - 1e-5, (rows * stored).sum(axis=1))


def test_a_structure_file_is_its_own_stored_row(trained: Workspace) -> None:
    pair = pair_of(trained, "words")
    ids, stored = pair.study_rows("structure")
    embedded = embed_files(pair, [Path(trained.path, f"structures/{id_.lower()}.pdb.gz") for id_ in ids])
    assert (embedded.ids, embedded.problems) == (ids, [])
    np.testing.assert_array_less(1 - 1e-5, (embedded.rows * stored).sum(axis=1))


def test_a_predicted_model_is_masked_as_the_study_masks(tmp_path: Path) -> None:
    path = tmp_path / "model.cif"
    path.write_bytes(model_cif("P69905", plddt=lambda number: 50.0 if number < 5 else 90.0))
    for config, residues in ((Proteins(), 30), (Proteins(plddt_below=70), 26)):
        reader = Reader(config)
        assert [structure.n_residues for structure in reader.read([path])] == [residues]
        assert reader.problems == []
