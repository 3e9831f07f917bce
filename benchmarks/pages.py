"""The shipped straightener of pages against the classical deskew, on pages of another make than those it learned from.

`pages_sheets` prints them with another renderer, in other typefaces, and turns and spoils them in its own way; the sample photo
of handwriting is in perspective, its turn measured by hand. Pictures that are no pages should not be believed. Writes the table
in docs/RESULTS.md. Needs a Chromium, the typefaces Liberation and DejaVu, and pypdfium2.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import pandas as pd

from benchmarks.pages_page import write_page
from benchmarks.pages_sheets import FAULTS, SHEETS, Tilted, printed, tilted
from core.stn.datasets.samples import sample, sample_names
from core.stn.datasets.tilts import cropped, enlarged
from core.stn.learning.belief import BELIEVED, RIGHT
from core.stn.straighten.pages.answer import shipped
from core.stn.straighten.pages.ways import WAYS, errors_of

HANDWRITTEN, OWN_TURN = "text", -23.3  # degrees: between two ruled lines, read off four times enlarged at the centre
FURTHER = (-15.0, -8.0, 0.0, 8.0, 16.0, 24.0, 32.0, 40.0)  # degrees that it is turned by besides
STRANGERS = (-30.0, -6.0, 11.0)  # degrees


def _handwriting() -> Iterator[Tilted]:
    photo = sample(HANDWRITTEN).pixels
    for degrees in FURTHER:
        yield Tilted(HANDWRITTEN, "sample photo", OWN_TURN + degrees, cropped(photo, degrees))


def _strangers() -> Iterator[Tilted]:
    for name in sample_names():
        for number, degrees in enumerate(STRANGERS if name != HANDWRITTEN else ()):
            turn = enlarged if number else cropped
            yield Tilted(name, "no page", degrees, turn(sample(name).pixels, degrees))


def answered(pictures: Iterator[Tilted]) -> pd.DataFrame:
    """A row a picture: what it is, what every way and the choice say, their errors in degrees, seconds of the processor."""
    straightener, rows = shipped(), []
    for made in pictures:
        began = time.process_time()
        answer = straightener.answers([made.picture])
        about = {"sheet": made.sheet, "fault": made.fault, "true_deg": made.angle_deg, "seconds": time.process_time() - began}
        rows.append(answer.assign(**about))
    return with_errors(pd.concat(rows, ignore_index=True))


def with_errors(table: pd.DataFrame) -> pd.DataFrame:
    """Answers with the errors of every way and of the choice, and whether that is believed."""
    true = table.true_deg.to_numpy()
    errors = {f"{name}_error": errors_of(table[way.column].to_numpy(), true) for name, way in WAYS.items()}
    choice = errors_of(table.angle_deg.to_numpy(), true)
    return table.assign(**errors, choice_error=choice, believed=table.belief >= BELIEVED)


def summary(table: pd.DataFrame) -> dict[str, Any]:
    """Median and worst error in degrees of every way and of the choice, and how the belief did."""
    errors = {
        name: {
            "median": float(table[f"{name}_error"].median()),
            "worst": float(table[f"{name}_error"].max()),
            "right": float((table[f"{name}_error"] < RIGHT).mean()),
        }
        for name in (*WAYS, "choice")
    }
    believed = table[table.believed]
    wrong = float((believed.choice_error >= RIGHT).mean()) if len(believed) else None
    worst = float(believed.choice_error.max()) if len(believed) else None
    belief = {"believed": float(table.believed.mean()), "wrong_among_believed": wrong, "worst_believed": worst}
    return {"pictures": len(table), **errors, **belief, "chosen": {name: float((table.way == name).mean()) for name in WAYS}}


def measure() -> dict[str, Any]:
    """By kind of fault, by sheet, all together; the sample photo; pictures that are no pages."""
    pages, photo, strangers = (answered(rows) for rows in (tilted(printed()), _handwriting(), _strangers()))
    figures = {
        "made": dict(shipped().made),
        "by_fault": {fault.name: summary(pages[pages.fault == fault.name]) for fault in FAULTS},
        "by_sheet": {sheet.name: summary(pages[pages.sheet == sheet.name]) for sheet in SHEETS},
        "all": summary(pages),
        "sample_photo": summary(photo),
        "no_page": summary(strangers),
        "seconds_a_page": float(pages.seconds.median()),
    }
    write_page(figures)
    return figures
