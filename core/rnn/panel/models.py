"""The models of a panel, a row each: those that learn one ticker alone, those that learn all, and combinations.

Rows of a ticker's own models follow from the table of models (`core.rnn.models`), a row each. A row names its code
and imports none, so that requests, results and figures load no torch.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Literal

from core.errors import InvalidRequest
from core.rnn.dataset.target import Target
from core.rnn.models import CLASSICAL, MODELS, NETWORKS
from core.rnn.panel.learner.recipes import BASE, NINE, OWN, RECIPES, Recipe

Group = Literal["classical", "without recurrence", "recurrent", "combination"]
GROUPS: dict[Group, str] = {
    "classical": "statistical models, each on its own ticker or regressions over all",
    "without recurrence": "machine learning without a recurrent state",
    "recurrent": "recurrent networks",
    "combination": "means of several forecasts",
}
_LEARNER = "core.rnn.panel.learner"


@dataclass(frozen=True)
class PanelModel:
    """One model of a panel."""

    name: str  # in tables, requests and exports
    title: str  # in a sentence: "the pooled GRU"
    group: Group
    line: str  # the row of `core.rnn.models.MODELS` whose colours, dash and mark it has
    learner: str = ""  # "module:function" that fits it; combinations have none
    source: str = ""  # the row of MODELS that it is, where it learns from one ticker, or whose cell it has
    recipe: Recipe | None = None  # of pooled networks
    pooled: bool = True  # whether one set of parameters serves all tickers
    reads_market: bool = False
    no_probability: str = ""  # why it cannot forecast a probability, if it cannot

    @property
    def has_seeds(self) -> bool:
        """Whether it is trained from a seed, so that its row is the committee of several."""
        return self.source in NETWORKS

    @property
    def capitalised_title(self) -> str:
        return self.title[:1].upper() + self.title[1:]

    @property
    def in_sentence(self) -> str:
        """The title with its article: "the pooled GRU", but "HAR" and "boosted trees"."""
        return self.title if self.title[:1].isupper() or "trees" in self.title else f"the {self.title}"

    def unsuited(self, target: Target) -> str:
        """Why it cannot forecast a target; empty where it can."""
        if self.source:
            return MODELS[self.source].unsuited(target)
        return self.no_probability if target.is_probability else ""


def each_name(cell: str) -> str:
    """The row of a network that learns one ticker alone."""
    return f"{cell}-each"


def pooled_name(cell: str, recipe: str = BASE) -> str:
    """The row of a network that learns all tickers."""
    return f"{cell}-{'pooled' if recipe == BASE else recipe}"


def _network_group(cell: str) -> Group:
    return "recurrent" if MODELS[cell].has_state else "without recurrence"


def _own() -> Iterator[PanelModel]:
    """Models that learn one ticker alone."""
    for name, model in CLASSICAL.items():
        group: Group = "classical" if model.is_classical else "without recurrence"
        yield PanelModel(name, model.title, group, name, f"{_LEARNER}.each:classical", name, pooled=False)
    for cell, model in NETWORKS.items():
        title = f"{model.title}, a network a ticker"
        yield PanelModel(each_name(cell), title, _network_group(cell), cell, f"{_LEARNER}.each:networks", cell, pooled=False)


def _pooled_networks() -> Iterator[PanelModel]:
    for cell, model in NETWORKS.items():
        for name, recipe in RECIPES.items():
            yield PanelModel(
                pooled_name(cell, name),
                f"pooled {model.title}{recipe.words}",
                _network_group(cell),
                cell,
                f"{_LEARNER}.networks:pooled",
                cell,
                recipe,
                reads_market=recipe.reads_market,
            )


HAR_POOLED, HAR_MARKET, TREES, TREES_OWN = "har-pooled", "har-market", "trees-market", "trees-own"
NETWORKS_MEAN, RECIPES_MEAN, CLASSICAL_MEAN = "networks-mean", "recipes-mean", "classical-mean"
NETWORK_AND_HAR, NETWORKS_AND_TREES = "network-har", "networks-trees"
_OTHERS = (
    PanelModel(HAR_POOLED, "pooled HAR", "classical", "har", f"{_LEARNER}.linear:har"),
    PanelModel(HAR_MARKET, "pooled HAR with the market", "classical", "ar", f"{_LEARNER}.linear:har", reads_market=True),
    PanelModel(
        TREES, "boosted trees with the market", "without recurrence", "trees", f"{_LEARNER}.trees:boosted", reads_market=True
    ),
    PanelModel(TREES_OWN, "boosted trees, own series only", "without recurrence", "trees", f"{_LEARNER}.trees:boosted"),
    PanelModel(NETWORKS_MEAN, "mean of the pooled networks", "recurrent", "bigru"),
    PanelModel(RECIPES_MEAN, "committee of recipes", "recurrent", "bilstm"),
    PanelModel(CLASSICAL_MEAN, "mean of the fitted classical models", "combination", "ets", pooled=False),
    PanelModel(NETWORK_AND_HAR, "mean of network and HAR", "combination", "garch"),
    PanelModel(NETWORKS_AND_TREES, "half networks, half trees", "combination", "birnn"),
)


@cache
def _rows(models: tuple[str, ...]) -> dict[str, PanelModel]:
    return {row.name: row for row in (*_own(), *_OTHERS, *_pooled_networks())}


def panel_models() -> dict[str, PanelModel]:
    """All rows by name; a row that is added to `core.rnn.models.MODELS` is here too."""
    return _rows(tuple(MODELS))


def panel_model(name: str) -> PanelModel:
    """InvalidRequest where there is no such model."""
    rows = panel_models()
    if name not in rows:
        raise InvalidRequest(f"there is no model {name!r} of a panel; choose one of {', '.join(rows)}")
    return rows[name]


def recipe_names(market: bool) -> tuple[str, ...]:
    """The models of the fixed set of recipes; without the market those that do not need it, on their own series."""
    return tuple(
        pooled_name(cell, recipe if market else OWN) if recipe == BASE else pooled_name(cell, recipe)
        for cell, recipe in NINE
        if market or recipe == BASE or not RECIPES[recipe].reads_market
    )
