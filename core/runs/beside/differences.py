"""What differs between requests of one kind, field by field, in words."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from hashlib import blake2b
from types import MappingProxyType
from typing import Any

from core.runs.request import Request
from core.system.dates import say_day

WORDS = {  # what the screens call a field, where it is not its name
    "as_they_are": "prices confirmed", "budget": "time to learn (s)", "cells": "variants",
    "classical": "models without a network", "extras": "further inputs", "hidden": "units in a layer", "lr": "learning rate",
    "max_angle": "turned by up to (°)", "network_type": "type", "refit_days": "fit again every (bars)", "start": "from",
    "end": "to", "test_days": "test (bars)",
}  # fmt: skip
OF_PARTS = {"comparisons", "tickers"}  # lists of parts that need no name of their own
LEFT_OUT = {"steps": "as many as the time allows", "start": "the first day", "end": "the last day"}  # of None, by field
UNNAMED = {"data"}  # parts of a request whose fields need no name before their own
MOST_LISTED = 6  # values of a list that are named
NOTHING: Mapping[str, str] = MappingProxyType({})
_DIGEST = re.compile(r"[0-9a-f]{64}")
_DAY = re.compile(r"\d{4}-\d\d-\d\d")


@dataclass(frozen=True)
class Field:
    """One field of several requests: its name, and what each has, in words that differ where the values do."""

    name: str
    values: tuple[str, ...]

    @property
    def differs(self) -> bool:
        return len(set(self.values)) > 1

    @property
    def change(self) -> str:
        """Of two requests: "horizon 5 → 1"."""
        return f"{self.name} {self.values[0]} → {self.values[-1]}"


def fields_of(requests: Sequence[Request], named: Mapping[str, str] = NOTHING) -> list[Field]:
    """Every field that one of these requests has, in the order of the requests; its kind is not among them.

    `named` has the words for inputs that are more than a file, by digest.
    """
    flat = [dict(_flat(request.model_dump(mode="json", exclude={"kind"}))) for request in requests]
    names = dict.fromkeys(name for one in flat for name in one)
    called = {**requests[0].called, **named}
    return [_field(name, [one.get(name) for one in flat], called) for name in names]


def _field(path: str, values: Sequence[Any], named: Mapping[str, str]) -> Field:
    weights = path == "start" and any(isinstance(one, str) and _DIGEST.fullmatch(one) for one in values)
    said = [_called(one, named) for one in values]
    if not weights:
        left_out = LEFT_OUT.get(path.rpartition(".")[2])
        said = [left_out if one is None else one for one in said]
    else:
        said = ["another run" if isinstance(one, str) and _DIGEST.fullmatch(one) else one for one in said]
    return Field("goes on from" if weights else _named(path), _in_words(said))


def course_of(courses: Sequence[Mapping[str, str]]) -> list[Field]:
    """What the trainings of these runs did, each thing that one of them tells."""
    names = dict.fromkeys(name for one in courses for name in one)
    return [Field(name, tuple(one.get(name, "–") for one in courses)) for name in names]


def differing(requests: Sequence[Request]) -> list[Field]:
    return [field for field in fields_of(requests) if field.differs]


def _called(value: Any, named: Mapping[str, str]) -> Any:
    if isinstance(value, list):
        return [_called(one, named) for one in value]
    return named.get(value, value) if isinstance(value, str) else value


def _flat(fields: Mapping[str, Any], above: str = "") -> Iterator[tuple[str, Any]]:
    for name, value in fields.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{above}{name}.")
        elif isinstance(value, list) and value and all(isinstance(one, Mapping) for one in value):
            yield from _flat(_together(value), above if name in OF_PARTS else f"{above}{name}.")
        else:
            yield f"{above}{name}", value


def _together(rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """What all of some rows have, once; of what differs among them a list."""
    names = dict.fromkeys(name for row in rows for name in row)
    values = {name: [row.get(name) for row in rows] for name in names}
    return {name: own[0] if all(one == own[0] for one in own) else own for name, own in values.items()}


def _named(path: str) -> str:
    *above, name = path.split(".")
    above = [one.replace("_", " ") for one in above if one not in UNNAMED]
    return ", ".join([*above, WORDS.get(name, name.replace("_", " "))])


def _in_words(values: Sequence[Any]) -> tuple[str, ...]:
    """Of lists that differ, only what not all have is named. Values that differ and would read alike have a few letters of
    their hash behind them."""
    words = [_say(value) for value in _without_common(values)]
    told = {word: {repr(other) for other, said in zip(values, words, strict=True) if said == word} for word in words}
    return tuple(
        word if len(told[word]) == 1 else f"{word} ({_hash(value)})" for value, word in zip(values, words, strict=True)
    )


def _without_common(values: Sequence[Any]) -> Sequence[Any]:
    """Long lists of words, what all have in common replaced by how many it is."""
    if not all(isinstance(value, list) and all(isinstance(one, str) for one in value) for value in values):
        return values
    common = set[str].intersection(*(set(value) for value in values))
    if all(value == values[0] for value in values) or max(map(len, values)) <= MOST_LISTED or len(common) < 2:
        return values
    return [[f"the {len(common)} of all", *(one for one in value if one not in common)] for value in values]


def _say(value: Any) -> str:
    match value:
        case None | "" | []:
            return "–"
        case bool():
            return "yes" if value else "no"
        case float():
            return f"{value:g}"
        case str():
            return value[:8] if _DIGEST.fullmatch(value) else _dated(value)
        case list() if all(isinstance(one, str) and _DIGEST.fullmatch(one) for one in value):
            return f"{len(value)} {'file' if len(value) == 1 else 'files'}"
        case list():
            named = ", ".join(_say(one) for one in value[:MOST_LISTED])
            return named if len(value) <= MOST_LISTED else f"{named} and {len(value) - MOST_LISTED} more"
        case dict():
            return ", ".join(_say(one) for one in value.values())
    return str(value)


def _hash(value: Any) -> str:
    return blake2b(repr(value).encode(), digest_size=3).hexdigest()


def _dated(text: str) -> str:
    """A day as people write it; anything else, such as a photo's name that only looks like one, as it is."""
    with suppress(ValueError):
        return say_day(date.fromisoformat(text)) if _DAY.fullmatch(text) else text
    return text
