"""The section of docs/RESULTS.md about pages, from what `benchmarks.pages` measured."""

from __future__ import annotations

from datetime import UTC, datetime
from textwrap import fill
from typing import Any

from benchmarks.results_page import put_section
from core.stn.straighten.pages.ways import WAYS

WIDTH = 128  # characters of a line of the page
TITLE = "Pages straightened at once"
_HEAD = """Measured on {day} by `python -m benchmarks pages`, which writes this section. The shipped network learned from sheets
that the lab draws with Pillow ({steps:,} steps, {minutes:.0f} minutes of one processor). It is tested on pages of another make:
printed to PDF by Chromium and read by PDFium, in typefaces, languages and layouts that it never saw, turned by Pillow by up to
±39°, spoiled by other code. **network**: its answer alone; **deskew**: the classical way (projection profile) alone; **both**:
the classical way within ±4° of the network's answer, on the page without its shadows; **choice**: the one of the three that is
the likeliest to be off by less than 0.5°, by curves fitted to the lab's own sheets. Errors are median / worst, in degrees.
*Believed*: a belief of 80 % or more; what is not believed is left as it is. *Wrong*: of what is believed, off by 2° or more. A
page in perspective has lines of many directions; that at the centre of the picture is held to be its turn, so text far from
there is off by what lies between.
"""
_COLUMNS = {"network": "network", "lines": "deskew", "nearby": "both", "choice": "**choice**"}


def _percent(share: float | None, digits: int = 0) -> str:
    return "–" if share is None else f"{share:.{digits}%}".replace("%", " %")


def _row(name: str, rows: dict[str, Any]) -> str:
    errors = [f"{rows[column]['median']:.2f} / {rows[column]['worst']:.1f}" for column in _COLUMNS]
    cells = [name, str(rows["pictures"]), *errors, _percent(rows["believed"]), _percent(rows["wrong_among_believed"], 1)]
    return f"| {' | '.join(cells)} |"


def _table(title: str, parts: dict[str, dict[str, Any]]) -> str:
    head = (
        f"| {title} | pictures | {' | '.join(_COLUMNS.values())} | believed | wrong |\n" + "|---" * (len(_COLUMNS) + 4) + "|\n"
    )
    return head + "\n".join(_row(*part) for part in parts.items()) + "\n"


def _better(figures: dict[str, Any]) -> str:
    """Where which way is better, by the share of answers that are right."""
    rows = figures["by_fault"]
    network = [name for name, row in rows.items() if row["network"]["right"] > row["lines"]["right"] + 0.05]
    finer = [name for name, row in rows.items() if row["lines"]["median"] < row["network"]["median"]]
    words = (
        "The network is right more often than the classical deskew (by 5 % or more of the pictures) under: {}. The classical "
    )
    words += "deskew is finer (smaller median) under: {}. Chosen were {}."
    names = {name: f"{_COLUMNS[name]} for {_percent(share)}" for name, share in figures["all"]["chosen"].items()}
    return words.format("; ".join(network) or "none", "; ".join(finer) or "none", ", ".join(names[name] for name in WAYS))


def written(figures: dict[str, Any]) -> str:
    """The section as Markdown."""
    made, photo, strangers = figures["made"], figures["sample_photo"], figures["no_page"]
    day, minutes = datetime.now(UTC).date(), made["processor_seconds"] / 60
    head = fill(_HEAD.format(day=day, steps=made["steps"], minutes=minutes), WIDTH, break_on_hyphens=False)
    of_all = {**figures["by_fault"], "all": figures["all"], "sample photo (handwriting, strong perspective)": photo}
    rest = f"Of {strangers['pictures']} turned pictures that are no pages {_percent(strangers['believed'])} are believed"
    wrong = strangers["wrong_among_believed"]
    rest += ". " if wrong is None else f", of which {_percent(wrong)} are off by 2° or more. "
    rest += f"A page takes {figures['seconds_a_page']:.2f} s of the processor."
    words = fill(f"{_better(figures)} {rest}", WIDTH, break_on_hyphens=False)
    return "\n".join((head, "", _table("fault", of_all), words, "", _table("sheet", figures["by_sheet"])))


def write_page(figures: dict[str, Any]) -> None:
    """Write the section of docs/RESULTS.md."""
    put_section(TITLE, written(figures).splitlines())
