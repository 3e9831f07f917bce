"""Simple combinations of a panel's models: means of forecasts, of fixed sets, so that nothing is chosen on test days."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np

from core.rnn.models import MODELS
from core.rnn.panel.models import (
    CLASSICAL_MEAN,
    NETWORK_AND_HAR,
    NETWORKS_AND_TREES,
    NETWORKS_MEAN,
    RECIPES_MEAN,
    panel_model,
)
from core.rnn.panel.request import PanelRequest

Points = Mapping[str, np.ndarray]  # model -> forecasts (R, N)
HAR = "har"
_FITTED_FROM = 2  # days: a classical model that needs more is fitted, the others are running summaries


def members_of(request: PanelRequest, models: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """The combinations that these models make possible, and what each is the mean of."""
    there, sets = set(models), dict[str, tuple[str, ...]]()
    variants = tuple(name for name in request.variants if name in there and panel_model(name).group == "recurrent")
    if len(variants) > 1:
        sets[NETWORKS_MEAN] = variants
    if request.recipe_set and there.issuperset(request.recipe_set):
        sets[RECIPES_MEAN] = request.recipe_set
    classical = tuple(name for name in request.classical_models if name in there and MODELS[name].fewest_days >= _FITTED_FROM)
    if len(classical) > 1:
        sets[CLASSICAL_MEAN] = classical
    networks = [name for name in (RECIPES_MEAN, NETWORKS_MEAN) if name in sets] or list(variants)
    if networks and HAR in there:
        sets[NETWORK_AND_HAR] = (networks[0], HAR)
    if networks and there.issuperset(request.tree_models) and request.tree_models:
        sets[NETWORKS_AND_TREES] = (networks[0], *request.tree_models)
    return sets


def combined(request: PanelRequest, points: Points) -> dict[str, np.ndarray]:
    """The forecasts of all combinations."""
    means = dict[str, np.ndarray]()
    for name, members in members_of(request, points).items():
        means[name] = np.mean([means[one] if one in means else points[one] for one in members], axis=0)
    return means
