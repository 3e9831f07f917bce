from __future__ import annotations

import numpy as np
import torch

from core.stn.classify.task import Task
from core.stn.datasets.labelled import Labelled
from core.stn.datasets.splits import Fold


def test_tested_images_of_all_folds_come_in_order() -> None:
    data = Labelled(torch.zeros(4, 1, 2, 2), torch.tensor([5, 6, 7, 8]))
    task = Task(data, ("x",), [Fold(np.array([0, 1]), np.array([3, 2])), Fold(np.array([2, 3]), np.array([0]))])
    assert task.tested.tolist() == [0, 2, 3]
    assert task.truth.tolist() == [5, 7, 8]
