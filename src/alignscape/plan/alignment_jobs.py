"""Which pairs are trained in which job.

A pair takes seconds in a small study, and a process that imports torch takes as many, so a job trains several. A job's
pairs are read by the same questions: whatever makes a job another one (a pair more or less, other code, other proteins)
makes those questions' answers other ones too, and no question has to look again because of pairs that it does not read.

The pairs' own files are not Snakemake's outputs, whose removal before a job would cost the ones that are there. A job
leaves them alone, trains what is missing, and then writes the one file that Snakemake waits for.
"""

from collections.abc import Iterable, Mapping
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import Any

from ..questions.question import Question
from ..questions.registry import questions
from ..storage.files import digest_of
from .alignment_paths import AlignmentPaths
from .pairs import Pair

_PAIRS = 6  # of one job at most, so that a small study keeps all cores busy
_PROTEINS = 40_000  # of one job's pairs together: from 20,000 on a job has two pairs


class AlignmentJobs(AlignmentPaths):
    """The jobs that train a study's pairs."""

    @cached_property
    def questions(self) -> dict[str, Question]:
        """The research questions of the study, in the order of the page."""
        return questions(plugins=self.study.plugins)

    def question_pairs(self, question: str) -> list[Pair]:
        """The trained pairs that an analysis reads."""
        return [pair for pair in self.pairs if question in self._readers[pair]]

    @cached_property
    def _readers(self) -> dict[Pair, frozenset[str]]:
        """The questions that read each pair."""
        blocks, choices = self.structure_blocks | self.text_blocks, self.study.alignment
        roles = {p: frozenset({blocks[p.structure].role, blocks[p.text].role}) for p in self.pairs}
        asked = self.questions.items()
        return {p: frozenset(q for q, of in asked if of.pairs(p.variant, roles[p], choices)) for p in self.pairs}

    @cached_property
    def alignment_jobs(self) -> dict[str, list[Pair]]:
        """The pairs of each job; a job is called after the question with the fewest pairs that reads them."""
        alike: dict[frozenset[str], list[Pair]] = {}
        for pair in self.pairs:
            alike.setdefault(self._readers[pair], []).append(pair)
        size = max(1, min(_PAIRS, _PROTEINS // max(1, len(self.inputs.file_digests))))
        jobs: dict[str, list[Pair]] = {}
        for readers in sorted(alike, key=sorted):
            name = min(sorted(readers), key=lambda q: len(self.question_pairs(q)), default="unread")
            for part in _in_equal_parts(alike[readers], size):
                jobs[f"{name}-{1 + sum(job.startswith(f'{name}-') for job in jobs)}"] = part
        return jobs

    def alignment_job(self, name: str) -> Path:
        """What a job leaves when all its pairs are trained: their scores' files, relative to the results."""
        pairs = [str(self.pair(p).relative_to(self.results)) for p in self.alignment_jobs[name]]
        made_of = [self._script("align"), pairs, *(["lost"] if name in self._lost else [])]
        return self.results / "alignment" / f"{name}-{digest_of(made_of)}.json"

    def jobs_of(self, pairs: Iterable[Pair]) -> list[Path]:
        """What the jobs leave that train these pairs, sorted."""
        wanted = set(pairs)
        return sorted(self.alignment_job(job) for job, own in self.alignment_jobs.items() if wanted & set(own))

    def rows_of_job(self, wildcards: Any) -> list[Path]:
        """The rows that a job's pairs are trained on, once each."""
        names = {name for p in self.alignment_jobs[wildcards.job] for name in (p.structure, p.text)}
        return sorted(map(self.gathered, names))

    def settings_of_job(self, wildcards: Any) -> list[Mapping[str, Any]]:
        """What a job has to train, in an order that lets an encoder's pairs follow each other."""
        return [
            {
                "structure": pair.structure,
                "text": pair.text,
                "label": pair.label,
                "heads": pair.variant.model_dump(mode="json"),
                "rows": [str(self.gathered(pair.structure)), str(self.gathered(pair.text))],
                "scores": str(self.pair(pair)),
            }
            for pair in self.alignment_jobs[wildcards.job]
        ]

    def forget_lost_pairs(self, *, remove: bool = True) -> None:
        """Removes what a job left if files of its pairs are gone since, so that it runs again for those.

        remove: if not, such a job's file gets another name in this plan, at which nothing lies: a dry run lists the job.
        """
        for name, pairs in self.alignment_jobs.items():
            if all(path.exists() for pair in pairs for path in pair_files(self.pair(pair))):
                continue
            if remove:
                self.alignment_job(name).unlink(missing_ok=True)
            elif self.alignment_job(name).exists():
                self._lost.add(name)

    @cached_property
    def _lost(self) -> set[str]:
        """Jobs whose pairs' files are gone, in a plan of which nothing will run."""
        return set()


def pair_files(scores: Path) -> list[Path]:
    """All files of a pair, of which the last is written last."""
    return [scores.with_suffix(suffix) for suffix in (".heads.safetensors", ".heads.json", ".npz", ".json")]


def _in_equal_parts(pairs: list[Pair], most: int) -> list[list[Pair]]:
    """As few parts of at most so many as there can be, whose sizes differ by one at most."""
    count = -(-len(pairs) // most)
    small, larger = divmod(len(pairs), count)
    starts = [i * small + min(i, larger) for i in range(count + 1)]
    return [pairs[start:end] for start, end in pairwise(starts)]
