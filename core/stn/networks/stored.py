"""The weights of networks as they are stored: arrays by name, those of several models as "model/name"."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

Weights = dict[str, np.ndarray]
_STATISTICS = ("running_mean", "running_var")  # of batch norm: measured, not learned


def merged(weights: Mapping[str, Weights]) -> Weights:
    """One dict of the weights of several models."""
    return {f"{model}/{name}": value for model, named in weights.items() for name, value in named.items()}


def of_model(weights: Mapping[str, np.ndarray], model: str) -> Weights:
    """The weights of one model out of those of several."""
    prefix = f"{model}/"
    return {name.removeprefix(prefix): value for name, value in weights.items() if name.startswith(prefix)}


def parameters_in(weights: Mapping[str, np.ndarray]) -> int:
    """How many numbers a stored network has learned."""
    return sum(value.size for name, value in weights.items() if not name.endswith(_STATISTICS))
