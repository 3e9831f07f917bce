"""Belief for somebody's own network: the probability that its answer turns with the image to within 2°, calibrated by trials.

    from core.stn import calibrated_belief

    belief = calibrated_belief(network, images)  # some dozens (B, C, H, W) of the kind that it learned from
    belief(others)  # (N,), from 0 to 1

Right is what is right of any spatial transformer: an image turned by an angle is answered with an angle larger by as much than
the image itself. The evidence is the scatter of the answers (`equivariance.scatter_of_turns`). Trials turn the images by random
angles, and other images too, by default of the same spectra and random phases: without trials on what it does not know, a curve
cannot learn when not to believe.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn

from core.stn.geometry.theta import Parts, rotation_deg, theta_of, turn_between
from core.stn.learning.belief import Calibration, calibrated
from core.stn.learning.equivariance import TURNS, Answer, scatter_of_turns, turned
from core.stn.learning.own_network import thetas_of

RIGHT = 2.0  # degrees
TRIALS = 60  # on images of the kind, and as many on others
FLOOR = 2e-3  # of a scatter, half the short side being 1


@dataclass(frozen=True)
class OwnBelief:
    """The belief in the answers of a network."""

    calibration: Calibration
    answer: Answer

    def __call__(self, images: Tensor) -> np.ndarray:
        """The probability (B,) that each answer to images (B, C, H, W) turns with the image to within RIGHT degrees."""
        return self.calibration.belief(_scatter(self.answer, images))


def _scatter(answer: Answer, images: Tensor) -> np.ndarray:
    return scatter_of_turns(answer, images, TURNS).cpu().double().numpy()[:, None]


def with_random_phases(images: Tensor, generator: torch.Generator) -> Tensor:
    """Images of the same means and amplitude spectra that show nothing: (B, C, H, W)."""
    spectra = torch.fft.rfft2(images)
    noise = torch.fft.rfft2(torch.randn(images.shape, generator=generator).to(images))
    phases = noise / noise.abs().clamp(min=1e-12)
    phases[..., 0, 0] = 1  # the mean keeps its sign
    return torch.fft.irfft2(spectra.abs() * phases, images.shape[-2:])


def _trials(answer: Answer, images: Tensor, most: float, generator: torch.Generator) -> tuple[np.ndarray, np.ndarray]:
    """TRIALS turned images: the scatter (N, 1), and whether the answer has turned as far (N,)."""
    angles = (most * (2 * torch.rand(TRIALS, generator=generator) - 1)).tolist()
    chosen = [number % len(images) for number in range(TRIALS)]
    thetas = torch.stack([theta_of(Parts(rotation_deg=angle)) for angle in angles]).float()
    bent = torch.cat([turned(images[number][None], theta[None]) for number, theta in zip(chosen, thetas, strict=True)])
    before, after = (-rotation_deg(answer(one)).cpu() for one in (images, bent))
    by = (after - before[chosen]).tolist()
    right = [turn_between(*both) < RIGHT for both in zip(angles, by, strict=True)]
    return _scatter(answer, bent), np.array(right)


def calibrated_belief(
    network: nn.Module, images: Tensor, others: Tensor | None = None, most: float = 45.0, number: int = 0, seed: int = 0
) -> OwnBelief:  # fmt: skip
    """Turn images (B, C, H, W), and others that the network does not know, by up to ± `most` degrees, and see when it is right.

    Of the `number`th place where the network samples with `grid_sample`.
    """
    generator, answer = torch.Generator().manual_seed(seed), thetas_of(network, number)
    unknown = with_random_phases(images, generator) if others is None else others
    scatters, right = zip(*(_trials(answer, kind, most, generator) for kind in (images, unknown)), strict=True)
    return OwnBelief(calibrated(np.concatenate(scatters), np.concatenate(right), (FLOOR,)), answer)
