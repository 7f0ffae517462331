"""The program of docs/python.md runs as it stands, and what it says of its numbers is so."""

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from alignscape.questions.evidence.tables import write
from tests.helpers.made_study import made_study

ROOT = Path(__file__).parents[2]
PROGRAM = re.findall(
    r"^```python\n(.*?)^```", (ROOT / "docs" / "python.md").read_text("utf-8"), re.MULTILINE | re.DOTALL
)


@pytest.fixture
def finished(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """The names that the program leaves behind, run in a folder with the data and a study's tables."""
    (tmp_path / "data").symlink_to(ROOT / "data")
    answer = made_study(20).questions["pairs"]
    study = tmp_path / "results" / "demo"
    study.mkdir(parents=True)
    write(study / "pairs.json", answer | {"columns": list(answer["rows"][0])})
    (study / "ledger.tsv").write_text("id\tstage\tencoder\treason\n1ABC\tparse\t\tno polypeptide\n")
    monkeypatch.chdir(tmp_path)
    names: dict[str, Any] = {}
    exec(compile("\n".join(PROGRAM), "docs/python.md", "exec"), names)
    return names


def test_the_program_parses_embeds_aligns_and_reads(finished: dict[str, Any]) -> None:
    assert len(finished["structures"]) == len(finished["ids"]) == 12
    assert finished["structure_rows"].shape == (12, 26)
    assert finished["text_rows"].shape == (12, 64)
    assert finished["text_ids"] == finished["ids"] == sorted(finished["ids"])
    tested = finished["proteins"]
    assert np.isfinite(tested["score"]).all()
    assert (tested["ranked_among"] == 4).all()  # three folds of four proteins
    matched = tested["score"].mean()
    assert finished["scores"].summary["positive"] == pytest.approx(matched, abs=1e-5)
    assert len(finished["pairs"]) == len(made_study(20).questions["pairs"]["rows"])
    assert list(finished["omitted_proteins"]["id"]) == ["1ABC"]
