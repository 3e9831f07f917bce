"""The drawing of the unrolled network on the screen, with its units and the terms of a formula; what is clicked is chosen.

A component, because a click on a box or a square has to be heard, and one message draws all of it. In the URL stand `back`,
steps before the last, `layer`, `unit` and `gate`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import streamlit as st

from core.rnn.memory.inspection import Inspected
from core.rnn.memory.unrolled.columns import Column
from core.rnn.memory.unrolled.drawing import GAP, MARGIN, WIDE, Chosen, Names, columns_around, drawing
from core.rnn.memory.unrolled.unit_terms import Terms
from core.system.spreadsheet import to_csv
from core.theme import HIGH, LOW, Mode
from pages.parts.links import address
from pages.parts.saving.menu import save_menu

HERE = Path(__file__).parent
KEY, TERMS_KEY = "unrolled", "terms"

_component = st.components.v2.component(
    "gridcast_unrolled", html=(HERE / "unrolled.html").read_text(), css=(HERE / "unrolled.css").read_text(),
    js=(HERE / "unrolled.js").read_text(),
)  # fmt: skip


@dataclass(frozen=True)
class Scene:
    """What is drawn."""

    looked: Inspected
    columns: tuple[Column, ...]
    names: Names
    chosen: Chosen
    formulas: tuple[Terms, ...]  # the gates of the chosen unit, then y where there is one
    gate: str  # the name of the formula whose terms are listed
    day: str
    mode: Mode

    @property
    def first(self) -> int:
        """The first column that is drawn."""
        return columns_around(len(self.columns), self.chosen.column).start

    @property
    def terms(self) -> Terms:
        return next((one for one in self.formulas if one.name == self.gate), self.formulas[0])


def chosen_in_url(columns: Sequence[Column]) -> tuple[Chosen, str]:
    """What the URL names, and the name of the formula: by default unit 1 of the highest layer of the last step."""
    last = len(columns) - 1
    back = _whole("back", 0)
    column = next((n for n in range(max(0, last - back), last + 1) if columns[n].boxes), last)
    level = min(_whole("layer", len(columns[column].boxes)) - 1, len(columns[column].boxes) - 1)
    return Chosen(column, max(0, level), max(0, _whole("unit", 1) - 1)), address.read("gate")


def _whole(name: str, default: int) -> int:
    text = address.read(name)
    return int(text) if text.isascii() and text.isdigit() else default


def show(scene: Scene) -> None:
    """The drawing, the units of the chosen box, and the words that save the drawing and its numbers."""
    _mount(KEY, scene, _drawn(scene))
    files = {
        "svg": lambda: _drawing(scene).encode(),
        "csv": lambda: to_csv(scene.looked.table(len(scene.columns) - scene.first)),
    }
    save_menu(KEY, f"gridcast-memory-{scene.looked.model}-{scene.day}", files, drawn=KEY)


def list_terms(scene: Scene) -> None:
    """Every weight of the chosen formula times its input."""
    _mount(TERMS_KEY, scene, _terms(scene))


def _mount(key: str, scene: Scene, data: dict[str, Any]) -> None:
    chosen = scene.chosen
    always = {
        "column": chosen.column,
        "columns": len(scene.columns),
        "level": chosen.level,
        "unit": chosen.unit,
        "gate": scene.terms.name,
        "day": scene.day,
        "colours": {"high": HIGH[scene.mode], "low": LOW[scene.mode]},
    }
    columns = len(scene.columns)
    _component(key=key, data=always | data, on_chosen_change=lambda: _choose(key, columns), default={"chosen": None})


def _choose(key: str, columns: int) -> None:
    """Put what was clicked into the URL; what is the default is left out."""
    said = (st.session_state.get(key) or {}).get("chosen")
    if not said:
        return
    values = {"back": columns - 1 - int(said["column"]), "layer": int(said["level"]) + 1, "unit": int(said["unit"]) + 1}
    for name, value in (values | {"gate": str(said["gate"])}).items():
        address.write(name, "" if value == {"back": 0, "unit": 1}.get(name) else str(value))


def _drawn(scene: Scene) -> dict[str, Any]:
    chosen = scene.chosen
    box = scene.columns[chosen.column].boxes[chosen.level]
    return {
        "svg": _drawing(scene),
        "left": MARGIN + (chosen.column - scene.first) * (WIDE + GAP),
        "wide": WIDE,
        "states": scene.looked.traced.parts[box.part].held["h"][box.step].tolist(),
    }


def _drawing(scene: Scene) -> str:
    return drawing(scene.columns, scene.looked.traced.parts, scene.chosen, scene.names, scene.mode)


def _terms(scene: Scene) -> dict[str, Any]:
    box = scene.columns[scene.chosen.column].boxes[scene.chosen.level]
    return {
        "gates": [{"name": one.name, "words": one.letter} for one in scene.formulas],
        "terms": _listed(scene.terms, scene.names.inputs, scene.looked.traced.parts[box.part].name),
        "sum": _sum(scene.terms),
    }


def _listed(terms: Terms, inputs: Sequence[str], part: str) -> list[dict[str, Any]]:
    """Every weight with its input."""
    count = len(terms.x)
    names = _names_of_x(count, inputs, part)
    read = zip(names, terms.from_input.tolist(), terms.x.tolist(), strict=True)
    own = enumerate(zip(terms.from_state.tolist(), terms.h.tolist(), strict=True), start=1)
    when = "" if terms.name == "y" else " before"
    listed = [*read, *((f"h{when}, unit {n}", weight, value) for n, (weight, value) in own), ("bias", terms.bias, 1.0)]
    if terms.gated_by is not None:
        listed.append(("bias of the state", terms.gated_bias, 1.0))
    return [{"name": name, "weight": weight, "value": value} for name, weight, value in listed]


def _names_of_x(count: int, inputs: Sequence[str], part: str) -> list[str]:
    if count == len(inputs):
        return list(inputs)
    if count == 1:
        return [inputs[-1]]
    if part.endswith("1") and count % len(inputs) == 0:  # a feed-forward network reads all days of its window at once
        days = count // len(inputs)
        return [f"{name}, {days - 1 - day} before" for day in range(days) for name in inputs]
    return [f"h below, unit {n + 1}" for n in range(count)]


def _sum(terms: Terms) -> str:
    """What the terms add up to, in words."""
    count = len(terms.x) + len(terms.from_state)
    if terms.gated_by is not None:
        return (
            f"{terms.letter}: the products of x and its bias, and r = {terms.gated_by:.3f} times the sum of those of h and the "
            f"bias of the state, are {terms.total:.3f}; {terms.activation} makes {terms.value:.3f} of it."
        ).replace("-", "−")
    ends = f"; {terms.activation} makes {terms.value:.3f} of it" if terms.activation else ""
    return f"{terms.letter}: {count} products and the bias add up to {terms.total:.3f}{ends}.".replace("-", "−")
