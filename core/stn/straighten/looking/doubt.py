"""Doubt: the probability that a photo is straightened to within 2°, from two distances or three.

How far answers scatter when the network looks again from turned starts (`looks`), and how far the straightened photo is from
looking like one of the upright photos that it learned from. Where the run tried new photos of its kind, also whether it looks
rather like one of them: photos of the training are nearly all answered rightly, new ones now and then, and between lies a
step. `core.stn.learning.belief` makes a probability of these, by the trials of the run.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn

from core.stn.datasets.canvas import Canvases
from core.stn.learning.belief import Calibration
from core.stn.straighten.looking.familiar import likeness
from core.stn.straighten.looking.looks import Looking, look, look_again, preferred, times
from core.stn.straighten.looking.view import views

FLOORS = (2e-3, 0.1)  # of a scatter, half the short side being 1: below are differences of resampling; of a lack of likeness
FLOOR_OF_NOVELTY = 1e-2
LEARNED_FROM, STEEPNESS = (
    0.87,
    50.0,
)  # a likeness: straightened photos of the training mostly look more like themselves, others less


def novelty(alike: Tensor) -> Tensor:
    """From a likeness (B,), 0 where a photo looks like one of the training to 1 where it looks new: a steep logistic curve."""
    return torch.sigmoid(STEEPNESS * (LEARNED_FROM - alike))


def distances_of(scatter: np.ndarray, alike: np.ndarray) -> np.ndarray:
    """(B, 3), as a calibration takes them."""
    return np.column_stack([scatter, 1 - alike, novelty(torch.tensor(alike)).numpy()])


@dataclass(frozen=True)
class Evidence:
    """Of some photos: theta (B, …), how far the answers scatter (B,) and how like familiar photos they look (B,)."""

    theta: Tensor
    scatter: np.ndarray
    likeness: np.ndarray


@torch.inference_mode()
def gather(localization: nn.Module, canvases: Canvases, looking: Looking, familiar: np.ndarray) -> Evidence:
    """Straighten photos, and what speaks for the answers."""
    answers = look_again(localization, canvases, look(localization, canvases, looking, familiar), looking)
    shown = views(times(canvases, len(looking.starts)), answers)
    theta, scatter, alike = preferred(answers, likeness(shown, torch.from_numpy(familiar)), len(looking.starts))
    return Evidence(theta, scatter.numpy(), alike.numpy())


@dataclass(frozen=True)
class Doubt:
    """What a run needs to doubt its own answers."""

    calibration: Calibration
    familiar: np.ndarray  # (N, (VIEW / POOL)²), see `familiar.familiar_of`

    def belief(self, evidence: Evidence) -> np.ndarray:
        """The probability (B,) that each error is below RIGHT."""
        return self.calibration.belief(distances_of(evidence.scatter, evidence.likeness))
