"""Local contrast: canvases less what is around each pixel, in units of how much it varies there.

Light that falls from one side, a dark background or a bright forehead make images differ more than their pose does: in the
stack of least pixel differences a third of 25 faces at ±180° is turned wrongly, in that of local contrasts a tenth
(docs/LOG.md). The neighbourhood is round, so that to turn a canvas and to take its contrast are the same in either order.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

from core.stn.datasets.canvas import disc
from core.stn.datasets.canvas_size import VIEW

REACH = VIEW / 8  # pixels: standard deviation of the Gaussian neighbourhood
FAINT = 0.1  # standard deviations of an image: what varies less is not made as strong as the rest


def _blurred(images: Tensor) -> Tensor:
    """Images (N, 1, H, W) under a Gaussian of REACH pixels."""
    half = round(3 * REACH)
    weights = torch.exp(-torch.arange(-half, half + 1).square() / (2 * REACH**2))
    weights = weights / weights.sum()
    across = functional.conv2d(functional.pad(images, (half, half, 0, 0), mode="replicate"), weights.view(1, 1, 1, -1))
    return functional.conv2d(functional.pad(across, (0, 0, half, half), mode="replicate"), weights.view(1, 1, -1, 1))


def local_contrast(canvases: Tensor) -> Tensor:
    """Of canvases (N, 1, CANVAS, CANVAS), standardised grey: as large, with a mean square of 1 in the middle disc."""
    away = canvases - _blurred(canvases)
    contrast = away / (_blurred(away.square()).sqrt() + FAINT)
    edge = (canvases.shape[-1] - VIEW) // 2
    middle = contrast[..., edge : edge + VIEW, edge : edge + VIEW]
    power = (middle.square() * disc(VIEW)).sum(dim=(-2, -1), keepdim=True) / disc(VIEW).sum()
    return contrast / power.sqrt().clamp(min=1e-6)
