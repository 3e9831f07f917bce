"""What align, locate and add can be taken away as, besides what every run has: the film of the training, the networks alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from core.runs.export import Files, Format
from core.runs.registry import Run
from core.stn.add_figures import coloured
from core.stn.addition import TITLES
from core.stn.animation import animated
from core.stn.locate_figures import sheet
from core.stn.portable import weights_file

if TYPE_CHECKING:
    from core.stn.added import AddResult
    from core.stn.align import AlignResult
    from core.stn.locate import LocateResult

_SCENES = 12  # that the film of a locate run shows


def _mean(run: Run, result: AlignResult) -> Files:
    """The mean image becoming sharp."""
    moments = zip(result.film_seconds, result.film_variance, strict=True)
    captions = [f"{seconds:.1f} s, variance {variance:.4f}" for seconds, variance in moments]
    return {"training.gif": animated(list(result.film), captions)}


def _boxes(run: Run, result: LocateResult) -> Files:
    """Where the network looks in some scenes, and in how many of all it finds the object."""
    frames = [sheet(result.images, boxes, result.truth, _SCENES) for boxes in result.film]
    found = 100 * (result.film_overlaps > 0.5).mean(axis=1)
    captions = [f"step {step:,}: found in {share:.0f} %" for step, share in zip(result.film_steps, found, strict=True)]
    return {"training.gif": animated(frames, captions)}


def _pairs(run: Run, result: AddResult) -> Files:
    """What the transformers of each network make of the same pairs, which stand above."""
    given = [coloured(pair) for pair in result.examples]
    films = {name: result.films[name] for name in result.models if name in result.films}
    files: Files = {}
    for name, film in films.items():
        frames = [_columns(given, seen) for seen in film]
        captions = [f"{TITLES[name]}, after {seconds:.1f} s" for seconds in result.film_seconds[name]]
        files[f"{name}.gif" if len(films) > 1 else "training.gif"] = animated(frames, captions)
    return files


def _columns(given: list[np.ndarray], seen: np.ndarray) -> np.ndarray:
    """One moment: each pair above what T transformers make of it, (SHOWN, T, 2, H, W); uint8 (H', W', 3)."""
    columns = [np.concatenate([pair, *map(coloured, views)]) for pair, views in zip(given, seen, strict=True)]
    return np.concatenate(columns, axis=1)


def _weights(run: Run, result: AddResult | LocateResult) -> Files:
    return {
        "weights.safetensors": weights_file(run, result.weights, {}),
        f"{run.kind}-{run.id}.safetensors": result.to_bytes(),
    }


_ALONE = Format("Weights (safetensors)", _weights, "the networks alone, and the whole result")
ALIGN = {"gif": Format("The mean image (GIF)", _mean, "the mean image becoming sharp")}
LOCATE = {"safetensors": _ALONE, "gif": Format("Training (GIF)", _boxes, "where the network looked while it learned")}
ADD = {"safetensors": _ALONE, "gif": Format("Training (GIF)", _pairs, "what the transformers made of the same pairs")}
