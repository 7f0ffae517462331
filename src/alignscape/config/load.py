"""A study from a mapping or a YAML file; what does not fit is one clear line."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, get_args

import yaml
from pydantic import BaseModel, Field, ValidationError

from ..errors import UserError
from .block import unknown_name
from .encoders import StructureEncoderConfig, TextEncoderConfig
from .study import Study


@cache
def _encoder_words() -> frozenset[str]:
    """Every word of `encoder:`. Pydantic puts it into an error's place, where the config has no key."""
    kinds = [kind for union in (StructureEncoderConfig, TextEncoderConfig) for kind in get_args(get_args(union)[0])]
    return frozenset(word for kind in kinds for word in get_args(kind.model_fields["encoder"].annotation))


def _location(error: Mapping[str, Any]) -> str:
    tags = _encoder_words()
    parts = [p for i, p in enumerate(error["loc"]) if not (p in tags and i and isinstance(error["loc"][i - 1], int))]
    return "".join(f"[{p}]" if isinstance(p, int) else f".{p}" if i else str(p) for i, p in enumerate(parts))


def _block_at(model: type[BaseModel], loc: tuple[Any, ...], data: Any) -> list[str]:
    """The keys allowed in the block that holds the last element of `loc`."""
    import typing

    def models(annotation: Any) -> list[type[BaseModel]]:
        if isinstance(annotation, type) and issubclass(annotation, BaseModel):
            return [annotation]
        return [m for argument in typing.get_args(annotation) for m in models(argument)]

    current = [model]
    for part in loc[:-1]:
        tagged = [m for m in current if part in typing.get_args(m.model_fields.get("encoder", Field()).annotation)]
        if tagged:
            current = tagged
        elif isinstance(part, str):
            current = [
                n for m in current if part in m.model_fields for n in models(m.model_fields[part].annotation)
            ] or current
    return sorted({key for m in current for key in m.model_fields})


def _one_line(error: ValidationError, data: Any, path: str) -> str:
    first = error.errors(include_url=False)[0]
    where, kind, found = _location(first), first["type"], first.get("input")
    if kind == "extra_forbidden":
        return (
            f"{path}: "
            + unknown_name("unknown key", where.rpartition(".")[2], _block_at(Study, first["loc"], data))
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
    try:
        return Study.model_validate(data)
    except ValidationError as error:
        raise UserError(_one_line(error, data, path)) from None


def load(path: str | Path) -> Study:
    """The study of a YAML file. Raises UserError, one line, for what does not fit."""
    try:
        data = yaml.safe_load(Path(path).read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise UserError(f"{path}: there is no such config file") from None
    except yaml.YAMLError as error:
        raise UserError(f"{path}: not valid YAML: {' '.join(str(error).split())}") from None
    if not isinstance(data, dict):
        raise UserError(f"{path}: expected a mapping of keys, found {type(data).__name__}")
    return parse(data, path=str(path))
