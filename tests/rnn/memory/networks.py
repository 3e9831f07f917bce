"""Small networks of every cell and type, fitted on simulated days."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import numpy as np

from core.drive import returned
from core.errors import InvalidRequest
from core.rnn.dataset.series import Series
from core.rnn.dataset.splits import training_days
from core.rnn.dataset.target import target_of
from core.rnn.models import NETWORKS
from core.rnn.networks.architecture import Architecture
from core.rnn.networks.network import Network, Recipe
from core.rnn.networks.types import TypeName

TEST = 100
TYPES: tuple[TypeName, ...] = ("one-to-one", "one-to-many", "many-to-one", "many-to-many", "encoder-decoder")


def possible(target: str = "volatility", **settings) -> list[Architecture]:
    """Every cell in every type that it can have."""
    architectures = []
    for cell, type in product(NETWORKS, TYPES):
        try:
            architectures.append(Architecture(cell, target_of(target), type, **{"horizon": 3, "hidden": 4} | settings))
        except InvalidRequest:
            continue
    return architectures


def name_of(architecture: Architecture) -> str:
    return f"{architecture.cell} {architecture.type}"


def fitted(architecture: Architecture, series: Series, seed: int = 0, recipe: Recipe | None = None) -> Network:
    """Fitted on all days but the last TEST."""
    network, end = Network(architecture, seed, recipe or Recipe(steps=8)), len(series) - TEST
    returned(network.fit(series.until(end), training_days(end)))
    return network


def with_extras(series: Series, count: int) -> Series:
    return replace(series, extras=np.random.default_rng(5).standard_normal((len(series), count)), another_future=None)
