"""Spatial transformers: learn where to look.

from core.stn import GridGenerator, LocalizationNetwork, Sampler, SpatialTransformer, warp

transformer = SpatialTransformer(LocalizationNetwork("affine", 28), GridGenerator(28, 28), Sampler())
view, theta = transformer(images)
turned = warp(photo, [[0.8, -0.6, 0], [0.6, 0.8, 0]])

from core.stn import HealthLine, calibrated_belief, doubt, equivariance_plot  # of any network that samples with grid_sample
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

import core.stn.warp  # noqa: F401  the package, before the function below takes its name here

if TYPE_CHECKING:
    import numpy as np
    import plotly.graph_objects as go
    from numpy.typing import ArrayLike
    from torch import Tensor, nn

    from core.stn.geometry.warping import Sampling
    from core.stn.learning.own_belief import calibrated_belief
    from core.stn.learning.own_network import HealthLine, doubt, thetas_of
    from core.stn.networks.spatial_transformer import GridGenerator, LocalizationNetwork, Sampler, SpatialTransformer

_NETWORKS, _OWN = "core.stn.networks.spatial_transformer", "core.stn.learning.own_network"
_PLACES = {
    "GridGenerator": _NETWORKS,
    "HealthLine": _OWN,
    "LocalizationNetwork": _NETWORKS,
    "Sampler": _NETWORKS,
    "SpatialTransformer": _NETWORKS,
    "calibrated_belief": "core.stn.learning.own_belief",
    "doubt": _OWN,
    "thetas_of": _OWN,
}
__all__ = [
    "GridGenerator",
    "HealthLine",
    "LocalizationNetwork",
    "Sampler",
    "SpatialTransformer",
    "calibrated_belief",
    "doubt",
    "equivariance_plot",
    "thetas_of",
    "warp",
]


def warp(
    picture: np.ndarray, theta: ArrayLike, sampling: Sampling | None = None, size: tuple[int, int] | None = None
) -> np.ndarray:
    """A picture (H, W, C) or (H, W), uint8, seen through one theta of any kind: the same type, by default the same size.

    Theta maps output to input, (x, y), in square coordinates: the short side spans [-1, 1] from edge to edge. It is a matrix
    (2, 3), a homography (3, 3) or the source points (16, 2) of a spline. `sampling` says how the input is read
    (`core.stn.geometry.warping.Sampling`), by default bilinear, with its edge pixels repeated; `size` is (height, width).

    >>> import numpy as np
    >>> from core.stn import warp
    >>> picture = np.array([[10, 20], [30, 40]], np.uint8)
    >>> warp(picture, [[-1, 0, 0], [0, 1, 0]])  # x is read from the other side: mirrored
    array([[20, 10],
           [40, 30]], dtype=uint8)
    """
    import numpy as np

    from core.stn.geometry.kinds import upright_sign
    from core.stn.geometry.warping import Sampling
    from core.stn.geometry.warping import warp as seen_through

    return seen_through(picture, upright_sign(np.asarray(theta, dtype=float)), sampling or Sampling(), size)


def equivariance_plot(network: nn.Module, image: Tensor, most: float = 45.0, number: int = 0) -> go.Figure:
    """What a network answers to one image (1, C, H, W) turned by up to ± `most` degrees, against the turn: slope 1 is right.

    Of the `number`th place where it samples with `grid_sample`.
    """
    from core.stn.drawing.turns import answered_against_applied
    from core.stn.learning.equivariance import answered_turns
    from core.stn.learning.own_network import thetas_of

    angles = [most * step / 9 for step in range(-9, 10)]
    return answered_against_applied(answered_turns(thetas_of(network, number), image, angles))


def __getattr__(name: str) -> Any:
    if name in _PLACES:
        return getattr(import_module(_PLACES[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
