"""Straighten a photo with what a run has learned: look, turn, look again; then sample the photo once, at its full size."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor, nn

from core.errors import StoreError
from core.stn.families import FamilyName
from core.stn.modules import LocalizationNetwork
from core.stn.sampling import Padding, warp
from core.stn.thetas import compose, for_frame, identity, rotation_deg
from core.stn.views import VIEW, Canvases, canvases_of, views

if TYPE_CHECKING:
    from core.stn.rectify import RectifyResult

_UNFIT = "the weights of this run do not fit this version of the network; run it again"
LOOKS = 5  # predictions per photo: each undoes what the one before left over


@dataclass(frozen=True)
class Straightened:
    """A photo made upright, and what was found out about it."""

    image: np.ndarray  # uint8, the size of the photo
    theta: np.ndarray  # (2, 3), output to input, in the normalised coordinates of the photo's frame
    angle_deg: float  # how far the photo was turned, positive counter-clockwise; the image is turned back by as much


@torch.inference_mode()
def look(localization: nn.Module, canvases: Canvases, looks: int = LOOKS) -> Tensor:
    """The theta (B, 2, 3), in square coordinates, that straightens each photo (inverse composition, Lin & Lucey 2017)."""
    theta = identity(len(canvases))
    for _ in range(looks):
        theta = compose(theta, localization(views(canvases, theta)))
    return theta


def apply_theta(photo: np.ndarray, theta: Tensor, padding: Padding = "border") -> Straightened:
    """Sample a photo through one theta (2, 3), in square coordinates."""
    height, width = photo.shape[:2]
    framed = for_frame(theta, width, height).numpy()
    return Straightened(warp(photo, framed, padding=padding), framed, -rotation_deg(theta).item())


def straighten(result: RectifyResult, photo: np.ndarray, *, padding: Padding = "border") -> Straightened:
    """Make a photo (H, W, 3), uint8 and of any size, upright with the weights of a run."""
    localization = localization_from(result.family, result.weights)
    return apply_theta(photo, look(localization, canvases_of([photo]))[0], padding)


def localization_from(family: FamilyName, weights: dict[str, np.ndarray]) -> LocalizationNetwork:
    """The trained network again, from its stored weights; StoreError when they are those of another network."""
    network = LocalizationNetwork(family, VIEW)
    tensors = {name: torch.from_numpy(np.array(value)) for name, value in weights.items()}
    try:
        missing, unexpected = network.load_state_dict(tensors, strict=False)
    except RuntimeError as error:  # other shapes
        raise StoreError(_UNFIT) from error
    if unexpected or not all(name.endswith("num_batches_tracked") for name in missing):
        raise StoreError(_UNFIT)
    return network.eval()


def weights_of(localization: LocalizationNetwork) -> dict[str, np.ndarray]:
    """The weights to store; counters that only training needs are left out."""
    return {name: value.numpy() for name, value in localization.state_dict().items() if value.ndim}
