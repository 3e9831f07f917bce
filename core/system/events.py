"""What happens in the lab, one line an event: `2026-11-29T09:45:00Z info finished run=1a2b3c kind=compare seconds=12.3`.

Events go to the logger `gridcast`, which writes nothing until `write_events` says where to, and to whoever listens in this
process. A field holds no path, no name of a person's file, and nothing that is secret.
"""

from __future__ import annotations

import json
import logging
import re
import time
import traceback
from collections.abc import Callable, Mapping
from typing import Any, TextIO

Fields = Mapping[str, Any]
Listener = Callable[[str, Fields], None]

LOGGER = logging.getLogger("gridcast")
LOGGER.addHandler(logging.NullHandler())  # else Python writes warnings to standard error, beside a command's own words
_PLAIN = re.compile(r"[^\s=\"\\]+")
_listeners: list[Listener] = []


def event(name: str, fields: Fields, level: int = logging.INFO) -> None:
    """Note that something has happened; fields that are None or empty are left out of the line."""
    LOGGER.log(level, name, extra={"fields": fields})
    for listener in _listeners:
        listener(name, fields)


def listen(listener: Listener) -> None:
    """Call it with the name and the fields of every event of this process from now on, in the thread where it happens."""
    if listener not in _listeners:
        _listeners.append(listener)


class Lines(logging.Formatter):
    """One line a record; a traceback is a field of it."""

    def format(self, record: logging.LogRecord) -> str:
        fields = dict(getattr(record, "fields", {}))
        if record.exc_info:
            fields["traceback"] = "".join(traceback.format_exception(*record.exc_info)).strip()
        when = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(record.created))
        pairs = (f"{name}={_written(value)}" for name, value in fields.items() if value not in (None, ""))
        return " ".join([when, record.levelname.lower(), _one_line(record.getMessage()), *pairs])


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _written(value: Any) -> str:
    """As it is where it has neither gaps nor quotes, else as JSON; seconds and other fractions with three digits."""
    text = f"{value:.3f}".rstrip("0").rstrip(".") if isinstance(value, float) else str(value)
    return text if _PLAIN.fullmatch(text) else json.dumps(text, ensure_ascii=False)


def write_events(to: TextIO, level: str) -> None:
    """Write events from this level on ("debug", "info", "warning", "error") to a stream, and nowhere else."""
    handler = logging.StreamHandler(to)
    handler.setFormatter(Lines())
    LOGGER.handlers[:] = [handler]
    LOGGER.setLevel(level.upper())
    LOGGER.propagate = False
