"""A study from a mapping or a YAML file; what does not fit is one clear line."""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ValidationError

from ..errors import UserError
from .block import unknown_name
from .schema import blocks_in, encoder_words, study_schema, words_of
from .study import Study


def _location(error: Mapping[str, Any], tags: frozenset[str]) -> str:
    """Where in the config. Pydantic puts the word of `encoder` into the place, where the config has no key."""
    parts = [p for i, p in enumerate(error["loc"]) if not (p in tags and i and isinstance(error["loc"][i - 1], int))]
    return "".join(f"[{p}]" if isinstance(p, int) else f".{p}" if i else str(p) for i, p in enumerate(parts))


def _keys_at(schema: type[BaseModel], loc: tuple[Any, ...]) -> list[str]:
    """The keys allowed in the block that holds the last element of `loc`."""
    current = [schema]
    for part in loc[:-1]:
        if tagged := [m for m in current if part in words_of(m)]:
            current = tagged
        elif isinstance(part, str):
            held = (m.model_fields[part].annotation for m in current if part in m.model_fields)
            current = [inner for annotation in held for inner in blocks_in(annotation)] or current
    return sorted({key for m in current for key in m.model_fields})


def _one_line(error: ValidationError, schema: type[Study], path: str) -> str:
    first = error.errors(include_url=False)[0]
    where, kind, found = _location(first, encoder_words(schema)), first["type"], first.get("input")
    if kind == "extra_forbidden":
        return (
            f"{path}: "
            + unknown_name("unknown key", where.rpartition(".")[2], _keys_at(schema, first["loc"]))
            + (f" (at {where})" if "." in where else "")
        )
    if kind == "missing":
        return f"{path}: {where} is missing; it is required"
    if kind == "union_tag_invalid":
        allowed = first["ctx"]["expected_tags"].replace("'", "").split(", ")
        return f"{path}: " + unknown_name(f"{where}.encoder", first["ctx"]["tag"], allowed)
    if kind == "literal_error":
        allowed = first["ctx"]["expected"].replace("'", "").replace(" or ", ", ").split(", ")
        return f"{path}: " + unknown_name(where, str(found), allowed)
    if kind == "value_error":
        return f"{path}: " + (f"{where}: " if where else "") + str(first["ctx"]["error"])
    return f"{path}: {where}: {first['msg'][0].lower() + first['msg'][1:]}, found {found!r}"


def parse(data: dict[str, Any], *, path: str = "config") -> Study:
    """The study of an already loaded mapping. Raises UserError, one line, for what does not fit."""
    schema = study_schema(plugins=data.get("plugins") is not False)
    try:
        study = schema.model_validate(data)
    except ValidationError as error:
        raise UserError(_one_line(error, schema, path)) from None
    text = json.dumps(study.model_dump(mode="json"), ensure_ascii=False)
    if half := re.search(r"[\ud800-\udfff]", text):
        raise UserError(f"{path}: holds half a character, \\u{ord(half[0]):04x}, which no file can hold; take it out")
    return study


def load(path: str | Path) -> Study:
    """The study of a YAML file. Raises UserError, one line, for what does not fit."""
    try:
        data = yaml.safe_load(Path(path).read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise UserError(f"{path}: there is no such config file") from None
    except OSError as error:
        raise UserError(f"{path}: cannot be read: {error.strerror}; expected a config file") from None
    except UnicodeDecodeError as error:
        raise UserError(f"{path}: not UTF-8 at byte {error.start}; save it as UTF-8") from None
    except yaml.YAMLError as error:
        raise UserError(f"{path}: not valid YAML: {' '.join(str(error).split())}") from None
    if not isinstance(data, dict):
        raise UserError(f"{path}: expected a mapping of keys, found {type(data).__name__}")
    return parse(data, path=str(path))
