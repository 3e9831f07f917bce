"""The weights of a network as arrays, and back into it."""

from __future__ import annotations

import numpy as np
import torch

from core.errors import StoreError
from core.stn.networks.spatial_transformer import LocalizationNetwork

_UNFIT = "the weights of this run do not fit this version of the network; run it again"
Weights = dict[str, np.ndarray]


def put_into(network: LocalizationNetwork, weights: Weights) -> None:
    """Let a network have stored weights; StoreError when they are those of another network."""
    tensors = {name: torch.from_numpy(np.array(value)) for name, value in weights.items()}
    try:
        missing, unexpected = network.load_state_dict(tensors, strict=False)
    except RuntimeError as error:  # other shapes
        raise StoreError(_UNFIT) from error
    if unexpected or not all(name.endswith("num_batches_tracked") for name in missing):
        raise StoreError(_UNFIT)


def weights_of(localization: LocalizationNetwork) -> Weights:
    """The weights to store; counters that only training needs are left out."""
    return {name: value.numpy().copy() for name, value in localization.state_dict().items() if value.ndim}
