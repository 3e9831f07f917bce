"""The verdict of a comparison: whether any model beats the random walk, how sure that is, and the power of the test.

A model beats another when its mean squared error is lower and the Diebold–Mariano test gives p < 0.05 after correction. The
correction covers every model of the comparison (Holm; a model's seeds are one test, of their mean loss) and, where their number
is given, every other trial on the ticker (Šidák). So a false claim
is made for at most 1 in 20 unpredictable tickers, however many models are tried. All of it follows from the test losses.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from pydantic import BaseModel, ConfigDict

from core.rnn.dataset.target import Target
from core.rnn.evaluation.losses import Losses
from core.rnn.evaluation.significance import ALPHA, deflated, holm
from core.rnn.models import NETWORKS, REFERENCE, TITLES, capitalised_title
from core.rnn.words import say_p, say_percent


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
            f"model, {classical}: {chance} ({say_p(self.p)})."
        )


class Verdict(BaseModel):
    """The outcome of a comparison. `winners` beat the random walk, the best one first.

    Results of earlier versions lack the fields that have a default.
    """

    model_config = ConfigDict(frozen=True)

    text: str
    beats_random_walk: bool
    winners: tuple[str, ...]
    best: str  # the model with the lowest error, sure or not
    p: float | None  # of `best` against the random walk, corrected; None when it is the random walk itself
    detectable: float | None  # the smallest skill that the loss differences of the best rival would show in 4 of 5 cases
    duel: Duel | None  # None without a network
    minimum_detectable_skill: float | None = None  # the same, but no less than a test of so many days can show; see `power`
    days_needed: int | None = None  # test days that would show the best rival's skill in 4 of 5 cases; None unless above 0
    trials: int | None = None  # variants × seeds × settings on the ticker: of this comparison, and of others where counted
    spa_p: float | None = None  # that no model is better than the random walk, all of them tried (Hansen 2005)


@dataclass(frozen=True)
class _Power:
    """What a test of so many days can show about the best rival; see the fields of `Verdict`."""

    detectable: float | None
    minimum: float | None
    days: int | None


@dataclass(frozen=True)
class _Tests:
    """What the p values are corrected for."""

    models: int
    others: int  # trials on the ticker in other comparisons

    @property
    def text(self) -> str:
        others = f"{self.others:,} other trials on this ticker"
        if self.models == 1:
            return f" after correction for {others}" if self.others else ""
        return f" after correction for {self.models} models" + (f" and {others}" if self.others else "")


def judge(ranking: pd.DataFrame, losses: Losses, target: Target, trials: int = 0, bar: str = "day") -> Verdict:
    """Put a ranking (`RANKING`) and the losses behind it into words; one step of them is a `bar`.

    `trials` is their number on this ticker, this comparison included; 0: judge this comparison alone.
    """
    is_rival = ranking["model"] != REFERENCE
    own = int(ranking.loc[is_rival, "seeds"].sum())
    tests = _Tests(int(is_rival.sum()), max(0, trials - own))
    ranking = ranking.assign(p=_corrected(ranking, tests))
    better = ranking[(ranking["p"] < ALPHA) & (ranking["dm_stat"] < 0)]
    winners = tuple(str(model) for model in better["model"])
    closest = ranking[is_rival].iloc[0] if is_rival.any() else None
    power = _Power(None, None, None) if closest is None else _power(losses, str(closest["model"]))
    about = target.about(losses.horizon, bar)
    clauses = [_against_random_walk(closest, winners, tests, about)]
    if closest is not None and power.minimum is not None:
        clauses.append(_say_power(power, closest["skill"], bool(winners), f"{losses.days:,} test {bar}s"))
    duel = _duel(ranking, losses)
    return Verdict(
        text="; ".join(clauses) + "." + (f" {duel.text}" if duel is not None and duel.classical != REFERENCE else ""),
        beats_random_walk=bool(winners),
        winners=winners,
        best=str(ranking["model"].iloc[0]),
        p=_or_none(ranking["p"].iloc[0]),
        detectable=power.detectable,
        duel=duel,
        minimum_detectable_skill=power.minimum,
        days_needed=power.days,
        trials=own + tests.others,
        spa_p=_or_none(losses.superior_ability),
    )


def _corrected(ranking: pd.DataFrame, tests: _Tests) -> np.ndarray:
    """Holm's p for the models of this comparison; with other trials no less than Šidák's p for all."""
    p = ranking["dm_p_holm"].to_numpy(dtype=float)
    return np.maximum(p, deflated(ranking["dm_p"].to_numpy(dtype=float), tests.models + tests.others)) if tests.others else p


def _power(losses: Losses, model: str) -> _Power:
    return _Power(
        detectable=_or_none(losses.detectable_skill(model)),
        minimum=_or_none(losses.minimum_detectable_skill(model)),
        days=losses.days_needed(model),
    )


def _against_random_walk(closest: pd.Series | None, winners: tuple[str, ...], tests: _Tests, about: str) -> str:
    if closest is None:
        return f"Only the random walk was asked to forecast {about}; there is nothing to compare it with"
    name, p = f"{TITLES[closest['model']]}, skill {say_percent(closest['skill'])}", f"{say_p(closest['p'])}{tests.text}"
    if not winners and closest["skill"] < 0:
        how = "is worse than it" if closest["p"] < ALPHA else "is no better"
        return f"Nothing beats the random walk at forecasting {about}; even the closest, {name}, {how}, {p}"
    if not winners:
        return f"Nothing beats the random walk at forecasting {about}; the closest is {name}, {p}"
    if winners == (closest["model"],):
        gain = say_percent(closest["skill"])
        return f"{capitalised_title(winners[0])} beats the random walk at forecasting {about}: skill {gain}, {p}"
    who = f"{capitalised_title(winners[0])} beats" if len(winners) == 1 else f"{len(winners)} of {tests.models} models beat"
    return f"{who} the random walk at forecasting {about}; the lowest error is that of {name}, {p}"


def _say_power(power: _Power, gain: float, won: bool, test: str) -> str:
    sentence = f"{test} would show a true skill of {100 * (power.minimum or 0):.1f} % in 4 of 5 cases"
    return sentence if won or power.days is None else f"{sentence}, and one of {say_percent(gain)} in {power.days:,}"


def _duel(ranking: pd.DataFrame, losses: Losses) -> Duel | None:
    networks = [model for model in ranking["model"] if model in NETWORKS]
    if not networks:
        return None
    classical = losses.best_classical
    p = _or_none(holm(np.array([losses.test(model, classical).p for model in networks]))[0])
    return Duel(
        network=networks[0],
        classical=classical,
        skill=_or_none(losses.skill(networks[0], classical)),
        p=p,
        sure=p is not None and p < ALPHA,
    )


def _or_none(value: float) -> float | None:
    return None if np.isnan(value) else float(value)
