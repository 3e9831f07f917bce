"""The price line with the day: the chosen day is a cursor, moved by arrow keys, by a click or by dragging.

One component, because a native chart reports neither keys nor a drag, and is drawn anew for every day. The cursor moves in the
browser at once; the sections that follow the day are drawn when Python has heard of it.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
import streamlit as st

from pages.parts import controls
from pages.parts.memory import day as days
from pages.parts.memory.setting import Setting

HERE = Path(__file__).parent
KEY = "day_line"
SPANS = {"quarter": 63, "year": 252, "5 years": 1260, "all days": 0}  # days that are seen at once; 0: all

_component = st.components.v2.component(
    "gridcast_day_line", html=(HERE / "day_line.html").read_text(), css=(HERE / "day_line.css").read_text(),
    js=(HERE / "day_line.js").read_text(),
)  # fmt: skip


@dataclass(frozen=True)
class Move:
    """What the browser says of a move."""

    day: date | None
    settled: bool
    turn: int
    have: str  # digest of the series that the browser holds


def last_move() -> Move:
    """The last move."""
    message = (st.session_state.get(KEY) or {}).get("moved") or {}
    day = message.get("day")
    return Move(
        date.fromisoformat(day) if day else None,
        bool(message.get("settled", True)),
        int(message.get("turn", 0)),
        str(message.get("have", "")),
    )


def span() -> int:
    """How many days are seen at once; 0: all."""
    name = controls.segmented_control(
        "Seen at once", list(SPANS), default="year", required=True, key="span", label_visibility="collapsed"
    )
    return SPANS[name or "year"]


def show(setting: Setting, seen: int) -> None:
    """The line with the cursor at the setting's day."""
    if controls.hidden("day"):
        return
    _component(key=KEY, data=_message(setting, seen), on_moved_change=_moved, default={"moved": {}})


def _moved() -> None:
    last = last_move()
    if last.day:
        days.keep(last.day, settled=last.settled)


@dataclass(frozen=True)
class Line:
    """The days of a series as the browser is given them: one a date, its last bar."""

    days: np.ndarray  # (D,) int32, days since 1970
    close: np.ndarray  # (D,)
    move: np.ndarray  # (D,) close by close, as a share
    spans: tuple[dict[str, Any], ...]  # training, validation, test: name, first and last position

    @property
    def header(self) -> dict[str, Any]:
        arrays = (self.days, self.close, self.move)
        ends = np.cumsum([0, *(array.nbytes for array in arrays)]).tolist()
        places = {
            name: {"start": start, "end": end}
            for name, start, end in zip(("days", "close", "move"), ends, ends[1:], strict=False)
        }
        return places | {"spans": self.spans}

    @property
    def body(self) -> bytes:
        return b"".join(array.tobytes() for array in (self.days, self.close, self.move))


@st.cache_data(max_entries=16, show_spinner=False)
def _line(run_id: str, _setting: Setting) -> tuple[Line, str]:
    """The line of a run's series, and its digest."""
    prices, splits = _setting.networks.prices, _setting.networks.splits
    dates = prices.moments.astype("datetime64[D]")
    last = np.flatnonzero(np.append(dates[1:] != dates[:-1], True))  # the last bar of every date
    close = prices.close[last].astype(np.float64)
    days = dates[last][1:]
    bounds = [np.searchsorted(days, [np.datetime64(span.first), np.datetime64(span.last)]).tolist() for span in splits.spans]
    spans = tuple(
        {"name": span.name, "first": first, "last": end} for span, (first, end) in zip(splits.spans, bounds, strict=True)
    )
    line = Line(days.astype(np.int32), close[1:], close[1:] / close[:-1] - 1, spans)
    return line, sha256(line.body).hexdigest()[:16]


def _message(setting: Setting, seen: int) -> bytes:
    """Four bytes of length, the header as JSON, and the arrays it points into."""
    last, (line, digest) = last_move(), _line(setting.run.id, setting)
    there = last.have == digest
    at = int(np.searchsorted(line.days, np.datetime64(setting.day).astype(np.int64)))
    header = {"turn": last.turn, "digest": digest, "at": at, "span": seen, "series": None if there else line.header}
    encoded = json.dumps(header).encode()
    return len(encoded).to_bytes(4, "little") + encoded + (b"" if there else line.body)
