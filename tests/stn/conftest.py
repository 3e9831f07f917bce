from __future__ import annotations

from collections.abc import Iterator
from functools import cache

import numpy as np
import pytest
import torch

from core.stn.datasets.samples import sample


@pytest.fixture(autouse=True)
def _one_thread() -> None:
    torch.set_num_threads(1)


@pytest.fixture(scope="module")
def operators_listed_once() -> Iterator[None]:
    """PyTorch lists ONNX's operators anew for every part of a graph that is exported, which takes 0.4 s."""
    from torch.onnx._internal.exporter._registration import ONNXRegistry

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ONNXRegistry, "from_torchlib", staticmethod(cache(ONNXRegistry.from_torchlib)))
        yield


@pytest.fixture(scope="session")
def photo() -> np.ndarray:
    """A photo that is wider than high: 255 x 384."""
    return sample("chelsea").pixels
