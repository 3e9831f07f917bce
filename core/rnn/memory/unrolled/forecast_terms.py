"""The last step of a network: what its output y_t forecasts, in the unit of the target.

ŷ_{t+1} = s_t Σ_k link(y_{t,k}): s_t is the running level (`features.Scaler`), and the loss that the network was trained with
says the link and from which outputs k the forecast is read. A probability has no level. On a path each day has an output of its
own, and s is the level after the last known day.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from core.rnn.dataset.level import DECAY, LOWEST
from core.rnn.memory.equations import sigmoid
from core.rnn.memory.trace import Trace
from core.rnn.networks.losses import Link, Loss

LINKS: dict[Link, Callable[[np.ndarray], np.ndarray]] = {
    "identity": lambda y: y,
    "softplus": lambda y: np.logaddexp(0.0, y),
    "σ": sigmoid,
}


@dataclass(frozen=True)
class ForecastTerms:
    """One output of a network and the forecast that it stands for; of several days ahead the first."""

    loss: Loss
    writes: bool  # whether y is of the day that is forecast: the network writes a path
    y: np.ndarray  # (R,) the outputs that the forecast is read from
    unit: float  # s, or 1

    @classmethod
    def of(cls, loss: Loss, traced: Trace, output: int) -> ForecastTerms:
        """Of a place in `Trace.y`."""
        return cls(loss, traced.writes, traced.y[output][list(loss.read)], float(traced.units[output]))

    @property
    def total(self) -> float:
        """The forecast in units of the level; of a direction the probability."""
        return float(LINKS[self.loss.link](self.y).sum())

    @property
    def value(self) -> float:
        """The forecast in units of the target."""
        return self.unit * self.total

    @property
    def formula(self) -> str:
        return forecast_formula(self.loss, self.writes)


def forecast_formula(loss: Loss, writes: bool) -> str:
    """From outputs to the forecast, LaTeX; of several outputs that of number k is y_{t,k}, counted from 1."""
    forecast, level = (r"\hat y_t", "s") if writes else (r"\hat y_{t+1}", "s_t")
    y = "y_t" if len(loss.start) == 1 else f"y_{{t,{loss.read[-1] + 1}}}"
    if len(loss.read) > 1:
        return rf"{forecast} = {level} \sum_{{k=1}}^{{{len(loss.read)}}} \ln(1 + e^{{y_{{t,k}}}})"
    return {
        "identity": rf"{forecast} = {level}\,{y}",
        "softplus": rf"{forecast} = {level} \ln(1 + e^{{{y}}})",
        "σ": rf"{forecast} = \sigma({y})",
    }[loss.link]


def forecast_in_words(loss: Loss, writes: bool) -> str:
    """The same in a sentence or two, with the formula between dollar signs."""
    formula = f"The last step makes the forecast of $y_t$: ${forecast_formula(loss, writes)}$"
    if loss.link == "σ":
        return f"{formula}, a probability, which has no unit."
    positive = ", and the logarithm keeps it above zero" if loss.link == "softplus" else ""
    level = "the running level after the last known day" if writes else "the running level after the day"
    running = f"$s_t = {DECAY:g}\\,s_{{t-1}} + {1 - DECAY:.2g}\\,v_t$"
    return (
        f"{formula}{_which(loss)}{positive}. $s$ is {level}, in whose units networks forecast: the mean size $v$ of the moves "
        f"so far, with less weight the older they are, {running}, but never below {100 * LOWEST:g} % of their mean in training."
    )


def _which(loss: Loss) -> str:
    """Which of several outputs the forecast is read from."""
    count, last = len(loss.start), loss.read[-1] + 1
    if count == 1:
        return ""
    if len(loss.read) > 1:
        return f", where each of {count} outputs leads from one quantile to the next, and number {last} to the median"
    return f", where number {last} of {count} outputs is the centre of the distribution"
