"""The export formats of a locate run."""

from __future__ import annotations

from core.runs.export import Files, Format
from core.runs.registry import Run
from core.stn.drawing.animation import animated
from core.stn.export.weights_file import WEIGHTS
from core.stn.locate.boxes import FOUND
from core.stn.locate.pictures import sheet
from core.stn.locate.result import LocateResult

_SCENES = 12  # that the film of a locate run shows


def _boxes(run: Run, result: LocateResult) -> Files:
    """Where the network looks in some scenes, and in how many of all it finds the object."""
    frames = [sheet(result.images, boxes, result.truth, _SCENES) for boxes in result.film]
    success = 100 * (result.film_overlaps > FOUND).mean(axis=1)
    captions = [f"step {step:,}: found in {share:.0f} %" for step, share in zip(result.film_steps, success, strict=True)]
    return {"training.gif": animated(frames, captions)}


FORMATS = {"safetensors": WEIGHTS, "gif": Format("Training (GIF)", _boxes, "where the network looked while it learned")}
