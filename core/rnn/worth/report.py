"""What forecasts were worth as tables: risk targeting, tail risk and overfitting, from forecasts, returns and trades alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from core.rnn.worth.accounts import HOLD, Terms
from core.rnn.worth.one_step import OneStep
from core.rnn.worth.overfitting import Overfitting, probability_of_overfitting
from core.rnn.worth.tail_table import tail_table
from core.rnn.worth.targeting import targeting_table
from core.runs.result import rows_of


@dataclass(frozen=True, eq=False)
class Worth:
    """What forecasts were worth; a table is empty where the target has no such use."""

    reference: str
    performance: pd.DataFrame  # `PERFORMANCE`
    targeting: pd.DataFrame  # `targeting.TARGETING_METRICS` by model
    tail: pd.DataFrame  # `tail_table.TAIL_METRICS` by model and level
    overfitting: Overfitting | None  # of choosing among the accounts; None with fewer than two, or too few days
    overfitting_of_losses: Overfitting | None = None  # of choosing among the models by their losses
    sentences: tuple[str, ...] = ()  # the same in words, see `sentences`

    @property
    def plain(self) -> dict[str, Any]:
        """For JSON; the accounts stand elsewhere."""
        chosen, by_loss = self.overfitting, self.overfitting_of_losses
        return {
            "text": " ".join(self.sentences),
            "reference": self.reference,
            "targeting": rows_of(self.targeting),
            "tail": rows_of(self.tail),
            "overfitting": None if chosen is None else vars(chosen),
            "overfitting_of_losses": None if by_loss is None else vars(by_loss),
        }

    @property
    def tables(self) -> dict[str, pd.DataFrame]:
        """By name, for export; without those that are empty."""
        return {name: table for name, table in (("targeting", self.targeting), ("tail_risk", self.tail)) if len(table)}


def worth(
    days: OneStep,
    performance: pd.DataFrame,
    equity: pd.DataFrame,
    reference: str,
    terms: Terms,
    losses: np.ndarray | None = None,
) -> Worth:
    """Of one-step forecasts, and of the accounts that traded on them: `PERFORMANCE` and `EQUITY`; `losses` (N, models)."""
    volatilities = {model: days.volatility(model) for model in days.models} if days.target.is_size else {}
    return Worth(
        reference,
        performance,
        targeting_table(volatilities, days.returns, days.sizes, reference, terms),
        tail_table(days.predicted, days.returns, days.standardised, reference),
        overfitting_of(equity),
        None if losses is None else _among(-losses, ratio=False),
    )


def nets_of(equity: pd.DataFrame) -> pd.DataFrame:
    """Daily returns (N, accounts) by date, of `EQUITY`, buy-and-hold last; a ruined account earns nothing more."""
    names = sorted((name for name in equity if name != "date"), key=_is_hold)
    curves = equity[names].to_numpy(float)
    before = np.concatenate([np.ones((1, len(names))), curves[:-1]])
    nets = np.where(before > 0, curves / np.where(before > 0, before, 1.0) - 1, 0.0)
    return pd.DataFrame(nets, index=pd.Index(equity["date"]), columns=pd.Index(names))


def overfitting_of(equity: pd.DataFrame) -> Overfitting | None:
    """Of choosing among the accounts of `EQUITY`; None with fewer than two, or too few days."""
    return overfitting_among(nets_of(equity)) if len(equity) else None


def overfitting_among(nets: pd.DataFrame) -> Overfitting | None:
    """Of choosing among accounts by their daily returns (N, accounts), and against holding; the same account twice counts once,
    and those that never trade do not count. None with fewer than two, or too few days."""
    held = [name for name in nets if _is_hold(name)]
    distinct = np.unique(np.round(nets.drop(columns=held).to_numpy(), 12), axis=1)
    moving = distinct[:, distinct.any(axis=0)]
    return _among(moving, ratio=True, against=nets[held].to_numpy()[:, 0] if held else None)


def _is_hold(name: object) -> bool:
    """Whether this column of `EQUITY` is buy-and-hold."""
    return str(name).startswith(HOLD)


def _among(values: np.ndarray, ratio: bool, against: np.ndarray | None = None) -> Overfitting | None:
    try:
        return probability_of_overfitting(values, ratio, against=against)
    except ValueError:
        return None
