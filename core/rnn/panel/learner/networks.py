"""Pooled networks: one network of a variant and recipe for all tickers, a seed each."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import replace

import numpy as np
import torch

from core.rnn.dataset.features import FEATURES
from core.rnn.dataset.panel import Member, Panel
from core.rnn.dataset.target import Target
from core.rnn.networks.architecture import Architecture
from core.rnn.networks.learning import Example, Recipe
from core.rnn.networks.pooled import POOLED, PooledNetwork
from core.rnn.panel.learner import recipes
from core.rnn.panel.learner.inputs import Inputs
from core.rnn.panel.learner.learned import Learned, Points, Task
from core.runs.request import Progress


def pooled(task: Task) -> Generator[Progress, None, list[Learned]]:
    """A network for each seed of the request."""
    row, request, unseen = task.model.recipe or recipes.RECIPES[recipes.BASE], task.request, task.request.unseen
    past = task.panel.learnable(task.panel.test_start)
    inputs = Inputs(past, unseen)
    examples = [_example(inputs, one, row) for one in past.members if one.symbol != unseen]
    architecture = _architecture(task.model.source, past.target, request.hidden or row.hidden, examples[0])
    learned = list[Learned]()
    for seed in request.seeds:
        network = PooledNetwork(architecture, seed, _recipe(row, request.steps))
        yield from network.fit(examples)
        points = _points(network, row, task.symbols, unseen)
        learned.append(Learned(task.model.name, seed, points, points, network.curve))
    return learned


def _recipe(row: recipes.Recipe, steps: int | None) -> Recipe:
    return replace(POOLED, chunk=row.chunk, warm_up=row.warm_up, steps=steps or row.steps, lr=row.lr)


def _architecture(cell: str, target: Target, hidden: int, example: Example) -> Architecture:
    return Architecture(cell, target, hidden=hidden, extras=example.features.shape[1] - FEATURES)


def _example(inputs: Inputs, member: Member, row: recipes.Recipe) -> Example:
    """A ticker's days before the test."""
    features, values = inputs.features(member, row.inputs), np.asarray(member.series.values)
    labels = values[1:] / inputs.units(member)[1 : len(values)]
    return Example(torch.from_numpy(features), torch.from_numpy(labels[:, None].astype(np.float32)), member.training)


def _points(network: PooledNetwork, row: recipes.Recipe, symbols: tuple[str, ...], unseen: str) -> Points:
    def points(panel: Panel, first: int) -> np.ndarray:
        inputs = Inputs(panel, unseen)
        members = [one for one in panel.members if one.symbol in symbols]
        firsts = [one.since(first) for one in members]
        outputs = network.forecasts([torch.from_numpy(inputs.features(one, row.inputs)) for one in members], firsts)
        own = {
            one.symbol: panel.target.bounded(output[:, 0] * inputs.units(one)[start:])
            for one, output, start in zip(members, outputs, firsts, strict=True)
        }
        return panel.on_axis(own, first)

    return points
