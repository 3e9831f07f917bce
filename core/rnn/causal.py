"""The causality certificate: a forecast may depend on nothing that was not known when it was made.

Days after some cutoff are replaced by days of another world; every forecast from that cutoff or an earlier one has to stay the
same to the last bit. Networks that read a window in both directions pass, because the window ends at the cutoff; networks that
read the future, or whose scaler did, fail.
"""

from __future__ import annotations

import numpy as np

from core.rnn.forecaster import Forecaster
from core.rnn.series import Series

PROBES = 3


def is_causal(forecaster: Forecaster, series: Series, first: int, seed: int = 0) -> bool:
    """Whether a fitted forecaster's forecasts from day `first` on stay bit-equal under `PROBES` other futures."""
    told = forecaster.forecast(series, first)
    for probe, known in enumerate(np.linspace(first, len(series) - 1, PROBES + 1).astype(int)[:-1]):
        elsewhere = series.with_another_future(int(known), seed + probe)
        rows = known - first + 1
        if not np.array_equal(told[:rows], forecaster.forecast(elsewhere, first)[:rows]):
            return False
    return True
