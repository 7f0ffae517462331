"""Text for a methods section and references, ready to paste, from what was run."""

from markupsafe import Markup

from ... import __version__
from ...proteins.sources.registry import options
from ..labels import SPLITS
from ..markup import join, tag
from ..numbers import count, listing, plural
from ..results import StudyResults
from ..section import METHODS, Section
from ..weights import said_of, states

BIBTEX = """@misc{{alignscape,
  title  = {{alignscape}},
  author = {{{{The alignscape authors}}}},
  note   = {{Version {version}, MIT licence}}
}}

@article{{alignmentlandscape2024,
  title   = {{Exploring the Alignment Landscape: {{LLMs}} and Geometric Deep Models in Protein Representation}},
  journal = {{arXiv preprint arXiv:2411.05316}},
  year    = {{2024}},
  url     = {{https://arxiv.org/abs/2411.05316}}
}}"""


def cite(results: StudyResults) -> Section:
    """A paragraph of methods and BibTeX."""
    body = join(
        tag("h3", "Methods, to paste"), _paste("methods", methods_text(results)),
        tag("h3", "References, to paste"), _paste("bibtex", BIBTEX.format(version=__version__)),
    )  # fmt: skip
    answer = "A paragraph for a methods section, and the references as BibTeX. Please also cite the encoders and language models you use."
    return Section(
        "cite",
        "How to describe and cite it",
        "Cite",
        answer,
        body,
        part=METHODS,
        folded=True,
        more="Show text and BibTeX to paste",
    )


def _paste(name: str, text: str) -> Markup:
    says = f"Copy the {'BibTeX' if name == 'bibtex' else 'text'}"
    button = tag("button", says, type="button", cls="download copy", data_copy=f"paste-{name}")
    return tag("div", tag("pre", text, id=f"paste-{name}", tabindex=0, cls="wraps"), button, cls="paste")


def methods_text(results: StudyResults) -> str:
    """What was done, in the past tense, from the study's configuration and results."""
    study, pairs = results.study, results.questions["pairs"]
    tested = max((r["n"] for r in pairs["rows"]), default=0)
    source: str = options(study.proteins).title
    gdms, llms = (_encoders(results, side) for side in ("gdm", "llm"))
    splits = listing([SPLITS.get(s, s) for s in pairs.get("splits", ())])
    how = study.alignment
    trained = (
        f" Encoders trained here saw {plural(len(results.encoder_training), 'other protein')}."
        if results.encoder_training
        else ""
    )
    drop = f" (without {listing(list(study.text.drop))})" if study.text.drop else ""
    return (
        f"The alignment of protein structure encoders and language models was measured with alignscape {__version__} "
        f"(after arXiv:2411.05316) on {plural(tested, 'protein')} from {source}. Structure encoders: {gdms}. Language models: {llms}.{trained} "
        f"Each protein had one textual description{drop}. For every pair, linear projection heads were trained on both sides "
        f"with a contrastive loss ({plural(how.epochs, 'epoch')}, batches of {count(how.batch_size)}, {plural(how.seeds, 'seed')}); "
        f"splits: {splits}. The calibrated alignment score is the mean cosine of matched projections minus the mean signed cosine of "
        f"unmatched ones; its expectation is 0 at chance. Intervals of 95 % are over sequence clusters and seeds; p-values of several "
        f"comparisons were corrected by Holm's method. Random numbers were drawn from seed {study.seed}."
    )


def _encoders(results: StudyResults, side: str) -> str:
    return listing([f"{name} ({said_of(state)} weights)" for name, state in states(results, side).items()]) or "none"
