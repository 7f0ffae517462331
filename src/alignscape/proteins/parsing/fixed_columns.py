"""Numbers in the fixed columns of PDB records, read all at once, and only where a field holds a number of its own."""

import re

import numpy as np
from numpy.typing import NDArray

BLANK, POINT, MINUS, PLUS = 32, 46, 45, 43
# A field is read column by column: blanks, then at most one sign, then digits; 9 is none of them.
_KIND = np.full(256, 9, dtype=np.int8)
_KIND[BLANK], _KIND[MINUS], _KIND[PLUS], _KIND[48:58] = 0, 1, 1, 2
_DIGIT = np.zeros(256, dtype=np.int32)
_DIGIT[48:58] = np.arange(10)
_NUMBER = re.compile(r"\s*[-+]?(?:\d+\.\d*|\.\d+|\d+)(?:[eEdD][-+]?\d+)?\s*")
_THREE = re.compile(r"(-?\d{1,4}\.\d{3})\s*(-?\d{1,4}\.\d{3})\s*(-?\d{1,4}\.\d{3})(?!\d)")
_X, _Y, _Z = slice(30, 38), slice(38, 46), slice(46, 54)
_SERIAL, _NUMBER_FIELD = slice(6, 11), slice(22, 26)


def fixed_decimals(columns: NDArray[np.uint8], *, point: int) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Values of the decimal numbers in `columns` (w, ...), w at most 10, whose point stands in column `point`; which are such numbers.

    Exact: the value is the nearest float64. What is no such number has no meaning.
    """
    kind = _KIND[columns]
    valid = columns[point] == POINT
    digit = _DIGIT[columns]
    value = np.zeros(columns.shape[1:], dtype=np.int32)
    before = np.zeros(columns.shape[1:], dtype=np.int8)
    negative = np.zeros(columns.shape[1:], dtype=bool)
    for column in range(len(columns)):
        if column == point:
            continue
        here = kind[column]
        if column < point:
            valid &= (here <= 2) & ((before < here) | ((before == here) & (here != 1)))
            negative |= columns[column] == MINUS
            before = here
        else:
            valid &= here == 2
        value *= 10
        value += digit[column]
    scaled = value / 10.0 ** (len(columns) - 1 - point)
    return np.where(negative, -scaled, scaled), valid


def is_moved(line: str) -> bool:
    """Whether an atom record's three numbers of three decimals stand in other columns than theirs."""
    three = _THREE.search(line, _NUMBER_FIELD.start)
    own = [_X.start, _Y.start, _Z.start]
    return three is not None and three.end() != _Z.stop and [three.start(i) for i in (1, 2, 3)] != own


def loose_coordinates(line: str) -> tuple[float, float, float] | None:
    """x, y and z of an atom record whose points stand elsewhere; None unless each field holds a number of its own."""
    fields = [line[part] for part in (_X, _Y, _Z)]
    if not all(_NUMBER.fullmatch(field) for field in fields) or line[29:30].strip():
        return None
    edges = [line[i : i + 2] for i in (37, 45, 53)]
    if any(re.fullmatch(r"[\d.][\d.]", edge) for edge in edges):
        return None  # a number goes on in the next field
    places = {len(field.strip().partition(".")[2]) for field in fields}
    if len(places) > 1 and not _NUMBER.fullmatch(line[54:60]):
        return None  # the line is cut within its last number, or the numbers are other fields'
    x, y, z = (float(field.upper().replace("D", "E")) for field in fields)
    return x, y, z


def unshifted(line: str) -> str | None:
    """The atom record in its own columns, where too long a serial or residue number has moved it to the right; or None."""
    three = _THREE.search(line, 26)
    shift = three.end() - _Z.stop if three else 0
    if not 1 <= shift <= 4:
        return None
    serial = line[_SERIAL.start : _SERIAL.stop + shift]
    if serial.isdigit():
        return line[: _SERIAL.start] + serial[-5:] + line[_SERIAL.stop + shift :]
    number = line[_NUMBER_FIELD.start : _NUMBER_FIELD.stop + shift]
    if shift == 1 and number.isdigit():
        return line[: _NUMBER_FIELD.start] + number + line[_NUMBER_FIELD.stop + shift + 1 :]
    return None


def residue_number(field: str) -> tuple[int | None, int]:
    """The number in columns 23-27 and the insertion code after it; the number is None where there is none.

    Five digits are one number, and a number that begins with a letter is hybrid-36.
    """
    text, code = field[:4], ord(field[4])
    if text.strip(" ").isdecimal() and not 48 <= code < 58:
        return int(text), code
    if re.fullmatch(r"\d{4}", text) and 48 <= code < 58:
        return int(field), BLANK
    if re.fullmatch(r" *[-+]?\d+ *", text):
        return int(text), code
    if re.fullmatch(r"[A-Z][0-9A-Z]{3}|[a-z][0-9a-z]{3}", text):
        upper = text[0].isupper()
        return int(text, 36) - 10 * 36**3 + 10**4 + (0 if upper else 26 * 36**3), code
    return None, code
