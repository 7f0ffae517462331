"""Checks before hours are spent: one line a check, a remedy for each failure."""

import os
import re
import shlex
import shutil
import subprocess
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import yaml

from ..compute.number_types import fast_number_type
from ..config.door import DOORS, installed
from ..config.encoders import LanguageModelBlock, ProteinModelBlock
from ..config.study import Study
from ..descriptions.bare import REMEDY, bare_sentence
from ..encoders.structure.shipped import shipped_weights
from ..encoders.text.number_type import in_number_type
from ..errors import UserError
from ..plan.estimate import Estimate, slowest
from ..plan.inputs import collect_inputs
from ..plan.own_texts import own_texts
from ..plan.plan import Plan
from ..statistics.seeds import few_seeds
from ..storage.ledger import NOT_READ
from .bare_texts import count_bare
from .check import Check
from .given_row_checks import given_row_checks
from .model_checks import language_model, model_files
from .number_type_checks import number_type_checks
from .plan import cores_of, duration, estimate_of, shipped_plan

_REASONS_TOLD = 5  # of why files are not read
_BYTES_A_WEIGHT = {"float32": 4, "bfloat16": 2, "float16": 2}


def examine(study: Study, *, profile: Path | None = None) -> Iterator[Check]:
    """All checks, as they are made. Reads the config's files; asks the hub and the cluster; computes nothing."""
    plan = None
    try:
        plan = shipped_plan(study, collect_inputs(study))
        yield Check(
            "proteins",
            "ok",
            f"{len(plan.inputs.file_digests)} ids, {plan.n_training} of them for training encoders",
        )
        yield from _not_read(plan.inputs.not_read)
    except UserError as error:
        yield Check("proteins", "failure", str(error), "correct `proteins` in the config")
    if plan is not None:
        yield _texts(plan)
        yield _training_set(plan)
        yield from (Check(*line) for line in given_row_checks(study, plan.inputs))
        found = estimate_of(plan)
        yield _size(found)
        yield _disk(found, plan.results)
    yield from _plugins(study)
    yield from (_structure_weights(study, block.name) for block in study.structure_encoders)
    yield from (language_model(m) for m in study.language_models if isinstance(m, LanguageModelBlock))
    yield from (Check(*line) for line in number_type_checks(study))
    yield from _describer(study)
    if few := few_seeds(study.alignment.seeds):
        yield Check("seeds", "warning", few, "raise alignment.seeds")
    yield _memory(study)
    yield _gpus()
    yield _mmseqs()
    if profile is not None:
        yield from _cluster(profile)


def _plugins(study: Study) -> Iterator[Check]:
    """What installed packages bring through each door, or would bring if the config let it."""
    shut = "" if study.plugins else "; not used, as the config says `plugins: false`"
    for group, what in DOORS.items():
        if names := ", ".join(f"{m.word} ({m.package} {m.version})" for m in installed(group)):
            yield Check(f"plug-ins, {what}s", "ok", names + shut)


def _not_read(lines: list[dict[str, str]]) -> Iterator[Check]:
    """How many files of the folder are no protein's, and the reasons, the commonest first."""
    if not lines:
        return
    reasons = Counter(line["reason"].removeprefix(NOT_READ).partition(": ")[0] for line in lines)
    told = [f"{n} {reason} (such as {_example(lines, reason)})" for reason, n in reasons.most_common(_REASONS_TOLD)]
    rest = len(lines) - sum(n for _, n in reasons.most_common(_REASONS_TOLD))
    told += [f"{rest} for other reasons; each has its line in the ledger"] if rest else []
    files = "file is" if len(lines) == 1 else "files are"
    yield Check("proteins", "warning", f"{len(lines)} {files} not read: {'; '.join(told)}")


def _example(lines: list[dict[str, str]], reason: str) -> str:
    return next(line["id"] for line in lines if reason in line["reason"])


def _texts(plan: Plan) -> Check:
    try:
        own = own_texts(plan.study, plan.inputs)
    except UserError as error:
        return Check("descriptions", "failure", str(error), "correct the table, or `text` in the config")
    if own is not None:
        return Check("descriptions", "ok" if own.complete else "warning", own.sentence())
    bare, looked_at = count_bare(plan)
    if bare:
        return Check("descriptions", "warning", f"{bare_sentence(bare, looked_at)} (proteins looked at)", REMEDY)
    found = f"a name or an organism in each of {looked_at} proteins looked at" if looked_at else "no protein read yet"
    return Check("descriptions", "ok", found)


def _training_set(plan: Plan) -> Check:
    reads = plan.fine_tunings if plan.study.text.reference_texts is None else []
    needs = [*plan.trained_encoders, *reads]
    n = plan.n_training
    if not needs:
        return Check("training here", "ok", "no encoder is trained here")
    if n < 10:
        remedy = "raise proteins.encoder_training.fraction, or name more ids"
        return Check("training here", "failure", f"{', '.join(needs)}: only {n} proteins to train on", remedy)
    return Check("training here", "ok", f"{', '.join(needs)} on {n} proteins that are never tested")


def _size(found: Estimate) -> Check:
    """Jobs and time, with the stages that take most of it."""
    most = ", ".join(f"{stage.stage} {duration(stage.seconds)}" for stage in slowest(found.stages))
    said = f"{found.jobs:,} jobs, about {duration(found.seconds)} on {cores_of(found)}"
    said += f" (core time: {most}); `alignscape plan` says more"
    if found.jobs > 5000:
        return Check("jobs", "warning", said, "raise proteins.shard_size: the scheduler takes a millisecond per job")
    return Check("jobs", "ok", said)


def _disk(found: Estimate, folder: Path) -> Check:
    while not folder.exists():
        folder = folder.parent
    free, need = shutil.disk_usage(folder.resolve()).free, found.disk
    said = f"{free / 1e9:.1f} GB free where the results go, about {need / 1e9:.1f} GB needed"
    if free < need:
        return Check("disk", "failure", said, "free some, or point results_dir elsewhere")
    return Check("disk", "ok", said)


def _structure_weights(study: Study, name: str) -> Check:
    block = next(b for b in study.structure_encoders if b.name == name)
    what = f"weights of {name}"
    if block.weights_file is not None and not block.weights_file.exists():
        return Check(what, "failure", f"{block.weights_file} is not there", "correct `weights_file`, or leave it out")
    if missing := block.what_is_missing():
        return Check(what, "failure", *missing)
    if isinstance(block, ProteinModelBlock):
        return model_files(what, block)
    where = {"trained": "trained here", "random": "random: a control", "none": "has none"}
    where |= {"package": "shipped by a package", "shipped": "shipped with alignscape"}
    where |= {"given": "none: its rows are given"}
    if block.weights == "shipped":
        try:
            shipped_weights(block).checked("weights")
        except UserError as error:
            return Check(what, "failure", str(error), "correct the key that it names")
    published = "a local copy" if block.weights_file else "downloaded on first use, into cache_dir"
    return Check(what, "ok", where.get(block.weights, published))


def _describer(study: Study) -> Iterator[Check]:
    if study.text.describer == "openai":
        has_key = bool(os.environ.get("OPENAI_API_KEY"))
        found = "OPENAI_API_KEY is set" if has_key else "OPENAI_API_KEY is not set"
        yield Check("describer", "ok" if has_key else "failure", found, "" if has_key else "export it, or use template")


def _memory(study: Study) -> Check:
    total = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9
    models = [m for m in study.language_models if isinstance(m, LanguageModelBlock) and m.parameters_billion]
    sizes = {
        m.name: 1.3 * m.parameters_billion * _BYTES_A_WEIGHT[in_number_type(m, device="cpu").dtype]
        for m in models
        if m.parameters_billion
    }
    large = {name: size for name, size in sizes.items() if size > total}
    if large:
        names = ", ".join(f"{name} ({size:.0f} GB)" for name, size in large.items())
        slow = "" if fast_number_type("cpu") == "bfloat16" else " (slow on this processor)"
        remedy = f"fine if they run on GPUs or other nodes; else use quantization: nf4 or dtype: bfloat16{slow}"
        return Check("memory", "warning", f"this machine has {total:.0f} GB; too little for {names}", remedy)
    return Check("memory", "ok", f"this machine has {total:.0f} GB")


def _gpus() -> Check:
    if shutil.which("nvidia-smi") is None:
        return Check("GPU", "ok", "none here; everything runs on the processor")
    done = _ask("nvidia-smi", "--query-gpu=name,memory.total", "--format=csv,noheader")
    import torch

    if done and not torch.cuda.is_available():
        return Check("GPU", "warning", f"{done}, but this torch is a CPU build", "see `TORCH` in the Makefile")
    return Check("GPU", "ok", done.replace("\n", "; ") or "nvidia-smi sees none")


def _mmseqs() -> Check:
    from ..alignment.homology import find_mmseqs

    found = find_mmseqs()
    if found is None:
        return Check("MMseqs2", "warning", "not found; a slow substitute serves small sets", "install mmseqs2")
    return Check("MMseqs2", "ok", str(found))


def _ask(*command: str) -> str:
    try:
        return subprocess.run(command, capture_output=True, text=True, timeout=20, check=True).stdout.strip()
    except (OSError, subprocess.SubprocessError):
        return ""


def _cluster(profile: Path) -> Iterator[Check]:
    """The partitions and GPUs that a SLURM profile names, against those that the cluster has."""
    try:
        settings = yaml.safe_load((profile / "config.yaml").read_text(encoding="utf-8"))
    except OSError as error:
        yield Check("profile", "failure", f"{profile}: {error.strerror}", "name a folder with a config.yaml")
        return
    answer = _ask("sinfo", "--noheader", "--format", "%R %G")
    if not answer:
        yield Check("SLURM", "failure", "sinfo does not answer", "run this where jobs are submitted")
        return
    has = {line.split()[0]: line.split()[-1] for line in answer.splitlines()}
    default = settings.get("default-resources", {})
    wanted = {"default": default} | {rule: default | own for rule, own in settings.get("set-resources", {}).items()}
    for rule, resources in wanted.items():
        yield _resources(rule, resources, has)


def _resources(rule: str, resources: dict[str, object], has: dict[str, str]) -> Check:
    what, partition, gres = f"SLURM names of {rule}", str(resources.get("slurm_partition", "")), resources.get("gres")
    if partition not in has:
        remedy = f"use one of {', '.join(sorted(has))} in the profile"
        return Check(what, "failure", f"there is no partition {partition!r}", remedy)
    if gres is None:
        return Check(what, "ok", f"partition {partition}")
    kind, _, count = str(gres).rpartition(":")
    match = re.search(rf"{re.escape(kind)}:(\d+)", has[partition])
    if match is None or int(match.group(1)) < int(count):
        found = f"no node of {partition} has {gres}; it has {has[partition]}"
        return Check(what, "failure", found, "correct `gres` in the profile")
    return Check(what, "ok", f"partition {partition}, {gres}")


def report(checks: Iterator[Check], *, config: Path, say: Callable[[str], None]) -> bool:
    """Prints each check as it comes, then whether the study of `config` can start; whether none failed."""
    failures = 0
    for check in checks:
        failures += check.outcome == "failure"
        remedy = f"; {check.remedy}" if check.remedy else ""
        say(f"{check.outcome:8} {check.what}: {check.found}{remedy}")
    if failures:
        say(f"not ready: {failures} {'failure' if failures == 1 else 'failures'} to mend first")
    else:
        say(f"ready: alignscape run {shlex.quote(str(config))}")
    return not failures
