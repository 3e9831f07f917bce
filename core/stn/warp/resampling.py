"""Compose once against resample k times: why a chain of small warps should be multiplied out before any pixel is read.

Every resampling blurs a little and loses what has left the frame; a composed theta reads the original once. This is the
argument of inverse compositional transformers (Lin & Lucey 2017, section 3.2). The measure needs no other picture: after k
turns forth and k turns back the truth is the original. Levels stay floating-point between the steps, as inside a network.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from torch import Tensor

from core.stn.geometry.frames import in_disc
from core.stn.geometry.pixels import picture_of, to_tensor
from core.stn.geometry.theta import Parts, frame_grid, theta_of
from core.stn.geometry.warping import Sampling

MOST = 24
_MARKS = (1, 2, 3, 4, 6, 8, 12, 18, 24)
_DISC = 0.9  # radius in square coordinates: what a turn about the centre never takes out of the picture


@dataclass(frozen=True)
class Repeated:
    """A picture after k turns, both ways, and the curve of what is left after k turns forth and k back.

    `curve`: k, resampled_db and composed_db, the PSNR in dB against the original inside a disc.
    """

    resampled: np.ndarray  # (H, W, C), uint8: read k times
    composed: np.ndarray  # (H, W, C), uint8: read once
    curve: pd.DataFrame


def _chain(image: Tensor, step: Tensor, k: int, sampling: Sampling) -> list[Tensor]:
    """The image after 0, 1, …, k readings of the last."""
    readings = [image]
    for _ in range(k):
        readings.append(sampling.of(readings[-1], step))
    return readings


def _grid(image: Tensor, turn_deg: float) -> Tensor:
    return frame_grid(theta_of(Parts(turn_deg)).float()[None], image.shape[-2], image.shape[-1])


def _once(image: Tensor, turn_deg: float, sampling: Sampling) -> Tensor:
    """The turns multiplied out: k times an angle, read once."""
    return sampling.of(image, _grid(image, turn_deg))


def psnr(original: Tensor, restored: Tensor) -> float:
    """Peak signal to noise ratio in dB, grey levels 0 to 255, inside the disc that never leaves; inf where nothing differs."""
    height, width = original.shape[-2:]
    error = (original - restored)[..., in_disc(width, height, _DISC)].square().mean().item()
    return 10 * math.log10(255**2 / error) if error else math.inf


def _row(image: Tensor, turned: Tensor, k: int, turn_deg: float, back: Tensor, sampling: Sampling) -> dict[str, float]:
    home = _chain(turned, back, k, sampling)[k]
    once = _once(_once(image, k * turn_deg, sampling), -k * turn_deg, sampling)
    return {"k": k, "resampled_db": psnr(image, home), "composed_db": psnr(image, once)}


def repeated(picture: np.ndarray, turn_deg: float, k: int, sampling: Sampling) -> Repeated:
    """Turn a picture (H, W, C), uint8, by the same small angle k times, 1 to MOST."""
    image = to_tensor(picture)
    plain = replace(sampling, antialias=False)  # a turn does not zoom
    forth, back = (_grid(image, sign * turn_deg) for sign in (1, -1))
    chain = _chain(image, forth, MOST, plain)
    once = _once(image, k * turn_deg, plain)
    marks = sorted({*_MARKS, k})
    rows = [_row(image, chain[mark], mark, turn_deg, back, plain) for mark in marks]
    return Repeated(picture_of(chain[k][0], 255), picture_of(once[0], 255), pd.DataFrame(rows))
