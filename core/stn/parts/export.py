"""The export formats of a parts run."""

from __future__ import annotations

from core.runs.export import Files, Format
from core.runs.registry import Run
from core.stn.drawing.animation import animated
from core.stn.export.weights_file import WEIGHTS
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


FORMATS = {
    "safetensors": WEIGHTS,
    "gif": Format(
        "Training (GIF)", _films, "where the transformers looked while they learned", suits=lambda result: bool(result.films)
    ),
}
