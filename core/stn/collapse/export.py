"""The export formats of a collapse run."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from core.runs.export import Files, Format
from core.runs.registry import Run
from core.runs.report.parts import Report, Shown
from core.stn.collapse.figures import dead_by_step, loss_by_step
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


def _shown(result: CollapseResult) -> Iterator[Shown]:
    for letter, setting in result.settings.items():
        drawn = grid_and_seen(result.given, result.thetas[letter][-1], result.frames[letter][-1])
        yield Shown(
            f"{letter}: {setting.words}", drawn, "The bent photo with the grid, and what the network sees of it, at the end."
        )
    yield Shown("Loss", loss_by_step(result), "On the same images; and that of an empty output.")
    yield Shown("Points without gradient", dead_by_step(result), "Where the derivative of the sampler is exactly zero.")


REPORT = Report(
    _shown,
    limits=("One photo and one seed: at which step a setting breaks differs from run to run, why it breaks does not.",),
)


FORMATS = {"gif": Format("Training (GIF)", _film, "all panels, one below the other")}
