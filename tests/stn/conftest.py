from __future__ import annotations

import numpy as np
import pytest
import torch

from core.stn.datasets.samples import sample


@pytest.fixture(autouse=True)
def _one_thread() -> None:
    torch.set_num_threads(1)


@pytest.fixture(scope="session")
def photo() -> np.ndarray:
    """A photo that is wider than high: 255 x 384."""
    return sample("chelsea").pixels
