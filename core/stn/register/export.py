"""The export formats of a registration: theta as a table, the film, and both pictures in turn."""

from __future__ import annotations

from core.runs.export import Files, Format
from core.runs.registry import Run
from core.stn.drawing.animation import animated
from core.stn.register.result import RegisterResult
from core.stn.register.views import flicker


def _films(run: Run, result: RegisterResult) -> Files:
    """The picture as it comes to lie, level by level, and both in turn where both are."""
    moments = zip(result.film_levels, result.film_steps, result.film_losses, strict=True)
    captions = [f"{side} pixels, step {step}, loss {loss:.4f}" for side, step, loss in moments]
    return {
        "training.gif": animated(list(result.film), captions),
        "flicker.gif": flicker(result.laid, result.fixed, result.inside),
    }


FORMATS = {"gif": Format("The descent, and both in turn (GIF)", _films, "level by level; then one and the other")}
