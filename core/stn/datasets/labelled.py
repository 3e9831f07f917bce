"""Labelled images as tensors."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from core.stn.datasets.digits import Part


@dataclass(frozen=True)
class Labelled:
    """Images with their classes: uint8 (N, C, h, w) and int64 (N,)."""

    images: Tensor
    labels: Tensor

    @classmethod
    def of(cls, part: Part) -> Labelled:
        """Digits as they come from their files."""
        return cls(torch.from_numpy(part.images.copy())[:, None], torch.from_numpy(part.labels.astype(np.int64)))

    def __len__(self) -> int:
        return len(self.labels)

    def __getitem__(self, index: Tensor) -> Labelled:
        return Labelled(self.images[index], self.labels[index])

    def to(self, device: torch.device | str) -> Labelled:
        return Labelled(self.images.to(device), self.labels.to(device))
