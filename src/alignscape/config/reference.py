"""config/README.md, generated from the schema: every key with its type, default and description."""

import typing
from pathlib import Path
from typing import Any

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from .schema import blocks_in, study_schema

HEADER = """# The config, key by key

Generated from the schema (`alignscape config-reference > config/README.md`); a test keeps it current. `config.yaml` here is
the embedded study and needs nothing but the package registry, `paper.yaml` the paper's study. Unknown keys, wrong types and
missing models end in one line before any job runs.

"""


def _type_name(annotation: Any) -> str:
    """A type as a person would write it."""
    origin, arguments = typing.get_origin(annotation), typing.get_args(annotation)
    if origin is typing.Literal:
        return " \\| ".join(f"`{a}`" for a in arguments)
    if origin is typing.Annotated:
        return _type_name(arguments[0])
    if origin is list:
        return f"list of {_type_name(arguments[0])}"
    if origin is dict:
        return f"mapping of {_type_name(arguments[1])}"
    if arguments:
        return " or ".join(_type_name(a) for a in arguments if a is not type(None)) + (
            " or null" if type(None) in arguments else ""
        )
    plain = {str: "text", int: "whole number", float: "number", bool: "true/false", Path: "path"}
    return plain.get(annotation, f"[{annotation.__name__}](#{annotation.__name__.lower()})")


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "**required**"
    value = field.default
    if isinstance(value, BaseModel):
        return "see there"
    return "" if value is None else f"`{value}`"


def _section(model: type[BaseModel]) -> str:
    rows = [
        f"| `{name}` | {_type_name(field.annotation)} | {_default(field)} | {field.description or ''} |"
        for name, field in model.model_fields.items()
    ]
    head = f"## {model.__name__}\n\n{(model.__doc__ or '').strip()}\n\n| key | type | default | meaning |\n|---|---|---|---|\n"
    return head + "\n".join(rows) + "\n"


def reference(*, plugins: bool = False) -> str:
    """The whole page, in Markdown; with the blocks of installed plug-ins if asked for."""
    order: list[type[BaseModel]] = []
    waiting: list[type[BaseModel]] = [study_schema(plugins=plugins)]
    while waiting:
        model = waiting.pop(0)
        if model in order:
            continue
        order.append(model)
        waiting += [inner for field in model.model_fields.values() for inner in blocks_in(field.annotation)]
    return HEADER + "\n".join(_section(model) for model in order)
