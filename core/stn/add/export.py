"""The export formats of an add run."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from core.runs.export import Files, Format
from core.runs.registry import Run
from core.runs.report.parts import Report, Shown
from core.stn.add.adders import TITLES
from core.stn.add.figures import curves, error_bars, steadiness_heatmap
from core.stn.add.pictures import coloured
from core.stn.add.result import AddResult
from core.stn.drawing.animation import animated
from core.stn.export.weights_file import WEIGHTS


def _columns(given: list[np.ndarray], outputs: np.ndarray) -> np.ndarray:
    """One moment: each pair above what T transformers make of it, (SHOWN, T, 2, H, W); uint8 (H', W', 3)."""
    columns = [np.concatenate([pair, *map(coloured, views)]) for pair, views in zip(given, outputs, strict=True)]
    return np.concatenate(columns, axis=1)


def _pairs(run: Run, result: AddResult) -> Files:
    """What the transformers of each network make of the same pairs, which stand above."""
    given = [coloured(pair) for pair in result.examples]
    films = {name: result.films[name] for name in result.models if name in result.films}
    files: Files = {}
    for name, film in films.items():
        frames = [_columns(given, outputs) for outputs in film]
        captions = [f"{TITLES[name]}, after {seconds:.1f} s" for seconds in result.film_seconds[name]]
        files[f"{name}.gif" if len(films) > 1 else "training.gif"] = animated(frames, captions)
    return files


def _shown(result: AddResult) -> Iterator[Shown]:
    yield Shown(
        "Wrong sums", error_bars(result), "± two standard errors, beside the paper's networks, which learned far longer."
    )
    if result.films:
        yield Shown("Which digit each transformer holds still", steadiness_heatmap(result))
        given = [coloured(pair) for pair in result.examples]
        for name in (one for one in result.models if one in result.films):
            film = result.films[name]
            yield Shown(
                f"Pairs, and what the transformers of the {TITLES[name]} make of them at last", _columns(given, film[-1])
            )
    yield Shown("Wrong sums while learning", curves(result, result.errors, "wrong sums (%)"))
    yield Shown("Loss", curves(result, result.losses, "loss"), result.about_loss)


REPORT = Report(
    _shown,
    limits=("The paper's networks learned for far longer: its numbers say what is possible, not what this time allows.",),
)


FORMATS = {
    "safetensors": WEIGHTS,
    "gif": Format(
        "Training (GIF)", _pairs, "what the transformers made of the same pairs", suits=lambda result: bool(result.films)
    ),
}
