from __future__ import annotations

import numpy as np
import torch

from core.stn.classify.comparison import Protocol, viewed_images
from core.stn.classify.task import Task
from core.stn.datasets.distortions import DISTORTIONS
from core.stn.datasets.labelled import Labelled
from core.stn.datasets.samples import digits
from core.stn.datasets.splits import Fold


def test_viewed_images_are_equal_for_every_model_and_only_tested_ones() -> None:
    pixels = torch.from_numpy(digits(count=30).copy())[:, None]
    data = Labelled(pixels, torch.arange(30))
    task = Task(data, tuple(map(str, range(30))), [Fold(np.arange(20), np.arange(20, 30))])
    protocol = Protocol("R", 1.0, 1, 10, seed=4)
    one, other = viewed_images(task, protocol), viewed_images(task, protocol)
    assert torch.equal(one.distorted, other.distorted)
    assert one.labels.tolist() == list(range(20, 30))
    assert one.distorted.shape[-1] == DISTORTIONS["R"].canvas(28)
