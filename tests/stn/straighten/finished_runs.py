"""A finished straightening run without the training: a network with some weights, photos, and what it made of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import torch
from torch import Tensor

from core.stn.datasets.canvas import canvases_of
from core.stn.datasets.canvas_size import VIEW
from core.stn.datasets.distortions import Distortions
from core.stn.datasets.samples import sample
from core.stn.export.theta_table import theta_table
from core.stn.geometry.families import FamilyName
from core.stn.geometry.warping import warp
from core.stn.learning.belief import Calibration
from core.stn.learning.diagnosis import Diagnosis
from core.stn.networks.spatial_transformer import LocalizationNetwork
from core.stn.networks.weights import weights_of
from core.stn.straighten.looking.doubt import FLOOR_OF_NOVELTY, FLOORS
from core.stn.straighten.looking.familiar import familiar_of
from core.stn.straighten.looking.looks import Looking, look
from core.stn.straighten.looking.straightened import apply_theta
from core.stn.straighten.result import StraightenResult, packed

NAMES = ("chelsea", "coins", "coffee")


@dataclass(frozen=True)
class StandIn:
    """What an export reads of a run."""

    id: str = "0123456789abcdef"
    kind: str = "straighten"
    title: str = 'Straighten a photo called """\\'
    seconds: float = 3.0
    request_json: str = "{}"
    request: Any = field(default_factory=lambda: SimpleNamespace(bench="spatial"))

    @property
    def scores(self) -> Any:
        return {}


def network_of(family: FamilyName, strength: float = 0.03) -> LocalizationNetwork:
    """One that answers every view with a theta of its own, but has learned nothing."""
    torch.manual_seed(5)
    network = LocalizationNetwork(family, VIEW).eval()
    with torch.no_grad():
        network.params.weight.normal_(std=strength)
        for name, statistics in network.named_buffers():
            if name.endswith(("running_mean", "running_var")):
                statistics.add_(0.1 * torch.rand_like(statistics))
    return network


def result_of(family: FamilyName, max_angle: float = 45.0, stages: int = 3) -> StraightenResult:
    network, photos = network_of(family), [_small(name) for name in NAMES]
    distortions = Distortions.of(family, max_angle)
    bends = distortions.draw(len(photos), torch.Generator().manual_seed(1))
    distorted = [warp(photo, theta) for photo, theta in zip(photos, bends, strict=True)]
    straight = [apply_theta(photo, _looked(network, photo, distortions)) for photo in distorted]
    kinds = {"upright": photos, "distorted": distorted, "straightened": [one.image for one in straight]}
    pictures = {f"{kind}/{number}": image for kind, images in kinds.items() for number, image in enumerate(images)}
    pictures |= {"film/given": distorted[0]} | {f"film/{n:02d}": straight[0].image for n in range(stages)}
    thetas = np.stack([one.theta for one in straight])
    return StraightenResult(
        family=family,
        max_angle=max_angle,
        names=NAMES,
        seconds=3,
        steps=20,
        stopped=False,
        weights=weights_of(network),
        loss_steps=[10, 20],
        loss=[0.5, 0.1],
        trials=pd.DataFrame({"name": NAMES, "seen": True, "angle_error": 1.0, "grid_error_after": 1.0}),
        errors=pd.DataFrame({"step": [1], "seconds": [1.0], "error": [1.0]}),
        path=pd.DataFrame({"seconds": [1.0], "turn_deg": [1.0]}),
        applied={"turn_deg": 1.0},
        health=Diagnosis("good", "It learns."),
        example_names=list(NAMES),
        example_thetas=thetas,
        thetas=theta_table(NAMES, thetas),
        pictures=packed(pictures),
        film_thetas=np.stack([straight[0].theta] * stages),
        film_seconds=[float(stage) for stage in range(stages)],
        calibration=Calibration(-1.0, (0.7, 3.0, 0.2), (*FLOORS, FLOOR_OF_NOVELTY)),
        familiar=familiar_of(canvases_of(photos)),
    )


def _looked(network: LocalizationNetwork, photo: np.ndarray, distortions: Distortions) -> Tensor:
    return look(network, canvases_of([photo]), Looking.of(distortions), familiar_of(canvases_of([photo])))[0]


def _small(name: str) -> np.ndarray:
    return np.ascontiguousarray(sample(name).pixels[::3, ::3])
