"""Muon for convolutions: torch's, which takes matrices only, on filters seen as rows of a matrix.

Jordan et al. 2024, "Muon: an optimizer for hidden layers": the momentum of a weight matrix is made orthogonal before the step. On the
spatial classifiers four epochs with it end where Adam needs seven (docs/LOG.md).
"""

from __future__ import annotations

from collections.abc import Iterable

import torch
from torch import nn


class ConvolutionMuon:
    """One step for every convolution weight (K, C, k, k), as a matrix (K, C·k²)."""

    def __init__(self, weights: Iterable[nn.Parameter], lr: float) -> None:
        self.weights = list(weights)
        self.matrices = [nn.Parameter(weight.detach().reshape(len(weight), -1).clone()) for weight in self.weights]
        self.muon = torch.optim.Muon(self.matrices, lr=lr, weight_decay=0.0, momentum=0.9)

    @property
    def param_groups(self) -> list[dict[str, float]]:
        return self.muon.param_groups

    @torch.no_grad()
    def step(self) -> None:
        for weight, matrix in zip(self.weights, self.matrices, strict=True):
            matrix.grad = None if weight.grad is None else weight.grad.reshape(matrix.shape)
        self.muon.step()
        for weight, matrix in zip(self.weights, self.matrices, strict=True):
            weight.copy_(matrix.view(weight.shape))
