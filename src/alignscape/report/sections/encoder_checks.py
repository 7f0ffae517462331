"""What the structure encoders' rows depend on, as it was tried on small proteins in this run."""

from collections.abc import Mapping
from typing import Any

from markupsafe import Markup

from ..markup import tag
from ..numbers import NOTHING
from ..results import StudyResults
from ..section import Column, Table

CAPTION = "What the structure encoders hold to"
# What is asked, in the columns' order, with a title and what the column says.
SHOWN = {
    "rotation": ("Rotation", "Whether the row is the same after a rotation"),
    "translation": ("Translation", "Whether the row is the same in another place"),
    "atom_order": ("Order of atoms", "Whether the row is the same whatever the order of a residue's atoms"),
    "chain_order": ("Order of chains", "Whether the row is the same whatever the order of the chains"),
    "batch": ("Batch", "Whether the row does not depend on what else is computed with it"),
    "deterministic": ("Called again", "Whether the row is the same when it is computed again"),
    "one_residue": ("One residue", "Whether a protein of one residue has a finite row, or is left out with a reason"),
    "mirror_image": ("Mirror image", "Whether it tells a protein from its mirror image, which it may or may not"),
}


def encoder_checks(results: StudyResults) -> Table:
    """A row for each encoder that was tried; none if the study does not ask for it."""
    rows = [_row(name, one) for name, one in results.checks.items()]
    columns = [Column("Name", lambda r: tag("span", r["name"], cls="whole"), numeric=False)]
    columns += [Column(title, _cell(asked), numeric=False, hint=hint) for asked, (title, hint) in SHOWN.items()]
    return Table("encoder-checks", CAPTION, rows, columns, folded=False, saved=[_plain(row) for row in rows])


def _row(name: str, one: Mapping[str, Any]) -> dict[str, Any]:
    found = {finding["asked"]: finding for finding in one["findings"]}
    return {"name": name, "on": one["on"]} | {asked: found.get(asked) for asked in SHOWN}


def _cell(asked: str) -> Any:
    def cell(row: Mapping[str, Any]) -> Markup | str:
        finding = row[asked]
        if finding is None:
            return NOTHING
        said = "; ".join(filter(None, (finding["detail"], _promise(finding), f"tried on {row['on']}")))
        return tag("span", finding["in_a_word"], data_tip=said, tabindex=0)

    return cell


def _promise(finding: Mapping[str, Any]) -> str:
    return f"not promised: {finding['not_promised']}" if finding["not_promised"] else ""


def _plain(row: Mapping[str, Any]) -> dict[str, Any]:
    """The row of the file to download."""
    words = {asked: row[asked]["in_a_word"] if row[asked] else None for asked in SHOWN}
    details = {f"{asked}_detail": row[asked]["detail"] if row[asked] else None for asked in SHOWN}
    return {"name": row["name"], "on": row["on"], **words, **details}
