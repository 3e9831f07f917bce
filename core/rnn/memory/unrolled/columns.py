"""The network unrolled in time: a column a day, with what is read, a box for every layer and direction, and what it gives."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.rnn.memory.trace import Trace


@dataclass(frozen=True)
class Box:
    """One layer in one direction on one day."""

    part: int  # its place in `Trace.parts`
    step: int  # its place in `Part.steps`


@dataclass(frozen=True)
class Column:
    """One day that is read, or of a path that is forecast."""

    position: int  # of the day in the series
    x: np.ndarray  # (inputs,) what the lowest layer reads
    boxes: tuple[Box, ...]  # the lowest layer first, forwards before backwards
    y: np.ndarray | None = None  # (outputs,)
    output: int | None = None  # the place of y in `Trace.y`
    written: bool = False  # a day that is forecast, and not read


LAST = 60  # columns: of a network that reads every day there are as many as days


def unrolled(trace: Trace, inputs: int) -> tuple[Column, ...]:
    """The last columns, in the order of time; of a network that reads `inputs` numbers a day.

    A feed-forward network has its boxes in the last column: it reads all days at once.
    """
    first = trace.parts[0]
    if first.mode == "feed-forward":
        return _at_once(trace, inputs)
    origin = int(trace.y_steps[0]) if trace.writes else int(trace.y_steps[-1])
    early = max(0, len(trace.y_steps) - LAST)
    outputs = {int(day) + trace.writes: early + number for number, day in enumerate(trace.y_steps[early:])}
    boxes: dict[int, list[Box]] = {}
    for number, part in enumerate(trace.parts):
        early = max(0, len(part.steps) - LAST)
        for step, day in enumerate(part.steps[early:].tolist(), start=early):
            boxes.setdefault(day, []).append(Box(number, step))
    columns = []
    for day, own in sorted(boxes.items()):
        output = outputs.get(day)
        y = None if output is None else trace.y[output]
        lowest = trace.parts[own[0].part]
        columns.append(Column(day, lowest.x[own[0].step], tuple(own), y, output, day > origin))
    return tuple(columns)


def _at_once(trace: Trace, inputs: int) -> tuple[Column, ...]:
    read = trace.parts[0].x.reshape(-1, inputs)  # (days, inputs)
    last = int(trace.y_steps[-1])
    boxes = tuple(Box(number, 0) for number in range(len(trace.parts)))
    days = [Column(last + 1 - len(read) + n, x, ()) for n, x in enumerate(read[:-1])]
    return (*days, Column(last, read[-1], boxes, trace.y[0], 0))
