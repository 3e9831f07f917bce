"""What a training is at: weights, the optimiser's moments, random numbers; as values to be saved, and back into place."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

import numpy as np
import torch
from torch import Tensor, nn


class Draws(Protocol):
    """What batches are drawn by, as a torch.Generator is."""

    def get_state(self) -> Tensor: ...

    def set_state(self, new_state: Tensor) -> Any: ...


Random = Draws | np.random.Generator


def random_state(random: Random) -> Any:
    """Which numbers come next."""
    return random.bit_generator.state if isinstance(random, np.random.Generator) else random.get_state()


def set_random_state(random: Random, state: Any) -> None:
    if isinstance(random, np.random.Generator):
        random.bit_generator.state = state
    else:
        random.set_state(torch.from_numpy(state))


def weights_state(network: nn.Module) -> dict[str, np.ndarray]:
    """A copy of all weights and running statistics."""
    return {name: np.array(tensor.cpu().numpy(), order="C") for name, tensor in network.state_dict().items()}


def set_weights(network: nn.Module, state: Mapping[str, np.ndarray]) -> None:
    """Raises what `load_state_dict` raises where they are those of another network."""
    network.load_state_dict(tensors_of(state))


def tensors_of(state: Mapping[str, np.ndarray]) -> dict[str, Tensor]:
    return {name: torch.from_numpy(array) for name, array in state.items()}


def moments(optimizer: torch.optim.Optimizer) -> list[dict[str, Tensor]]:
    """What the optimiser remembers of each weight, in their order; nothing of one that had no gradient yet."""
    return [dict(optimizer.state.get(weight, {})) for weight in _weights(optimizer)]


def set_moments(optimizer: torch.optim.Optimizer, saved: list[dict[str, np.ndarray]]) -> None:
    """ValueError where there are not as many weights, or of other shapes."""
    for weight, own in zip(_weights(optimizer), saved, strict=True):
        for name, array in own.items():
            tensor = torch.from_numpy(array)
            if tensor.dim() and tensor.shape != weight.shape:
                raise ValueError(f"a weight is of shape {tuple(weight.shape)}, what was saved of {tuple(tensor.shape)}")
            placed = torch.empty_like(weight, requires_grad=False) if tensor.dim() else torch.empty(())
            optimizer.state[weight][name] = placed.copy_(tensor)  # in the weight's own order of memory


def _weights(optimizer: torch.optim.Optimizer) -> list[nn.Parameter]:
    return [weight for group in optimizer.param_groups for weight in group["params"]]
