"""How it was measured: formulas, settings, versions."""

import sys
from typing import Any

import yaml
from markupsafe import Markup

from ...statistics.seeds import few_seeds
from ...storage.embeddings import package_versions
from ..glossary import glossary
from ..markup import join, tag
from ..results import StudyResults
from ..section import METHODS, Column, Section, Table

READING = (
    "Each structure embedding x and each text embedding y gets a linear head and is scaled to length 1; S is the "
    "matrix of their cosines. The heads learn, by a contrastive loss, to give a protein a high cosine with its own "
    "text and low ones with others. The alignment score of a pair is the mean of S_ii minus the mean of |S_ij| over "
    "the test proteins, 1 at best.",
    "Chance is negative, not zero: |S_ij| of unrelated vectors is above 0 on average. Two references are therefore "
    "printed beside every score: heads as initialised, and the same heads with texts exchanged between proteins.",
    "Intervals are 95 % and are over sequence clusters, as proteins of one family are not independent, and over seeds: "
    "they say what these heads would do on other such proteins, not what heads trained on other proteins would. The "
    "p-values of one table of comparisons are corrected for their number (Holm). Where the data allow both a yes and a "
    "no, the page says “undecided”; where the study lacks what is asked about, “not testable”. Neither is a “no”.",
)
VERSION_COLUMNS = (
    Column("Package", lambda r: r["package"], numeric=False),
    Column("Version", lambda r: r["version"], numeric=False),
)


def measured(results: StudyResults) -> Section:
    """Methods, settings, versions and seeds."""
    versions = Table("versions", "Versions", _versions(results), VERSION_COLUMNS)
    answer = (
        f"Seed {results.study.seed} for everything random; {results.study.alignment.seeds} trained heads a pair, "
        f"{results.study.alignment.epochs} epochs, batches of {results.study.alignment.batch_size}, "
        f"{results.study.alignment.bootstrap} bootstrap draws."
    )
    few = few_seeds(results.study.alignment.seeds)
    body = join(*(tag("p", text) for text in [*READING, *([f"{few}."] if few else [])]), glossary(), _config(results))
    return Section(
        "measured", "How it was measured", "Method", answer, body, [versions],
        part=METHODS, folded=True, more="Show formulas, configuration and versions",
    )  # fmt: skip


def _versions(results: StudyResults) -> list[dict[str, str]]:
    found: dict[str, str] = {"python": ".".join(map(str, sys.version_info[:3]))} | package_versions()
    for sidecar in results.embeddings:
        found |= sidecar.get("versions", {})
    return [{"package": k, "version": v} for k, v in sorted(found.items())]


def _config(results: StudyResults) -> Markup:
    plain: dict[str, Any] = results.study.model_dump(mode="json", exclude_defaults=True)
    text = yaml.safe_dump(plain, sort_keys=False, allow_unicode=True, width=100)
    return tag(
        "details", tag("summary", "The study's configuration (what differs from the defaults)"), tag("pre", text)
    )
