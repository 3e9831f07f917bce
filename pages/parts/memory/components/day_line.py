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

from core.theme import HIGH, LOW
from pages.parts import controls
from pages.parts.layout import mode
from pages.parts.links import address
from pages.parts.memory import day as days
from pages.parts.memory.setting import Setting

HERE = Path(__file__).parent
KEY = "day_line"
SPANS = {"quarter": 63, "year": 252, "5 years": 1260, "all days": 0}  # days that are seen at once; 0: all

_component = st.components.v2.component(
    "gridcast_day_line", html=(HERE / "day_line.html").read_text(), css=(HERE / "day_line.css").read_text(),
    js=(HERE / "maps.js").read_text() + (HERE / "day_line.js").read_text(),
)  # fmt: skip


@dataclass(frozen=True)
class Move:
    """What the browser says of a move."""

    day: date | None
    settled: bool
    turn: int
    have: tuple[str, str]  # digests of the series and of the maps that the browser holds


def last_move() -> Move:
    """The last move."""
    message = (st.session_state.get(KEY) or {}).get("moved") or {}
    day = message.get("day")
    return Move(
        date.fromisoformat(day) if day else None,
        bool(message.get("settled", True)),
        int(message.get("turn", 0)),
        _pair(str(message.get("have", ""))),
    )


def _pair(text: str) -> tuple[str, str]:
    first, _, second = text.partition("/")
    return first, second


def chosen_span() -> int:
    """How many days are seen at once; 0: all."""
    name = controls.segmented_control(
        "Seen at once", list(SPANS), default="year", required=True, key="span", label_visibility="collapsed"
    )
    return SPANS[name or "year"]


@dataclass(frozen=True)
class Map:
    """Values of the units of one network on all days."""

    model: str
    name: str
    gate: str
    units: tuple[int, ...]  # counted from 1, in the order of the rows
    codes: np.ndarray  # (units, D) int8, 127 is `scale`, −128 a day without value; D are the days of the line
    scale: float


@dataclass(frozen=True)
class Maps:
    """What is drawn under the price line."""

    maps: tuple[Map, ...]
    digest: str
    chosen: tuple[str, int] | None = None  # a model and its unit, counted from 1: its row is marked, and drawn as a line


def show(setting: Setting, span: int, maps: Maps | None = None) -> None:
    """The line with the cursor at the setting's day, and heat maps under it."""
    if controls.hidden("day"):
        return
    _component(
        key=KEY,
        data=_message(setting, span, maps),
        on_moved_change=_moved,
        on_unit_change=_choose_unit,
        default={"moved": {}, "unit": None},
    )


def _choose_unit() -> None:
    unit = (st.session_state.get(KEY) or {}).get("unit")
    if unit:
        address.write("trace", f"{unit['model']} {int(unit['unit'])}")


def unit_in_url() -> tuple[str, int] | None:
    """The model and unit whose trace is drawn."""
    model, _, unit = address.read("trace").partition(" ")
    return (model, int(unit)) if unit.isascii() and unit.isdigit() else None


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


def last_bars(setting: Setting) -> np.ndarray:
    """Positions in the series of the days of the line, (D,)."""
    days = setting.networks.series.days.astype("datetime64[D]")
    return np.flatnonzero(np.append(days[1:] != days[:-1], True))


def _message(setting: Setting, span: int, maps: Maps | None) -> bytes:
    """Four bytes of length, the header as JSON, and the arrays it points into."""
    last, (line, digest) = last_move(), _line(setting.run.id, setting)
    body = b"" if last.have[0] == digest else line.body
    mapped = None
    if maps and last.have[1] != maps.digest:
        mapped = []
        for one in maps.maps:
            place = {"start": len(body), "end": len(body) + one.codes.nbytes}
            body += one.codes.tobytes()
            mapped.append(
                {
                    "model": one.model,
                    "name": one.name,
                    "gate": one.gate,
                    "units": one.units,
                    "scale": one.scale,
                    "values": place,
                }
            )
    at = int(np.searchsorted(line.days, np.datetime64(setting.day).astype(np.int64)))
    header = {
        "turn": last.turn,
        "digest": digest,
        "at": at,
        "span": span,
        "series": None if last.have[0] == digest else line.header,
        "maps": mapped,
        "mapsDigest": maps.digest if maps else "",
        "chosen": maps and maps.chosen and {"model": maps.chosen[0], "unit": maps.chosen[1]},
        "colours": {"high": HIGH[mode()], "low": LOW[mode()]},
    }
    encoded = json.dumps(header).encode()
    return len(encoded).to_bytes(4, "little") + encoded + body
