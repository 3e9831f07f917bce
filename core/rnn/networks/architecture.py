"""The architecture of a network as one value. It loads no torch, so a request can refuse what cannot be built."""

from __future__ import annotations

from dataclasses import dataclass

from core.errors import InvalidRequest
from core.rnn.dataset.features import FEATURES
from core.rnn.dataset.target import LossName, Target
from core.rnn.forecaster import MOST_STEPS
from core.rnn.models import MODELS, NETWORKS
from core.rnn.networks.types import ROWS, NetworkType, TypeName


@dataclass(frozen=True)
class Architecture:
    """Everything that the shapes of a network's weights depend on. InvalidRequest where the parts do not fit each other."""

    cell: str
    target: Target
    type: TypeName = "auto"
    horizon: int = 1  # days
    hidden: int = 32  # units of each direction; a feed-forward network has about as many weights as a vanilla RNN of this width
    layers: int = 1
    dropout: float = 0.0  # share of the states that are left out, between layers and before the head
    loss: LossName = "auto"
    extras: int = 0  # further inputs a day

    def __post_init__(self) -> None:
        if self.cell not in NETWORKS:
            raise InvalidRequest(f"there is no cell {self.cell!r}; choose one of {', '.join(NETWORKS)}")
        if not 1 <= self.horizon <= MOST_STEPS:
            raise InvalidRequest(f"a horizon of {self.horizon} days; networks forecast 1 to {MOST_STEPS} days")
        if self.hidden < 1 or self.layers < 1 or not 0 <= self.dropout < 1:
            raise InvalidRequest(
                f"{self.hidden} units in {self.layers} layers with dropout {self.dropout}; "
                "both counts start at 1, and dropout is a share below 1"
            )
        if self.loss not in self.target.losses:
            fitting = ", ".join(self.target.losses)
            raise InvalidRequest(f"the {self.loss} loss does not fit a forecast of the {self.target.name}; choose {fitting}")
        _refuse_type(self.cell, self.type)

    @property
    def inputs(self) -> int:
        """Numbers read a day."""
        return FEATURES + self.extras

    @property
    def type_row(self) -> NetworkType:
        """The row of its type; "auto": many-to-many, or many-to-one where the cell allows only windows."""
        if self.type != "auto":
            return ROWS[self.type]
        cell = MODELS[self.cell]
        return ROWS["many-to-many" if cell.has_state and not cell.reads_backwards else "many-to-one"]

    def days_read(self, window: int) -> int | None:
        """The length of the windows that it reads, in days; None: it reads the whole series, without windows."""
        return {"one day": 1, "a window": window, "every day": None}[self.type_row.reads]


def _refuse_type(name: str, type: TypeName) -> None:
    if type == "auto":
        return
    cell, row = MODELS[name], ROWS[type]
    if cell.reads_backwards and row.backwards_refused:
        raise InvalidRequest(f"{cell.capitalised_title}: {row.backwards_refused}")
    if row.needs_state and not cell.has_state:
        raise InvalidRequest(f"{cell.capitalised_title}: it carries no state from day to day; choose many-to-one or one-to-one")
