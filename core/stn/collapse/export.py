"""The export formats of a collapse run."""

from __future__ import annotations

import numpy as np

from core.runs.export import Files, Format
from core.runs.registry import Run
from core.stn.collapse.result import CollapseResult
from core.stn.drawing.animation import animated
from core.stn.drawing.pairs import grid_and_seen


def _film(run: Run, result: CollapseResult) -> Files:
    """All panels, one below the other, measurement by measurement."""
    steps = [result.of(letter)["step"].tolist() for letter in result.settings]
    frames = []
    for number in range(max(map(len, steps))):
        rows = []
        for letter in result.settings:
            at = min(number, len(result.frames[letter]) - 1)
            rows.append(grid_and_seen(result.given, result.thetas[letter][at], result.frames[letter][at]))
        frames.append(np.concatenate(rows))
    return {"training.gif": animated(frames, [f"after {step} steps" for step in max(steps, key=len)])}


FORMATS = {"gif": Format("Training (GIF)", _film, "all panels, one below the other")}
