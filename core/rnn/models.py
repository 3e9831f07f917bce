"""The models of a comparison: one row a model, with its names, its line in figures, and the function that makes it.

A row names its code as a string and imports none: requests, tables and figures need no model, so they load none.

- To add a classical model: a row here, and in `core/rnn/classical` a function `(past, horizon) -> FittedModel`.
- To add a recurrent cell: a row here, and in `core/rnn/networks/cells.py` a function `(Shape) -> Cell`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pkgutil import resolve_name
from typing import TYPE_CHECKING, Annotated, Any, Literal

from core.errors import InvalidRequest
from core.lines import Line
from core.rows import Column, name_in

if TYPE_CHECKING:
    from core.rnn.dataset.target import Target

Family = Literal["reference", "classical", "trees", "network"]  # trees: machine learning, but no network and no recurrence


@dataclass(frozen=True)
class Model:
    """One model. A field whose comment begins with "classical:" or "networks:" is used for that family only."""

    name: str  # in requests, tables and addresses
    title: str  # in a sentence: "the bidirectional LSTM"
    family: Family
    factory: str  # "module:function", imported at the first `make`
    colours: tuple[str, str]  # light, dark
    dash: str
    symbol: str
    quick: bool = True  # classical: fitted within a second, and so in every comparison that names no other models
    fewest_days: int = 66  # classical: the shortest series that it can be fitted on; 66 is three times the longest lag
    no_probability: str = ""  # classical: why it cannot forecast a probability, if it cannot
    mainly_sizes: bool = False  # classical: whether comparisons that name no other models have it only where sizes are forecast
    sizes_only: bool = False  # classical: whether it forecasts nothing but how much a day moves
    needs_extras: bool = False  # classical: whether it is another model with the further inputs, and nothing without them
    reads_backwards: bool = False  # networks: in both directions, inside a window that ends at the last known day
    has_state: bool = True  # networks: whether anything is carried from day to day

    @property
    def is_network(self) -> bool:
        return self.family == "network"

    @property
    def is_classical(self) -> bool:
        """Whether it is a statistical model; the random walk is."""
        return self.family in ("reference", "classical")

    @property
    def recurs(self) -> bool:
        """Whether it is a recurrent network."""
        return self.is_network and self.has_state

    @property
    def work(self) -> float:
        """About how long it is fitted, beside a network that reads forwards."""
        if self.is_network:
            return 2.0 if self.reads_backwards else 1.0
        return 0.03 if self.quick else 3.0

    @property
    def capitalised_title(self) -> str:
        """The title at the start of a sentence."""
        return self.title[:1].upper() + self.title[1:]

    @property
    def line(self) -> Line:
        """How it is drawn."""
        return Line(self.title, *self.colours, self.dash, self.symbol)

    def make(self, *settings: Any) -> Any:
        """A new, unfitted model."""
        return resolve_name(self.factory)(*settings)

    def unsuited(self, target: Target) -> str:
        """Why it cannot forecast a target; empty where it can."""
        if self.sizes_only and not target.is_size:
            return "it only forecasts how much a day moves"
        return self.no_probability if target.is_probability else ""


_CLASSICAL, _CELLS = "core.rnn.classical", "core.rnn.networks.cells"
MODELS: dict[str, Model] = {
    row.name: row
    for row in (
        Model(
            "random-walk", "random walk", "reference", f"{_CLASSICAL}.simple:random_walk",
            ("#8A8F98", "#8A8F98"), "dash", "line-ew-open", fewest_days=1,
        ),
        # classical models: greys and blues, broken lines, open and pointed marks
        Model(
            "drift", "drift", "classical", f"{_CLASSICAL}.simple:drift",
            ("#8A8F98", "#A8ADB6"), "dot", "line-ns-open", fewest_days=1,
        ),
        Model(
            "mean", "historical mean", "classical", f"{_CLASSICAL}.simple:mean",
            ("#8A8F98", "#A8ADB6"), "longdash", "x-thin-open", fewest_days=1,
        ),
        Model("ar", "AR", "classical", f"{_CLASSICAL}.autoregression:ar", ("#56B4E9", "#56B4E9"), "dot", "diamond"),
        Model(
            "arima", "ARIMA", "classical", f"{_CLASSICAL}.arima:arima",
            ("#1F6F9F", "#A5DBF7"), "dot", "diamond-tall", quick=False,
        ),
        Model(
            "ets", "ETS", "classical", f"{_CLASSICAL}.exponential_smoothing:ets",
            ("#56B4E9", "#56B4E9"), "longdashdot", "triangle-down-open",
        ),
        Model(
            "theta", "Theta", "classical", f"{_CLASSICAL}.exponential_smoothing:theta",
            ("#1F6F9F", "#A5DBF7"), "longdashdot", "triangle-left-open",
            no_probability="its drift would leave the range of a probability",
        ),
        Model(
            "ewma", "EWMA", "classical", f"{_CLASSICAL}.simple:ewma",
            ("#56B4E9", "#56B4E9"), "longdash", "pentagon-open", fewest_days=1,
        ),
        Model(
            "har", "HAR", "classical", f"{_CLASSICAL}.direct_regression:har",
            ("#2E93CC", "#7CC7F0"), "dashdot", "diamond-open",
        ),
        Model(
            "har-leverage", "HAR with leverage", "classical", f"{_CLASSICAL}.direct_regression:har_leverage",
            ("#1F6F9F", "#A5DBF7"), "dashdot", "diamond-wide-open", sizes_only=True,
        ),
        Model(
            "har-qlike", "HAR by QLIKE", "classical", f"{_CLASSICAL}.direct_regression:har_qlike",
            ("#174F72", "#56B4E9"), "dashdot", "diamond-cross-open", sizes_only=True,
        ),
        Model(
            "ar-x", "AR-X", "classical", f"{_CLASSICAL}.autoregression:ar_x",
            ("#174F72", "#EAF8FF"), "dot", "diamond-x-open", needs_extras=True,
        ),
        Model(
            "har-x", "HAR-X", "classical", f"{_CLASSICAL}.direct_regression:har_x",
            ("#56B4E9", "#EAF8FF"), "dashdot", "diamond-wide", needs_extras=True,
        ),
        Model(
            "garch", "GARCH-t", "classical", f"{_CLASSICAL}.garch:garch",
            ("#1F6F9F", "#A5DBF7"), "longdash", "hexagram-open", quick=False,
        ),
        Model(
            "gjr", "GJR-GARCH-t", "classical", f"{_CLASSICAL}.garch:gjr",
            ("#2E93CC", "#7CC7F0"), "longdashdot", "star-triangle-up-open", mainly_sizes=True,
        ),
        # trees: brown
        Model(
            "trees", "boosted trees", "trees", f"{_CLASSICAL}.boosted_trees:trees",
            ("#7A5C2E", "#D9BC8C"), "longdash", "triangle-up-open", quick=False, fewest_days=120,
        ),
        # networks: solid lines, filled marks; a cell with ReLU is dashed
        Model("rnn", "vanilla RNN", "network", f"{_CELLS}:vanilla", ("#E69F00", "#E69F00"), "solid", "circle"),
        Model(
            "rnn-relu", "vanilla RNN with ReLU", "network", f"{_CELLS}:vanilla_relu",
            ("#A67300", "#F2C55C"), "dash", "hexagon",
        ),
        Model(
            "birnn", "bidirectional RNN", "network", f"{_CELLS}:vanilla",
            ("#CC79A7", "#CC79A7"), "solid", "square", reads_backwards=True,
        ),
        Model(
            "birnn-relu", "bidirectional RNN with ReLU", "network", f"{_CELLS}:vanilla_relu",
            ("#9C4F7C", "#E3A9C8"), "dash", "bowtie", reads_backwards=True,
        ),
        Model("lstm", "LSTM", "network", f"{_CELLS}:lstm", ("#0072B2", "#4DA3DB"), "solid", "triangle-up"),
        Model(
            "bilstm", "bidirectional LSTM", "network", f"{_CELLS}:lstm",
            ("#4B3B8F", "#8B63E8"), "solid", "triangle-right", reads_backwards=True,
        ),
        Model("gru", "GRU", "network", f"{_CELLS}:gru", ("#009E73", "#34C79A"), "solid", "star"),
        Model(
            "bigru", "bidirectional GRU", "network", f"{_CELLS}:gru",
            ("#5B5F00", "#C9CC5A"), "solid", "star-diamond", reads_backwards=True,
        ),
        Model(
            "mlp", "feed-forward network", "network", "core.rnn.networks.modules:FeedForward",
            ("#D55E00", "#E8804A"), "dashdot", "cross", has_state=False,
        ),
    )
}  # fmt: skip
ACTUAL = Line("actual", "#1F2430", "#E7E9EE")  # what is forecast, beside the models

REFERENCE = "random-walk"  # in every comparison
GROUPS: dict[str, Callable[[Model], bool]] = {  # in each of them the best model is chosen on the validation days
    "all": lambda model: True,
    "network": lambda model: model.recurs,
    "classical": lambda model: model.is_classical,
    "without-recurrence": lambda model: not model.recurs,
}
CLASSICAL = Column(MODELS, lambda model: None if model.is_network else model)  # the reference too
NETWORKS = Column(MODELS, lambda model: model if model.is_network else None)
TITLES = Column(MODELS, lambda model: model.title)
LINES = Column(MODELS, lambda model: model.line)
ClassicalName = Annotated[str, name_in(lambda: CLASSICAL)]
CellName = Annotated[str, name_in(lambda: NETWORKS)]


def line_of(name: str) -> Line:
    """How a model is drawn; for "actual" the line of the values that are forecast."""
    return ACTUAL if name == "actual" else MODELS[name].line


def capitalised_title(model: str) -> str:
    """A model's title at the start of a sentence."""
    return MODELS[model].capitalised_title


def in_a_sentence(model: str) -> str:
    """A model's title inside a sentence: "the random walk", "HAR"."""
    title = MODELS[model].title
    return f"the {title}" if title[0].islower() else title


def with_meaning(title: str, model: str, target: Target) -> str:
    """A model's name, followed by what it forecasts of this target, where that has a name of its own: a coin, the share of
    rises."""
    meaning = target.meanings.get(model)
    return f"{title} ({meaning})" if meaning else title


def suits(model: str, target: Target) -> bool:
    """Whether a model makes sense for a target."""
    return not MODELS[model].unsuited(target)


def refuse_unsuited(models: Iterable[str], target: Target) -> None:
    """InvalidRequest where a model makes no sense for the target."""
    for name in models:
        if reason := MODELS[name].unsuited(target):
            raise InvalidRequest(
                f"{capitalised_title(name)} does not forecast the {target.title}: {reason}; "
                "choose another model or leave it out"
            )


def refuse_without_extras(models: Iterable[str]) -> None:
    """InvalidRequest where a model reads further inputs, of which there are none."""
    for name in models:
        if MODELS[name].needs_extras:
            raise InvalidRequest(
                f"{capitalised_title(name)} reads further inputs, and none are chosen; choose some or leave the model out"
            )


def quick_for(target: Target) -> tuple[str, ...]:
    """The classical models of a comparison that names none, the reference aside: those that are quick and suit its target."""
    quick = (model for model in CLASSICAL.values() if model.quick and not model.needs_extras and model.name != REFERENCE)
    return tuple(model.name for model in quick if suits(model.name, target) and (target.is_size or not model.mainly_sizes))


def with_extras(target: Target) -> tuple[str, ...]:
    """The models that read further inputs linearly: in every comparison that has any, so that networks do not win by these."""
    return tuple(name for name, model in CLASSICAL.items() if model.needs_extras and suits(name, target))
