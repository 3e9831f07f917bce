"""The export formats of an align run."""

from __future__ import annotations

from core.runs.export import Files, Format
from core.runs.registry import Run
from core.stn.align.result import AlignResult
from core.stn.drawing.animation import animated


def _mean(run: Run, result: AlignResult) -> Files:
    """The mean image becoming sharp."""
    moments = zip(result.film_seconds, result.film_variance, strict=True)
    captions = [f"{seconds:.1f} s, variance {variance:.4f}" for seconds, variance in moments]
    return {"training.gif": animated(list(result.film), captions)}


FORMATS = {"gif": Format("The mean image (GIF)", _mean, "the mean image becoming sharp")}
