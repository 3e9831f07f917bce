"""What can be computed from stored forecasts under different assumptions: losses, trading costs, corrections for other trials.

None of it is part of the request, and no change of it trains anything.
"""

from __future__ import annotations

from typing import Self

from pydantic import BaseModel, ConfigDict, model_validator

from core.errors import InvalidRequest
from core.rnn.evaluation.loss_functions import LOSS_FUNCTIONS
from core.rnn.worth.accounts import MOST_COST, USUAL_COST


class Valuation(BaseModel):
    """What forecasts are judged by, what a trade costs, and for how many trials p values and Sharpe ratios are corrected."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    cost_bp: float = USUAL_COST  # of a trade, in basis points of what is traded
    trials: int = 0  # models × settings, those of this comparison included; 0: this comparison alone
    loss: str = ""  # a row of `LOSS_FUNCTIONS` that judges the target; "": the target's first
    reference: str = ""  # the model that skill is measured against; "": the target's

    @model_validator(mode="after")
    def _check(self) -> Self:
        if not 0 <= self.cost_bp <= MOST_COST:
            raise InvalidRequest(f"the cost in basis points is {self.cost_bp:g}; choose between 0 and {MOST_COST:g}")
        if self.trials < 0:
            raise InvalidRequest(f"the number of trials is {self.trials}; choose 0 or more")
        if self.loss and self.loss not in LOSS_FUNCTIONS:
            raise InvalidRequest(f"there is no loss {self.loss!r}; choose one of {', '.join(LOSS_FUNCTIONS)}")
        return self
