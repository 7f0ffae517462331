"""The schema of a whole study, with the blocks of the members in their places."""

import operator
from collections.abc import Sequence
from copy import deepcopy
from functools import cache, partial, reduce
from types import GenericAlias
from typing import Annotated, Any, Literal, TypeVar, get_args

from pydantic import BaseModel, BeforeValidator, Field, create_model
from pydantic.fields import FieldInfo

from .encoders import StructureEncoderBlock
from .members import Members, members
from .proteins import Proteins, SourceBlock
from .study import DimensionLadder, Study

B = TypeVar("B", bound=BaseModel)


def study_schema(*, plugins: bool = True) -> type[Study]:
    """The model that a config is checked against. Raises UserError for a plug-in that does not fit."""
    return _schema(members(plugins=plugins))


@cache
def _schema(known: Members) -> type[Study]:
    usual = BeforeValidator(partial(_usual_unless_named, usual=known.usual_text_encoder))
    ladder = _with_fields(
        DimensionLadder, base=_one_of([kind for kind in known.structure_encoders if _has_widths(kind)])
    )
    return _with_fields(
        Study,
        proteins=_proteins(known.sources),
        structure_encoders=GenericAlias(list, (_one_of(known.structure_encoders),)),
        language_models=GenericAlias(list, (Annotated[_one_of(known.text_encoders), usual],)),
        dimension_ladder=ladder | None,
    )


def proteins_schema(*, plugins: bool = True) -> type[Proteins]:
    """The model of the key `proteins`, with the keys of all sources."""
    return _proteins(members(plugins=plugins).sources)


@cache
def _proteins(sources: tuple[tuple[str, type[SourceBlock]], ...]) -> type[Proteins]:
    keys = {w: (kind, Field(kind(), description=f"For `source: {w}`.")) for w, kind in sources if kind.model_fields}
    words = Literal[tuple(word for word, _ in sources)]  # type: ignore[valid-type]
    made = _with_fields(Proteins, source=words, **keys)
    made.sources = dict(sources)
    return made


def encoder_words(schema: type[Study]) -> frozenset[str]:
    """Every word of `encoder:` in a schema."""
    found = (schema.model_fields[key].annotation for key in ("structure_encoders", "language_models"))
    return frozenset(word for annotation in found for kind in blocks_in(annotation) for word in words_of(kind))


def blocks_in(annotation: Any) -> list[type[BaseModel]]:
    """The models that a type is made of, in order."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [model for argument in get_args(annotation) for model in blocks_in(argument)]


def words_of(kind: type[BaseModel]) -> tuple[str, ...]:
    """The words of `encoder:` that choose a block; none for a block that is not chosen by such a word."""
    field = kind.model_fields.get("encoder")
    return get_args(field.annotation) if field else ()


def _with_fields(base: type[B], /, **types: Any) -> type[B]:
    """The model with other types for some of its fields, all else as it was, and with new fields (type, FieldInfo)."""
    fields = {k: t if isinstance(t, tuple) else (t, _with_default(base.model_fields[k], t)) for k, t in types.items()}
    return create_model(base.__name__, __base__=base, __doc__=base.__doc__, __module__=base.__module__, **fields)  # type: ignore[call-overload]


def _with_default(field: FieldInfo, kind: Any) -> FieldInfo:
    """The field; where its default is a model of the base class, it is one of `kind`."""
    field = deepcopy(field)
    if isinstance(field.default, BaseModel):
        field.default = kind()
    return field


def _one_of(kinds: Sequence[type[BaseModel]]) -> Any:
    """One of several blocks, chosen by the word of its `encoder`."""
    return Annotated[reduce(operator.or_, kinds), Field(discriminator="encoder")] if len(kinds) > 1 else kinds[0]


def _has_widths(kind: type[StructureEncoderBlock]) -> bool:
    """Whether the dimension ladder can set the widths of its layers."""
    field = kind.model_fields.get("hidden")
    return field is not None and field.annotation == list[int]


def _usual_unless_named(block: Any, *, usual: str) -> Any:
    return {"encoder": usual} | block if isinstance(block, dict) else block
