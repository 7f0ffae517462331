"""Text from outside made fit for a line, a table and a spreadsheet: no character of it acts, it only shows."""

import re
import unicodedata

# A spreadsheet takes a cell that begins so for a formula, unless it is a number.
# One that begins with " it reads up to the next ", over tabs and line ends, and takes what it read for a formula too.
_FORMULA = re.compile(r"'*[=+\-@＝＋－＠\"]")
_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?")
_LINE_BREAKS = ("Zl", "Zp")


def plain_line(text: str, *, most: int | None = None) -> str:
    """`text` in one line: runs of blanks are one, control characters are blanks, marks of direction and width are gone.

    Half a surrogate pair, which no file can hold, becomes U+FFFD. most: characters, of which the last is … if there were more.
    """
    if not text.isprintable():
        text = "".join(map(_shown, text))
    text = " ".join(text.split())
    return text if most is None or len(text) <= most else f"{text[: most - 1].rstrip()}…"


def _shown(character: str) -> str:
    category = unicodedata.category(character)
    if category == "Cc" or character.isspace():
        return " "
    return {"Cf": "", "Cs": "\ufffd"}.get(category, character)


def unseen(text: str) -> list[str]:
    """What of `text` is no text: control characters, line breaks, marks of direction and half surrogates, sorted."""
    return sorted({c for c in text if unicodedata.category(c) in ("Cc", "Cf", "Cs", *_LINE_BREAKS)})


def escaped(text: str) -> str:
    r"""`text` with what is no text as \x..: the bytes of a file name that is not UTF-8, and control characters."""
    bad = set(() if text.isprintable() else unseen(text))
    return "".join(_escape(c) if c in bad else c for c in text)


def _escape(character: str) -> str:
    number = ord(character)
    return f"\\x{number - 0xDC00:02x}" if 0xDC80 <= number <= 0xDCFF else f"\\u{number:04x}"


def to_cell(text: str) -> str:
    """`text` as a cell of a tab-separated file, in one line, with ' before what a spreadsheet would compute."""
    text = plain_line(text)
    return f"'{text}" if _FORMULA.match(text) and not _NUMBER.fullmatch(text) else text


def from_cell(cell: str) -> str:
    """The text that `to_cell` made the cell of."""
    return cell[1:] if cell.startswith("'") and _FORMULA.match(cell) else cell
