"""Films of a classification: where the transformers looked in the same test images while they learned, as animated GIFs."""

from __future__ import annotations

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from core.runs.export import Files
from core.stn.classify.result import ClassifyResult
from core.stn.drawing.animation import animated
from core.stn.drawing.sheets import grids_on, montage
from core.stn.geometry.pixels import pixels_of
from core.stn.geometry.sampling import sample
from core.stn.geometry.theta import frame_grid
from core.stn.networks.spec import TITLES

_TILE = 120  # pixels: an image of the film


def _through(result: ClassifyResult, image: np.ndarray, theta: Tensor) -> np.ndarray:
    """An image (C, side, side), uint8, as theta (1, …) shows it."""
    spec = next(iter(result.specs.values()))
    shown = sample(torch.from_numpy(image.copy())[None].float() / 255, frame_grid(theta, spec.side, spec.side), spec.padding)
    return pixels_of(shown)[0]


def _fitted(image: np.ndarray) -> np.ndarray:
    """An image (C, side, side) as a tile of the film, uint8 (_TILE, _TILE, 3), every pixel a crisp square."""
    large = Image.fromarray(montage(image[None, None])).resize((_TILE, _TILE), Image.Resampling.NEAREST)
    return np.asarray(large)


def _stage(result: ClassifyResult, thetas: np.ndarray) -> np.ndarray:
    """One moment: thetas (transformers, N, …) of the shown images, uint8 (H, W, 3)."""
    columns = []
    for image, grids in zip(result.path_images, thetas.swapaxes(0, 1), strict=False):
        views = [_fitted(_through(result, image, torch.from_numpy(theta)[None])) for theta in grids]
        columns.append(np.concatenate([grids_on(image, grids, size=_TILE), *views]))
    return np.concatenate(columns, axis=1)


def films_of(result: ClassifyResult) -> Files:
    """For each network with transformers: where it looked in the same test images, above what it saw there, stage by stage."""
    films: Files = {}
    for name in filter(result.path_steps.__contains__, result.models):
        frames = [_stage(result, stage) for stage in result.path_thetas[name]]
        captions = [f"{TITLES[name]}, after {steps:,} steps" for steps in result.path_steps[name]]
        films[f"{name}.gif" if len(result.path_steps) > 1 else "training.gif"] = animated(frames, captions)
    return films
