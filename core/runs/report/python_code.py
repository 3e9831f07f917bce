"""A request as Python: the expression that makes it, and what has to be imported for that."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import fields, is_dataclass
from datetime import date
from typing import Any

from pydantic import BaseModel

WIDE = 100  # letters of a line
STEP = "    "


def expression(value: Any) -> tuple[str, list[str]]:
    """The expression, without what is a default, and the import statements that it needs, sorted."""
    imports: set[str] = set()
    return _written(value, "", imports), sorted(imports)


def _written(value: Any, indent: str, imports: set[str]) -> str:
    if isinstance(value, BaseModel) or (is_dataclass(value) and not isinstance(value, type)):
        imports.add(f"from {type(value).__module__} import {type(value).__name__}")
        inner = [f"{name}={_written(one, indent + STEP, imports)}" for name, one in _given(value)]
        return _wrapped(f"{type(value).__name__}(", inner, ")", indent)
    if isinstance(value, dict):
        inner = [f"{key!r}: {_written(one, indent + STEP, imports)}" for key, one in value.items()]
        return _wrapped("{", inner, "}", indent)
    if isinstance(value, tuple | list):
        inner = [_written(one, indent + STEP, imports) for one in value]
        end = ",)" if len(inner) == 1 and isinstance(value, tuple) else ")" if isinstance(value, tuple) else "]"
        return _wrapped("(" if isinstance(value, tuple) else "[", inner, end, indent)
    if isinstance(value, date):
        imports.add(f"from datetime import {type(value).__name__}")
        return repr(value).removeprefix("datetime.")
    return repr(str(value)) if isinstance(value, str) else repr(value)


def _given(value: Any) -> Iterable[tuple[str, Any]]:
    """The fields that are not what they are by default; all where that makes another value, because one follows from others."""
    if not isinstance(value, BaseModel):
        return {field.name: getattr(value, field.name) for field in fields(value)}.items()
    every = {name: getattr(value, name) for name in type(value).model_fields if name != "kind"}
    rows = type(value).model_fields
    needed = {
        name: one
        for name, one in every.items()
        if rows[name].is_required() or one != rows[name].get_default(call_default_factory=True)
    }
    return (needed if type(value)(**needed) == value else every).items()


def _wrapped(start: str, inner: list[str], end: str, indent: str) -> str:
    """On one line where it fits, else an item a line."""
    line = start + ", ".join(inner) + end
    if len(indent) + len(line) <= WIDE and "\n" not in line:
        return line
    return start + "".join(f"\n{indent}{STEP}{one}," for one in inner) + f"\n{indent}{end.lstrip(',')}"
