"""The request of a panel: which tickers, which days, and which models learn them, together or each alone.

It is a joint request: every part fits some of the models (`learner`), so that several workers share the work and what was
fitted before is not fitted again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any, ClassVar, Literal, Self

from pydantic import field_validator, model_validator

from core.errors import InvalidRequest, PriceError
from core.made_once import made_once
from core.rnn.dataset.target import TARGETS, Target
from core.rnn.models import MODELS, REFERENCE, TITLES, CellName, ClassicalName, quick_for, refuse_unsuited
from core.rnn.panel.learner.recipes import BASE, OWN
from core.rnn.panel.learner.request import LearnerRequest, PanelData, Ticker
from core.rnn.panel.models import (
    HAR_MARKET,
    HAR_POOLED,
    TREES,
    TREES_OWN,
    each_name,
    panel_model,
    pooled_name,
    recipe_names,
)
from core.rnn.prices.prices import Missing, Prices
from core.rnn.prices.quality.breaks import taken_as_they_are
from core.runs.joint import Joint
from core.runs.request import Request, check_seed, trial_of

MOST_TICKERS, MOST_SEEDS, MOST_HIDDEN, MOST_STEPS = 200, 20, 128, 5000
TICKERS_A_PART, SLOW_TICKERS_A_PART = 25, 5  # of models that learn one ticker alone
ALIGNMENT = "alignment"  # the part that says what the panel's days were
RecipesName = Literal["one", "nine"]


class PanelRequest(Joint):
    """Many tickers, one axis of days, and the models to compare on it."""

    bench: ClassVar[Literal["spatial", "recurrent"]] = "recurrent"
    called: ClassVar[Mapping[Any, str]] = TITLES

    kind: Literal["panel"] = "panel"
    data: PanelData
    missing: tuple[Missing, ...] = ()
    market: bool = True  # whether pooled models read the market
    own_series: bool = False  # with the market: the pooled networks also without it
    cells: tuple[CellName, ...] = ("rnn", "birnn", "lstm", "gru")  # of pooled networks
    recipes: RecipesName = "one"  # nine: also the fixed set of recipes, and their committee
    per_ticker: tuple[CellName, ...] = ()  # networks that learn one ticker alone
    classical: tuple[ClassicalName, ...] = ()  # on each ticker; if left out: `models.quick_for` the target
    linear: bool = True  # pooled HAR
    trees: bool = True
    unseen: bool = False  # forecast every ticker by a network that never saw it
    seeds: int = 5
    seed: int = 0  # of the first network of each variant and recipe
    hidden: int | None = None  # units of networks; None: each recipe's
    steps: int | None = None  # of training, at most; None: each recipe's

    @model_validator(mode="before")
    @classmethod
    def _with_classical(cls, fields: Any) -> Any:
        """The default classical models depend on the target."""
        if not isinstance(fields, dict) or "classical" in fields:
            return fields
        data = fields.get("data")
        named = data if isinstance(data, PanelData) else PanelData.model_validate(data)
        return fields | {"classical": quick_for(TARGETS[named.target, named.measure])}

    @field_validator("cells", "per_ticker", "classical")
    @classmethod
    def _in_one_order(cls, models: tuple[str, ...]) -> tuple[str, ...]:
        """In the order of `MODELS`, each once, so that equal requests have equal keys."""
        return tuple(model for model in MODELS if model in models)

    @model_validator(mode="after")
    def _check(self) -> Self:
        symbols = [one.symbol for one in self.data.tickers]
        if not symbols:
            raise InvalidRequest(self.missing[0].reason if self.missing else "there is no ticker; name two or more")
        if len(symbols) > MOST_TICKERS:
            raise InvalidRequest(f"{len(symbols)} tickers are more than a panel takes; choose {MOST_TICKERS} at most")
        if twice := {symbol for symbol in symbols if symbols.count(symbol) > 1}:
            raise InvalidRequest(f"{', '.join(sorted(twice))} is there more than once; take each ticker from one source")
        for value, most, what in (
            (self.seeds, MOST_SEEDS, "number of seeds"),
            (1 if self.hidden is None else self.hidden, MOST_HIDDEN, "number of hidden units"),
            (1 if self.steps is None else self.steps, MOST_STEPS, "number of steps"),
        ):
            if not 1 <= value <= most:
                raise InvalidRequest(f"the {what} is {value}; choose between 1 and {most:,}")
        check_seed(self.seed)
        refuse_unsuited(self.classical, self.target_row)
        return self

    def confirmed(self, symbol: str) -> Self:
        return self.model_copy(update={"data": self.data.confirmed(symbol)})

    @property
    def target_row(self) -> Target:
        """What is forecast."""
        return self.data.target_row

    @property
    def title(self) -> str:
        return f"Panel of {len(self.data.tickers) + len(self.missing)} tickers, {self.target_row.title}"

    @property
    def classical_models(self) -> tuple[str, ...]:
        """The classical models on each ticker: those chosen, the random walk and the target's reference."""
        wanted = {*self.classical, REFERENCE, self.target_row.reference}
        return tuple(model for model in MODELS if model in wanted)

    @property
    def pooled_networks(self) -> tuple[str, ...]:
        """The networks that learn all tickers, each once: the variants, then the recipes."""
        variants = [pooled_name(cell, recipe) for cell in self.cells for recipe in self._input_recipes]
        return tuple(dict.fromkeys([*variants, *self.recipe_set]))

    @property
    def _input_recipes(self) -> tuple[str, ...]:
        if not self.market:
            return (OWN,)
        return (BASE, OWN) if self.own_series else (BASE,)

    @property
    def recipe_set(self) -> tuple[str, ...]:
        """The fixed set whose mean is the committee of recipes."""
        return recipe_names(self.market) if self.recipes == "nine" else ()

    @property
    def variants(self) -> tuple[str, ...]:
        """The pooled networks of the base recipe, a cell each."""
        return tuple(pooled_name(cell, self._input_recipes[0]) for cell in self.cells)

    @property
    def tests(self) -> tuple[str, ...]:
        """Each model but the target's reference, with the tickers, days and settings that its forecasts depend on."""
        data = self.data.model_dump(mode="json", exclude={"tickers"}, exclude_defaults=True)
        shared = data | {"symbols": [one.symbol for one in self.data.tickers]}
        sized = shared | {"hidden": self.hidden, "steps": self.steps} | ({"seed": self.seed} if self.seed else {})
        networks = (*self.pooled_networks, *map(each_name, self.per_ticker))
        without = (*self.classical_models, *self.linear_models, *self.tree_models)
        return (
            *(trial_of(model, sized) for model in networks),
            *(trial_of(model, shared) for model in without if model != self.target_row.reference),
        )

    @property
    def subjects(self) -> tuple[str, ...]:
        return tuple(one.symbol for one in self.data.tickers)

    @property
    def linear_models(self) -> tuple[str, ...]:
        return ((HAR_POOLED, HAR_MARKET) if self.market else (HAR_POOLED,)) if self.linear else ()

    @property
    def tree_models(self) -> tuple[str, ...]:
        return (TREES if self.market else TREES_OWN,) if self.trees else ()

    @property
    def witness(self) -> str:
        """The pooled network whose forecasts of unseen tickers are looked at: the last variant with a state, or none."""
        recurrent = [name for name in self.variants if panel_model(name).group == "recurrent"]
        return recurrent[-1] if recurrent else ""

    @property
    def parts(self) -> dict[str, Request]:
        return {name: self._learner(**fields) for name, fields in self._parts()}

    @property
    def needed(self) -> frozenset[str]:
        """The days, and the model that all are compared with."""
        return frozenset(
            name for name, fields in self._parts() if name == ALIGNMENT or self.target_row.reference in fields["models"]
        )

    def _parts(self) -> Iterator[tuple[str, dict[str, Any]]]:
        """The name of each part, and the fields of its request; what takes longest comes first."""
        yield ALIGNMENT, {}
        for name in self.tree_models:
            yield panel_model(name).title, {"models": (name,), "steps": self.steps}
        sized = {"hidden": self.hidden, "steps": self.steps}
        for name in sorted(self.pooled_networks, key=_work, reverse=True):
            for number, seed in enumerate(self._seeds, start=1):
                yield f"{panel_model(name).title}, seed {number}", {"models": (name,), "seeds": (seed,)} | sized
        if self.unseen and self.witness:
            for one in self.data.tickers:
                fields = {
                    "models": (self.witness,),
                    "unseen": one.symbol,
                    "symbols": (one.symbol,),
                    "seeds": (self.seed,),
                } | sized
                yield f"{panel_model(self.witness).title} without {one.symbol}", fields
        seeds = {"seeds": self._seeds} | sized
        for cell in self.per_ticker:
            yield from self._chunks((each_name(cell),), SLOW_TICKERS_A_PART, seeds)
        quick = tuple(name for name in self.classical_models if MODELS[name].quick)
        for name in self.classical_models:
            if name not in quick:
                yield from self._chunks((name,), SLOW_TICKERS_A_PART, {})
        yield from self._chunks(quick, TICKERS_A_PART, {})
        if self.linear_models:
            yield panel_model(self.linear_models[-1]).title, {"models": self.linear_models}

    @property
    def _seeds(self) -> tuple[int, ...]:
        return tuple(range(self.seed, self.seed + self.seeds))

    def _chunks(self, models: Sequence[str], size: int, fields: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
        """A part for every few tickers."""
        title = panel_model(models[0]).title if len(models) == 1 else f"{len(models)} classical models"
        symbols = [one.symbol for one in self.data.tickers]
        for start in range(0, len(symbols), size):
            chunk = tuple(symbols[start : start + size])
            yield f"{title}, {chunk[0]} to {chunk[-1]}", {"models": tuple(models), "symbols": chunk} | fields

    def _learner(self, **fields: Any) -> LearnerRequest:
        return LearnerRequest(data=self.data, **fields)


def _work(name: str) -> float:
    """About how long a pooled network learns, in no unit."""
    model = panel_model(name)
    recipe = model.recipe
    backwards = 4 if MODELS[model.source].reads_backwards else 1
    return backwards * recipe.steps * recipe.hidden * recipe.chunk * (1 + len(recipe.inputs)) if recipe else 0.0


@made_once
def _moments(prices: Prices, start: date | None, end: date | None) -> frozenset[int]:
    """When its bars inside the period begin."""
    return frozenset(prices.between(start, end).moments.astype(int).tolist())


def panel_request(
    symbols: Iterable[str], fetch: Callable[[str], Prices], store: Callable[[Prices], str], settings: dict[str, Any]
) -> PanelRequest:
    """The panel of these tickers; those without prices are `missing`, with the reason.

    Prices that look wrong and that `fetch` gives all the same have been confirmed.
    `settings` are fields of the request, those of `PanelData` among them; without `test_days` a quarter of the days.
    """
    from core.rnn.dataset.splits import usual_test_days

    tickers, missing, days = list[Ticker](), list[Missing](), set[int]()
    inside = {name: settings[name] for name in PanelData.model_fields if name in settings}
    for symbol in symbols:
        try:
            prices = fetch(symbol)
            days |= _moments(prices, inside.get("start"), inside.get("end"))
        except PriceError as error:
            missing.append(Missing(symbol=symbol, reason=str(error)))
            continue
        doubtful = taken_as_they_are(prices, prices.symbol, inside.get("start"), inside.get("end"), confirmed=True)
        tickers.append(Ticker(symbol=prices.symbol, source=prices.source, prices=store(prices), as_they_are=doubtful))
    data = PanelData(tickers=tuple(tickers), **({"test_days": usual_test_days(len(days))} | inside))
    others = {name: value for name, value in settings.items() if name not in inside}
    return PanelRequest(data=data, missing=tuple(missing), **others)
