"""The weights of a network as arrays, and back into it."""

from __future__ import annotations

import numpy as np
import torch
from torch import nn

from core.errors import StoreError
from core.stn.networks.stored import Weights

_UNFIT = "the weights of this run do not fit this version of the network; run it again"
COUNTER = "num_batches_tracked"  # of batch norm: only training needs it


def put_into(network: nn.Module, weights: Weights) -> None:
    """Load stored weights into a network; StoreError when they are those of another network."""
    tensors = {name: torch.from_numpy(np.array(value)) for name, value in weights.items()}
    try:
        missing, unexpected = network.load_state_dict(tensors, strict=False)
    except RuntimeError as error:  # other shapes
        raise StoreError(_UNFIT) from error
    if unexpected or not all(name.endswith(COUNTER) for name in missing):
        raise StoreError(_UNFIT)


def weights_of(network: nn.Module) -> Weights:
    """The weights to store: a copy, which does not change when the training goes on."""
    kept = {name: value for name, value in network.state_dict().items() if not name.endswith(COUNTER)}
    return {name: np.array(value.cpu().numpy(), order="C") for name, value in kept.items()}
