"""What forecasts were worth, in plain words: first whether anything was gained at all."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from core.rnn.evaluation.significance import ALPHA, corrected
from core.rnn.models import in_a_sentence
from core.rnn.words import say_p, true_minus
from core.rnn.worth.accounts import HOLD, RULES, Terms
from core.rnn.worth.overfitting import Overfitting
from core.rnn.worth.report import Worth
from core.runs.result import rows_of

_LOTS = 40  # percent: choosing by the past counts as no better than drawing lots, which gives 50, from here on; no test
_YARDSTICK = f" (drawing lots gives 50 %; only below {_LOTS} %, a convention and no test, is the choice called better)"


@dataclass(frozen=True)
class Speaker:
    """What the sentences speak of: the ticker, and the model that was chosen before the test."""

    symbol: str
    model: str
    terms: Terms
    trials: int = 0  # tests on the same data, which p values of accounts are corrected for
    in_a_sentence: Callable[[str], str] = in_a_sentence  # of a model's name

    @property
    def name(self) -> str:
        """Of the model, inside a sentence."""
        return self.in_a_sentence(self.model)


def in_words(worth: Worth, speaker: Speaker) -> list[str]:
    """The sentences, the most important one first; none about what the target is not used for."""
    said = [*_against_reference(worth, speaker)] if len(worth.targeting) else []
    said += [gained_in_words(worth.performance, speaker)] if len(worth.performance) > 1 else []
    said += [_steady(worth, speaker)] if len(worth.targeting) else []
    said += [_risk(worth.tail, speaker)] if len(worth.tail) else []
    said += [overfitting_in_words(worth.overfitting)] if worth.overfitting else []
    return said + ([_choosing_by_errors(worth.overfitting_of_losses)] if worth.overfitting_of_losses else [])


def _steady(worth: Worth, speaker: Speaker) -> str:
    """How steady the risk was."""
    own = _row(worth.targeting, speaker.model)
    return (
        f"Held at {100 * speaker.terms.steady_risk:.0f} % volatility a year by the forecasts of {speaker.name}, the "
        f"account's risk stayed between {100 * own['low']:.0f} and {100 * own['high']:.0f} % in nine of ten months; that of a "
        f"fixed position of the same average size between {100 * own['fixed_low']:.0f} and {100 * own['fixed_high']:.0f} %."
    )


def _against_reference(worth: Worth, speaker: Speaker) -> list[str]:
    """Whether the risk would have been kept as well by the reference."""
    models = worth.targeting["model"].tolist()
    if speaker.model == worth.reference or worth.reference not in models:
        return []
    own_p = worth.targeting["risk_utility_gain_p"].to_numpy(float)  # NaN: of the reference, or of the same forecasts
    p = float(corrected(own_p, speaker.trials)[models.index(speaker.model)])
    gain, tests = _row(worth.targeting, speaker.model)["risk_utility_gain"], int(np.isfinite(own_p).sum())
    size = (
        f"{true_minus(f'{100 * gain:+z.2f}')} % of the account a year where risk is kept steady, before costs, "
        f"{say_p(p)}{correction_in_words(tests, 'model', speaker.trials)}"
    )
    return [compared_in_words(gain, p, speaker.name, in_a_sentence(worth.reference), size)]


def _row(table: pd.DataFrame, model: str) -> dict[str, Any]:
    return next(row for row in rows_of(table) if row["model"] == model)


def compared_in_words(gain: float, p: float, model: str, reference: str, size: str) -> str:
    """Whether the forecasts of a model were worth more than those of the reference; `size`: by how much."""
    if p < ALPHA:
        worth = f"worth {'more' if gain > 0 else 'less'} than those of {reference}"
        return f"To an investor the forecasts of {model} were {worth}: {size}."
    return f"That the forecasts of {model} were worth more to an investor than those of {reference} could not be shown: {size}."


def correction_in_words(count: int, noun: str, trials: int) -> str:
    """ " after correction for 36 accounts and 48 trials in this lab, its own included"; empty for a single test."""
    others = f" and {trials:,} trials in this lab, its own included" if trials else ""
    return f" after correction for {count} {noun}{'s' if count != 1 else ''}{others}" if count > 1 or trials else ""


def terms_in_words(rule: str, cost_bp: float) -> str:
    """What a rule does, at which cost and when."""
    return f"{RULES[rule].text.capitalize()}, at {cost_bp:g} basis points a trade; traded one day after the forecast."


def gained_in_words(performance: pd.DataFrame, speaker: Speaker) -> str:
    """Whether any account had a higher Sharpe ratio than buy-and-hold, by more than chance."""
    hold = float(performance.loc[performance["model"] == HOLD, "sharpe"].iloc[0])
    accounts = performance[performance["model"] != HOLD].reset_index(drop=True)
    p = corrected(accounts["gain_p"].to_numpy(float), speaker.trials)
    better = (accounts["gain"] > 0).to_numpy()
    sure = np.flatnonzero(better & (p < ALPHA))
    cost = f"after costs of {speaker.terms.cost_bp:g} basis points a trade"
    if not len(sure):
        count, lost = int(better.sum()), accounts[~better & (p < ALPHA)]
        chance = ", none by more than chance would explain" if count else ""
        return (
            f"No account that trades on these forecasts surely gained on holding {speaker.symbol}: {cost}, {count or 'none'} "
            f"of {_counted(accounts)} had a higher Sharpe ratio than the {_ratio(hold)} of holding{chance}. "
            f"{_surely_lost(lost, len(accounts), speaker)}{_of_speaker(accounts, speaker)}"
        )
    place = int(sure[np.argmax(accounts["gain"].to_numpy(float)[sure])])
    best = rows_of(accounts)[place]
    return (
        f"Trading on the forecasts of {speaker.in_a_sentence(best['model'])}, {RULES[best['rule']].text}, gained on holding "
        f"{speaker.symbol}: {cost}, Sharpe ratio {_ratio(best['sharpe'])} against {_ratio(hold)} ({say_p(p[place])}"
        f"{correction_in_words(len(accounts), 'account', speaker.trials)})."
    )


def _surely_lost(lost: pd.DataFrame, tests: int, speaker: Speaker) -> str:
    """How many accounts surely had a lower Sharpe ratio than holding, and whether one is of the model that is spoken of."""
    if lost.empty:
        return ""
    own = int((lost["model"] == speaker.model).sum())
    count = "all" if own == len(lost) else f"{own if own > 1 else 'one'} of them"
    whose = f", {count} of {speaker.name}" if own else ""
    many = f"{len(lost)} accounts" if len(lost) > 1 else f"One account{f', that of {speaker.name},' if own else ''}"
    after = correction_in_words(tests, "account", speaker.trials)
    return f"{many} surely did worse than holding{whose if len(lost) > 1 else ''} (p < {ALPHA:g}{after}). "


def _of_speaker(accounts: pd.DataFrame, speaker: Speaker) -> str:
    """The accounts of the model that is spoken of, by every rule."""
    own = accounts[(accounts["model"] == speaker.model) & accounts["sharpe"].notna()]
    if own.empty:
        return f"That of {speaker.name} never traded."
    by_rule = [
        f"{_ratio(row['sharpe'])} by {RULES[row['rule']].title.lower()} ({_signed(row['gain'])} against holding, "
        f"{_signed(row['gain_low'])} to {_signed(row['gain_high'])})"
        for row in rows_of(own)
    ]
    return f"{'That' if len(own) == 1 else 'Those'} of {speaker.name} had {', '.join(by_rule)}."


def _counted(accounts: pd.DataFrame) -> str:
    """ "36 accounts (12 models by 3 rules)" """
    models, rules = accounts["model"].nunique(), accounts["rule"].nunique()
    return f"{len(accounts)} accounts ({models} models{f' by {rules} rules' if rules > 1 else ', one each'})"


def _risk(tail: pd.DataFrame, speaker: Speaker) -> str:
    """Whether the value at risk was right."""
    own = tail[tail["model"] == speaker.model]
    rows = rows_of(own)
    counts = "; ".join(
        f"at {100 * row['level']:g} % on {row['exceedances']} of {row['days']:,} days ({row['expected']:.0f} expected, "
        f"{say_p(row['christoffersen_p'])})"
        for row in rows
    )
    wrong = (own["christoffersen_p"] < ALPHA).any()
    verdict = "it was wrong about the risk" if wrong else "nothing speaks against it"
    tested = "by Christoffersen's test of number and independence"
    return f"The value at risk by the forecasts of {speaker.name} was exceeded {counts}: {tested}, {verdict}."


def overfitting_in_words(chosen: Overfitting) -> str:
    """What choosing among the accounts by their past was worth."""
    share = f"{_percent(chosen)} % of all halvings{_YARDSTICK}"
    return (
        f"Of {chosen.candidates} different accounts (those alike count once, those that never trade not), the best of one half "
        f"of the days was below the median in the other half in {share}: choosing by past gains was {_against_lots(chosen)}"
        f"{_against_holding(chosen)}."
    )


def _against_holding(chosen: Overfitting) -> str:
    """The account that was chosen may be the best of many that all lose."""
    if chosen.behind is None:
        return ""
    but = ", but" if _percent(chosen) < _LOTS and chosen.behind >= 0.5 else ", and"
    return f"{but} the one chosen had a lower Sharpe ratio than holding in {100 * chosen.behind:.0f} % of them"


def _choosing_by_errors(chosen: Overfitting) -> str:
    return (
        f"Of {chosen.candidates} models, the reference among them, that with the lowest loss in one half was below the median "
        f"in the other in {_percent(chosen)} %{_YARDSTICK}: choosing by past errors was {_against_lots(chosen)}."
    )


def _against_lots(chosen: Overfitting) -> str:
    return "no better than drawing lots" if _percent(chosen) >= _LOTS else "better than drawing lots"


def _percent(chosen: Overfitting) -> int:
    """The probability of overfitting as it is shown, so that the word and the number cannot disagree."""
    return round(100 * chosen.probability)


def _ratio(value: float) -> str:
    return true_minus(f"{value:.2f}")


def _signed(value: float) -> str:
    return true_minus(f"{value:+.2f}")
