"""Spatial transformers: learn where to look.

from core.stn import GridGenerator, LocalizationNetwork, Sampler, SpatialTransformer, warp

transformer = SpatialTransformer(LocalizationNetwork("affine", 28), GridGenerator(28, 28), Sampler())
view, theta = transformer(images)
turned = warp(photo, [[0.8, -0.6, 0], [0.6, 0.8, 0]])
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

import core.stn.warp  # noqa: F401  the package, before the function below takes its name here

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import ArrayLike

    from core.stn.geometry.warping import Sampling
    from core.stn.networks.spatial_transformer import GridGenerator, LocalizationNetwork, Sampler, SpatialTransformer

__all__ = ["GridGenerator", "LocalizationNetwork", "Sampler", "SpatialTransformer", "warp"]


def warp(
    picture: np.ndarray, theta: ArrayLike, sampling: Sampling | None = None, size: tuple[int, int] | None = None
) -> np.ndarray:
    """A picture (H, W, C) or (H, W), uint8, seen through one theta of any kind: the same type, by default the same size.

    Theta maps output to input, (x, y), in square coordinates: the short side spans [-1, 1] from edge to edge. It is a matrix
    (2, 3), a homography (3, 3) or the source points (16, 2) of a spline. `sampling` says how the input is read
    (`core.stn.geometry.warping.Sampling`), by default bilinear, with its edge pixels repeated; `size` is (height, width).
    """
    import numpy as np

    from core.stn.geometry.kinds import upright_sign
    from core.stn.geometry.warping import Sampling
    from core.stn.geometry.warping import warp as seen_through

    return seen_through(picture, upright_sign(np.asarray(theta, dtype=float)), sampling or Sampling(), size)


def __getattr__(name: str) -> Any:
    if name in __all__:
        return getattr(import_module("core.stn.networks.spatial_transformer"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
