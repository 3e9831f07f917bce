"""The export formats of a parts run."""

from __future__ import annotations

from collections.abc import Iterator

from core.runs.export import Files, Format
from core.runs.registry import Run
from core.runs.report.parts import Report, Shown
from core.stn.drawing.animation import animated
from core.stn.export.weights_file import WEIGHTS
from core.stn.parts.cues import CUE
from core.stn.parts.figures import cue_heatmap, error_bars, error_curves, places
from core.stn.parts.looks import TITLES
from core.stn.parts.pictures import sheet
from core.stn.parts.result import PartsResult


def _films(run: Run, result: PartsResult) -> Files:
    """Where the transformers of each network looked in the same pictures while they learned."""
    files: Files = {}
    for name, film in result.films.items():
        frames = [sheet(result.images[: film.shape[1]], boxes) for boxes in film]
        captions = [f"{TITLES[name]}, step {step:,}" for step in result.film_steps[name]]
        files[f"{name}.gif" if len(result.films) > 1 else "training.gif"] = animated(frames, captions)
    return files


_PICTURES = 12  # that a report shows


def _shown(result: PartsResult) -> Iterator[Shown]:
    yield Shown("Error of every network", error_bars(result), "± two standard errors; dotted: always the largest class.")
    yield Shown("Error while learning, by seconds", error_curves(result, "seconds"))
    yield Shown("Error while learning, by steps", error_curves(result, "step"))
    for name, boxes in result.boxes.items():
        images = result.images[:_PICTURES]
        cues, half = (result.cues[: len(images)], CUE) if result.scenes else (None, 0.0)
        yield Shown(f"Where the transformers of {TITLES[name]} look", sheet(images, boxes[: len(images)], cues, half))
        yield Shown(f"How often those of {TITLES[name]} look where", places(result, name))
        if result.scenes:
            yield Shown(f"Which cue the boxes of {TITLES[name]} hold", cue_heatmap(result, name))


REPORT = Report(
    _shown,
    limits=("A box that holds a cue shows where the network looks, not that it decides by what it sees there.",),
)


FORMATS = {
    "safetensors": WEIGHTS,
    "gif": Format(
        "Training (GIF)", _films, "where the transformers looked while they learned", suits=lambda result: bool(result.films)
    ),
}
