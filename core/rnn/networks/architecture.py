"""What a network is made of, as one value; it knows no torch, so that what cannot be built is refused when it is asked for."""

from __future__ import annotations

from dataclasses import dataclass

from core.errors import InvalidRequest
from core.rnn.dataset.features import FEATURES
from core.rnn.dataset.target import Target, TargetName
from core.rnn.forecaster import MOST_STEPS
from core.rnn.names import CellName, LossName, TypeName, bidirectional, opening

LOSSES: dict[TargetName, tuple[LossName, ...]] = {
    "return": ("auto", "squared", "absolute", "student-t", "quantile"),
    "direction": ("auto",),
    "volatility": ("auto", "squared", "absolute", "quantile"),
}
ONE_DAY: tuple[TypeName, ...] = ("one-to-one", "one-to-many")  # types that are shown a single day


@dataclass(frozen=True)
class Architecture:
    """Everything that shapes a network's weights. Raises InvalidRequest where the parts do not fit each other."""

    cell: CellName
    target: Target
    type: TypeName = "auto"
    horizon: int = 1  # days
    hidden: int = 32  # of each direction; a feed-forward network is made as large as a vanilla one of this width
    layers: int = 1
    dropout: float = 0.0  # share of the states that are left out, between layers and before the reading
    loss: LossName = "auto"
    extras: int = 0  # further inputs a day

    def __post_init__(self) -> None:
        if not 1 <= self.horizon <= MOST_STEPS:
            raise InvalidRequest(f"a horizon of {self.horizon} days; networks forecast 1 to {MOST_STEPS} days")
        if self.hidden < 1 or self.layers < 1 or not 0 <= self.dropout < 1:
            raise InvalidRequest(
                f"{self.hidden} units in {self.layers} layers with dropout {self.dropout}; "
                "both counts start at 1, and dropout is a share below 1"
            )
        if self.loss not in LOSSES[self.target.name]:
            fitting = ", ".join(LOSSES[self.target.name])
            raise InvalidRequest(f"the {self.loss} loss does not fit a forecast of the {self.target.name}; choose {fitting}")
        _refuse_type(self.cell, self.type)

    @property
    def inputs(self) -> int:
        """Numbers read a day."""
        return FEATURES + self.extras

    @property
    def kind(self) -> TypeName:
        """The type, where "auto" is what the cell does best."""
        if self.type != "auto":
            return self.type
        return "many-to-one" if self.cell == "mlp" or bidirectional(self.cell) else "many-to-many"


def _refuse_type(cell: CellName, type: TypeName) -> None:
    if bidirectional(cell) and type == "many-to-many":
        raise InvalidRequest(
            f"{opening(cell)}: read many-to-many it would see the future, for its state of a day has read the days after it; "
            "choose many-to-one or encoder-decoder, where the window ends at the last day known"
        )
    if bidirectional(cell) and type == "one-to-many":
        raise InvalidRequest(
            f"{opening(cell)}: it cannot unroll one day into a path, for it would have to read days not yet written; "
            "choose encoder-decoder"
        )
    if cell == "mlp" and type in ("one-to-many", "many-to-many", "encoder-decoder"):
        raise InvalidRequest(f"{opening(cell)}: it carries no state from day to day; choose many-to-one or one-to-one")
