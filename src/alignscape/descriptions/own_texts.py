"""Descriptions from a person's own table of texts, with the template or a line of the ledger where a protein has none."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from ..config.proteins import OwnTexts, Text
from ..errors import UserError
from ..proteins.facts import ProteinFacts
from ..proteins.sources.id_lists import normal_id
from ..storage.files import hash_fraction
from ..storage.ledger import Omission
from .masked_facts import mask_facts
from .template import describe_each, description_row
from .text_table import TableText, read_text_table


def read_own_texts(path: Path, columns: OwnTexts) -> dict[str, list[str]]:
    """The texts of each protein, in the table's order, each once; ids as a study writes them, so that 1crn is 1CRN.

    Raises UserError, one line, for a table that cannot be read.
    """
    return texts_by_id(read_text_table(path, id_column=columns.id_column, text_column=columns.text_column))


def texts_by_id(rows: Iterable[TableText]) -> dict[str, list[str]]:
    """The different texts of each id, in the order given."""
    found: dict[str, dict[str, None]] = {}
    for row in rows:
        found.setdefault(_normal(row.id), {})[row.text] = None
    return {id_: list(texts) for id_, texts in found.items()}


def _normal(id_: str) -> str:
    try:
        return normal_id(id_)
    except UserError:  # no protein is called so
        return id_


def own_descriptions(
    config: Text, proteins: Sequence[ProteinFacts], *, seed: int
) -> tuple[list[dict[str, Any]], list[Omission]]:
    """A row of the description shard for each protein that has a text, and why the others have none.

    Of several texts of one protein the row's `text` is one, drawn by the seed and the id; with `several: average` its
    `texts` are all of them, whose embeddings are averaged. `drop` takes facts out of own texts too (`mask_facts`).
    """
    assert config.table is not None
    own = read_own_texts(config.table, config.own)
    without = [facts for facts in proteins if facts.id not in own]
    by_template = config.own.without_text == "template"
    described, texts, omissions = describe_each(without if by_template else [], drop=config.drop)
    rows = [description_row(facts, text) for facts, text in zip(described, texts, strict=True)]
    rows += [_own_row(config, facts, own, seed) for facts in proteins if facts.id in own]
    if not by_template:
        omissions = [Omission(facts.id, "describe", "", f"{config.table} has no text of it") for facts in without]
    return sorted(rows, key=lambda row: str(row["id"])), omissions


def _own_row(config: Text, facts: ProteinFacts, own: Mapping[str, list[str]], seed: int) -> dict[str, Any]:
    texts = [mask_facts(text, facts, config.drop) for text in own[facts.id]]
    drawn = texts[int(hash_fraction(seed, facts.id) * len(texts))]
    several = {"texts": texts} if config.own.several == "average" and len(texts) > 1 else {}
    return description_row(facts, drawn, describer="table") | several
