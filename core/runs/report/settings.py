"""A request as people read it: a row a setting, those that were changed apart from the defaults."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from types import MappingProxyType
from typing import Any

from pydantic import BaseModel

from core.runs.request import Request
from core.system.dates import say_day

DIGEST = re.compile(r"[0-9a-f]{64}")
MOST = 12  # values of a list that are written out
NOTHING: Mapping[str, str] = MappingProxyType({})
_WORDS = {"deg": "(°)"}


@dataclass(frozen=True)
class Setting:
    """One setting: its name and value in words, and whether it is what the request has if nothing is said."""

    name: str
    value: str
    default: bool
    digest: str = ""  # of the input that it is, where it is one


def settings_of(request: Request, named: Mapping[str, str] = NOTHING) -> list[Setting]:
    """All settings of a request, in the order of its fields; `named` has the words for inputs that are more than a file."""
    return [replace(one, value=named.get(one.digest, one.value)) for one in _settings(request)]


def _settings(model: BaseModel, before: str = "") -> Iterator[Setting]:
    for name, field in type(model).model_fields.items():
        value = getattr(model, name)
        if isinstance(value, BaseModel):
            yield from _settings(value, f"{before}{_words(name)}: ")
        elif name != "kind":
            yield Setting(
                before + _words(name),
                _said(value),
                not field.is_required() and value == field.get_default(call_default_factory=True),
                value if isinstance(value, str) and DIGEST.fullmatch(value) else "",
            )


def _words(name: str) -> str:
    first, *rest = (_WORDS.get(word, word) for word in name.split("_"))
    return " ".join([first.capitalize(), *rest])


def _said(value: Any) -> str:
    if isinstance(value, BaseModel):
        return getattr(value, "title", "") or ", ".join(f"{one.name.lower()} {one.value}" for one in _settings(value))
    if isinstance(value, dict):
        return _listed([f"{_said(key)}: {_said(one)}" for key, one in value.items()])
    if isinstance(value, tuple | list):
        return _listed([_said(one) for one in value])
    if isinstance(value, date):
        return say_day(value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, str) and DIGEST.fullmatch(value):
        return f"file {value[:12]}"
    return "none" if value is None or value == "" else str(value)


def _listed(values: list[str]) -> str:
    if not values:
        return "none"
    more = f" and {len(values) - MOST:,} more" if len(values) > MOST else ""
    return ", ".join(values[:MOST]) + more
