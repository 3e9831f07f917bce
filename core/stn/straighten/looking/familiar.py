"""What is familiar to a network: the upright photos that it learned from, and how like one of them a view looks."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from core.stn.datasets.canvas import Canvases
from core.stn.geometry.theta import identity
from core.stn.straighten.looking.view import views

POOL = 2  # views are compared at half their size
MOST_FAMILIAR = 16  # photos that others are compared with


def contents(view: Tensor) -> Tensor:
    """What views (B, 1, VIEW, VIEW) show, as vectors of length 1, or 0 where they show nothing: (B, (VIEW / POOL)²)."""
    small = functional.avg_pool2d(view, POOL).flatten(1)
    return small / small.square().sum(1, keepdim=True).sqrt().clamp(min=1e-6)


def likeness(view: Tensor, familiar: Tensor) -> Tensor:
    """The correlation of views with the most similar of the familiar contents (N, (VIEW / POOL)²): (B,), -1 to 1."""
    return (contents(view) @ familiar.T).amax(1)


@torch.inference_mode()
def familiar_of(canvases: Canvases) -> np.ndarray:
    """What upright photos show, of some evenly chosen ones if there are many: (N, (VIEW / POOL)²), float32."""
    chosen = torch.linspace(0, len(canvases) - 1, min(MOST_FAMILIAR, len(canvases))).round().long()
    return contents(views(canvases[chosen], identity(len(chosen)))).numpy()
