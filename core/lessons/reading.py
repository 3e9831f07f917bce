"""A task list read from a file of a lecturer, YAML or JSON. What is wrong with it is said in a sentence with its line.

The file is data and nothing else: no tags, no aliases (a small file could stand for a huge one), no deep nesting.
"""

from __future__ import annotations

import json
from collections.abc import Hashable, Sequence
from typing import Any

import yaml
from pydantic import ValidationError
from pydantic_core import ErrorDetails

from core.errors import InvalidRequest
from core.lessons.checks import Check, Choice, Condition, FromScreen, Number
from core.lessons.tasks import Task, TaskList
from core.system.unpacking import refuse_others
from core.system.unreadable import readable, reason_of

MOST_BYTES = 64 * 1024
MOST_DEPTH = 12
_FIELDS: dict[str, type] = {"tasks": Task, "check": Check, "facts": Condition, "number": Number, "choice": Choice,
                            "near": FromScreen, "answer": FromScreen}  # fmt: skip


def read(content: bytes, name: str) -> TaskList:
    """The list in a file; InvalidRequest in one sentence: the file, the line, what is wrong, what would be right."""
    if len(content) > MOST_BYTES:
        raise InvalidRequest(
            f"{name} has {len(content) / 1024:,.0f} KB; a task list has at most {MOST_BYTES // 1024}, so split it"
        )
    refuse_others(name, content, InvalidRequest)
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise InvalidRequest(f"{name} is not text in UTF-8; save it as UTF-8") from None
    with readable(f"{name} cannot be read: {{reason}}", InvalidRequest):
        data, node = _parsed(text, name)
    if not isinstance(data, dict):
        raise InvalidRequest(f"{name} is no task list; it begins with title: and tasks:, as the list to start from does")
    try:
        return TaskList.model_validate(data)
    except ValidationError as error:
        raise InvalidRequest(_sentence(error.errors()[0], data, node, name)) from error


def _parsed(text: str, name: str) -> tuple[Any, yaml.Node | None]:
    """The data of a file, and where it stands in YAML; JSON with tabs is not YAML, and has no lines."""
    if text.lstrip().startswith("{"):
        try:
            return json.loads(text), None
        except (ValueError, RecursionError):
            pass  # the sentence about it as YAML has the line
    try:
        _refuse_tricks(text, name)
        loader = _Loader(text)
        node = loader.get_single_node()
        return (loader.construct_document(node) if node else None), node
    except yaml.MarkedYAMLError as error:
        line = f", line {error.problem_mark.line + 1}" if error.problem_mark else ""
        raise InvalidRequest(f"{name}{line}: {error.problem}; mend the line and try again") from error
    except yaml.YAMLError as error:
        raise InvalidRequest(f"{name} cannot be read as YAML: {reason_of(error)}") from error


def _refuse_tricks(text: str, name: str) -> None:
    """InvalidRequest for aliases, anchors and deep nesting, before anything is built from them."""
    depth = 0
    for event in yaml.parse(text, Loader=yaml.SafeLoader):
        where = f"{name}, line {event.start_mark.line + 1}"
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise InvalidRequest(f"{where}: an alias (& or *) stands there; write the text out, or put it in quotes")
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > MOST_DEPTH:
            raise InvalidRequest(f"{where}: it is nested more than {MOST_DEPTH} deep, and no task list is")


class _Loader(yaml.SafeLoader):
    """Refuses a key that stands twice, which YAML would silently take from the second place."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        keys: set[Any] = set()
        for key, _ in node.value:
            if key.value in keys:
                raise yaml.constructor.ConstructorError(None, None, f"{key.value} stands there twice", key.start_mark)
            keys.add(str(key.value))
        return super().construct_mapping(node, deep)


# -- what pydantic finds wrong, as a sentence ----------------------------------------------------------


def _sentence(error: ErrorDetails, data: Any, node: yaml.Node | None, name: str) -> str:
    place = error["loc"]
    line = _line(node, place)
    task = _task(place, data)
    where = ", ".join(filter(None, [name, f"line {line}" if line else "", task]))
    return f"{where}: {_problem(error)}"


def _problem(error: ErrorDetails) -> str:
    field, kind = _field(error["loc"]), error["type"]
    if kind == "missing":
        return f"there is no {field}; add one"
    if kind == "extra_forbidden":
        return f"there is no field {field}; it may have {', '.join(_fields_beside(error['loc']))}"
    cause = error.get("ctx", {}).get("error")
    if isinstance(cause, ValueError):
        return str(cause)
    if kind == "string_pattern_mismatch":
        return f"{field} is {error['input']!r}; use small letters, digits and hyphens, as in own-weights"
    return f"{field} is {str(error['input'])[:60]!r}; {error['msg'][:1].lower()}{error['msg'][1:]}"


def _field(place: Sequence[int | str]) -> str:
    """The last name of a path that a lecturer has written."""
    names = [str(part) for part in place if isinstance(part, str) and part not in ("float", "str", "bool", "FromScreen")]
    return names[-1] if names else "the file"


def _fields_beside(place: Sequence[int | str]) -> list[str]:
    """The fields of the part in which the last name of a path stands."""
    holder = next((_FIELDS[part] for part in reversed(place[:-1]) if isinstance(part, str) and part in _FIELDS), TaskList)
    return [field.alias or name for name, field in holder.model_fields.items()]  # type: ignore[attr-defined]


def _task(place: Sequence[int | str], data: Any) -> str:
    """ "task own-weights" or "task 3"; empty outside the tasks."""
    if len(place) < 2 or place[0] != "tasks" or not isinstance(place[1], int):
        return ""
    task = data["tasks"][place[1]]
    return f"task {task.get('id', place[1] + 1) if isinstance(task, dict) else place[1] + 1}"


def _line(node: yaml.Node | None, place: Sequence[int | str]) -> int | None:
    """The line of the deepest part of the path that stands in the file."""
    line = None
    for part in place:
        if isinstance(node, yaml.SequenceNode) and isinstance(part, int):
            node = node.value[part]
            line = node.start_mark.line + 1
        elif isinstance(node, yaml.MappingNode) and part in (names := {key.value: key for key, _ in node.value}):
            line = names[part].start_mark.line + 1
            node = next(value for key, value in node.value if key.value == part)
    return line
