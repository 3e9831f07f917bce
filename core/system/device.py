"""The device that networks learn on: a GPU where this process sees one (CUDA_VISIBLE_DEVICES), else the processor.

A network learns there as a copy. What is looked at meanwhile, tested and stored is the network on the processor, which takes
over the weights and gradients when somebody looks: whoever observes or stores a network knows nothing of devices.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass, replace
from typing import Any, Generic, TypeVar

import torch
from torch import Tensor, nn

PROCESSOR = torch.device("cpu")
Network = TypeVar("Network", bound=nn.Module)


def learning_device() -> torch.device:
    return torch.device("cuda") if torch.cuda.is_available() else PROCESSOR


def in_words(device: torch.device) -> str:
    """ "NVIDIA H200 (GPU)"; "" of the processor."""
    return f"{torch.cuda.get_device_name(device)} (GPU)" if device.type == "cuda" else ""


def placed(network: Network, device: torch.device) -> Network:
    """A copy on a device; of the processor the network itself."""
    return network if device == PROCESSOR else copy.deepcopy(network).to(device)


def moved(value: Any, device: torch.device) -> Any:
    """A batch on a device: its tensors, in tuples and dataclasses too."""
    if isinstance(value, Tensor):
        return value.to(device, non_blocking=True)
    if isinstance(value, tuple):
        return tuple(moved(one, device) for one in value)
    if is_dataclass(value) and not isinstance(value, type):
        return replace(value, **{field.name: moved(getattr(value, field.name), device) for field in fields(value)})
    return value


class Learner(Generic[Network]):
    """A network, and its copy that learns on a device: on the processor they are one."""

    def __init__(self, network: Network, device: torch.device) -> None:
        self.network, self.learning, self.device = network, placed(network, device), device

    def its(self, groups: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Parameter groups of the network as those of its copy."""
        if self.learning is self.network:
            return groups
        twins = dict(zip(map(id, self.network.parameters()), self.learning.parameters(), strict=True))
        return [group | {"params": [twins[id(weight)] for weight in group["params"]]} for group in groups]

    def batches(self, drawn: Iterator[Any]) -> Iterator[Any]:
        return drawn if self.learning is self.network else (moved(batch, self.device) for batch in drawn)

    @torch.no_grad()
    def bring_back(self) -> None:
        """Give the network the weights, statistics and gradients of its copy."""
        if self.learning is self.network:
            return
        theirs: Mapping[str, Tensor] = self.learning.state_dict()
        for name, own in self.network.state_dict().items():
            own.copy_(theirs[name])
        for weight, twin in zip(self.network.parameters(), self.learning.parameters(), strict=True):
            weight.grad = None if twin.grad is None else twin.grad.cpu()
        self.network.train(self.learning.training)
