"""What scikit-image and kornia make of two pictures, by their own documented ways; thetas (2, 3) in square coordinates."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np

Way = Callable[[np.ndarray, np.ndarray], np.ndarray]


LONGER = {"lr": 0.01, "num_iterations": 200, "tolerance": 0.0}


@dataclass(frozen=True)
class Peer:
    title: str
    package: str
    install: str
    way: Way
    pairs: int = 1_000  # at most, because it takes long


def _grey(picture: np.ndarray) -> np.ndarray:
    return picture @ np.array([0.299, 0.587, 0.114]) / 255


def in_square(matrix: np.ndarray, width: int, height: int) -> np.ndarray:
    """A map of pixel coordinates (3, 3), centres of pixels at whole numbers, in square coordinates: (2, 3)."""
    half = min(width, height) / 2
    to_pixels = np.array([[half, 0, (width - 1) / 2], [0, half, (height - 1) / 2], [0, 0, 1.0]])
    square = np.linalg.inv(to_pixels) @ matrix @ to_pixels
    return (square / square[2, 2])[:2]


def scikit_image(moving: np.ndarray, fixed: np.ndarray) -> np.ndarray:
    """Its gallery's registration by log-polar transformations, then `phase_cross_correlation` of the turned picture.

    Its band and radius, made for pictures of a thousand pixels, are finer here: with its own it is off by 27 pixels.
    """
    from skimage.filters import difference_of_gaussians, window
    from skimage.registration import phase_cross_correlation
    from skimage.transform import SimilarityTransform, warp, warp_polar

    height, width = fixed.shape[:2]
    side = max(height, width)
    pad = ((0, side - height), (0, side - width))
    one, other = (np.pad(_grey(picture), pad, mode="edge") for picture in (moving, fixed))
    spectra = [
        np.abs(np.fft.fftshift(np.fft.fft2(difference_of_gaussians(image, 1, 4) * window("hann", image.shape))))
        for image in (one, other)
    ]
    radius = side // 2
    polar = [warp_polar(spectrum, radius=radius, output_shape=spectrum.shape, scaling="log", order=0) for spectrum in spectra]
    halves = [image[: side // 2] for image in polar]
    (turn, zoom), *_ = phase_cross_correlation(*halves, upsample_factor=10, normalization=None)
    angle, scale = 2 * np.pi * turn / side, np.exp(zoom / (side / np.log(radius)))
    best, likeness = np.eye(3), -np.inf
    centre = SimilarityTransform(translation=[-(side - 1) / 2] * 2)
    for sign_angle in (angle, -angle):
        for factor in (scale, 1 / scale):
            about = centre + SimilarityTransform(scale=factor, rotation=sign_angle) + centre.inverse
            turned = warp(one, about, mode="edge")
            (down, right), *_ = phase_cross_correlation(other, turned, upsample_factor=20)
            shifted = SimilarityTransform(translation=[-right, -down]) + about
            found = np.corrcoef(warp(one, shifted, mode="edge").ravel(), other.ravel())[0, 1]
            if found > likeness:
                best, likeness = np.asarray(shifted), found
    return in_square(best, width, height)


def kornia(moving: np.ndarray, fixed: np.ndarray, **settings: float) -> np.ndarray:
    """Its ImageRegistrator for a similarity, by default five levels of a pyramid, L1, up to 100 steps of Adam on each."""
    import torch
    from kornia.geometry.transform import ImageRegistrator

    height, width = fixed.shape[:2]
    one, other = (torch.from_numpy(_grey(picture)).float()[None, None] for picture in (moving, fixed))
    matrix = ImageRegistrator("similarity", **settings).register(one, other)[0].detach().double().numpy()
    # it reads the moving picture at matrix · (x, y), -1 and 1 the centres of the border pixels, by grid_sample's outer edges
    out = np.array([[2 / (width - 1), 0, -1], [0, 2 / (height - 1), -1], [0, 0, 1.0]])
    into = np.array([[width / 2, 0, (width - 1) / 2], [0, height / 2, (height - 1) / 2], [0, 0, 1.0]])
    return in_square(into @ matrix @ out, width, height)


PEERS = (
    Peer("scikit-image, log-polar and phase_cross_correlation", "skimage", "scikit-image", scikit_image),
    Peer("kornia, ImageRegistrator", "kornia", "kornia", kornia),
    Peer("kornia, rate 0.01, 200 steps, no tolerance", "kornia", "kornia", partial(kornia, **LONGER), 8),
)
