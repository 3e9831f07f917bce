"""Canvas: the square view of a photo that a network reads."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from core.stn.datasets.canvas_size import CANVAS, EXTENT, VIEW
from core.stn.geometry.frames import centres
from core.stn.geometry.sampling import sample


@dataclass(frozen=True)
class Canvases:
    """A batch of photos ready for sampling."""

    pixels: Tensor  # (N, 1, CANVAS, CANVAS), standardised grey
    frames: Tensor  # (N, 2): half width and half height of the photos in square coordinates; the smaller is 1

    def __len__(self) -> int:
        return len(self.pixels)

    def __getitem__(self, index: Tensor) -> Canvases:
        return Canvases(self.pixels[index], self.frames[index])

    def expand(self, count: int) -> Canvases:
        """A single photo `count` times, without copying it."""
        return Canvases(self.pixels.expand(count, -1, -1, -1), self.frames.expand(count, -1))


def _canvas(photo: np.ndarray) -> np.ndarray:
    """One photo as (CANVAS, CANVAS): the central part of it, exactly isotropic, with even sides so that the centre stays."""
    height, width = photo.shape[:2]
    unit = min(height, width) / VIEW
    across, down = (min(CANVAS, 2 * int(side / unit / 2 + 1e-6)) for side in (width, height))
    box = ((width - across * unit) / 2, (height - down * unit) / 2, (width + across * unit) / 2, (height + down * unit) / 2)
    small = Image.fromarray(photo).convert("L").resize((across, down), Image.Resampling.BICUBIC, box=box)
    grey = np.asarray(small, dtype=np.float32)
    grey = (grey - grey.mean()) / (grey.std() + 1.0)
    beside, above = (CANVAS - across) // 2, (CANVAS - down) // 2
    return np.pad(grey, ((above, above), (beside, beside)), mode="edge")


def canvases_of(photos: list[np.ndarray]) -> Canvases:
    """Bring photos (H, W, 3), uint8, onto canvases."""
    pixels = torch.from_numpy(np.stack([_canvas(photo) for photo in photos]))
    sizes = torch.tensor([[photo.shape[1], photo.shape[0]] for photo in photos], dtype=torch.float32)
    return Canvases(pixels[:, None], sizes / sizes.min(dim=1, keepdim=True).values)


@cache
def disc(side: int = VIEW) -> Tensor:
    """A mask of the inscribed circle, which every rotation keeps: 1 inside, 0 outside, soft at the edge: (side, side)."""
    with torch.inference_mode(False):  # cached: usable in training even if inference calls it first
        x = centres(side)
        radius = torch.hypot(x[:, None], x[None, :])
        return ((1 - radius) * side / 4).clamp(0, 1)


def read(canvases: Canvases, grid: Tensor) -> Tensor:
    """The canvases at points (B, H, W, 2) in square coordinates: (B, 1, H, W)."""
    return sample(canvases.pixels, grid / EXTENT)
