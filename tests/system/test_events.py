from __future__ import annotations

import io
import logging
import re
from collections.abc import Iterator

import pytest

from core.system.events import LOGGER, event, listen, write_events

LINE = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ) (debug|info|warning|error) (.+)")


@pytest.fixture
def lines(monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    kept = LOGGER.handlers[:], LOGGER.level, LOGGER.propagate
    written = io.StringIO()
    write_events(written, "info")
    yield written
    LOGGER.handlers[:], level, LOGGER.propagate = kept
    LOGGER.setLevel(level)


def said(lines: io.StringIO) -> list[str]:
    """Without times; every line has one, and a level."""
    matches = [LINE.fullmatch(line) for line in lines.getvalue().splitlines()]
    return [f"{match[2]} {match[3]}" for match in matches if match] if all(matches) else ["not all are lines of events"]


def test_an_event_is_one_line_with_its_fields(lines: io.StringIO) -> None:
    event("finished", {"run": "1a2b", "kind": "compare", "seconds": 12.34567, "reason": "", "by": None})
    event("failed", {"run": "1a2b", "reason": 'a "loss"\nof = nan'}, logging.WARNING)
    event("polled", {"run": "1a2b"}, logging.DEBUG)
    assert said(lines) == [
        "info finished run=1a2b kind=compare seconds=12.346",
        'warning failed run=1a2b reason="a \\"loss\\"\\nof = nan"',
    ]


def test_a_traceback_stays_on_the_line_of_its_event(lines: io.StringIO) -> None:
    try:
        raise ValueError("broken\nin two lines")
    except ValueError:
        LOGGER.exception("defect", extra={"fields": {"run": "1a2b"}})
    (line,) = said(lines)
    assert line.startswith("error defect run=1a2b traceback=")
    assert "ValueError: broken" in line


def test_whoever_listens_hears_what_is_not_written(lines: io.StringIO) -> None:
    heard: list[tuple[str, dict]] = []
    listen(lambda name, fields: heard.append((name, dict(fields))))
    event("polled", {"run": "1a2b"}, logging.DEBUG)
    assert heard == [("polled", {"run": "1a2b"})]
    assert lines.getvalue() == ""
