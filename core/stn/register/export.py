"""The export formats of a registration: theta as a table, the film, and both pictures in turn."""

from __future__ import annotations

from collections.abc import Iterator

from core.runs.export import Files, Format
from core.runs.registry import Run
from core.runs.report.parts import Report, Shown
from core.stn.drawing.animation import animated
from core.stn.register.figures import loss_on_the_way
from core.stn.register.result import RegisterResult
from core.stn.register.views import checkerboard, difference, flicker


def _films(run: Run, result: RegisterResult) -> Files:
    """The picture as it comes to lie, level by level, and both in turn where both are."""
    moments = zip(result.film_levels, result.film_steps, result.film_losses, strict=True)
    captions = [f"{side} pixels, step {step}, loss {loss:.4f}" for side, step, loss in moments]
    return {
        "training.gif": animated(list(result.film), captions),
        "flicker.gif": flicker(result.laid, result.fixed, result.inside),
    }


def _shown(result: RegisterResult) -> Iterator[Shown]:
    yield Shown("The picture that moves", result.moving)
    yield Shown("The picture that it is laid over", result.fixed)
    squares = checkerboard(result.laid, result.fixed)
    yield Shown("Both in the squares of a checkerboard", squares, "Where edges go on from square to square, it lies right.")
    yield Shown("Their difference", difference(result.laid, result.fixed, result.inside), "Grey where both agree, or one ends.")
    yield Shown("The loss at every stage", loss_on_the_way(result), "A line a level, coarse to fine.")


REPORT = Report(
    _shown,
    limits=(
        "Gradient descent finds the nearest minimum: pictures that are far apart can be laid wrongly with a small loss.",
        "Where no truth is known, it is judged by whether the way there and back ends where it began.",
    ),
)


FORMATS = {"gif": Format("The descent, and both in turn (GIF)", _films, "level by level; then one and the other")}
