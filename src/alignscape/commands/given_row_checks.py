"""What the doctor says of rows that a config gives."""

from collections.abc import Iterator
from typing import Literal

from ..config.study import Study
from ..errors import UserError
from ..plan.given_rows import served
from ..plan.snapshot import Inputs

Line = tuple[str, Literal["ok", "warning", "failure"], str, str]  # what, outcome, found, remedy


def given_row_checks(study: Study, inputs: Inputs) -> Iterator[Line]:
    """One line for each encoder with given rows, up to the first that cannot be used."""
    try:
        for found in served(study, inputs):
            complete = found.with_row == found.proteins
            remedy = "" if complete else "the others will be in the ledger; give their rows too if you have them"
            yield f"rows of {found.name}", "ok" if complete else "warning", found.sentence(), remedy
    except UserError as error:
        yield "given rows", "failure", str(error), "correct the file, or `rows` and `ids` in the config"
