"""Pictures as tensors and back: uint8 (H, W, C) and float (B, C, H, W)."""

from __future__ import annotations

import numpy as np
import torch
from PIL import Image
from torch import Tensor

SIDE = 256  # pixels: longest side of a frame


def small(photo: np.ndarray) -> np.ndarray:
    """A photo, uint8 (H, W, 3), with no side longer than SIDE."""
    shrunk = Image.fromarray(photo)
    shrunk.thumbnail((SIDE, SIDE))
    return np.array(shrunk)


def pixels_of(images: Tensor) -> np.ndarray:
    """Images (…, H, W) in 0 to 1 as uint8."""
    return (images * 255 + 0.5).clamp(0, 255).to(torch.uint8).numpy()


def to_tensor(picture: np.ndarray) -> Tensor:
    """A picture (H, W, C), uint8, as a batch of one: (1, C, H, W), float, grey levels 0 to 255."""
    return torch.from_numpy(np.require(picture, requirements=("C", "W"))).permute(2, 0, 1)[None].float()


def to_pixels(seen: Tensor) -> np.ndarray:
    """And back, rounded: (H, W, C), uint8."""
    levels = (seen[0] + 0.5).clamp_(0, 255).to(torch.uint8)
    return levels.permute(1, 2, 0).contiguous().numpy()


def to_grey(picture: np.ndarray) -> np.ndarray:
    """The luminance (H, W, 1), uint8, of a picture (H, W, 3): ITU-R 601-2, rounded."""
    return np.rint(picture @ np.array([0.299, 0.587, 0.114]))[..., None].astype(np.uint8)


def shrunk(photo: np.ndarray, longest: int) -> np.ndarray:
    """A photo (H, W, 3), uint8, no side longer than so many pixels."""
    small = Image.fromarray(photo)
    small.thumbnail((longest, longest))
    return np.array(small)
