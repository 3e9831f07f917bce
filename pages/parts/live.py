"""Sliders that speak while they are dragged. Streamlit's own send their value only when they are let go.

One component for a group of sliders; its value is a dict, sent again only after the last one has been drawn (or 250 ms have
passed), so that a slow connection never queues up old positions.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import streamlit as st

_HTML = "<div class='sliders'></div>"

_CSS = """
.sliders { display: grid; gap: 0.55rem; font-family: var(--st-font); color: var(--st-text-color); }
label { display: grid; grid-template-columns: 1fr auto; font-size: 0.875rem; }
output { font-variant-numeric: tabular-nums; }
input {
  grid-column: 1 / 3; width: 100%; margin: 0.3rem 0 0; height: 1.4rem; accent-color: var(--st-primary-color);
  cursor: grab; touch-action: pan-y;
}
input:focus-visible { outline: 2px solid var(--st-primary-color); outline-offset: 2px; }
"""

_JS = """
const text = (s, v) => {
  const size = Math.abs(v).toFixed(s.digits);
  return (v < 0 && Number(size) ? "−" : "") + size + s.unit;
};

export default function ({ data, parentElement, setStateValue }) {
  const root = parentElement.querySelector(".sliders");
  const state = (root.state ??= { rows: {}, values: {}, sent: 0, waiting: null, held: null });
  const send = (settled = false) => {
    clearTimeout(state.waiting);
    state.waiting = null;
    state.sent = performance.now();
    state.turn = (state.turn ?? 0) + 1;
    setStateValue("moved", { ...state.values, settled, turn: state.turn });
  };
  const soon = () => {
    if (state.waiting !== null) return;
    const idle = state.drawn || performance.now() - state.sent > 250;
    state.drawn = false;
    state.waiting = setTimeout(send, idle ? 0 : 250);
  };
  state.soon = soon;
  state.send = send;
  state.drawn = true;  // Python has answered the last value
  if (state.waiting !== null) send();
  for (const s of data.sliders) {
    let row = state.rows[s.name];
    if (!row) {
      const label = document.createElement("label");
      label.append(s.label);
      row = { shown: document.createElement("output"), input: document.createElement("input") };
      Object.assign(row.input, { type: "range", min: s.low, max: s.high, step: s.step, ariaLabel: s.label });
      row.input.addEventListener("pointerdown", () => { state.held = s.name; });
      row.input.addEventListener("pointerup", () => { state.held = null; });
      row.input.addEventListener("change", () => state.send(true));
      row.input.addEventListener("input", () => {
        state.values[s.name] = Number(row.input.value);
        row.shown.value = text(s, state.values[s.name]);
        state.soon();
      });
      label.append(row.shown, row.input);
      root.append(label);
      state.rows[s.name] = row;
    }
    if (state.held !== s.name) {
      state.values[s.name] = s.value;
      row.input.value = s.value;
      row.shown.value = text(s, s.value);
    }
  }
}
"""

_component = st.components.v2.component("gridcast_live_sliders", html=_HTML, css=_CSS, js=_JS)


@dataclass(frozen=True)
class Slider:
    """One slider of a group: its range, and how its value is written."""

    name: str
    label: str
    low: float
    high: float
    step: float
    digits: int = 2
    unit: str = ""


def live_sliders(sliders: list[Slider], values: dict[str, float], key: str, on_move: Callable[[], None]) -> None:
    """Show a group of sliders at these values; `on_move` runs while one is dragged, before the screen is drawn again,
    and finds the new values by `moved_values(key)`."""
    rows = [vars(slider) | {"value": values[slider.name]} for slider in sliders]
    _component(key=key, data={"sliders": rows, "answered": moves(key)}, on_moved_change=on_move, default={"moved": {}})


def moves(key: str) -> int:
    """How often a group has moved."""
    return int((st.session_state.get(key) or {}).get("moved", {}).get("turn", 0))


def moved_values(key: str, sliders: list[Slider]) -> tuple[dict[str, float], bool]:
    """The values of a group after a move, within their ranges, and whether the slider was let go."""
    moved = st.session_state[key]["moved"]
    values = {s.name: min(s.high, max(s.low, float(moved[s.name]))) for s in sliders if s.name in moved}
    return values, bool(moved.get("settled"))
