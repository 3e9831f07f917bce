"""The export formats of a locate run."""

from __future__ import annotations

from collections.abc import Iterator

from core.runs.export import Files, Format
from core.runs.registry import Run
from core.runs.report.parts import Report, Shown
from core.stn.drawing.animation import animated
from core.stn.drawing.losses import loss_curve
from core.stn.export.weights_file import WEIGHTS
from core.stn.locate.boxes import FOUND
from core.stn.locate.figures import overlap_histogram, success_over_training
from core.stn.locate.pictures import sheet
from core.stn.locate.result import LocateResult

_SCENES = 12  # that the film of a locate run shows


def _boxes(run: Run, result: LocateResult) -> Files:
    """Where the network looks in some scenes, and in how many of all it finds the object."""
    frames = [sheet(result.images, boxes, result.truth, _SCENES) for boxes in result.film]
    success = 100 * (result.film_overlaps > FOUND).mean(axis=1)
    captions = [f"step {step:,}: found in {share:.0f} %" for step, share in zip(result.film_steps, success, strict=True)]
    return {"training.gif": animated(frames, captions)}


def _shown(result: LocateResult) -> Iterator[Shown]:
    if len(result.unseen_images):
        drawn = sheet(result.unseen_images, result.unseen_boxes, result.unseen_truth, len(result.unseen_images))
        yield Shown("Images of the test", drawn, "Green: found, red: not. Thin grey: where the object is.")
    yield Shown("Found, by training step", success_over_training(result))
    yield Shown(
        "Overlap of predicted and true squares", overlap_histogram(result), f"Found is what overlaps by more than {FOUND:g}."
    )
    yield Shown("Loss", loss_curve(result.loss_steps, result.loss, "loss, with the vote while it counts"))


REPORT = Report(
    _shown,
    limits=(
        "Each image holds the object once, and at one size: it is found, not told whether it is there.",
        "Clutter and objects are made by this lab from the pictures given; photos of the world are harder.",
    ),
)


FORMATS = {"safetensors": WEIGHTS, "gif": Format("Training (GIF)", _boxes, "where the network looked while it learned")}
