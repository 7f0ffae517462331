"""What a study makes, and where: every path carries a digest of what made it, known before anything runs."""

from functools import cached_property
from importlib.util import find_spec
from pathlib import Path

from ..config.encoders import LanguageModelBlock
from ..questions.registry import caption, figures, part, questions
from ..storage.files import sha256_file
from .alignment_jobs import AlignmentJobs


class Plan(AlignmentJobs):
    """All paths of a study. Building one reads no structure and imports nothing heavy."""

    def _part(self, question: str, module: str) -> str | None:
        return part(question, module, plugins=self.study.plugins)

    def question_encoders(self, question: str) -> list[str]:
        """The encoders of an analysis's pairs, sorted."""
        return sorted({name for p in self.question_pairs(question) for name in (p.structure, p.text)})

    def question_inputs(self, question: str) -> dict[str, list[Path] | Path]:
        """Named inputs of an analysis's rule."""
        encoders = self.question_encoders(question)
        return {
            "pairs": self.jobs_of(self.question_pairs(question)),
            "rows": [self.gathered(name) for name in encoders],
            "splits": self.split("splits.tsv"),
            "nearest": self.split("nearest.tsv"),
            "relatives": self.split("relatives.tsv"),
            "clusters": self.split("clusters.tsv"),
            "facts": self.all_facts(),
            "descriptions": self.all_descriptions(),
        }

    def question_scores(self, question: str) -> list[str]:
        """The scores of an analysis's pairs, which lie there once the jobs among its inputs are done."""
        return [str(self.pair(p)) for p in self.question_pairs(question)]

    def analysis_digest(self, question: str) -> str:
        """Digest of one question's analysis."""
        settings = self.study.analysis.model_dump(mode="json", exclude={"check_encoders"})
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
        optional = questions(plugins=self.study.plugins)[question].packages
        installed = [[package for package in optional if find_spec(package)]] if optional else []
        made_of = [settings, lists, self.study.seed, encoders, pairs, tried, self.split_digest, self.description_digest]
        made_of += installed
        own = self._part(question, "analysis")
        members = (own,) if own else ()
        return self._digest("analyse", made_of, code=("questions.evidence.evidence",), members=members)

    def analysis(self, question: str, suffix: str = ".json") -> Path:
        """The result of one analysis; with suffix .tsv its table."""
        return self.folder / "analysis" / f"{question}-{self.analysis_digest(question)}{suffix}"

    @cached_property
    def ledger_digest(self) -> str:
        """Digest of the ledger."""
        encoders = [(name, self.embedding_digest(name)) for name in sorted(self.structure_blocks | self.text_blocks)]
        made_of = [encoders, self.split_digest, self.description_digest, sorted(self.shards), self.inputs.not_read]
        return self._digest("ledger", made_of, code=("storage.ledger",))

    def ledger(self) -> Path:
        """Every protein that was left out, where, and why."""
        return self.folder / "analysis" / f"ledger-{self.ledger_digest}.tsv"

    @cached_property
    def figures_digest(self) -> str:
        """Digest of the figures as files: of their data, their captions, and the code that describes and draws them."""
        parts = [self.analysis_digest(q) for q in self.questions]
        code = ("report.figures.printed.draw", "report.sections.dataset")
        return self._digest(
            "figures", parts, self._captions, self.study.figure_columns, code=code, members=self._parts("figures")
        )

    def _parts(self, module: str) -> tuple[str, ...]:
        """The modules of this name in the questions' folders."""
        return tuple(filter(None, (self._part(question, module) for question in self.questions)))

    @cached_property
    def _captions(self) -> list[tuple[str, str]]:
        plugins = self.study.plugins
        return [(name, sha256_file(caption(name, plugins=plugins))) for name in figures(plugins=plugins)]

    @cached_property
    def report_digest(self) -> str:
        """Digest of the published folder: everything that it shows, and the code that shows it."""
        parts = [self.ledger_digest, *(self.analysis_digest(q) for q in self.questions)]
        parts += [path.name for path in self.checks()]
        head = [self.study.title, self.study.study, self.study.analysis.example_ids]
        templates = sorted((Path(__file__).parents[1] / "report" / "templates").iterdir())
        looks = [(path.name, sha256_file(path)) for path in templates]
        members = (*self._parts("section"), *self._parts("figures"))
        code = ("report.page", "report.publish")
        return self._digest("report", parts, head, looks, self._captions, code=code, members=members)

    def published(self) -> Path:
        """The stamp that lies there when the published folder is this plan's."""
        return self.folder / "logs" / f"published-{self.report_digest}"

    def current_files(self) -> set[Path]:
        """What this plan makes below the results, one path per job; files beside one with the same stem belong to it."""
        paths = [f(s) for s in self.shards for f in (self.located, self.structures, self.descriptions)]
        paths += [self.all_facts(), self.all_descriptions(), self.clusters(), self.split(), self.ledger()]
        paths += [self.prepared_model(n) for n, b in self.text_blocks.items() if isinstance(b, LanguageModelBlock)]
        paths += [self.adapter(n) for n in self.fine_tunings] + [self.weights(n) for n in self.trained_encoders]
        paths += self.prepared_weights.values()
        for name in self.structure_blocks | self.text_blocks:
            paths += [*self.embedding_shards(name), self.gathered(name)]
        paths += [self.analysis(question) for question in self.questions]
        paths += map(self.alignment_job, self.alignment_jobs)
        paths += [*self.checks(), *self.checked.values()]
        return {*paths, *(self.pair(p) for p in self.pairs)}
