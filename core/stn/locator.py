"""The network of `locate`, which says where to look, and who watches where it looks while it learns."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor, nn

from core.stn.clutter import ZOOM, Scenes, overlap
from core.stn.images import to_jpeg
from core.stn.locate_figures import sheet
from core.training import History

ZOOMS = 1.5  # boxes are smaller or larger than the object by at most this factor
STAGES = 24
PICTURE_SECONDS = 0.5  # least time between two pictures for the screen


class Locator(nn.Module):
    """Looks at scenes (B, 1, 84, 84) and says where to look: boxes (B, 3) that stay within the scene.

    The localiser of appendix A.2: 8 filters of 9 × 9 with stride 4, pool, then layers of 8, 8 and 3. It starts in the middle.
    """

    def __init__(self) -> None:
        super().__init__()
        convolution = [nn.Conv2d(1, 8, 9, stride=4), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten()]  # (B, 648)
        self.features = nn.Sequential(*convolution, nn.Linear(8 * 9 * 9, 8), nn.ReLU(), nn.Linear(8, 8), nn.ReLU())
        self.params = nn.Linear(8, 3)
        nn.init.zeros_(self.params.weight)
        nn.init.zeros_(self.params.bias)

    def forward(self, scene: Tensor) -> Tensor:
        size, place = torch.tanh(self.params(self.features(scene))).split([1, 2], dim=1)
        zoom = ZOOM * ZOOMS**size
        return torch.cat([zoom, (1 - zoom) * place], dim=1)


def untrained(seed: int) -> Locator:
    """A network that looks at the middle of every scene; equal seeds give equal weights."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return Locator()


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
