"""What was run on what: proteins, encoders with their weights, splits."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from markupsafe import Markup

from ...proteins.sources.registry import options
from ..labels import ROLES, SPLITS
from ..markup import join, tag
from ..numbers import NOTHING, count, listing, plural, short
from ..palette import gdm_colours, on_page, shape_of
from ..results import StudyResults
from ..section import METHODS, Column, Section, Table
from ..weights import said_of
from .encoder_checks import encoder_checks

_DETAILS = re.compile(r" \([^()]*\)|, base sha256 [0-9a-f]{64}")
FEWEST_JUDGED = 10  # proteins held out of an encoder's training, below which its quality cannot be judged
METRICS = {"majority_accuracy": "of guessing the commonest", "prevalence_auprc_micro": "AUPRC of guessing by frequency"}
WRITERS = {
    "template": "written by a fixed template",
    "openai": "written by a language model where an entry has several different chains",
    "table": "a table's own",
}


def study(results: StudyResults) -> Section:
    """Encoders, language models and splits of the study."""
    structure, text = encoder_rows(results, "gdm"), encoder_rows(results, "llm")
    shown = gdm_colours(results.rows("pairs"))
    tables = [
        Table("structure-encoders", "Structure encoders", structure, _columns(structure, shown), folded=False),
        *([encoder_checks(results)] if results.checks else []),
        Table("language-models", "Language models", text, _columns(text, {}), folded=False),
        Table("splits", "Splits", _splits(results), SPLIT_COLUMNS, folded=False),
    ]
    return Section(
        "run", "What was run on what", "Run", _sentence(results, structure, text), _cards(results), tables,
        part=METHODS, folded=True, more="Show encoders, language models and splits",
    )  # fmt: skip


def _sentence(results: StudyResults, structure: Sequence, text: Sequence) -> str:
    by_split = {r["split"]: r["n"] for r in results.rows("pairs")}
    tested = listing([plural(n, "protein") for n in dict.fromkeys(by_split.values())]) or "no proteins"
    where = " (by split)" if len({*by_split.values()}) > 1 else ""
    main = [sum(r["role"] == "main" for r in side) for side in (structure, text)]
    source: str = options(results.study.proteins).title
    text_rule = results.study.text
    left_out = f", without {listing(list(text_rule.drop))}" if text_rule.drop else ""
    return (
        f"{plural(main[0], 'structure encoder')} and {plural(main[1], 'language model')}, beside baselines and "
        f"controls, on proteins from {source}. Every score is the mean over {tested}{where}, each measured by heads that were not trained on it. "
        f"Descriptions are {WRITERS[text_rule.writer]}{left_out}."
    )


def _cards(results: StudyResults) -> Markup:
    pairs = results.rows("pairs")
    numbers = [
        (count(len(results.facts) or max((r["n"] for r in pairs), default=0)), "proteins read"),
        (count(len({r["id"] for r in results.rows("proteins")}) or max((r["n"] for r in pairs), default=0)), "tested"),
        (count(len(results.encoder_training)), "set aside to train encoders"),
        (count(len({row["id"] for row in results.ledger})), "left out somewhere"),
        (count(len({(r["gdm"], r["llm"]) for r in pairs})), "pairs with one-layer heads"),
        (count(results.study.alignment.seeds), "seeds a pair"),
    ]
    return tag("dl", *(tag("div", tag("dt", what), tag("dd", n)) for n, what in numbers), cls="cards")


def encoder_rows(results: StudyResults, side: str) -> list[dict[str, Any]]:
    """One row per encoder of a side (`gdm` or `llm`): from the table of pairs, and the sidecar if there is one."""
    sidecars = {e["encoder"]: e for e in results.embeddings}
    found: dict[str, dict[str, Any]] = {}
    for row in results.rows("pairs"):
        name = row[side]
        sidecar = sidecars.get(name, {})
        found.setdefault(
            name,
            {
                "name": name,
                "kind": row["gdm_kind"] if side == "gdm" else _model_kind(results, name),
                "role": row[f"{side}_role"],
                "weights": row[f"{side}_weights"],
                "sha256": row[f"{side}_sha256"],
                "dimension": row[f"{side}_dimension"],
                "source": sidecar.get("weights_source", ""),
                "dtype": sidecar.get("dtype", ""),
                "notes": _notes(sidecar.get("notes", {})),
            },
        )
    return list(found.values())


def _notes(card: Mapping[str, Any]) -> str:
    """What a card of weights trained here says in short: the task, on how many proteins, how good on held-out ones."""
    if "task" not in card:
        return "; ".join(_number(k, v) for k, v in card.items() if isinstance(v, (str, int, float)))
    trained = f"{card['task'].replace('_', ' ')} on {plural(card['proteins'], 'protein')}"
    metrics = ", ".join(
        _number(METRICS.get(k, k), v) for k, v in card["metrics"].items() if isinstance(v, (int, float))
    )
    few = "" if len(card["held_out"]) >= FEWEST_JUDGED else "; too few to judge the encoder by"
    return f"{trained}; on {len(card['held_out'])} held out: {metrics}{few}"


def _number(name: str, value: Any) -> str:
    return f"{name.replace('_', ' ')} {short(value) if isinstance(value, float) else value}"


def _model_kind(results: StudyResults, name: str) -> str:
    blocks = {m.name: m for m in results.study.all_language_models}
    block = blocks.get(name)
    return str(getattr(block, "model", None) or getattr(block, "encoder", ""))


def _columns(rows: Sequence[Mapping[str, Any]], colours: Mapping[str, str]) -> tuple[Column, ...]:
    """The columns of a side's encoders; one that none of them fills is left out."""
    last = (
        ("source", Column("Source", lambda r: _source(r["source"]), numeric=False)),
        ("notes", Column("Notes", lambda r: r["notes"] or NOTHING, numeric=False)),
    )
    return (
        Column("Name", lambda r: _named(r["name"], colours.get(r["name"])), numeric=False),
        Column("Kind", lambda r: r["kind"], numeric=False),
        Column("Role", lambda r: ROLES.get(r["role"], r["role"]), numeric=False),
        Column("Weights", lambda r: _weights(r), numeric=False),
        Column("Dimension", lambda r: count(r["dimension"])),
        *(column for key, column in last if any(row[key] for row in rows)),
    )


def _source(text: str) -> Markup | str:
    """The source in short: packages in brackets and the digest of a base are in the tip, and in the file to download."""
    brief = _DETAILS.sub("", text)
    return text or NOTHING if brief == text else tag("span", brief, data_tip=text, tabindex=0)


def _named(name: str, colour: str | None) -> Markup:
    return (
        tag("span", name, cls=f"gdm s{shape_of(colour)} whole", style=f"--c:{on_page(colour)}")
        if colour
        else tag("span", name, cls="whole")
    )


def _weights(row: Mapping[str, Any]) -> Markup:
    sha = row["sha256"]
    digest = tag("code", sha[:12], data_tip=f"sha256 {sha}", tabindex=0) if sha else None
    return join(said_of(row["weights"] or "none"), " ", digest)


SPLIT_COLUMNS = (
    Column("Split", lambda r: SPLITS.get(r["split"], r["split"]), numeric=False),
    Column("Used as", lambda r: r["role"], numeric=False),
    Column("Training proteins", lambda r: _per_fold(r)),
    Column("Test proteins", lambda r: count(r["n"])),
)


def _per_fold(row: Mapping[str, Any]) -> str:
    """Of folds every one has its own training proteins, so that these and the tested ones do not add up to all."""
    folds = f" in each of {row['folds']} folds" if row["folds"] else ""
    return f"{count(row['n_train'])}{folds}"


def _splits(results: StudyResults) -> list[dict[str, Any]]:
    question = results.questions["pairs"]
    first = {r["split"]: r for r in reversed(question["rows"])}
    return [
        {
            "split": s,
            "role": "main" if s == question["headline"] else "check",
            "n_train": first[s]["n_train"],
            "n": first[s]["n"],
            "folds": results.study.alignment.folds if "fold" in s else None,
        }
        for s in question["splits"]
        if s in first
    ]
