"""The unrolled network as SVG: x at the foot, a box for every layer and direction, y on top; arrows say what feeds what.

A box has the numbers of one unit, and all units as small squares, blue above zero and vermillion below. What can be clicked has
`data-column`, `data-level` and `data-unit`, which count from 0.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape

import numpy as np

from core.rnn.memory.equations import EQUATIONS
from core.rnn.memory.trace import Part
from core.rnn.memory.unrolled.columns import Box, Column
from core.theme import HIGH, LOW, PALETTES, Mode

SHOWN = 6  # columns at once
MARGIN, WIDE, GAP, ROW, PAD = 96, 128, 34, 17, 7  # pixels
ACROSS = 16  # squares in a row
SQUARE = 6


@dataclass(frozen=True)
class Chosen:
    """What is looked at, counted from 0."""

    column: int
    level: int
    unit: int


@dataclass(frozen=True)
class Names:
    """The words of a drawing."""

    columns: Sequence[str]  # a day each
    inputs: Sequence[str]  # what x holds


def columns_around(count: int, chosen: int) -> range:
    """The columns that are drawn: the last ones, or those that end with the chosen one."""
    first = max(0, min(count - SHOWN, chosen))
    return range(first, min(count, first + SHOWN))


def drawing(columns: Sequence[Column], parts: Sequence[Part], chosen: Chosen, names: Names, mode: Mode = "light") -> str:
    """The SVG of the columns around the chosen one."""
    return _Sheet(columns, parts, chosen, names, mode).svg()


@dataclass(frozen=True)
class _Sheet:
    columns: Sequence[Column]
    parts: Sequence[Part]
    chosen: Chosen
    names: Names
    mode: Mode

    @property
    def shown(self) -> range:
        return columns_around(len(self.columns), self.chosen.column)

    @property
    def levels(self) -> list[int]:
        """The height of each level's boxes: the highest of them."""
        most = max(len(column.boxes) for column in self.columns)
        some = [self.columns[0], *self.columns[-SHOWN:]]
        return [
            max(self.box_height(column.boxes[level]) for column in some if len(column.boxes) > level) for level in range(most)
        ]

    def box_height(self, box: Box) -> int:
        part = self.parts[box.part]
        return 2 * PAD + ROW * -(-len(_shown(part)) // 2) + SQUARE * -(-part.held["h"].shape[1] // ACROSS) + 4

    @property
    def outputs(self) -> int:
        return max(len(column.y) for column in self.columns if column.y is not None)

    @property
    def tops(self) -> list[int]:
        """The upper edge of each level, the lowest level first."""
        at, tops = 2 * PAD + ROW * self.outputs + GAP, []
        for height in reversed(self.levels):
            tops.append(at)
            at += height + GAP
        return tops[::-1]

    @property
    def x_top(self) -> int:
        return self.tops[0] + self.levels[0] + GAP

    @property
    def x_height(self) -> int:
        return 2 * PAD + ROW * len(self.names.inputs)

    def left(self, column: int) -> int:
        return MARGIN + (column - self.shown.start) * (WIDE + GAP)

    def svg(self) -> str:
        width, height = self.left(self.shown.stop) - GAP + 12, self.x_top + self.x_height + 26
        drawn = "".join(self.column(number) for number in self.shown)
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width / 16:g}rem" '
            f'font-family="Source Sans, sans-serif" font-size="13">'
            f"{_style(self.mode)}{self.legend()}{drawn}{self.from_first()}</svg>"
        )

    def legend(self) -> str:
        """The names of x beside its numbers, and how many days lie before the first that is drawn."""
        words = [_text(0, self.x_top + PAD + ROW * (n + 0.75), name, "muted") for n, name in enumerate(self.names.inputs)]
        words.append(_text(0, PAD + ROW * 0.75, "y", "muted"))
        for level, (top, height) in enumerate(zip(self.tops, self.levels, strict=True)):
            boxes = self.columns[self.shown[-1]].boxes
            name = self.parts[boxes[level].part].name if level < len(boxes) else ""
            lines = [name.removesuffix(" backwards"), *(["backwards"] if name.endswith("backwards") else [])]
            words += [_text(0, top + height / 2 + 14 * n, line, "muted") for n, line in enumerate(lines)]
        if before := self.columns[self.shown.start].position - self.first_day:
            words.append(_text(0, self.x_top + self.x_height + 18, f"… {before:,} before", "muted"))
        return "".join(words)

    @property
    def first_day(self) -> int:
        """Position of the first day that is read."""
        return self.columns[0].position if self.at_once else int(self.parts[0].steps[0])

    def column(self, number: int) -> str:
        column, left = self.columns[number], self.left(number)
        drawn = [_arrow(points) for points in self.upwards(column, left)]  # what they pass by covers them
        drawn += [self.x(column, left), self.label(number, left)]
        for level, box in enumerate(column.boxes):
            drawn += [self.box(number, level, box), self.carried(number, level, box)]
        if column.y is not None:
            drawn += [_rect(left, 0, WIDE, 2 * PAD + ROW * len(column.y), "y", f'data-column="{number}" data-output="1"')]
            drawn += [_text(left + PAD, PAD + ROW * (n + 0.75), f"y {_number(value)}") for n, value in enumerate(column.y)]
        if column.written and number > self.shown.start and self.columns[number - 1].y is not None:
            drawn.append(self.fed(left))
        return "".join(drawn)

    def upwards(self, column: Column, left: int) -> list[list[tuple[float, float]]]:
        """Arrows upwards in a column: from x to the lowest layer, from layer to layer, from the highest to y.

        Both directions of a layer read what lies below it, and what lies above reads both.
        """
        if not column.boxes:
            return [[(left + WIDE / 2, self.x_top), (left + WIDE / 2, self.tops[0] + self.levels[0])]] if self.at_once else []
        layers: list[list[int]] = []
        for level, box in enumerate(column.boxes):
            if self.backwards(box):
                layers[-1].append(level)
            else:
                layers.append([level])
        ends = [[self.x_top], *([self.tops[level] for level in layer] for layer in layers)]
        arrows: list[list[tuple[float, float]]] = []
        for below, layer in zip(ends, layers, strict=False):
            starts = [(float(below[0]), 0.5 if len(below) == 1 else 0.35), *((float(top), 0.65) for top in below[1:])]
            for level in layer:
                foot = self.tops[level] + self.levels[level]
                share = {1: 0.0}.get(len(layer), 0.1 if level == layer[-1] else -0.1)
                arrows += [[(left + WIDE * (at + share), top), (left + WIDE * (at + share), float(foot))] for top, at in starts]
        if column.y is not None:
            foot = 2 * PAD + ROW * len(column.y)
            top = ends[-1][0]  # y reads the backwards state of another day, see `from_first`
            at = left + WIDE * (0.5 if len(ends[-1]) == 1 else 0.3)
            arrows.append([(at, float(top)), (at, float(foot))])
        return arrows

    def backwards(self, box: Box) -> bool:
        layer = self.parts[box.part].layer
        return layer is not None and layer.backwards

    @property
    def at_once(self) -> bool:
        return self.parts[0].mode == "feed-forward"

    def label(self, number: int, left: int) -> str:
        style = "chosen-day" if number == self.chosen.column else ""
        return _text(left + WIDE / 2, self.x_top + self.x_height + 18, self.names.columns[number], style, "middle")

    def x(self, column: Column, left: int) -> str:
        box = _rect(left, self.x_top, WIDE, self.x_height, "x")
        at = len(self.names.inputs) - len(column.x)  # a decoder reads its own forecast alone: the last of the names
        rows = [
            _text(left + WIDE - PAD, self.x_top + PAD + ROW * (n + at + 0.75), _number(value), "", "end")
            for n, value in enumerate(column.x)
        ]
        return box + "".join(rows)

    def box(self, number: int, level: int, box: Box) -> str:
        part, top, height = self.parts[box.part], self.tops[level], self.levels[level]
        left = self.left(self.shown.start) if self.at_once else self.left(number)
        wide = self.left(number) + WIDE - left
        chosen = (number, level) == (self.chosen.column, self.chosen.level)
        clicked = f'data-column="{number}" data-level="{level}"'
        drawn = [_rect(left, top, wide, height, "box chosen" if chosen else "box", clicked)]
        unit = min(self.chosen.unit, part.held["h"].shape[1] - 1)
        for place, (name, letter) in enumerate(_shown(part).items()):
            x, y = left + PAD + (place % 2) * (WIDE / 2 - 2), top + PAD + ROW * (place // 2 + 0.75)
            drawn.append(_text(x, y, f"{letter} {_number(part.held[name][box.step, unit])}"))
        return "".join(drawn) + self.squares(part, box, left, top + height - PAD, clicked, unit)

    def squares(self, part: Part, box: Box, left: float, foot: float, clicked: str, unit: int) -> str:
        states = part.held["h"][box.step]
        top = foot - SQUARE * -(-len(states) // ACROSS)
        size = max(1.0, float(np.abs(states).max()))
        drawn = []
        for n, value in enumerate(states):
            kind = "high" if value > 0 else "low"
            ring = " ring" if n == unit else ""
            drawn.append(
                f'<rect class="{kind}{ring}" x="{left + PAD + n % ACROSS * 7}" y="{top + n // ACROSS * SQUARE}" '
                f'width="6" height="5" '
                f'fill-opacity="{abs(value) / size:.2f}" {clicked} data-unit="{n}"/>'
            )
        return "".join(drawn)

    def carried(self, number: int, level: int, box: Box) -> str:
        """The arrow by which a state comes from the step before: of a layer that reads backwards, from the day after."""
        part, middle = self.parts[box.part], self.tops[level] + self.levels[level] / 2
        backwards = self.backwards(box)
        if self.at_once or (box.step == 0 and (backwards or not part.start)):
            return ""
        right = self.left(number)
        points = [(right - GAP, middle), (right, middle)]
        word = "c, h" if "c" in part.held else "h"
        return _arrow(points[::-1] if backwards else points) + _text(right - GAP / 2, middle - 6, word, "small", "middle")

    def fed(self, left: float) -> str:
        """From the forecast of the day before into what is read."""
        middle, y, x = left - GAP / 2, PAD + ROW / 2, self.x_top + self.x_height - PAD - ROW / 2
        return _arrow([(left - GAP, y), (middle, y), (middle, x), (left, x)])

    def from_first(self) -> str:
        """The head of a network that reads windows in both directions takes the backwards state of the first day."""
        last = self.shown[-1]
        column = self.columns[last]
        if not any(map(self.backwards, column.boxes)) or column.y is None or last != len(self.columns) - 1:
            return ""
        height = PAD + ROW / 2
        first = self.left(0) + WIDE / 2 if self.shown.start == 0 else MARGIN - 10
        start = [(first, float(self.tops[len(column.boxes) - 1]))] if self.shown.start == 0 else []
        word = _text(first + 6, height - 4, f"h of {self.names.columns[0]}, read backwards", "small")
        return _arrow([*start, (first, height), (self.left(last), height)]) + word


def _shown(part: Part) -> dict[str, str]:
    """The numbers of a box: gates by their letter, c and h."""
    gates = EQUATIONS[part.mode].gates if part.mode in EQUATIONS else {}
    return dict(gates) | {name: name for name in ("c", "h") if name in part.held}


def _number(value: float) -> str:
    return f"{value:.3f}".replace("-0.000", "0.000").replace("-", "−")


def _text(x: float, y: float, words: str, style: str = "", anchor: str = "start") -> str:
    return f'<text x="{x:g}" y="{y:g}" text-anchor="{anchor}" class="{style}">{escape(words)}</text>'


def _rect(x: float, y: float, width: float, height: float, style: str, more: str = "") -> str:
    return f'<rect x="{x:g}" y="{y + 0.5:g}" width="{width:g}" height="{height:g}" rx="5" class="{style}" {more}/>'


def _arrow(points: Sequence[tuple[float, float]]) -> str:
    """A line with a head at its end; it keeps one pixel away from what it points at."""
    (x, y), (end_x, end_y) = points[-2], points[-1]
    across, down = float(np.sign(end_x - x)), float(np.sign(end_y - y))
    tip_x, tip_y = end_x - across, end_y - down
    wings = [(tip_x - 6 * across - 3.5 * down, tip_y - 6 * down - 3.5 * across), (tip_x, tip_y),
             (tip_x - 6 * across + 3.5 * down, tip_y - 6 * down + 3.5 * across)]  # fmt: skip
    shaft = "L".join(f"{a:g},{b:g}" for a, b in [*points[:-1], (tip_x, tip_y)])
    head = "L".join(f"{a:g},{b:g}" for a, b in wings)
    return f'<path class="arrow" d="M{shaft}M{head}"/>'


def _style(mode: Mode) -> str:
    palette = PALETTES[mode]
    rules = {
        "text": f"fill:{palette.ink};font-variant-numeric:tabular-nums",
        ".muted": f"fill:{palette.muted}",
        ".small": f"fill:{palette.muted};font-size:11px",
        ".chosen-day": f"font-weight:700;fill:{palette.recurrent}",
        ".box,.x,.y": f"fill:{palette.paper};stroke:{palette.rule};stroke-width:1.5",
        ".box,.y,.high,.low": "cursor:pointer",
        ".box": f"stroke:{palette.muted}",
        ".box:hover,.y:hover": f"stroke:{palette.recurrent}",
        ".chosen": f"stroke:{palette.recurrent};stroke-width:2.5",
        ".high": f"fill:{HIGH[mode]}",
        ".low": f"fill:{LOW[mode]}",
        ".ring": f"stroke:{palette.ink};stroke-width:1",
        ".arrow": f"fill:none;stroke:{palette.muted};stroke-width:1.3",
        "text,.arrow": "pointer-events:none",
    }
    return f"<style>{''.join(f'{name}{{{rule}}}' for name, rule in rules.items())}</style>"
