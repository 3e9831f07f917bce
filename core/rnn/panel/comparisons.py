"""The tables of a panel's tests: over all tickers, on each ticker, and on calm and wild days apart."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from core.rnn.evaluation.columns import Columns
from core.rnn.evaluation.loss_functions import LOSS_FUNCTIONS
from core.rnn.evaluation.significance import ALPHA, benjamini_hochberg, holm, sidak
from core.rnn.models import REFERENCE
from core.rnn.panel.losses import Outcomes, PanelLosses
from core.rnn.panel.models import panel_model
from core.rnn.panel.verdict import Chosen

COMPARISONS = Columns(
    "comparisons", ("model", "reference", "loss", "skill", "stat", "p", "p_holm", "better_on", "tickers", "days")
)
TICKERS = Columns("tickers", ("symbol", "model", "reference", "loss", "value", "skill", "p", "p_bh", "beats"))
REGIMES = Columns("regimes", ("regime", "model", "reference", "loss", "skill", "p", "better_on", "tickers", "days"))
UNSEEN = Columns(
    "unseen", ("symbol", "model", "seen", "unseen", "reference")
)  # mean losses: trained with it, without, reference
CALM, WILD = "calm", "wild"


@dataclass(frozen=True)
class Evidence:
    """Test forecasts of all models, and what is needed to judge them."""

    outcomes: Outcomes
    points: Mapping[str, np.ndarray]  # model -> (D, N)
    symbols: tuple[str, ...]
    chosen: Chosen
    wild: np.ndarray  # (D,) whether the market's level of the day before is above its median

    @property
    def references(self) -> tuple[str, ...]:
        """What models are compared with: the target's reference, the random walk, the best of the validation days, the best
        statistical model that reads the market, and the trees."""
        always = (self.outcomes.target.reference, REFERENCE, self.chosen.classical, self.chosen.without_recurrence)
        pooled = (name for name in self.points if panel_model(name).pooled and panel_model(name).group in _RIVALS)
        return tuple(dict.fromkeys(name for name in (*always, *pooled) if name in self.points))

    def losses(self, name: str, days: np.ndarray | None = None) -> PanelLosses:
        """The losses by one loss function, on some of the days."""
        chosen = slice(None) if days is None else days
        points = {model: values[chosen] for model, values in self.points.items()}
        return PanelLosses(self.outcomes.rows(chosen), points, LOSS_FUNCTIONS[name])


_RIVALS = ("classical", "without recurrence")


def comparisons(evidence: Evidence) -> pd.DataFrame:
    """`COMPARISONS`: every model against every reference by every loss of the target."""
    rows = list[dict[str, Any]]()
    for loss in evidence.outcomes.target.scores:
        losses = evidence.losses(loss)
        for reference in evidence.references:
            mine = [_row(losses, model, reference) for model in losses.points if model != reference]
            corrected = holm(np.array([row["p"] for row in mine]))
            rows += [row | {"p_holm": p} for row, p in zip(mine, corrected, strict=True)]
    return pd.DataFrame(rows)[list(COMPARISONS.names)]


def corrected_for(table: pd.DataFrame, others: int) -> pd.DataFrame:
    """`COMPARISONS` with p values as the verdict has them: by Holm's rule for the models that one reference and loss are asked
    of, by Šidák's for so many other tests on the same data."""
    by_holm = table.groupby(["reference", "loss"], sort=False)["p"].transform(lambda p: holm(p.to_numpy(np.float64)))
    return table.assign(p_holm=by_holm.map(lambda p: sidak(p, others + 1), na_action="ignore"))


def _row(losses: PanelLosses, model: str, reference: str) -> dict[str, Any]:
    result = losses.compare(model, reference)
    named = {"model": model, "reference": reference, "loss": losses.loss.name, "skill": result.skill}
    tested = {"stat": result.test.stat, "p": result.test.p, "better_on": result.over.better_on, "tickers": result.over.tickers}
    return named | tested | {"days": len(losses.outcomes.actual)}


def by_ticker(evidence: Evidence) -> pd.DataFrame:
    """`TICKERS`: every model on every ticker against the target's reference and the best classical model, by the leading loss.

    p_bh controls the false discovery rate over all tickers and models of one reference.
    """
    losses, tables = evidence.losses(evidence.outcomes.target.scores[0]), list[pd.DataFrame]()
    for reference in dict.fromkeys((evidence.outcomes.target.reference, evidence.chosen.classical)):
        rows = [
            _ticker_row(losses, place, symbol, model, reference)
            for model in losses.points
            if model != reference
            for place, symbol in enumerate(evidence.symbols)
        ]
        table = pd.DataFrame(rows)
        table["p_bh"] = benjamini_hochberg(table["p"].to_numpy(np.float64))
        table["beats"] = (table["skill"] > 0) & (table["p_bh"] < ALPHA)
        tables.append(table)
    return pd.concat(tables, ignore_index=True)[list(TICKERS.names)]


def _ticker_row(losses: PanelLosses, place: int, symbol: str, model: str, reference: str) -> dict[str, Any]:
    skill, test = losses.compare_on(place, model, reference)
    value = float(np.nanmean(losses[model][:, place]))
    named = {"symbol": symbol, "model": model, "reference": reference, "loss": losses.loss.name}
    return named | {"value": value, "skill": skill, "p": test.p}


def by_regime(evidence: Evidence) -> pd.DataFrame:
    """`REGIMES`: the test days apart, by whether the market was calm or wild before the day; by the leading loss."""
    rows = list[dict[str, Any]]()
    for regime, days in ((CALM, ~evidence.wild), (WILD, evidence.wild)):
        losses = evidence.losses(evidence.outcomes.target.scores[0], days)
        for reference in evidence.references:
            rows += [{"regime": regime} | _row(losses, model, reference) for model in losses.points if model != reference]
    return pd.DataFrame(rows)[list(REGIMES.names)]
