"""The causality certificate: a forecast may depend on nothing that was not known when it was made.

Days after some cutoff are replaced by days of another world; every forecast from that cutoff or an earlier one has to stay the
same to the last bit. Networks that read a window in both directions pass, because the window ends at the cutoff; networks that
read the future, or whose scaler did, fail.
"""

from __future__ import annotations

import numpy as np

from core.rnn.dataset.series import Series
from core.rnn.forecaster import FittedForecaster

PROBES = 3


def is_causal(forecaster: FittedForecaster, series: Series, first: int, seed: int = 0) -> bool:
    """Whether what a fitted forecaster says from day `first` on, quantiles too, stays bit-equal under other futures."""
    told = _told(forecaster, series, first)
    for probe, known in enumerate(np.linspace(first, len(series) - 1, PROBES + 1).astype(int)[:-1]):
        elsewhere = series.with_another_future(int(known), seed + probe)
        rows = known - first + 1
        pairs = zip(told, _told(forecaster, elsewhere, first), strict=True)
        if not all(np.array_equal(here[:rows], there[:rows]) for here, there in pairs):
            return False
    return True


def _told(forecaster: FittedForecaster, series: Series, first: int) -> list[np.ndarray]:
    """The forecasts, and the quantiles of a model that states them."""
    quantiles = forecaster.quantiles(series, first)
    return [forecaster.forecast(series, first), *([] if quantiles is None else [quantiles])]
