"""What there is to do in a study, by rule and encoder: jobs, and the units that their time grows with.

Times are core-seconds on one core of a processor with AVX2, within a factor of two; `rates` has what was measured here.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from ..config.encoders import FineTuning, LanguageModelBlock, TextEncoderBlock
from ..config.study import Alignment
from ..encoders.checking.entries import CHECKED_RESIDUES
from ..encoders.text.official import registry_model
from .model_size import parameters, text_width
from .pairs import Pair
from .plan import Plan
from .sizes import Sizes

# Core-seconds of a job before its work: Snakemake's process and the imports, of which torch's are the largest.
_LIGHT, _TORCH, _TRANSFORMERS = 2.5, 5.0, 8.0
_IMPORTS = 0.35  # GiB
_EMBED_FLOPS, _TUNE_FLOPS = 40e9, 37e9  # of a second, forward alone and with the gradient
_STEP = 2.2e-3  # of one model and step of head training, for each million parameters and half a million more
_BYTES = {"float32": 4, "bfloat16": 2, "float16": 2}


@dataclass(frozen=True)
class Work:
    """The jobs of one rule, or of one rule and encoder."""

    stage: str
    name: str  # of the encoder; "" for all other rules
    jobs: int
    units: float  # of all jobs together
    second: float  # core-seconds a unit
    before: float  # core-seconds of a job before its work
    memory: float  # GiB of one job
    notes: tuple[str, ...]  # stems of the benchmark files that the jobs write
    on_card: bool = False  # whether a GPU does it, where there is one

    @property
    def key(self) -> str:
        """What its rate is kept under: an encoder goes by its name, its size is part of its units."""
        return f"{self.stage} {self.name}".strip()


def workload(plan: Plan, sizes: Sizes) -> list[Work]:
    """All jobs of a study, if nothing has been computed yet, in the order of the rules."""
    parts = (_proteins, _training, _texts, _structures, _alignment, _questions)
    return [work for part in parts for work in part(plan, sizes)]


def _proteins(plan: Plan, sizes: Sizes) -> Iterator[Work]:
    shards, n = len(plan.shards), sizes.proteins
    residues = n * sizes.residues
    if plan.downloads:
        yield Work("fetch", "", shards, n, 0.05, _LIGHT, 0.1, ())
    read = tuple(f"parse-{shard}" for shard in plan.shards)
    yield Work("parse", "", shards, residues, 1.5e-4, _LIGHT, 0.1 + 2e-7 * residues / shards, read)
    yield Work("describe", "", shards, n, 1e-3, _LIGHT, 0.1, tuple(f"describe-{shard}" for shard in plan.shards))
    yield Work("cluster", "", 1, n, 0.03, _LIGHT, 0.9 + 2e-5 * n, ("cluster",))
    yield Work("split", "", 1, n, 1e-3, _LIGHT, 0.1 + 1e-6 * n, ("split",))


def _training(plan: Plan, sizes: Sizes) -> Iterator[Work]:
    for name in plan.trained_encoders:
        block = plan.structure_blocks[name]
        settings = block.pretraining
        length = min(sizes.residues, settings.truncate or sizes.residues)
        work = sizes.training * (1 - settings.held_out) * length * settings.epochs * block.cost().training
        note = f"pretrain-{name}-{plan.weights_digest(name)}"
        yield Work("pretrain", name, 1, work, 1e-3, _TORCH, 1.0, (note,), on_card=True)


def _texts(plan: Plan, sizes: Sizes) -> Iterator[Work]:
    for digest, block in plan.models_to_prepare().items():
        size, shipped = parameters(block), registry_model(block.model)
        # Converted once, all weights of it, or looked at.
        units, second, memory = (
            (shipped.weights, 1.1e-7, 0.3 + shipped.weights * 8e-9) if shipped else (size, 4e-9, 0.2)
        )
        yield Work("prepare_model", block.name, 1, units, second, _LIGHT, memory, (f"prepare_model-{digest}",))
    if official := set(plan.prepared_weights.values()):
        yield Work("prepare_weights", "", len(official), len(official), 2.0, _LIGHT, 0.1, ())
    for name, tuning in plan.fine_tunings.items():
        base = plan.text_blocks[tuning.base]
        seen = (
            _learned(plan, tuning, sizes)
            * (tuning.epochs * (1 - tuning.held_out) + 0.8 * tuning.held_out)
            * 1.3
            * sizes.tokens
        )
        size, digest = parameters(base), plan.adapter_digest(name)
        memory = 1.2 + size * (1.3 if tuning.quantization == "nf4" else 4.5) / 2**30
        note, work = f"{_large('fine_tune', base)}-{name}-{digest}", 6 * size * seen
        yield Work("fine_tune", name, 1, work, 1 / _TUNE_FLOPS, _TRANSFORMERS, memory, (note,), on_card=True)
    for name, encoder in plan.text_blocks.items():
        yield _text_embedding(plan, name, encoder, sizes)


def _learned(plan: Plan, tuning: FineTuning, sizes: Sizes) -> int:
    """How many texts a LoRA run learns from or is measured on."""
    reference = plan.study.text.reference_texts
    if reference is None:
        there = sizes.training
    else:
        there = reference.read_text(encoding="utf-8").count("\n") - 1 if reference.is_file() else 0
    return min(there, tuning.texts or there)


def _text_embedding(plan: Plan, name: str, block: TextEncoderBlock, sizes: Sizes) -> Work:
    groups, digest = plan.groups(name), plan.embedding_digest(name)
    notes = tuple(f"{_large('embed_text', block)}-{name}-{digest}-{group}" for group in groups)
    tokens, stage, jobs = sizes.proteins * sizes.tokens, "embed_text", len(groups)
    if not isinstance(block, LanguageModelBlock):
        return Work(stage, name, jobs, tokens, 1e-6, _LIGHT, _IMPORTS, notes)
    size = parameters(block)
    memory = _IMPORTS + 0.3 + 1.15 * size * _BYTES.get(block.dtype, 4) / 2**30
    return Work(stage, name, jobs, 2 * size * tokens, 1 / _EMBED_FLOPS, _TRANSFORMERS, memory, notes, on_card=True)


def _structures(plan: Plan, sizes: Sizes) -> Iterator[Work]:
    residues = sizes.proteins * sizes.residues
    for name, block in plan.structure_blocks.items():
        digest = plan.embedding_digest(name)
        groups = plan.groups(name)
        notes = tuple(f"embed_structure-{name}-{digest}-{group}" for group in groups)
        work = residues * block.cost().embedding
        start, memory = (_TRANSFORMERS if block.cost().held else _TORCH), 0.9 + block.cost().held
        yield Work("embed_structure", name, len(groups), work, 1e-3, start, memory, notes, on_card=block.wants_gpu)
    if tried := plan.checked_encoders:
        costs = [plan.structure_blocks[name].cost() for name in tried]
        work, held = CHECKED_RESIDUES * sum(cost.embedding for cost in costs), max(cost.held for cost in costs)
        yield Work("check_encoders", "", 1, work, 1e-3, _TORCH, 0.9 + held, ("check_encoders",), on_card=True)
    n = len(plan.structure_blocks) + len(plan.text_blocks)
    yield Work("gather", "", n, n * sizes.proteins, 1e-4, _LIGHT, 0.1 + 1e-5 * sizes.proteins, ())


def _alignment(plan: Plan, sizes: Sizes) -> Iterator[Work]:
    settings = plan.study.alignment
    tested = max(1, sizes.proteins - sizes.training)
    models = settings.seeds * sum(_runs(settings, split) for split in settings.splits)
    steps = models * settings.epochs * (0.8 * tested / settings.batch_size + 1)
    size = {pair: _head_parameters(plan, pair) for pair in plan.pairs}
    units = sum(steps * (0.5 + n / 1e6) for n in size.values()) + len(size) * settings.untrained_draws * tested / 50
    memory = _IMPORTS + min(2.0, models * max(size.values(), default=0) * 20 / 2**30) + 3e-8 * tested**2
    notes = tuple(f"align-{path.stem}" for path in map(plan.alignment_job, plan.alignment_jobs))
    yield Work("align", "", len(plan.alignment_jobs), units, _STEP, _TORCH, memory, notes, on_card=True)


def _runs(settings: Alignment, split: str) -> int:
    return settings.folds if split.startswith("kfold") else 1


def _head_parameters(plan: Plan, pair: Pair) -> float:
    text = text_width(plan.text_blocks[pair.text])
    shared = pair.variant.dimension or text
    structure = plan.structure_blocks[pair.structure].cost().width
    return shared * (structure + text + (pair.variant.layers - 1) * shared)


def _questions(plan: Plan, sizes: Sizes) -> Iterator[Work]:
    n = len(plan.questions)
    tested = sizes.proteins - sizes.training
    units = tested / 20_000 * len(plan.question_pairs("pairs")) / 12 * plan.study.alignment.bootstrap / 2000
    memory = _IMPORTS + 0.7 * tested / 20_000
    yield Work("questions", "", n, units, 330, 4.0, memory, tuple(plan.questions))
    drawn = _IMPORTS + 1e-5 * sizes.proteins
    yield Work("report", "", 1, sizes.proteins, 2e-3, 4.0, drawn, ("report",))
    yield Work("figures", "", 1, sizes.proteins, 2e-3, 45.0, drawn, ("figures",))
    yield Work("lists", "", 3, sizes.proteins, 1e-4, _LIGHT, 0.1, ())


def _large(rule: str, block: TextEncoderBlock) -> str:
    return f"{rule}_large" if getattr(block, "size_class", "") == "large" else rule
