"""What the forecasts of a panel were worth at a chosen cost, from the stored forecasts: nothing is trained."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd

from core.made_once import made_once
from core.rnn.models import REFERENCE
from core.rnn.panel.models import CLASSICAL_MEAN, NETWORKS_AND_TREES, panel_model
from core.rnn.panel.result import PanelResult
from core.rnn.panel.views import drawn_together
from core.rnn.worth.accounts import Terms
from core.rnn.worth.many_tickers import Tickers, TickersWorth
from core.rnn.worth.portfolio import ManyForecasts, trade_together
from core.rnn.worth.sentences import Speaker, gained_in_words
from core.runs.result import rows_of


@dataclass(frozen=True, eq=False)
class PanelWorth:
    """What the best models' forecasts were worth, that of the best network first."""

    terms: Terms
    models: tuple[str, ...]  # that were traded
    performance: pd.DataFrame  # `PERFORMANCE`, of accounts in equal parts of all tickers
    equity: pd.DataFrame  # `EQUITY`
    risk: TickersWorth | None  # None: the target is no size
    gained: str  # whether any account gained on holding all tickers

    @property
    def sentences(self) -> tuple[str, ...]:
        """The most important one first."""
        first, *others = self.risk.sentences if self.risk else ("",)
        return tuple(filter(None, [first, self.gained, *others]))

    @property
    def plain(self) -> dict[str, Any]:
        """For JSON."""
        risk = self.risk.plain if self.risk else {}
        named = {"text": " ".join(self.sentences), "cost_bp": self.terms.cost_bp, "performance": rows_of(self.performance)}
        return risk | named


@made_once
def worth_of(result: PanelResult) -> PanelWorth:
    """The worth of a panel's forecasts, where a trade costs as much as the result says."""
    terms, verdict = Terms(result.cost_bp), result.verdict
    wanted = [*drawn_together(result, verdict.reference), NETWORKS_AND_TREES, CLASSICAL_MEAN, verdict.reference, REFERENCE]
    models = tuple(name for name in dict.fromkeys(wanted) if name in result.points)
    points = {name: result.points[name][:-1] for name in models}
    many = ManyForecasts(result.target_row, result.returns, points, result.dates, result.first_test, result.sigmas)
    seeds = {model: max(1, int(count)) for model, count in zip(result.models["model"], result.models["seeds"], strict=True)}
    trials = verdict.trials + 1 if verdict.trials else 0  # the others and this one
    performance, equity = trade_together(many, terms, trials, seeds)
    speaker = Speaker(
        f"these {len(result.symbols)} tickers", models[0], terms, trials, lambda model: panel_model(model).in_sentence
    )
    return PanelWorth(
        terms, models, performance, equity, _risk(result, points, terms, trials), gained_in_words(performance, speaker)
    )


def _risk(result: PanelResult, points: dict[str, Any], terms: Terms, trials: int) -> TickersWorth | None:
    """Of sizes, how steady they keep the risk, and what they say of large losses."""
    if not result.target_row.is_size:
        return None
    volatilities = {name: values * result.sigmas for name, values in points.items()}
    tickers = Tickers(result.returns, volatilities, result.first_test, result.verdict.reference)
    titles = {name: panel_model(name).in_sentence for name in points}
    return TickersWorth.of(tickers, result.tails, next(iter(points)), titles, terms, trials)
