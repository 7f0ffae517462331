"""The workflow's scripts as Snakemake would call them, without Snakemake: for a study whose rows are there already."""

import runpy
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from alignscape.plan.plan import Plan
from alignscape.questions.registry import figures

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Stage:
    """One job: its script, and by name what it reads, writes and is told."""

    name: str
    script: str
    input: dict[str, Any]
    output: dict[str, Any]
    params: dict[str, Any] = field(default_factory=dict)


class _Named(list):
    """Files by name and in order, as Snakemake hands them to a script."""

    def __init__(self, named: dict[str, Any]) -> None:
        super().__init__(path for value in named.values() for path in (value if isinstance(value, list) else [value]))
        self.__dict__.update(named)

    def items(self) -> Any:
        return self.__dict__.items()


def run(stage: Stage, config: dict[str, Any], *, log: Path, threads: int = 1) -> None:
    """Runs a stage's script in this process."""
    snakemake = SimpleNamespace(
        input=_Named(stage.input), output=_Named(stage.output), params=SimpleNamespace(**stage.params), config=config,
        log=[str(log)], threads=threads, resources={}, rule=stage.script,
    )  # fmt: skip
    runpy.run_path(str(ROOT / "workflow/scripts" / f"{stage.script}.py"), init_globals={"snakemake": snakemake})


def stages(plan: Plan) -> Iterator[Stage]:
    """All jobs from the gathering of the rows to the report, each after those that it waits for."""
    names = [*plan.structure_blocks, *plan.text_blocks]
    for name in names:
        made = plan.gathered(name)
        yield _stage(
            f"gather-{name}",
            "gather",
            {"shards": plan.embedding_shards(name)},
            {"rows": made, "meta": made.with_suffix(".json")},
        )
    clustered = {"facts": plan.all_facts()} | {
        name: plan.clusters(file)
        for name, file in (("clusters", "clusters.tsv"), ("homology", "homology.npz"), ("relatives", "relatives.tsv"))
    }
    yield _stage(
        "split",
        "split",
        clustered,
        {"splits": plan.split(), "omissions": plan.split("omissions.jsonl")},
        named=plan.inputs.encoder_training,
    )
    told = {"splits": plan.split(), "clusters": plan.split("clusters.tsv"), "descriptions": plan.all_descriptions()}
    for job in plan.alignment_jobs:
        of = SimpleNamespace(job=job)
        yield _stage(
            f"align-{job}",
            "align",
            {"rows": plan.rows_of_job(of)} | told,
            {"done": plan.alignment_job(job)},
            pairs=plan.settings_of_job(of),
        )
    for question in plan.questions:
        made = {"json": plan.analysis(question), "table": plan.analysis(question, ".tsv")}
        yield _stage(
            question,
            "analyse",
            plan.question_inputs(question),
            made,
            question=question,
            pairs=plan.question_scores(question),
        )
    yield from _published(plan, [plan.gathered(name) for name in names])


def _published(plan: Plan, rows: list[Path]) -> Iterator[Stage]:
    """Ledger, figures, page."""
    omissions = [
        path for shard in plan.shards
        for path in (plan.facts(shard).with_name(f"{shard}.omissions.jsonl"), plan.descriptions(shard).with_suffix(".omissions.jsonl"))
    ]  # fmt: skip
    lost = {"omissions": omissions, "eligibility": plan.split("omissions.jsonl"), "rows": rows}
    yield _stage("ledger", "ledger", lost, {"ledger": plan.ledger()}, not_read=[])
    shown = {
        "analyses": [plan.analysis(question) for question in plan.questions], "ledger": plan.ledger(),
        "facts": plan.all_facts(), "descriptions": plan.all_descriptions(), "rows": rows,
        "training": plan.split("encoder_training.txt"),
    }  # fmt: skip
    drawn = [plan.folder / "figures" / f"{name}.svg" for name in figures(plugins=plan.study.plugins)]
    yield _stage(
        "figures", "figures", shown, {"svg": drawn, "stamp": plan.folder / "logs" / f"figures-{plan.figures_digest}"}
    )
    tables = {
        name: plan.folder / file
        for name, file in (
            ("pairs", "pairs.tsv"),
            ("findings", "findings.json"),
            ("ledger", "ledger.tsv"),
            ("summary", "summary.json"),
        )
    }
    yield _stage(
        "report",
        "report",
        shown,
        {"report": plan.folder / "report.html"} | tables | {"stamp": plan.published()},
        config_file="study.yaml",
    )


def _stage(name: str, script: str, reads: dict[str, Any], writes: dict[str, Any], **params: Any) -> Stage:
    def text(named: dict[str, Any]) -> dict[str, Any]:
        return {k: list(map(str, v)) if isinstance(v, list) else str(v) for k, v in named.items()}

    return Stage(name, script, text(reads), text(writes), params)


def as_json(stage: Stage) -> dict[str, Any]:
    """What `Stage(**values)` reads again."""
    return asdict(stage)
