"""What a tokenizer puts before and after a text, told apart from the text's own tokens."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Literal

from ...errors import UserError
from ...storage.files import read_json
from . import model_files
from .foreign_code import load_tokenizer
from .serve_tokens import read_tokenizer
from .tokens_beside import begun_tokens

Encode = Callable[[Sequence[str]], list[list[int]]]
Bos = Literal["tokenizer", "always", "never"]
_PROBE = "A protein."


def around(whole: Sequence[int], plain: Sequence[int]) -> tuple[tuple[int, ...], tuple[int, ...]] | None:
    """The tokens of `whole` before and after those of `plain`; None if these are not in it in one piece."""
    whole, plain = list(whole), list(plain)
    starts = (i for i in range(len(whole) - len(plain) + 1) if whole[i : i + len(plain)] == plain)
    start = next(starts, None)
    return None if start is None else (tuple(whole[:start]), tuple(whole[start + len(plain) :]))


def load_encode(folder: Path, *, bos: Bos = "tokenizer") -> Encode:
    """A function from texts to token ids: what the tokenizer puts before a text, or BOS as asked for, and the text's own tokens.

    Nothing is put after a text, whatever tokens the tokenizer would end it with, so that the last token is the text's. A
    text without tokens has none at all. Raises UserError for a tokenizer that cannot be read, or has no BOS to put.
    """
    plain, whole, bos_token = _tokenizers(folder)
    found = around(whole([_PROBE])[0], plain([_PROBE])[0])
    if found is None:
        raise UserError(
            f"{folder}: its tokenizer changes a text's tokens when it adds its special ones; expected it not to"
        )
    before = _begun(found[0], bos_token, bos, folder)
    return lambda texts: [[*before, *row] if row else [] for row in (plain(texts) if texts else [])]


def _begun(before: tuple[int, ...], bos_token: int | None, bos: Bos, folder: Path) -> tuple[int, ...]:
    if bos == "tokenizer":
        return before
    rest = tuple(token for token in before if token != bos_token)
    if bos == "never":
        return rest
    if bos_token is None:
        raise UserError(
            f"{folder}: bos: always, but its tokenizer has no beginning-of-text token; use tokenizer or never"
        )
    return (bos_token, *rest)


def _tokenizers(folder: Path) -> tuple[Encode, Encode, int | None]:
    """Functions from texts to tokens without special ones and with them, and the beginning-of-text token, if there is one."""
    if (card := model_files.read_card(folder)) is not None:
        tokens = begun_tokens(card["sha256"]) or read_tokenizer(str(folder / "tokenizer.json"))
        bos_token = read_json(folder / "config.json").get("bos_token_id")
        return lambda texts: tokens(texts, False), lambda texts: tokens(texts, True), bos_token
    tokenizer = load_tokenizer(folder)
    without = lambda texts: tokenizer(list(texts), add_special_tokens=False)["input_ids"]  # noqa: E731
    return without, lambda texts: tokenizer(list(texts))["input_ids"], tokenizer.bos_token_id


def first_token(folder: Path, *, bos: Bos) -> str:
    """What every text begins with, in words. Raises UserError for a tokenizer that cannot be read."""
    _, _, bos_token = _tokenizers(folder)
    token = load_encode(folder, bos=bos)([_PROBE])[0][0]
    written = load_tokenizer(folder).convert_ids_to_tokens(token)
    which = "the" if token == bos_token else "which is no"
    return f"texts begin with {written!r}, {which} beginning-of-text token"
