"""Other ways to train the heads and to read the language model, against the default."""

from typing import Any

from ..config.study import Variant
from .catalogue import Catalogue
from .contrast import paired_differences
from .evidence import ONE_LAYER, Evidence
from .pairs import retrieval_columns
from .score_table import ScoreTable, score_table
from .tables import Result, Row, not_testable, result

COLUMNS = (
    "label", "gdm", "llm", "method", "changes", "score", "sd", "low", "high", "recall_text_1", "mrr_text", "difference",
    "difference_low", "difference_high", "p", "p_corrected", "n",
)  # fmt: skip
METHOD = (
    "Each method changes one or more settings of the heads, or reads the language model in another way; all else is "
    "as in the default. "
    "Differences to the default are paired over proteins, with a bootstrap over proteins and seeds; Holm's "
    "correction over all of them. A change "
    "of the loss may move score and retrieval in opposite directions: look at both."
)


def changes(variant: Variant) -> str:
    """What differs from the default, in words: `loss: symmetric, layers: 2`."""
    default = Variant()
    fields = [name for name in Variant.model_fields if getattr(variant, name) != getattr(default, name)]
    return ", ".join(f"{name}: {getattr(variant, name)}" for name in fields)


def default_model(catalogue: Catalogue, name: str) -> str | None:
    """The main language model that an optional one is another reading of: the same model, the first if several."""
    option = catalogue.llms[name]
    return next((m for m in catalogue.main_llms if catalogue.llms[m].model == option.model), None)


def _about(evidence: Evidence, methods: list[str]) -> list[tuple[Any, str, str, tuple[str, str]]]:
    """(result, method, changes, (gdm, llm) of its default) for each result of the table."""
    catalogue, found = evidence.catalogue, []
    for r in evidence.results:
        gdm, llm = r.structure_encoder, r.language_model
        if gdm not in catalogue.main_gdms:
            continue
        if llm in catalogue.main_llms and r.variant in methods:
            found.append((r, r.variant, changes(catalogue.variants[r.variant]), (gdm, llm)))
        elif catalogue.llms[llm].role == "option" and (default := default_model(catalogue, llm)):
            found.append((r, llm, f"pooling: {catalogue.llms[llm].pooling}", (gdm, default)))
    return found


def method_names(evidence: Evidence) -> list[str]:
    """Variants that are neither a depth of RQ5 nor a control of RQ4."""
    plain = [Variant(layers=n) for n in (1, 2, 3)]
    return [name for name, v in evidence.catalogue.variants.items() if v not in plain]


def _rows(table: ScoreTable, places: dict[tuple[str, str], int], about: list[Any], evidence: Evidence) -> list[Row]:
    draws = table.draws(draws=evidence.bootstrap, generator=evidence.generator("methods"))
    ranks = table.values("rank_of_text")
    rows = [s | retrieval_columns(ranks[i], way="text") for i, s in enumerate(table.summaries(draws))]
    empty = dict.fromkeys(("difference", "difference_low", "difference_high", "p", "p_corrected"))
    made = [rows[i] | empty | {"method": "default", "changes": ""} for i in places.values()]
    of = [(len(places) + i, places[default]) for i, (*_, default) in enumerate(about)]
    for (i, _), difference, (_, method, what, _) in zip(of, paired_differences(table, draws, of), about, strict=True):
        ends = {f"difference_{end}": difference.pop(end) for end in ("low", "high")}
        made.append(rows[i] | difference | ends | {"method": method, "changes": what})
    return sorted(made, key=lambda r: r["method"] != "default")


def run(evidence: Evidence) -> Result:
    """Every method on every main pair that it was tried on (docs/outputs.md)."""
    split = evidence.headline
    defaults = {
        (r.structure_encoder, r.language_model): r for r in evidence.select(variant=ONE_LAYER) if split in r.splits
    }
    about = [a for a in _about(evidence, method_names(evidence)) if a[3] in defaults and split in a[0].splits]
    used = {key: r for key, r in defaults.items() if key in {a[3] for a in about}}
    table = score_table([*used.values(), *(a[0] for a in about)], split)
    why = evidence.too_few(table.n) if about else "the study tries no other methods (`alignment.methods`)"
    if why:
        return not_testable("methods", why, columns=COLUMNS, method=METHOD)
    places = {key: i for i, key in enumerate(used)}
    rows = _rows(table, places, about, evidence)
    return result("methods", rows, columns=COLUMNS, answer=_answer(rows), method=METHOD)


def _answer(rows: list[Row]) -> str:
    said = []
    for method in dict.fromkeys(r["method"] for r in rows if r["method"] != "default"):
        some = [r for r in rows if r["method"] == method]
        mean = sum(r["difference"] for r in some) / len(some)
        said.append(f"{method} {mean:+.3f}")
    return f"Mean change of the score against the default: {', '.join(said)}."
