"""What a comparison says in words: whether anything beats the random walk, how sure that is, and what the networks add.

A model beats another when its mean squared error is lower and the Diebold–Mariano test, corrected by Holm's method for all
models tried, gives p < 0.05. Everything here is read off the forecasts of the test days.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from pydantic import BaseModel, ConfigDict

from core.rnn.metrics import mean_losses, skill
from core.rnn.names import NETWORKS, REFERENCE, TITLES, opening
from core.rnn.significance import diebold_mariano, holm
from core.rnn.targets import TargetName

LEVEL = 0.05
_SUBJECTS = {"return": "the next day's return", "volatility": "the size of the next day's move"}


class Duel(BaseModel):
    """The best network against the best classical model, the random walk included."""

    model_config = ConfigDict(frozen=True)

    network: str
    classical: str
    skill: float | None  # 1 − MSE of the network / MSE of the classical model; None when that made no error
    p: float | None  # Diebold–Mariano, corrected over all networks tried; None when the two made the same errors
    sure: bool  # whether p < 0.05

    @property
    def text(self) -> str:
        network, classical = TITLES[self.network], TITLES[self.classical]
        if self.skill is None or self.p is None:
            return f"The best network, {network}, and the best classical model, {classical}, cannot be told apart."
        better = "lower" if self.skill > 0 else "higher"
        chance = "more than chance would explain" if self.sure else "which chance alone could explain"
        return (
            f"The best network, {network}, has a {100 * abs(self.skill):.2f} % {better} squared error than the best classical "
            f"model, {classical}: {chance} ({_say_p(self.p)})."
        )


class Verdict(BaseModel):
    """The outcome of a comparison. `winners` beat the random walk, the best one first."""

    model_config = ConfigDict(frozen=True)

    text: str
    beats_random_walk: bool
    winners: tuple[str, ...]
    best: str  # the model with the lowest error, sure or not
    p: float | None  # of `best` against the random walk, corrected; None when it is the random walk itself
    detectable: float | None  # the smallest skill of `best` that so many test days would show in 4 of 5 cases
    duel: Duel | None  # None without a network


def judge(ranking: pd.DataFrame, forecasts: pd.DataFrame, target: TargetName) -> Verdict:
    """Put a ranking (see `metrics.rank`) and the forecasts behind it into words."""
    losses = mean_losses(forecasts)
    better = ranking[(ranking["dm_p_holm"] < LEVEL) & (ranking["dm_stat"] < 0)]
    winners = tuple(str(model) for model in better["model"])
    duel = _duel(ranking, losses)
    rivals = ranking[ranking["model"] != REFERENCE]
    first = rivals.iloc[0] if len(rivals) else None
    detectable = None if first is None else _detectable(losses[first["model"]], losses[REFERENCE])
    sentences = [_against_random_walk(first, winners, len(rivals), target)]
    if first is not None and not winners and detectable is not None:
        sentences.append(
            f"{len(losses[REFERENCE]):,} test days would show a true skill of {100 * detectable:.1f} % in 4 of 5 cases."
        )
    if duel is not None and duel.classical != REFERENCE:
        sentences.append(duel.text)
    return Verdict(
        text=" ".join(sentences),
        beats_random_walk=bool(winners),
        winners=winners,
        best=str(ranking["model"].iloc[0]),
        p=_known(ranking["dm_p_holm"].iloc[0]),
        detectable=detectable,
        duel=duel,
    )


def _against_random_walk(first: pd.Series | None, winners: tuple[str, ...], tried: int, target: TargetName) -> str:
    subject = _SUBJECTS[target]
    if first is None:
        return f"Only the random walk was asked to forecast {subject}; there is nothing to compare it with."
    p = f"{_say_p(first['dm_p_holm'])}{' after correction for ' + str(tried) + ' models' if tried > 1 else ''}"
    told = f"{TITLES[first['model']]}, skill {say_percent(first['skill'])}, {p}"
    if not winners and first["skill"] < 0:
        closest = f"{TITLES[first['model']]}, skill {say_percent(first['skill'])}"
        how = "is worse than it" if first["dm_p_holm"] < LEVEL else "is no better"
        return f"Nothing beats the random walk at forecasting {subject}; even the closest, {closest}, {how}, {p}."
    if not winners:
        return f"Nothing beats the random walk at forecasting {subject}; the closest is {told}."
    if len(winners) == 1:
        return f"{opening(winners[0])} beats the random walk at forecasting {subject}. Lowest error: {told}."
    return f"{len(winners)} of {tried} models beat the random walk at forecasting {subject}. Lowest error: {told}."


def _duel(ranking: pd.DataFrame, losses: dict[str, np.ndarray]) -> Duel | None:
    networks = [model for model in ranking["model"] if model in NETWORKS]
    if not networks:
        return None
    classical = next(model for model in ranking["model"] if model not in NETWORKS)
    p_values = holm(np.array([diebold_mariano(losses[model], losses[classical]).p for model in networks]))
    p = _known(p_values[0])
    return Duel(
        network=networks[0],
        classical=classical,
        skill=_known(skill(losses[networks[0]], losses[classical])),
        p=p,
        sure=p is not None and p < LEVEL,
    )


def _detectable(losses: np.ndarray, reference: np.ndarray) -> float | None:
    """As a skill: share of the random walk's mean squared error."""
    worst = reference.mean()
    return float(diebold_mariano(losses, reference).detectable / worst) if worst > 0 else None


def _known(value: float) -> float | None:
    return None if np.isnan(value) else float(value)


def say_percent(share: float) -> str:
    """A share as a signed percentage with a true minus sign: −0.12 %."""
    return "undefined" if np.isnan(share) else f"{100 * share:+.2f} %".replace("-", "−")


def _say_p(p: float) -> str:
    if np.isnan(p):
        return "no test possible"
    return "p < 0.001" if p < 0.001 else f"p = {p:.3f}" if p < LEVEL else f"p = {p:.2f}"
