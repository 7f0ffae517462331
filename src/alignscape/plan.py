"""What a study makes, and where: every path carries a digest of what made it, known before anything runs."""

import ast
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from .config.encoders import CausalLm, FineTuning, StructureEncoderBlock, Tfidf
from .config.proteins import EncoderTraining
from .config.study import Study, Variant, ladder_encoders
from .digest import code_digest, digest_modules
from .encoders.structure.registry import implementation, official_of
from .encoders.text.official import registry_model
from .errors import UserError
from .questions.registry import questions, section_module
from .sharding import group_shards, hash_fraction, make_shards
from .storage.files import digest_of, sha256_file, write_text

_CONVERTER = ("encoders.text.registry_models",)  # of models that packages ship; it counts in `model_digest`
_NO_NUMBER = {"name", "role", "residue_budget", "token_budget", "shards_per_job", "size_class", "family"}
_NO_NUMBER |= {"parameters_billion", "weights_file", "pretraining"}


@dataclass(frozen=True)
class Pair:
    """One (GDM, LLM, variant of the heads) to train."""

    structure: str
    text: str
    variant: Variant
    label: str = field(compare=False)  # what the variant is called: `layers2`, or a method's name

    @property
    def key(self) -> str:
        """How the pair is called in messages and files."""
        return f"{self.structure}--{self.text}--{self.label}"


@dataclass(frozen=True)
class Inputs:
    """What a plan needs to know of the world outside the config: ids, their contents, and local files' digests."""

    contents: dict[str, str]  # id -> sha256 of its local structure file, "" where the source never changes it
    encoder_training: list[str]
    files: dict[str, str] = field(default_factory=dict)  # path named in the config -> sha256


def encoder_training_ids(ids: Iterable[str], config: EncoderTraining, *, seed: int) -> list[str]:
    """The proteins that encoders are trained on here, sorted. Raises UserError for an unreadable list."""
    if config.ids is None:
        return sorted(i for i in ids if hash_fraction(seed, i) < config.fraction)
    try:
        lines = config.ids.read_text(encoding="utf-8").splitlines()
    except OSError as error:
        raise UserError(f"proteins.encoder_training.ids: {config.ids}: {error.strerror}") from None
    named = {line.partition("#")[0].strip().upper() for line in lines}
    return sorted(named & set(ids))


class Plan:
    """All paths of a study. Building one reads no structure and imports nothing heavy."""

    def __init__(self, study: Study, inputs: Inputs, *, scripts: Path | None = None) -> None:
        self.study = study
        self.inputs = inputs
        self.results = study.results_dir
        self._scripts = scripts
        self._script_digests: dict[str, str] = {}
        training = set(inputs.encoder_training)
        parts = ({i: c for i, c in inputs.contents.items() if (i in training) == wanted} for wanted in (True, False))
        size = study.proteins.shard_size
        self.training_shards, self.other_shards = (
            make_shards(part, prefix=prefix, shard_size=size) for part, prefix in zip(parts, "ts", strict=True)
        )
        self.shards = self.training_shards | self.other_shards

    # --- blocks -------------------------------------------------------------------------------------------

    @cached_property
    def structure_blocks(self) -> dict[str, StructureEncoderBlock]:
        """GDMs by name, rungs of the ladder included."""
        return {block.name: block for block in self.study.all_structure_encoders}

    @cached_property
    def text_blocks(self) -> dict[str, CausalLm | Tfidf]:
        """LLMs by name, fine-tuned ones included."""
        return {block.name: block for block in self.study.all_language_models}

    @cached_property
    def fine_tunings(self) -> dict[str, FineTuning]:
        """LoRA runs by name."""
        return {block.name: block for block in self.study.fine_tuning}

    @cached_property
    def trained_encoders(self) -> list[str]:
        """GDMs whose weights are trained here."""
        return [name for name, block in self.structure_blocks.items() if block.weights == "trained"]

    def _script(self, name: str) -> str:
        if name not in self._script_digests:
            text = (self._scripts / f"{name}.py").read_text(encoding="utf-8") if self._scripts else ""
            self._script_digests[name] = digest_of(ast.dump(ast.parse(text)))
        return self._script_digests[name]

    def _file(self, path: Path | None) -> str:
        return self.inputs.files.get(str(path), "") if path else ""

    def _digest(self, script: str, *parts: Any, code: tuple[str, ...] = (), leave_out: tuple[str, ...] = ()) -> str:
        modules, known = _full_names(code), _full_names(leave_out)
        return digest_of([self._script(script), code_digest(*modules, leave_out=known), *parts])

    # --- proteins -----------------------------------------------------------------------------------------

    @cached_property
    def fetch_digest(self) -> str:
        """Of where downloaded structure files come from."""
        source = self.study.proteins.source
        return self._digest("fetch", source, code=("proteins.rcsb",) if source == "rcsb" else ())

    @cached_property
    def parser_digest(self) -> str:
        """Of the parser, and of the downloads; local files are in the shards' names."""
        sources = ("proteins.sources", "proteins.rcsb")
        return self._digest("parse", self.fetch_digest, code=("proteins.parse_shard",), leave_out=sources)

    def located(self, shard: str = "{shard}") -> Path:
        """Where each downloaded file lies, or why there is none."""
        return self.results / "proteins" / self.fetch_digest / f"{shard}.located.json"

    def located_inputs(self, wildcards: Any) -> list[Path]:
        """What the parser waits for: downloads, unless the files are local."""
        return [self.located(wildcards.shard)] if self.study.proteins.source == "rcsb" else []

    def structures(self, shard: str = "{shard}") -> Path:
        """The shard's parsed structures."""
        return self.results / "proteins" / self.parser_digest / f"{shard}.npz"

    def facts(self, shard: str = "{shard}") -> Path:
        """The shard's facts, a JSON line a protein."""
        return self.structures(shard).with_suffix(".facts.jsonl")

    def parse_losses(self, shard: str = "{shard}") -> Path:
        """Proteins of the shard that could not be had or read."""
        return self.structures(shard).with_suffix(".losses.jsonl")

    def all_facts(self) -> Path:
        """The facts of all shards in one file."""
        content = self._digest("collect", sorted(self.shards))
        return self.results / "proteins" / self.parser_digest / f"all-{content}.facts.jsonl"

    # --- text ---------------------------------------------------------------------------------------------

    @cached_property
    def description_digest(self) -> str:
        """Of the text."""
        text = self.study.text
        openai = text.openai.model_dump(mode="json", include={"base_url", "model", "seed", "max_tokens"})
        prompt = self._file(text.openai.prompt) or sha256_file(
            Path(__file__).parent / "descriptions/prompts/describe.txt"
        )
        writer = [openai, prompt] if text.describer == "openai" else []
        modules = ("descriptions.template", *(("descriptions.openai_describer",) if writer else ()))
        return self._digest("describe", self.parser_digest, sorted(text.drop), writer, code=modules)

    def descriptions(self, shard: str = "{shard}") -> Path:
        """The shard's descriptions, a JSON line a protein."""
        return self.results / "text" / self.description_digest / f"{shard}.jsonl"

    def description_losses(self, shard: str = "{shard}") -> Path:
        """Descriptions that fell back to the template."""
        return self.descriptions(shard).with_suffix(".losses.jsonl")

    def all_descriptions(self) -> Path:
        """The descriptions of all shards in one file."""
        content = self._digest("collect", sorted(self.shards))
        return self.results / "text" / self.description_digest / f"all-{content}.jsonl"

    def model_digest(self, name: str) -> str:
        """Of a language model's prepared files."""
        block = self.text_blocks[name]
        assert isinstance(block, CausalLm)
        shipped = registry_model(block.model)
        identity = [block.model, block.revision, self._file(Path(block.model)), shipped.sha256 if shipped else ""]
        return self._digest("prepare_model", identity, code=_CONVERTER if shipped else ())

    def prepared_model(self, name: str) -> Path:
        """A note of where a model was put; models that share their files share it."""
        return self.results / "models" / f"{self.model_digest(name)}.json"

    def model_of_digest(self, digest: str) -> str:
        """The name of a configured model whose prepared files have this digest."""
        return next(
            n for n, b in self.text_blocks.items() if isinstance(b, CausalLm) and self.model_digest(n) == digest
        )

    def adapter_digest(self, name: str) -> str:
        """Of a LoRA run: its base, its settings, its texts."""
        tuning, base = self.fine_tunings[name], self.text_blocks[self.fine_tunings[name].base]
        settings = tuning.model_dump(mode="json", exclude={"name", "base", "save_steps"})
        made_of = [settings, self.study.seed, self.model_digest(base.name), self.description_digest]
        return self._digest(
            "fine_tune", made_of, sorted(self.training_shards), code=("encoders.text.lora",), leave_out=_CONVERTER
        )

    def adapter(self, name: str) -> Path:
        """The adapter's card; the adapter lies beside it."""
        return self.results / "adapters" / name / self.adapter_digest(name) / "card.json"

    # --- encoders -----------------------------------------------------------------------------------------

    def weights_digest(self, name: str) -> str:
        """Of weights trained here."""
        block = self.structure_blocks[name]
        settings = block.model_dump(mode="json", exclude=_NO_NUMBER - {"pretraining"})
        table = self._file(block.pretraining.ec_table)
        made_of = [
            settings,
            table,
            block.requirement,
            self.study.seed,
            self.parser_digest,
            sorted(self.training_shards),
        ]
        code = ("encoders.training.pretrain", "encoders.structure.weights", implementation(block))
        return self._digest("pretrain", made_of, code=code)

    def weights(self, name: str) -> Path:
        """Weights trained here; their card lies beside them."""
        return self.results / "weights" / name / self.weights_digest(name) / "weights.safetensors"

    def weights_inputs(self, wildcards: Any) -> list[Path]:
        """The weights trained here that an encoder's shards need, if any."""
        return [self.weights(wildcards.encoder)] if wildcards.encoder in self.trained_encoders else []

    def model_inputs(self, wildcards: Any) -> list[Path]:
        """The prepared model and the adapter that a language model's shards need, if any."""
        name = wildcards.encoder
        if not isinstance(self.text_blocks[name], CausalLm):
            return []
        return [self.prepared_model(name), *([self.adapter(name)] if name in self.fine_tunings else [])]

    def names(self, *, text: bool = True, fine_tuned: bool = False, large: bool | None = None) -> str:
        """A regular expression of the encoders that a rule serves; one that matches nothing if there are none."""
        if not text:
            return self._any_of(self.structure_blocks)
        chosen = [n for n, b in self.text_blocks.items() if (getattr(b, "size_class", "") == "large") == bool(large)]
        return self._any_of(n for n in chosen if n in self.fine_tunings or not fine_tuned)

    @staticmethod
    def _any_of(names: Iterable[str]) -> str:
        return "|".join(sorted(re.escape(name) for name in names)) or "(?!)"

    def log(self, job: str) -> Path:
        """Where a job writes what it says."""
        return self.folder / "logs" / f"{job}.log"

    def benchmark(self, job: str) -> Path:
        """Where Snakemake notes a job's time and memory."""
        return self.folder / "benchmarks" / f"{job}.tsv"

    def embedding_digest(self, name: str) -> str:
        """Of an encoder's embeddings, structure or text."""
        return self._structure_digest(name) if name in self.structure_blocks else self._text_digest(name)

    def embedding_modules(self, name: str) -> frozenset[str]:
        """The modules whose code makes an encoder's embeddings: an edit of one of them makes those stale."""
        return digest_modules(*_full_names(self._embedding_code(name)), leave_out=_full_names(_CONVERTER))

    def _embedding_code(self, name: str) -> tuple[str, ...]:
        if name in self.structure_blocks:
            return ("encoders.structure.rows", implementation(self.structure_blocks[name]))
        return ("encoders.text.rows", f"encoders.text.{self.text_blocks[name].encoder}")

    def _structure_digest(self, name: str) -> str:
        block = self.structure_blocks[name]
        settings = block.model_dump(mode="json", exclude=_NO_NUMBER)
        made_of = [settings, self._weights_used(block), block.requirement, self.study.seed, self.parser_digest]
        return self._digest("embed_structure", made_of, code=self._embedding_code(name))

    def _weights_used(self, block: StructureEncoderBlock) -> Any:
        """What tells the weights that a block asks for from others; a local copy counts for what the copy holds."""
        if block.weights == "trained":
            return self.weights_digest(block.name)
        if block.weights_file is not None:
            return self._file(block.weights_file)
        published = official_of(block)
        return published.identity if published else ""

    def _text_digest(self, name: str) -> str:
        block = self.text_blocks[name]
        settings = block.model_dump(mode="json", exclude=_NO_NUMBER | {"model", "revision"})
        model = self.model_digest(name) if isinstance(block, CausalLm) else ""
        adapter = self.adapter_digest(name) if name in self.fine_tunings else ""
        reference = sorted(self.training_shards) if self.needs_reference(name) else ""
        made_of = [settings, model, adapter, reference, self.description_digest]
        return self._digest("embed_text", made_of, code=self._embedding_code(name), leave_out=_CONVERTER)

    def needs_reference(self, name: str) -> bool:
        """Whether a text encoder counts how common words are, which it does over the encoder-training proteins."""
        return isinstance(self.text_blocks[name], Tfidf)

    def reference_inputs(self, wildcards: Any) -> list[Path]:
        """The descriptions of the encoder-training proteins, for an encoder that counts words over them."""
        shards = self.training_shards if self.needs_reference(wildcards.encoder) else []
        return [self.descriptions(shard) for shard in shards]

    def text_groups(self, name: str) -> dict[str, list[str]]:
        """Jobs of a language model with the shards that each reads."""
        block = self.text_blocks[name]
        return group_shards(list(self.shards), block.shards_per_job if isinstance(block, CausalLm) else 1)

    def embedding_shards(self, name: str) -> list[Path]:
        """All shards of an encoder."""
        shards = self.shards if name in self.structure_blocks else self.text_groups(name)
        return [self.embedding(name, shard) for shard in shards]

    def embedding(self, name: str, shard: str) -> Path:
        """One shard of an encoder; its sidecar is the same name with .json."""
        return self.results / "embeddings" / name / self.embedding_digest(name) / f"{shard}.npy"

    def gathered(self, name: str) -> Path:
        """All rows of an encoder in one file, so that later rules have few inputs."""
        content = digest_of([self._script("gather"), sorted(self.shards)])
        return self.results / "embeddings" / name / self.embedding_digest(name) / f"all-{content}.npy"

    # --- alignment ----------------------------------------------------------------------------------------

    @cached_property
    def split_digest(self) -> str:
        """Of the shared ID list and its splits."""
        alignment = self.study.alignment
        settings = alignment.model_dump(mode="json", include={"splits", "folds", "cluster_identity"})
        needs = sorted({block.requirement for block in self.structure_blocks.values()})
        made_of = [settings, needs, self.study.seed, self.parser_digest, sorted(self.shards)]
        return self._digest("split", made_of, code=("alignment.study_split",))

    def split(self, name: str = "splits.tsv") -> Path:
        """The shared ID list with each protein's part under every split, and what else that step leaves."""
        return self.results / "splits" / self.split_digest / name

    @cached_property
    def pairs(self) -> list[Pair]:
        """Every (GDM, LLM, variant) of the study, once, sorted; heads of two labels have the one that came first."""
        return sorted(dict.fromkeys(_study_pairs(self.study)), key=lambda p: p.key)

    @cached_property
    def _pairs_by_names(self) -> dict[tuple[str, str, str], Pair]:
        return {(p.structure, p.text, p.label): p for p in self.pairs}

    def heads(self, wildcards: Any) -> dict[str, Any]:
        """Settings of the heads that a path of `pair` is about."""
        pair = self._pairs_by_names[wildcards.structure, wildcards.text, wildcards.variant]
        return pair.variant.model_dump(mode="json")

    def find_pair(self, gdm: str, llm: str, heads: str) -> Pair:
        """The pair of these encoders whose heads have that label. Raises UserError if the study has none."""
        wanted = self.study.variants.get(heads)
        alike = [p for p in self.pairs if p.variant == wanted]
        for pair in alike:
            if (pair.structure, pair.text) == (gdm, llm):
                return pair
        known = ", ".join(sorted(f"{p.structure} {p.text}" for p in alike))
        labels = ", ".join(self.study.variants)
        raise UserError(
            f"the study has no pair {gdm} {llm} with heads {heads}; it has: {known}"
            if alike
            else f"the study has no heads {heads}; it has: {labels}"
        )

    def pair_digest(self, pair: Pair) -> str:
        """Of a trained pair."""
        alignment = self.study.alignment
        chosen = {"layers", "methods", "splits", "folds", "method_models", "method_encoders", "bootstrap"}
        settings = alignment.model_dump(mode="json", exclude=chosen)
        variant = pair.variant.model_dump(mode="json")
        same_text = [self.description_digest] if variant["negatives"] == "skip_same_text" else []
        embeddings = [self.embedding_digest(pair.structure), self.embedding_digest(pair.text), *same_text]
        made_of = [settings, variant, embeddings, self.split_digest, self.study.seed]
        return self._digest("align", made_of, code=("alignment.pair", "alignment.shared_ids"))

    def pair(self, pair: Pair) -> Path:
        """Scores of a trained pair; the heads lie beside them."""
        folder = self.results / "alignment" / pair.structure / pair.text
        return folder / f"{pair.label}-{self.pair_digest(pair)}.npz"

    # --- analysis and report ------------------------------------------------------------------------------

    def question_pairs(self, question: str) -> list[Pair]:
        """The trained pairs that an analysis reads."""
        choose, blocks = questions()[question].pairs, self.structure_blocks | self.text_blocks
        roles = {p: frozenset({blocks[p.structure].role, blocks[p.text].role}) for p in self.pairs}
        return [p for p in self.pairs if choose(p.variant, roles[p], self.study.alignment)]

    def question_encoders(self, question: str) -> list[str]:
        """The encoders of an analysis's pairs, sorted."""
        return sorted({name for p in self.question_pairs(question) for name in (p.structure, p.text)})

    def question_inputs(self, question: str) -> dict[str, list[Path] | Path]:
        """Named inputs of an analysis's rule."""
        encoders = self.question_encoders(question)
        return {
            "pairs": [self.pair(p) for p in self.question_pairs(question)],
            "rows": [self.gathered(name) for name in encoders],
            "splits": self.split("splits.tsv"),
            "nearest": self.split("nearest.tsv"),
            "clusters": self.split("clusters.tsv"),
            "facts": self.all_facts(),
            "descriptions": self.all_descriptions(),
        }

    def question_params(self, question: str) -> dict[str, Any]:
        """Params of an analysis's rule: its module's name."""
        return {"question": question}

    def analysis_digest(self, question: str) -> str:
        """Of one analysis."""
        settings = self.study.analysis.model_dump(mode="json")
        settings |= self.study.alignment.model_dump(mode="json", include={"bootstrap", "permutations", "splits"})
        lists = [
            self._file(p)
            for p in (self.study.analysis.popular_ids, self.study.analysis.rare_ids)
            if isinstance(p, Path)
        ]
        blocks = self.structure_blocks | self.text_blocks
        encoders = [blocks[name].model_dump(mode="json") for name in self.question_encoders(question)]
        pairs = [(p.key, self.pair_digest(p)) for p in self.question_pairs(question)]
        named = [self.study.alignment.model_dump(mode="json")["methods"], self.study.method_pairs]
        tried = named if question == "methods" else []
        made_of = [settings, lists, self.study.seed, encoders, pairs, tried, self.split_digest, self.description_digest]
        return self._digest("analyse", made_of, code=(f"questions.{question}.analysis", "questions.evidence.evidence"))

    def analysis(self, question: str, suffix: str = ".json") -> Path:
        """The result of one analysis; with suffix .tsv its table."""
        return self.folder / "analysis" / f"{question}-{self.analysis_digest(question)}{suffix}"

    @cached_property
    def ledger_digest(self) -> str:
        """Of the ledger."""
        encoders = [(name, self.embedding_digest(name)) for name in sorted(self.structure_blocks | self.text_blocks)]
        made_of = [encoders, self.split_digest, self.description_digest, sorted(self.shards)]
        return self._digest("ledger", made_of, code=("storage.ledger",))

    def ledger(self) -> Path:
        """Every protein that was left out, where, and why."""
        return self.folder / "analysis" / f"ledger-{self.ledger_digest}.tsv"

    @cached_property
    def figures_digest(self) -> str:
        """Of the static figures."""
        parts = [self.analysis_digest(q) for q in questions()]
        return self._digest("figures", parts, self.study.analysis.example_ids, code=("report.static_figures",))

    def figure(self, name: str, suffix: str) -> Path:
        """A static figure; suffix .svg or .png."""
        return self.folder / "figures" / f"{name}{suffix}"

    def figures_stamp(self) -> Path:
        """Says which plan the static figures are of."""
        return self.folder / "logs" / f"figures-{self.figures_digest}"

    @cached_property
    def report_digest(self) -> str:
        """Of the published folder: all that it shows and the code that shows it."""
        parts = [self.ledger_digest, *(self.analysis_digest(q) for q in questions())]
        head = [self.study.title, self.study.study, self.study.analysis.example_ids]
        templates = sorted((Path(__file__).parent / "report" / "templates").iterdir())
        shown = filter(None, map(section_module, questions()))
        looks = [(path.name, sha256_file(path)) for path in templates]
        return self._digest("report", parts, head, looks, code=("report.page", "report.publish", *shown))

    @property
    def folder(self) -> Path:
        """Where a person looks: results/<study>/."""
        return self.results / self.study.study

    def published(self) -> dict[str, Path]:
        """The files that a person opens, and a stamp that says which plan they are of."""
        names = ("report.html", "pairs.tsv", "ledger.tsv", "findings.json", "summary.json")
        stamp = self.folder / "logs" / f"published-{self.report_digest}"
        return {name.partition(".")[0]: self.folder / name for name in names} | {"stamp": stamp}

    def current_files(self) -> set[Path]:
        """What this plan makes below the results, one path a job; files beside one with the same stem belong to it."""
        paths = [f(s) for s in self.shards for f in (self.located, self.structures, self.descriptions)]
        paths += [self.all_facts(), self.all_descriptions(), self.split(), self.ledger()]
        paths += [self.prepared_model(n) for n, b in self.text_blocks.items() if isinstance(b, CausalLm)]
        paths += [self.adapter(n) for n in self.fine_tunings] + [self.weights(n) for n in self.trained_encoders]
        for name in self.structure_blocks | self.text_blocks:
            paths += [*self.embedding_shards(name), self.gathered(name)]
        paths += [self.analysis(question) for question in questions()]
        return {*paths, *(self.pair(p) for p in self.pairs)}


def _full_names(modules: Iterable[str]) -> tuple[str, ...]:
    """Names of this package's modules without its own, and full names of any, as full names."""
    prefix = "alignscape."
    return tuple(module if module.startswith(prefix) else prefix + module for module in modules)


def _study_pairs(study: Study) -> Iterable[Pair]:
    """Pairs by research question; the same pair may come up twice."""
    main_gdms = [e.name for e in study.structure_encoders if e.role == "main"]
    main_llms = [m.name for m in study.language_models if m.role == "main"]
    for gdm in main_gdms:
        for llm in main_llms:
            yield from (_own_pair(study, gdm, llm, f"layers{n}") for n in (1, *study.alignment.layers))
        others = [m.name for m in study.all_language_models if m.role != "main"]
        yield from (_own_pair(study, gdm, llm) for llm in others)
    for gdm, llm in study.method_pairs:
        yield from (Pair(gdm, llm, settings, name) for name, settings in study.alignment.methods.items())
    baselines = [e.name for e in study.structure_encoders if e.role != "main"]
    yield from (_own_pair(study, gdm, llm) for gdm in baselines for llm in main_llms)
    yield from _ladder_pairs(study, main_llms)


def _own_pair(study: Study, gdm: str, llm: str, label: str = "layers1") -> Pair:
    return Pair(gdm, llm, study.own_variants[label], label)


def _ladder_pairs(study: Study, main_llms: list[str]) -> Iterable[Pair]:
    ladder, rungs = study.dimension_ladder, ladder_encoders(study.dimension_ladder)
    if ladder is None:
        return
    for llm in main_llms:
        for rung in rungs:
            yield _own_pair(study, rung.name, llm)
            if ladder.fixed_dimension:
                yield _own_pair(study, rung.name, llm, f"dimension{ladder.fixed_dimension}")
        yield from (_own_pair(study, rungs[-1].name, llm, f"pca{width}") for width in ladder.pca)


def save_seen(path: Path, study: Study, inputs: Inputs, *, scripts: Path) -> None:
    """A study and its inputs as the main process saw them, for the jobs of the same run and for the commands.

    With them the folder that it ran in and its workflow's scripts, by which a command in another folder finds them.
    """
    where = {"folder": str(Path.cwd()), "scripts": str(scripts.absolute())}
    write_text(path, json.dumps({"study": study.model_dump(mode="json"), "inputs": vars(inputs), **where}))


def load_seen(path: Path) -> tuple[Study, Inputs]:
    """What `save_seen` wrote."""
    values = json.loads(path.read_text(encoding="utf-8"))
    return Study.model_validate(values["study"]), Inputs(**values["inputs"])
