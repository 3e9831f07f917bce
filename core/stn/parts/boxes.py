"""Where the boxes of transformers lie, and what they hold: from boxes, cues and crops alone.

A box is (s, x, y) of the attention family, a cue the (x, y) of its middle; both normalised, -1 and 1 at the edges of a picture.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from core.stn.learning.trials import Gain, gain


def holds(boxes: np.ndarray, cues: np.ndarray) -> np.ndarray:
    """Whether boxes (N, n, 3) hold the middles of cues (N, c, 2): (N, n, c)."""
    away = np.abs(boxes[:, :, None, 1:] - cues[:, None]).max(axis=-1)
    return away <= boxes[:, :, None, 0]


def still(boxes: np.ndarray, cues: np.ndarray) -> np.ndarray:
    """The share of all pictures (c,) in which a box that never moves holds each cue, at the best place there is for it."""
    ticks = np.linspace(-1, 1, 81)
    inside = boxes[0, 0, 0]
    shares = []
    for places in cues.swapaxes(0, 1):  # (N, 2)
        across, down = (np.abs(ticks[:, None] - places[:, axis]) <= inside for axis in (0, 1))  # (81, N)
        shares.append(float((down.astype(float) @ across.T.astype(float)).max() / len(places)))
    return np.array(shares)


def spreads(boxes: np.ndarray) -> np.ndarray:
    """The standard deviation of the places of each transformer's boxes (N, n, 3), in x and y together: (n,), half sides."""
    return np.sqrt(boxes[..., 1:].var(axis=0).sum(axis=-1))


def table_of_cues(boxes: np.ndarray, cues: np.ndarray, names: tuple[str, ...]) -> pd.DataFrame:
    """A row a transformer and cue: transformer, cue, held, still, offset_sd.

    held and still: shares of the pictures, 0 to 1, in which its box, and one that never moves, holds the middle of the cue.
    offset_sd: the spread of the box's middle in the frame of the cue, half sides.
    """
    held, fixed = holds(boxes, cues).mean(axis=0), still(boxes, cues)
    offsets = boxes[:, :, None, 1:] - cues[:, None]  # (N, n, c, 2)
    spread = np.sqrt(offsets.var(axis=0).sum(axis=-1))  # (n, c)
    return pd.DataFrame(
        [
            {"transformer": one + 1, "cue": name, "held": held[one, c], "still": fixed[c], "offset_sd": spread[one, c]}
            for one in range(boxes.shape[1])
            for c, name in enumerate(names)
        ]
    )


def _standardised(crops: np.ndarray) -> np.ndarray:
    flat = crops.reshape(len(crops), -1).astype(float)
    flat = flat - flat.mean(axis=1, keepdims=True)
    return flat / np.maximum(np.linalg.norm(flat, axis=1, keepdims=True), 1e-9)


def likeness(crops: np.ndarray) -> np.ndarray:
    """How like the others each crop is, (N,): the mean correlation of its pixels with those of each other of N crops (N, …)."""
    unit = _standardised(crops)
    return (unit @ unit.sum(axis=0) - (unit**2).sum(axis=1)) / max(1, len(unit) - 1)


@dataclass(frozen=True)
class Alike:
    """How like each other the crops of one transformer are, beside those at its mean place in every picture."""

    moving: float
    still: float
    sure: bool  # whether the first is larger by more than chance


def alike(crops: np.ndarray, fixed: np.ndarray) -> Alike:
    """Of the crops (N, h, w) of a transformer and those of a box that never moves, in the same pictures."""
    ours, others = likeness(crops), likeness(fixed)
    measured: Gain = gain(-others, -ours)
    return Alike(float(ours.mean()), float(others.mean()), measured.sure)
