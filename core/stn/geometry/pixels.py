"""Pictures as tensors and back: uint8 (H, W, C) and float (B, C, H, W). Torch is loaded when a tensor is wanted."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

if TYPE_CHECKING:
    from torch import Tensor

LONGEST = 256  # pixels: longest side of a picture that a result keeps


def shrunk(photo: np.ndarray, longest: int = LONGEST) -> np.ndarray:
    """A photo (H, W, 3), uint8, no side longer than so many pixels."""
    image = Image.fromarray(photo)
    image.thumbnail((longest, longest))
    return np.array(image)


def to_grey(picture: np.ndarray) -> np.ndarray:
    """The luminance (H, W, 1), uint8, of a picture (H, W, 3): ITU-R 601-2, rounded."""
    return np.rint(picture @ np.array([0.299, 0.587, 0.114]))[..., None].astype(np.uint8)


def to_tensor(picture: np.ndarray) -> Tensor:
    """A picture (H, W, C), uint8, as a batch of one: (1, C, H, W), float, grey levels 0 to 255."""
    import torch

    return torch.from_numpy(np.require(picture, requirements=("C", "W"))).permute(2, 0, 1)[None].float()


def pixels_of(images: Tensor, white: float = 1.0) -> np.ndarray:
    """Images (…, H, W) of brightness 0 to `white` as uint8, rounded."""
    import torch

    levels = images if white == 255 else images * (255 / white)
    return (levels + 0.5).clamp(0, 255).to(torch.uint8).numpy()


def picture_of(image: Tensor, white: float = 1.0) -> np.ndarray:
    """One image (C, H, W) of brightness 0 to `white` as a picture: (H, W, C), uint8, rounded."""
    return np.ascontiguousarray(pixels_of(image, white).transpose(1, 2, 0))
