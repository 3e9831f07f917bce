"""What the localisation network sees of a photo: a small grey square.

Every photo, whatever its size, is first brought onto a canvas: grey, standardised, isotropic, 64 pixels to its short side, its
border continued outwards so that a turned view never leaves the canvas. A view is a 64 x 64 sample of the canvas, cut to a disc
(corners say how a frame is turned, not what is in it) and standardised inside the disc.
"""

from __future__ import annotations

from torch import Tensor

from core.stn.datasets.canvas import Canvases, disc, read
from core.stn.datasets.canvas_size import VIEW
from core.stn.geometry.theta import frame_grid


def finish(pixels: Tensor) -> Tensor:
    """Standardise sampled pixels (B, 1, VIEW, VIEW) inside the disc, and hide the rest."""
    mask = disc()
    weight = mask / mask.sum()
    centred = pixels - (pixels * weight).sum(dim=(-2, -1), keepdim=True)
    deviation = (centred.square() * weight).sum(dim=(-2, -1), keepdim=True).sqrt()
    return centred / (deviation + 0.05) * mask


def views(canvases: Canvases, theta: Tensor) -> Tensor:
    """What the network sees through theta (B, 2, 3), in square coordinates: (B, 1, VIEW, VIEW)."""
    return finish(read(canvases, frame_grid(theta, VIEW, VIEW)))
