"""Jobs that embed are few where a study is large, and as many as its shards where it is small."""

from pathlib import Path

import pytest
import yaml

from alignscape.config.load import parse
from alignscape.plan.job_count import job_count
from alignscape.plan.plan import Plan
from alignscape.plan.sizes import Sizes
from alignscape.plan.snapshot import Inputs
from alignscape.plan.workload import workload

STUDY = {
    "structure_encoders": [
        {"name": "gearnet", "encoder": "gearnet", "weights": "random"},
        {"name": "counts", "encoder": "composition"},
    ],
    "language_models": [{"name": "small", "model": "owner/m-8B"}, {"name": "words", "encoder": "tfidf"}],
}


def plan_of(config: dict, n: int) -> Plan:
    return Plan(parse(config), Inputs({f"{i:06X}": "" for i in range(n)}, []))


@pytest.mark.parametrize("name", ["gearnet", "counts", "small", "words"])
def test_every_shard_is_read_by_one_job_and_small_studies_have_a_job_for_each(name: str) -> None:
    for n, most in ((1500, 4), (20_000, 8), (100_000, 60)):
        plan = plan_of(STUDY, n)
        groups = plan.groups(name)
        assert [shard for group in groups.values() for shard in group] == list(plan.shards)
        assert min(4, len(plan.shards)) <= len(groups) <= most
        assert len(plan.embedding_shards(name)) == len(groups)


def test_more_work_is_more_jobs_and_what_the_config_says_goes_first() -> None:
    block = parse(STUDY).structure_encoders[0]
    counts = [job_count(block, n, shards=1000) for n in (20_000, 200_000, 2_000_000)]
    assert 4 <= counts[0] < counts[1] < counts[2] <= 1000
    said = block.model_copy(update={"shards_per_job": 3})
    assert [job_count(said, n, shards=10) for n in (10, 2_000_000)] == [4, 4]


def test_the_papers_study_holds_a_gpu_in_at_most_250_jobs() -> None:
    """Encoders without a use for one are embedded by rules that ask for none; jobs of all rules that ask for one are counted."""
    with open("config/paper.yaml", encoding="utf-8") as handle:
        plan = plan_of(yaml.safe_load(handle), 20_000)
    works = [work for work in workload(plan, Sizes(20_000, 6000, 300, 80, "")) if work.on_card]
    rules = "".join(path.read_text(encoding="utf-8") for path in Path("workflow/rules").glob("*.smk"))
    asking = {text.split(":")[0] for text in rules.split("\nrule ")[1:] if "accelerators=1" in text}
    assert {work.stage for work in works} == asking
    assert "composition" not in {work.name for work in works}
    assert sum(work.jobs for work in works) <= 250


def test_a_rule_serves_the_encoders_that_want_a_gpu_or_those_that_do_not() -> None:
    plan = plan_of(STUDY, 10)
    assert (plan.names(text=False), plan.names(text=False, gpu=False)) == ("gearnet", "counts")
    assert (plan.names(large=False), plan.names(gpu=False)) == ("small", "words")
