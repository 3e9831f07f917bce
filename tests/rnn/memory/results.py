"""A result of memory with numbers by hand, and the request of one."""

from __future__ import annotations

import numpy as np
import pandas as pd

from core.rnn.memory.result import GRADIENTS, LINEAR, PLACEBO, STAGES, TRAINED, VARIANTS, MemoryResult

LAGS, DAYS = np.arange(1, 61), np.arange(40)


def result(more: tuple[bool, bool] = (True, False)) -> MemoryResult:
    """An LSTM and a GRU with three seeds, and 49 placebos; the LSTM peaks at lag 7."""
    curve = 0.3 * 0.8**LAGS
    peaked = curve + 0.5 * (LAGS == 7)
    trained = [
        pd.DataFrame({"model": model, "seed": seed, "lag": LAGS, "size": size, "low": 0.5 * size, "high": 2 * size})
        for model, sizes in (("lstm", peaked), ("gru", curve))
        for seed, size in enumerate(np.array([[0.5], [1.0], [1.5]]) * sizes)
    ]
    placebo = [
        pd.DataFrame({"model": model, "order": order, "lag": LAGS, "size": order / 25 * curve, "agreement": order / 1000})
        for model in ("lstm", "gru")
        for order in range(1, 50)
    ]
    linear = pd.DataFrame({"model": "ar", "lag": LAGS, "weight": np.where(LAGS == 7, -0.6, 0.0)})
    gradients = [
        pd.DataFrame({"model": model, "stage": stage, "days_before": DAYS, "value": value, "size": rate**DAYS})
        for stage, rate in (("beginning", 0.5), ("middle", 0.7), ("end", 0.9))
        for model, value in (("lstm", "h"), ("lstm", "c"), ("gru", "h"))
    ]
    stages = [
        {"model": model, "stage": stage, "radius": 0.8, "norm": 4.0}
        for model in ("lstm", "gru")
        for stage in ("beginning", "middle", "end")
    ]
    variants = pd.DataFrame(
        {
            "model": ["lstm", "gru"],
            "agreement": [0.4, 0.01],
            "placebo_agreement": 0.025,
            "placebo_highest": 0.049,
            "p": [0.02 if one else 0.6 for one in more],
            "more_than_chance": list(more),
            "half_lag": [7, 3],
            "placebo_half_lag": 3,
            "peak": [7, 1],
            "placebo_peak": 1,
        }
    )
    return MemoryResult(
        symbol="SIM",
        target="return",
        comparison="0123456789abcdef",
        placebos=49,
        seeds=1,
        trained=pd.concat(trained, ignore_index=True)[list(TRAINED)],
        placebo=pd.concat(placebo, ignore_index=True)[list(PLACEBO)],
        linear=linear[list(LINEAR)],
        gradients=pd.concat(gradients, ignore_index=True)[list(GRADIENTS)],
        stages=pd.DataFrame(stages)[list(STAGES)],
        variants=variants[list(VARIANTS)],
    )
