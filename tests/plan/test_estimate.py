"""What a study will take: from a table, and from what was measured here."""

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from alignscape.commands.plan import shipped_plan
from alignscape.config.load import load, parse
from alignscape.encoders.structure.protein_lm.block import ProteinLm
from alignscape.encoders.structure.saprot.block import SaProt
from alignscape.plan.estimate import Estimate, estimate
from alignscape.plan.inputs import collect_inputs
from alignscape.plan.plan import Plan
from alignscape.plan.rates import Machine, keep_rates, load_rates
from alignscape.plan.sizes import Sizes, sizes_of
from alignscape.plan.snapshot import Inputs
from alignscape.plan.workload import parameters, workload

HERE = Machine("AMD AVX2", "")
HEADER = "s\th:m:s\tmax_rss\tmax_vms\tmax_uss\tmax_pss\tio_in\tio_out\tmean_load\tcpu_time\n"
STUDY = {
    "structure_encoders": [{"name": "a", "encoder": "gat"}, {"name": "b", "encoder": "gearnet", "weights": "random"}],
    "language_models": [{"name": "x", "model": "owner/name-8B"}, {"name": "y", "model": "registry:smollm2-135m"}],
}


def files_below(folder: Path) -> list[Path]:
    return sorted(folder.rglob("*"))


def plan_of(n: int, cache: Path, **changes: object) -> Plan:
    ids = {f"P{i}": "" for i in range(n)}
    return Plan(
        parse(STUDY | {"cache_dir": str(cache), "results_dir": str(cache / "results")} | changes), Inputs(ids, ["P0"])
    )


def estimated(plan: Plan, *, machine: Machine = HERE, cores: int = 2) -> Estimate:
    return estimate(plan, Sizes(len(plan.inputs.file_digests), 1, 300, 80, ""), machine=machine, cores=cores)


def part(found: Estimate, stage: str, name: str = "") -> float:
    [seconds] = [p.seconds for p in found.parts if (p.stage, p.name) == (stage, name)]
    return seconds


def test_what_was_measured_is_what_is_estimated(tmp_path: Path) -> None:
    """The time of a run comes back for the same study, half as many residues take half of it, and a hundred times as many
    are too far from what was measured."""
    plan = plan_of(500, tmp_path)
    sizes = Sizes(500, 1, 300, 80, "")
    [work] = [w for w in workload(plan, sizes) if w.key == "embed_structure b"]
    folder = tmp_path / "benchmarks"
    folder.mkdir()
    for note in work.notes:
        (folder / f"{note}.tsv").write_text(f"{HEADER}90\t0:01:30\t900\t900\t700\t512\t0\t0\t90\t83\n")
    assert keep_rates([work], folder, cache_dir=tmp_path, machine=HERE) == 1
    found = estimate(plan, sizes, machine=HERE, cores=1)
    [stage] = [p for p in found.parts if (p.stage, p.name) == ("embed_structure", "b")]
    assert (stage.measured, stage.memory) == (True, 0.5)
    assert stage.seconds == pytest.approx(work.jobs * (83 + 2))  # and Snakemake's own processes
    half = estimate(plan, replace(sizes, residues=150), machine=HERE, cores=1)
    assert part(half, "embed_structure", "b") == pytest.approx(work.jobs * (2 + 3 + (83 - 3) / 2))  # 3 s are imports
    assert not any(p.measured for p in estimate(plan, replace(sizes, residues=30_000), machine=HERE, cores=1).parts)
    other = estimate(plan, sizes, machine=Machine("Intel AVX2", ""), cores=1)
    assert not any(p.measured for p in other.parts)


# Core-seconds of the embedded study's jobs by stage (benchmarks/workflow.md), without what Snakemake itself takes.
EMBEDDED = {"align": 223, "embed_text": 141, "embed_structure": 121, "fine_tune": 69, "prepare_model": 45}


def test_the_embedded_study_is_estimated_within_a_factor_of_two(tmp_path: Path) -> None:
    study = load(Path("config/config.yaml")).model_copy(update={"cache_dir": tmp_path, "results_dir": tmp_path})
    plan = shipped_plan(study, collect_inputs(study, remember=False))
    found = estimate(plan, Sizes(85, 0, 316, 80, ""), machine=HERE, cores=2)
    seconds = {stage.stage: stage.seconds for stage in found.stages}
    for stage, took in EMBEDDED.items():
        assert took / 2 < seconds[stage] < 2 * took, stage


def test_a_package_s_model_is_converted_and_others_are_not(tmp_path: Path) -> None:
    """What the rule asks to run such a job alone on two cores."""
    plan = plan_of(20, tmp_path)
    converted = {block.name: plan.is_converted(digest) for digest, block in plan.models_to_prepare().items()}
    assert converted == {"x": False, "y": True}


@pytest.mark.parametrize("took", ["3.1", "-", ""])
def test_a_time_that_is_all_imports_is_no_rate(tmp_path: Path, took: str) -> None:
    plan = plan_of(20, tmp_path)
    works = workload(plan, Sizes(20, 1, 300, 80, ""))
    folder = tmp_path / "benchmarks"
    folder.mkdir()
    for note in [note for work in works for note in work.notes]:
        (folder / f"{note}.tsv").write_text(f"{HEADER}4\t0:00:04\t-\t-\t-\t-\t0\t0\t90\t{took}\n")
    align = [work for work in works if work.key == "align"]
    assert keep_rates(align, folder, cache_dir=tmp_path, machine=HERE) == 0
    assert load_rates(tmp_path) == {}


def test_an_estimate_grows_as_its_work(tmp_path: Path) -> None:
    small, large = (estimated(plan_of(n, tmp_path)) for n in (1000, 4000))
    works = [
        p.seconds - 8 * p.jobs
        for found in (small, large)
        for p in found.parts
        if (p.stage, p.name) == ("embed_text", "x")
    ]  # without the imports of each job
    assert works[1] == pytest.approx(4 * works[0])
    assert large.disk > small.disk
    assert estimated(plan_of(1000, tmp_path), cores=4).seconds < small.seconds
    on_card = estimated(plan_of(1000, tmp_path), machine=Machine("AMD AVX2", "NVIDIA H100 80GB HBM3"))
    assert part(on_card, "embed_text", "x") < 0.01 * part(small, "embed_text", "x")
    assert part(on_card, "questions") == part(small, "questions")


@pytest.mark.parametrize(
    ("model", "said", "expected"),
    [
        ("meta-llama/Llama-3.1-8B", None, 8e9),
        ("google/gemma-2-2b-it", None, 2e9),
        ("HuggingFaceTB/SmolLM2-135M", None, 135e6),
        ("Qwen/Qwen2.5-0.5B", 0.49, 0.49e9),
        ("models/b2b-own", None, 1e9),
        ("registry:smollm2-135m", 0.135, 106e6),
    ],
)
def test_parameters_are_said_or_named(model: str, said: float | None, expected: float) -> None:
    block = {"name": "m", "model": model} | ({"parameters_billion": said} if said else {})
    [found] = parse(STUDY | {"language_models": [block]}).language_models
    assert parameters(found) == expected


def test_sizes_are_of_what_was_parsed_before(tmp_path: Path) -> None:
    plan = plan_of(2, tmp_path)
    texts = plan.all_descriptions()
    texts.parent.mkdir(parents=True)
    texts.write_text("".join(json.dumps({"id": i, "text": "x" * n}) + "\n" for i, n in (("P0", 400), ("P1", 800))))
    sizes = sizes_of(plan, [{"n_residues": 100}, {"n_residues": 400}], all_parsed=True)
    assert (sizes.proteins, sizes.training, sizes.residues, sizes.tokens) == (2, 1, 250, 150)


def test_the_command_imports_no_torch_and_writes_nothing(tmp_path: Path) -> None:
    """Within a factor of two of the 650 core-seconds that the embedded study may take on such a processor."""
    config = yaml.safe_load(Path("config/config.yaml").read_text())
    config["text"]["reference_texts"] = str(Path("data/demo/reference_texts.tsv").absolute())
    (tmp_path / "study.yaml").write_text(yaml.safe_dump(config))
    before = files_below(tmp_path)
    code = "import sys; from alignscape.cli import app; app(standalone_mode=False); sys.exit('torch' in sys.modules)"
    command = [sys.executable, "-B", "-c", code, "plan", "study.yaml", "--json"]
    done = subprocess.run(command, cwd=tmp_path, text=True, capture_output=True)
    assert done.returncode == 0, done.stderr
    assert files_below(tmp_path) == before
    found = json.loads(done.stdout)
    assert found["sizes"]["proteins"] == 85
    if not any(p["measured"] for p in found["parts"]) and found["machine"] == "AMD AVX2":
        assert 325 < found["core_seconds"] < 1300


def test_a_study_of_baselines_alone_is_estimated_too(tmp_path: Path) -> None:
    """No GPU, no language model, and no main pair: some stages have no job."""
    baselines = {
        "structure_encoders": [{"name": "composition", "encoder": "composition"}],
        "language_models": [{"name": "words", "encoder": "tfidf"}],
    }
    found = estimated(plan_of(24, tmp_path, **baselines))
    assert found.jobs > 0
    assert 0 < found.seconds < 3600


@pytest.mark.parametrize(
    ("model", "more", "size", "width"),
    [
        ("facebook/esm2_t33_650M_UR50D", {}, 650e6, 1280),
        ("facebook/esm2_t36_3B_UR50D", {}, 3e9, 2560),
        ("westlake-repl/SaProt_35M_AF2", {}, 35e6, 480),
        ("Rostlab/prot_bert", {"dimension": 1024}, 420e6, 1024),
        ("{folder}", {"dtype": "float16"}, 1e6, 100),
    ],
)
def test_a_protein_language_models_cost_goes_with_its_weights(
    tmp_path: Path, model: str, more: dict[str, object], size: float, width: int
) -> None:
    """Of which its name says the number, or the files in its folder; the width is that of such models within a factor of three."""
    (tmp_path / "model.safetensors").write_bytes(bytes(4_000_000))
    block = ProteinLm(name="p", encoder="protein_lm", model=model.format(folder=tmp_path), **more)
    cost = block.cost()
    assert cost.embedding == pytest.approx(2 * size / 40e9 * 1e3)  # forward: two operations a weight
    assert width / 3 < cost.width < width * 3
    assert cost.held * 2**30 == pytest.approx(size * (2 if more.get("dtype") else 4))
    states = SaProt(name="s", encoder="saprot", model=block.model, **more).cost()
    assert 0 < states.embedding - cost.embedding < 1


def test_a_large_model_takes_its_memory_in_every_job_that_loads_it(tmp_path: Path) -> None:
    blocks = [{"name": "p", "encoder": "protein_lm", "model": "facebook/esm2_t36_3B_UR50D"}]
    work = workload(plan_of(50, tmp_path, structure_encoders=blocks), Sizes(50, 0, 300, 80, ""))
    memory = {each.stage: each.memory for each in work if each.stage in ("embed_structure", "check_encoders")}
    assert set(memory) == {"embed_structure", "check_encoders"}
    assert all(11 < gib < 13 for gib in memory.values())
