"""The terms of both benches, a sentence or two each, and where a text uses them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from core.runs.request import Bench

# Terms are written as texts have them; in the plural and at the start of a sentence they are found too.
_RECURRENT: dict[str, str] = {
    # how good forecasts are
    "skill": "How much less a model loses than another, in %: 1 − its loss / the loss of the other. Of QLIKE, which has no "
    "zero, it is the difference of the two losses times 100. Above 0 it is better.",
    "committee": "The mean of the forecasts of all seeds of a network. It is what is ranked and tested.",
    "seed": "The number that a training begins from: it draws the first weights and the order of the days.",
    "reference": "The model that all others are measured against: the random walk for returns, the historical mean for "
    "directions, HAR for volatility.",
    "test day": "A day that no model has learned from and nothing was chosen by; it is scored once.",
    "validation day": "A day between training and test: it says when to stop, and which model is expected to be the best.",
    "QLIKE": "A loss for forecasts of volatility, log f + y / f, f the forecast and y what came (Patton 2011).",
    "MSE": "Mean squared error.",
    "RMSE": "Root mean squared error, in units of what is forecast.",
    "MAE": "Mean absolute error.",
    "MASE": "Mean absolute error over that of the random walk in the training days (Hyndman & Koehler 2006).",
    "CRPS": "Continuous ranked probability score: how good a whole forecast distribution is; lower is better.",
    "log loss": "−log of the probability that was given to what came.",
    "Brier score": "The mean squared error of a probability (Brier 1950).",
    # how sure that is
    "correction": "Of many tests some are small by chance, so p values are raised for their number: by Holm's rule within one "
    "comparison, by Šidák's for other trials on the same days; the larger p counts. In the verdict of a comparison four fifths "
    "of the level belong to the model that is best on the validation days, and the others share the rest. Of 4 networks its p "
    "is multiplied by 1.25 at most; the smallest p of the other three by 3, but by 15 where it is below a twelfth of that of "
    "the best in validation.",
    "trial": "A model that was tested on these days, in this run or an earlier one.",
    "found reliably": "In 4 of 5 cases (a power of 80 %), at the corrected level of 5 %. Two limits hold, and the higher "
    "counts: the noise of the difference between these two models, which falls with the root of the number of days, and the "
    "noise of what came, which hides a skill from the best of forecasts and falls with the number itself. Half the skill "
    "takes two to four times as many days.",
    "Diebold–Mariano": "The test that two forecasts have the same mean loss (Diebold & Mariano 1995).",
    "Holm": "A correction of p values for their number: the smallest is multiplied by the number of tests, the next by one "
    "less, and so on; none ends below one that was smaller (Holm 1979).",
    "false discoveries": "Tests that are significant by chance. Controlled at 5 %, at most 5 % of those that remain are "
    "expected to be such (Benjamini & Hochberg 1995).",
    "confidence set": "The model confidence set: with 90 % confidence it holds the best model (Hansen, Lunde & Nason 2011).",
    # forecasters
    "random walk": "Forecasts that nothing changes: of a return 0, of a size that of the last day, of a direction one half.",
    "HAR": "Heterogeneous autoregression: a regression on the last day, week and month (Corsi 2009).",
    "ETS": "Exponential smoothing (error, trend, season).",
    "EWMA": "Exponentially weighted moving average, as RiskMetrics has it.",
    "AR": "Autoregression: a regression on the last days.",
    "ARIMA": "Autoregression of differences with moving averages of errors (Box & Jenkins).",
    "Theta": "The theta method, which won the M3 competition (Assimakopoulos & Nikolopoulos 2000).",
    "GARCH-t": "A model of a volatility that follows past shocks, with fat tails (Bollerslev 1987).",
    "GJR-GARCH-t": "GARCH in which falls move the volatility more than rises (Glosten, Jagannathan & Runkle 1993).",
    "RNN": "Recurrent network: a state that is carried from day to day. The vanilla one has no gates.",
    "bidirectional": "A network that reads a window of days forwards and backwards; for a forecast it holds past days alone.",
    "LSTM": "Long short-term memory: a recurrent cell with three gates and a cell state (Hochreiter & Schmidhuber 1997).",
    "GRU": "Gated recurrent unit: a recurrent cell with two gates (Cho et al. 2014).",
    "without recurrence": "Models that carry no state from day to day: classical ones, boosted trees, feed-forward networks.",
    # what forecasts are worth
    "Sharpe ratio": "Mean return over its standard deviation, annualised.",
    "buy-and-hold": "An account that buys once and never trades.",
    "volatility targeting": "A position inversely proportional to the forecast volatility, so that the risk stays the same.",
    "value at risk": "The loss that is exceeded on 1 or 5 of 100 days.",
    "basis point": "A hundredth of a percent.",
    "backtest overfitting": "That the account which was best in the past does no better afterwards.",
}  # fmt: skip
_SPATIAL: dict[str, str] = {
    "transformer": "A spatial transformer: localisation network, grid generator and sampler (Jaderberg et al. 2015).",
    "θ": "The numbers of a transformation: from each place of the output to where the input is read.",
    "CNN": "Convolutional network, without a transformer.",
    "ST-CNN": "A convolutional network with a spatial transformer before it.",
    "overlap": "Intersection over union of two boxes: 1 where they are the same, 0 where they do not meet.",
    "trial": "A photo that is distorted afresh after the training; the network was never shown that distortion.",
    "seed": "The number that a training begins from: it draws the first weights and the distortions.",
    "untouched": "As the photos were given, with nothing done about their distortion.",
    "believed": "An answer that is right with a probability of at least 80 %, as trials have shown of answers like it. What is "
    "not believed is not used: the photo stays as it is.",
    "variance": "The mean squared distance from the mean.",
    "±": "One standard error. Error bars in figures are 95 % intervals, about two.",
}  # fmt: skip
_COMMON: dict[str, str] = {
    "standard error": "How far a mean scatters when the same is measured again; a difference of 2 or more is hardly chance.",
    "95 % interval": "Where the true value lies in 95 of 100 such measurements.",
    "p": "The p value: how likely a difference at least as large is when the two are equally good. Below 0.05 it counts.",
    "median": "Half of the values lie below it.",
}
TERMS: dict[Bench, dict[str, str]] = {"spatial": _SPATIAL | _COMMON, "recurrent": _RECURRENT | _COMMON}


def _shape(term: str) -> str:
    """A term in a text, also where characters that Markdown would read have a backslash before them. The p of "p = 0.03" and
    "p values" alone is one."""
    if term == "p":
        return r"p(?: values?|(?= \\?[<=]))"
    letters = "".join(rf"\\?{re.escape(letter)}" for letter in term)
    return f"{letters}(?:e?s)?" if term[0].isupper() else f"(?i:{letters}(?:e?s)?)"


def _shapes(terms: Iterable[str]) -> re.Pattern[str]:
    """Any of the terms, the longest first, and never within a formula, code, a link or an icon."""
    found = "|".join(
        f"(?P<t{number}>{_shape(term)})" for number, term in sorted(enumerate(terms), key=lambda one: -len(one[1]))
    )
    return re.compile(rf"(?<!\\)\$[^$]*\$|`[^`]*`|!?\[[^\]]*\]\([^)]*\)|:[a-z]+(?:/\w+:|\[)|(?<![\w-])(?:{found})(?![\w-])")


_SHAPES = {bench: (list(terms), _shapes(terms)) for bench, terms in TERMS.items()}


def places_of_terms(text: str, bench: Bench) -> Iterator[tuple[slice, str]]:
    """Where terms of a bench stand in a text (Markdown or not), one after another, and which."""
    terms, shapes = _SHAPES[bench]
    for match in shapes.finditer(text):
        if match.lastgroup:
            yield slice(*match.span()), terms[int(match.lastgroup[1:])]
