"""What is recorded while a locator learns."""

from __future__ import annotations

import numpy as np
import torch
from torch import nn

from core.stn.datasets.images import to_jpeg
from core.stn.locate.pictures import sheet
from core.stn.locate.scenes import Scenes, overlap
from core.training import History

STAGES = 24
PICTURE_SECONDS = 0.5  # least time between two pictures for the screen


class Watch:
    """Keeps where the network looks at up to 24 stages of its learning, closely at first; makes pictures for the screen."""

    def __init__(self, scenes: Scenes, steps: int) -> None:
        self.scenes, self.grey, self.total = scenes, scenes.grey, steps
        self.pixels = scenes.images.movedim(1, -1).numpy()  # (N, 84, 84, C)
        self.boxes: list[np.ndarray] = []
        self.steps: list[int] = []
        self._shown = -PICTURE_SECONDS

    def observe(self, model: nn.Module, history: History) -> dict[str, bytes]:
        """Keep a stage when one is due; a picture at most twice a second, else nothing."""
        if len(self.boxes) < STAGES - 1 and history.steps >= self.total * (len(self.boxes) / STAGES) ** 2:
            self.keep(model, history.steps)
        if history.seconds - self._shown < PICTURE_SECONDS:
            return {}
        self._shown = history.seconds
        return {"where it looks": to_jpeg(sheet(self.pixels, self.look(model), self.scenes.boxes.numpy(), 12))}

    @torch.no_grad()
    def look(self, model: nn.Module) -> np.ndarray:
        """Where the network looks now: boxes (N, 3)."""
        return model(self.grey).numpy()

    def keep(self, model: nn.Module, step: int) -> None:
        self.boxes.append(self.look(model))
        self.steps.append(step)

    def overlaps(self) -> np.ndarray:
        """Intersection over union (stages, N) with the truth."""
        return overlap(torch.from_numpy(np.stack(self.boxes)), self.scenes.boxes).numpy()
