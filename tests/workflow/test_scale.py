"""A hundredth of `make scale`: made proteins in families, from the shards of their rows to the page, by the workflow's scripts."""

import base64
import gzip
import json
import re

import numpy as np
import pytest
import yaml

from alignscape.alignment.result import PairResult
from alignscape.plan.plan import Plan
from alignscape.storage.embeddings import read_meta
from tests.helpers.made_families import ORDER, made_ids, made_plan, write_study
from tests.helpers.workflow_stages import run, stages

N = 2000


@pytest.fixture(scope="module")
def plan(tmp_path_factory: pytest.TempPathFactory) -> Plan:
    """The study, run in this process; without the figures as files, which take longer than all else."""
    folder = tmp_path_factory.mktemp("families")
    plan = made_plan(folder, N, shard_size=100, untrained_draws=2, permutations=20, bootstrap=100)
    write_study(plan)
    config = yaml.safe_load((plan.results / "study.yaml").read_text())
    for stage in stages(plan):
        if stage.name != "figures":
            run(stage, config, log=folder / "logs" / f"{stage.name}.log")
    return plan


def test_the_order_in_which_the_pairs_were_made_is_found(plan: Plan) -> None:
    found = json.loads(plan.analysis("separability").read_text())
    assert [pair["label"] for pair in found["pairs"]] == list(ORDER)
    assert found["verdict"][0][3] == "better"


def test_every_shard_s_rows_are_gathered(plan: Plan) -> None:
    assert len(plan.embedding_shards("keen")) > 1
    assert read_meta(plan.gathered("keen")).ids == made_ids(N)


def test_a_pair_s_file_holds_the_tested_proteins_only(plan: Plan) -> None:
    """A tenth of all under each split; with a column for every protein the file is five times as large."""
    path = plan.pair(plan.pairs[0])
    result = PairResult.load(path)
    for split in ("random", "cluster"):
        assert result.splits[split].score.shape[1] == len(result.ids_of(split)) == pytest.approx(N / 10, rel=0.1)
        assert np.isfinite(result.splits[split].score).all()
    assert path.stat().st_size < 150_000 < 20 * 4 * 2 * N


def test_the_page_has_every_protein_and_is_small(plan: Plan) -> None:
    page = plan.folder / "report.html"
    packed = re.search(r'<script[^>]*id="proteins"[^>]*>([^<]+)<', page.read_text(encoding="utf-8"))
    assert packed
    found = json.loads(gzip.decompress(base64.b64decode(packed[1])))
    assert found["columns"]["id"] == made_ids(N)
    assert page.stat().st_size < 20e6 / 100 + 1e6
