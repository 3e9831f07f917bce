"""Backward through time: how large ∂L/∂h_{t−k} is, k days before the forecast that the loss L scores (Bengio et al. 1994).

L is the loss of one day's forecast, so the gradient reaches earlier states through the recurrence alone: it is multiplied by
the recurrent Jacobian once a day, and vanishes or explodes as that shrinks or stretches. An LSTM carries it in c, too.
"""

from __future__ import annotations

import copy
from collections.abc import Generator, Mapping
from dataclasses import dataclass, replace
from typing import cast

import numpy as np
import pandas as pd
import torch
from torch import Tensor, nn

from core.checkpoints.checkpoint import part
from core.checkpoints.networks import tensors_of
from core.errors import InvalidRequest
from core.rnn.dataset.series import Series
from core.rnn.memory.gradients.connectivity import origins_of
from core.rnn.memory.result import GRADIENTS
from core.rnn.networks.gates import trace
from core.rnn.networks.modules import ManyToMany, ManyToOne, network
from core.rnn.networks.network import Network
from core.runs.request import Progress

STEPS = 40  # days that the gradient goes back
STAGES = ("beginning", "middle", "end")


@dataclass(frozen=True)
class Backward:
    """Sizes of gradients, means over the days whose loss is taken; index k is k days before the forecast's origin."""

    h: np.ndarray  # (STEPS,) |∂L/∂h_{t−k}|
    c: np.ndarray | None  # (STEPS,) |∂L/∂c_{t−k}| of an LSTM
    weights: float  # Euclidean norm of the gradient of the mean loss by all weights
    radius: float  # the spectral radius of the recurrent weights, the largest over gates

    def clipped(self, most: float) -> float:
        """By which factor clipping to a norm of `most` shortens the step: min(1, most / norm) (Pascanu et al. 2013)."""
        return min(1.0, most / self.weights) if self.weights > 0 else 1.0


def can_go_back(network: Network) -> bool:
    """Whether there are steps to go back through: those of many-to-many and many-to-one, of a cell with equations."""
    several = network.window is None or network.window > 1
    cell = getattr(network.model, "cell", None)
    return isinstance(network.model, ManyToMany | ManyToOne) and several and isinstance(cell, nn.RNN | nn.LSTM | nn.GRU)


def backward(network: Network, series: Series, days: np.ndarray, radius: float | None = None) -> Backward:
    """The gradients of the losses of the forecasts of days (N,), positions in the series, each with H - 1 days after it.

    With `radius` the recurrent weights of every layer are scaled to this spectral radius first; the network stays as it is.
    """
    if not can_go_back(network):
        raise InvalidRequest("gradients go back through the days of a many-to-many or many-to-one network alone")
    model = cast("ManyToMany | ManyToOne", network.model if radius is None else with_radius(network.model, radius))
    before = np.asarray(days)[:, None] + np.arange(-(network.window or STEPS), 0)  # (N, W)
    inputs = network.features(series)[torch.from_numpy(before)]
    labels = network.labels(series)[torch.from_numpy(before[:, -1])]  # (N, H)
    traced = trace(model.cell, inputs)
    steps = traced.passes[-traced.directions].steps  # of the top layer, forwards
    outputs = model.head(_last(model, traced.output))  # (N, H, K)
    losses = network.loss.of(outputs, labels).mean(-1)  # (N,)
    has_memory = steps[0].memory is not steps[0].state
    states = [step.state for step in steps] + ([step.memory for step in steps] if has_memory else [])
    parameters = list(model.parameters())
    by_weight = torch.autograd.grad(losses.mean(), parameters, retain_graph=True)
    sizes = [_size(one) for one in torch.autograd.grad(losses.sum(), states, allow_unused=True)]
    back = np.array(sizes).reshape(-1, len(steps))[:, ::-1][:, :STEPS]
    norm = torch.stack([one.norm() for one in by_weight]).norm().item()
    return Backward(back[0], back[1] if has_memory else None, norm, spectral_radius(cast("nn.Module", model.cell)))


def stages(
    trained: Network, series: Series, fitted_until: int, train_end: int
) -> Generator[Progress, None, dict[str, Backward]]:
    """By stage of the training of a network that was fitted on the first `fitted_until` days, on the days after them.

    It is trained once more from its seed, by the same loop, to see its weights half-way; the end is the network as it is.
    """
    again = Network(trained.architecture, trained.seed, replace(trained.recipe, report_seconds=0.0))
    own, weights = part(), list[dict[str, Tensor]]()
    if own.saved is not None:
        weights = [tensors_of(one) for one in own.saved]
    own.keep(lambda: weights)
    for progress in again.fit(series.until(fitted_until), train_end):
        weights.append(_copied(again.model))
        yield progress
    days = scored_days(trained, series, fitted_until)
    half_way = weights[len(weights) // 2]
    own.end([half_way])
    middle = _with(again, half_way)
    return {
        stage: backward(one, series, days) for stage, one in zip(STAGES, (untrained(trained), middle, trained), strict=True)
    }


def untrained(trained: Network) -> Network:
    """The network as it was before its training: its first weights follow from its seed."""
    other = copy.copy(trained)
    other.model = network(trained.architecture, trained.recipe.window, trained.seed)
    other.model.eval()
    return other


def scored_days(network: Network, series: Series, first: int) -> np.ndarray:
    """Days after the last fit, from `first` on, whose H forecasts have labels."""
    return origins_of(series.until(len(series) - network.architecture.horizon + 1), first)


def gradient_table(model: str, stage: str, back: Backward) -> pd.DataFrame:
    """`result.GRADIENTS` of one network."""
    sizes = {"h": back.h} | ({} if back.c is None else {"c": back.c})
    about = {"model": model, "stage": stage}
    tables = [
        pd.DataFrame(about | {"days_before": np.arange(len(own)), "value": value, "size": own}) for value, own in sizes.items()
    ]
    return pd.concat(tables, ignore_index=True)[list(GRADIENTS)]


def spectral_radius(cell: nn.Module) -> float:
    """The largest modulus of an eigenvalue of the recurrent weights: of the layers and gates the largest."""
    return max(_radii(cell))


def with_radius(model: nn.Module, radius: float) -> nn.Module:
    """A copy of a network whose recurrent weights are scaled, a layer's gates all by one factor, to a spectral radius."""
    other = copy.deepcopy(model)
    cell = cast("nn.Module", other.cell)
    with torch.no_grad():
        for (_, weight), own in zip(_recurrent(cell), _radii(cell), strict=True):
            weight *= radius / own if own > 0 else 1.0
    return other


def _last(model: ManyToMany | ManyToOne, states: Tensor) -> Tensor:
    """What the head reads for the forecast after the last day, from states (N, W, hidden · directions)."""
    if isinstance(model, ManyToMany):
        return states[:, -1]
    return torch.cat([states[:, -1, : model.hidden], states[:, 0, model.hidden :]], dim=-1)


def _size(gradient: Tensor | None) -> float:
    return 0.0 if gradient is None else gradient.norm(dim=-1).mean().item()


def _recurrent(cell: nn.Module) -> list[tuple[str, Tensor]]:
    return [(name, weight) for name, weight in cell.named_parameters() if name.startswith("weight_hh")]


def _radii(cell: nn.Module) -> list[float]:
    """By layer and direction, the largest over its gates."""
    radii = []
    for _, weight in _recurrent(cell):
        gates = weight.detach().double().unflatten(0, (-1, weight.shape[1]))  # (G, hidden, hidden)
        radii.append(float(torch.linalg.eigvals(gates).abs().max()))
    return radii


def _copied(model: nn.Module) -> dict[str, Tensor]:
    return {name: value.clone() for name, value in model.state_dict().items()}


def _with(network: Network, weights: Mapping[str, Tensor]) -> Network:
    """The same network with other weights."""
    other = copy.copy(network)
    other.model = copy.deepcopy(network.model)
    other.model.load_state_dict(dict(weights))
    other.model.eval()
    return other
