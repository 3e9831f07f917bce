"""Equivariance: whether a spatial transformer answers a picture that is turned further with an angle that is larger by as much.

One that knows what it sees does, along a line of slope 1; one that does not answers the same whatever is applied, or anything.
It asks nothing of a network but thetas of images, so it holds for any that has a spatial transformer.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pandas as pd
import torch
from torch import Tensor

from core.stn.geometry.kernels import Padding
from core.stn.geometry.sampling import sample
from core.stn.geometry.theta import Parts, compose, frame_grid, move, rotation_deg, theta_of

Answer = Callable[[Tensor], Tensor]  # images (B, C, H, W) -> thetas (B, …), output to input, in square coordinates
TURNS = (-20.0, -10.0, 10.0, 20.0)  # degrees
_CORNERS = ((-1.0, -1.0), (1.0, -1.0), (1.0, 1.0), (-1.0, 1.0))


def _turns(angles: Sequence[float]) -> Tensor:
    return torch.stack([theta_of(Parts(rotation_deg=angle)) for angle in angles]).float()  # (N, 2, 3)


def turned(image: Tensor, turns: Tensor, padding: Padding = "border") -> Tensor:
    """One image (1, C, H, W) seen through each theta (N, 2, 3): (N, C, H, W)."""
    grid = frame_grid(turns, image.shape[-2], image.shape[-1])
    return sample(image.expand(len(turns), -1, -1, -1), grid, padding)


@torch.no_grad()
def answered_turns(answer: Answer, image: Tensor, angles: Sequence[float], padding: Padding = "border") -> pd.DataFrame:
    """What is answered to an image (1, C, H, W) that is turned by some angles.

    Columns applied_deg and answered_deg, both positive where the picture stands turned counter-clockwise.
    """
    thetas = answer(turned(image, _turns(angles), padding))
    return pd.DataFrame({"applied_deg": list(angles), "answered_deg": (-rotation_deg(thetas)).tolist()})


@torch.no_grad()
def scatter_of_turns(
    answer: Answer, images: Tensor, turns: Sequence[float] = TURNS, padding: Padding = "border"
) -> Tensor:  # fmt: skip
    """How far answers scatter when images (B, C, H, W) are turned by some angles and turned back by the answers: (B,).

    The mean distance, half the short side being 1, of the corners from where the answer to the image itself puts them.
    """
    thetas, rotations = answer(images), _turns(turns)
    corners = thetas.new_tensor(_CORNERS)[None]
    apart = []
    for image, theta in zip(images, thetas, strict=True):
        again = compose(rotations, answer(turned(image[None], rotations, padding)))  # each looks where theta should
        apart.append((move(again, corners) - move(theta[None], corners)).norm(dim=-1).mean())
    return torch.stack(apart)
