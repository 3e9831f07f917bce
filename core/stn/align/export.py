"""The export formats of an align run."""

from __future__ import annotations

from collections.abc import Iterator

from core.runs.export import Files, Format
from core.runs.registry import Run
from core.runs.report.parts import Report, Shown
from core.stn.align.figures import recovered_against_turned, variance_while_aligning
from core.stn.align.result import AlignResult
from core.stn.drawing.animation import animated
from core.stn.drawing.sheets import contact_sheet


def _mean(run: Run, result: AlignResult) -> Files:
    """The mean image becoming sharp."""
    moments = zip(result.film_seconds, result.film_variance, strict=True)
    captions = [f"{seconds:.1f} s, variance {variance:.4f}" for seconds, variance in moments]
    return {"training.gif": animated(list(result.film), captions)}


def _shown(result: AlignResult) -> Iterator[Shown]:
    ok = list(result.images["ok"])
    for title, mean, images in (
        ("As they were", result.mean_before, result.before),
        ("Aligned", result.mean_after, result.after),
    ):
        yield Shown(f"{title}: the mean of all images", mean)
        yield Shown(
            f"{title}: all images", contact_sheet([images[str(number)] for number in range(len(ok))], ok), "Framed: flagged."
        )
    if result.spread:
        yield Shown("Recovered against applied angle", recovered_against_turned(result))
    yield Shown("Variance of the stack", variance_while_aligning(result))


REPORT = Report(
    _shown,
    limits=(
        "Only how images lie to each other can be found: which way is up in the world is not in them.",
        "That images agree says nothing of whether they show the same thing.",
    ),
)


FORMATS = {"gif": Format("The mean image (GIF)", _mean, "the mean image becoming sharp")}
