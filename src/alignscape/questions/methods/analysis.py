"""Other ways to train the heads and to read the language model, against the default."""

from typing import Any

from ...report.numbers import plural
from ...statistics.contrast import mean_difference, paired_differences
from ..evidence.catalogue import Catalogue
from ..evidence.evidence import ONE_LAYER, Evidence
from ..evidence.score_table import SCORES, ScoreTable
from ..evidence.tables import Result, Row, not_testable, result
from ..pairs.analysis import retrieval_columns

COLUMNS = (
    "label", "gdm", "llm", "method", "changes", *SCORES, "recall_text_1", "mrr_text", "difference",
    "difference_low", "difference_high", "p", "p_corrected", "n",
)  # fmt: skip
METHOD = (
    "Each method changes one or more settings of the heads, or reads the language model in another way; all else is "
    "as in the default. Differences to the default are of the calibrated score, paired over proteins, with errors "
    "over sequence clusters and seeds; Holm's correction over all of them. A change of the loss may move score and "
    "retrieval in opposite directions: look at both."
)


def default_model(catalogue: Catalogue, name: str) -> str | None:
    """The main language model that an optional one is another reading of: the same model, the first if several.

    None for a model whose role is not `option`.
    """
    option = catalogue.llms[name]
    if option.role != "option":
        return None
    return next((m for m in catalogue.main_llms if catalogue.llms[m].model == option.model), None)


def _about(evidence: Evidence) -> list[tuple[Any, str, str, tuple[str, str]]]:
    """(result, method, changes, (gdm, llm) of its default) for each result of the table."""
    catalogue, found = evidence.catalogue, []
    for r in evidence.results:
        gdm, llm = r.structure_encoder, r.language_model
        if (gdm, llm) in catalogue.method_pairs:
            alike = {name: settings for name, settings in catalogue.methods.items() if settings == r.settings}
            found += [(r, name, settings.changes, (gdm, llm)) for name, settings in alike.items()]
        elif gdm in catalogue.main_gdms and (default := default_model(catalogue, llm)):
            found.append((r, llm, f"pooling: {catalogue.llms[llm].pooling}", (gdm, default)))
    return found


def _rows(table: ScoreTable, places: dict[tuple[str, str], int], about: list[Any]) -> list[Row]:
    rows = [s | retrieval_columns(table, i, way="text") for i, s in enumerate(table.summaries())]
    empty = dict.fromkeys(("difference", "difference_low", "difference_high", "p", "p_corrected"))
    made = [rows[i] | empty | {"method": "default", "changes": ""} for i in places.values()]
    of = [(len(places) + i, places[default]) for i, (*_, default) in enumerate(about)]
    for (i, _), difference, (_, method, what, _) in zip(
        of, paired_differences(table.means("calibrated"), of), about, strict=True
    ):
        ends = {f"difference_{end}": difference.pop(end) for end in ("low", "high")}
        made.append(rows[i] | difference | ends | {"method": method, "changes": what})
    return sorted(made, key=lambda r: r["method"] != "default")


def run(evidence: Evidence) -> Result:
    """Every method on every main pair that it was tried on (docs/outputs.md)."""
    split = evidence.headline
    defaults = {
        (r.structure_encoder, r.language_model): r for r in evidence.select(variant=ONE_LAYER) if split in r.splits
    }
    about = [a for a in _about(evidence) if a[3] in defaults and split in a[0].splits]
    used = {key: r for key, r in defaults.items() if key in {a[3] for a in about}}
    table = evidence.table([*used.values(), *(a[0] for a in about)])
    why = evidence.too_few(table.families) if about else "the study tries no other methods (`alignment.methods`)"
    if why:
        return not_testable("methods", why, columns=COLUMNS, method=METHOD)
    places = {key: i for i, key in enumerate(used)}
    rows = _rows(table, places, about)
    return result("methods", rows, columns=COLUMNS, answer=_answer(table, places, about, rows), method=METHOD)


def _answer(table: ScoreTable, places: dict[tuple[str, str], int], about: list[Any], rows: list[Row]) -> str:
    said = []
    for method in dict.fromkeys(method for _, method, *_ in about):
        of = [(len(places) + i, places[key]) for i, (_, name, _, key) in enumerate(about) if name == method]
        mean, low, high = mean_difference(table.means("calibrated"), of)
        some = [r for r in rows if r["method"] == method]
        beyond = sum(r["p_corrected"] < 0.05 for r in some)
        said.append(
            f"{method} {mean:.3f} [{low:.3f}, {high:.3f}] ({beyond} of {plural(len(some), 'pair')} beyond chance)"
        )
    return f"Mean change of the calibrated score against the default, each over its own pairs: {', '.join(said)}."
