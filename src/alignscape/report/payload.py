"""What the page's script reads, made safe and small: tables to download, and every protein in columns."""

import base64
import gzip
import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from markupsafe import Markup
from numpy.typing import NDArray

from .results import StudyResults

STEPS = 10_000  # a score is kept as a whole number of 1/STEPS in 16 bits
MISSING = -32768
FACTS = ("title", "method", "keywords", "length", "total_length", "n_residues", "n_atoms", "n_entities", "n_chains")
TESTED = ("category_count", "nearest", "identity", "same_text")


def embed_json(value: Any) -> Markup:
    """JSON for a <script type="application/json">, which nothing in it can end or break out of."""
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return Markup(text)


def pack_scores(values: Sequence[float | None] | NDArray[np.float64]) -> str:
    """Scores in [-1, 1] as base64 of little-endian 16-bit whole numbers of 1/STEPS; MISSING for None and NaN."""
    numbers = np.array(values, dtype=float) * STEPS
    return base64.b64encode(np.where(np.isnan(numbers), MISSING, np.round(numbers)).astype("<i2").tobytes()).decode()


def protein_columns(results: StudyResults) -> dict[str, Any]:
    """Every protein the study met, sorted by id: facts, description, what was lost, its score by pair.

    Columns of equal length n. Of a protein that was not tested the columns from the test are null.
    """
    facts = {row["id"]: row for row in results.facts}
    tested = {row["id"]: row for row in results.rows("proteins")}
    lost = _omissions(results.ledger)
    ids = sorted({*facts, *tested, *lost, *results.descriptions})
    pairs = [{k: p[k] for k in ("label", "gdm", "llm")} for p in results.questions.get("proteins", {}).get("pairs", ())]
    columns = {
        "id": ids,
        "name": [_name(facts.get(i), tested.get(i)) for i in ids],
        "organism": [_organism(facts.get(i), tested.get(i)) for i in ids],
        "ec": [", ".join(facts.get(i, {}).get("ec", ())) for i in ids],
        "description": [results.descriptions.get(i, "") for i in ids],
        "lost": [lost.get(i) for i in ids],
        "role": [_role(i, results.encoder_training, tested) for i in ids],
    }
    columns |= {key: [facts.get(i, {}).get(key) for i in ids] for key in FACTS}
    columns |= {key: [_rounded(tested.get(i, {}).get(key)) for i in ids] for key in TESTED}
    for key, other in (("length", "length"), ("n_entities", "entities"), ("n_chains", "chains")):
        columns[key] = [
            a if a is not None else tested.get(i, {}).get(other) for i, a in zip(ids, columns[key], strict=True)
        ]
    scores = [pack_scores([tested.get(i, {}).get(p["label"]) for i in ids]) for p in pairs]
    return {"steps": STEPS, "missing": MISSING, "columns": columns, "pairs": pairs, "scores": scores}


def _rounded(value: Any) -> Any:
    return round(value, 4) if isinstance(value, float) else value


def _omissions(ledger: Sequence[Mapping[str, str]]) -> dict[str, list[str]]:
    lines: dict[str, list[str]] = defaultdict(list)
    for row in ledger:
        where = f"{row['stage']} ({row['encoders']})" if row.get("encoders") else row["stage"]
        lines[row["id"]].append(f"{where}: {row['reason']}")
    return lines


def _role(id_: str, training: frozenset[str], tested: Mapping[str, Any]) -> str:
    if id_ in tested:
        return "tested"
    return "encoder training" if id_ in training else "not tested"


def _polypeptides(facts: Mapping[str, Any] | None) -> list[dict[str, Any]]:
    return [e for e in (facts or {}).get("entities", ()) if e["kind"] == "polypeptide"]


def _name(facts: Mapping[str, Any] | None, tested: Mapping[str, Any] | None) -> str:
    names = dict.fromkeys(e["name"] for e in _polypeptides(facts) if e["name"])
    return "; ".join(names) or (tested or {}).get("name") or ""


def _organism(facts: Mapping[str, Any] | None, tested: Mapping[str, Any] | None) -> str:
    names = dict.fromkeys(e["organism"] for e in _polypeptides(facts) if e["organism"])
    return "; ".join(names) or (tested or {}).get("organism") or ""


def pack(value: Any) -> str:
    """A value as base64 of gzipped JSON; equal values give equal bytes."""
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return base64.b64encode(gzip.compress(text.encode(), compresslevel=6, mtime=0)).decode()
