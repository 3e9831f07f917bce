from __future__ import annotations

import pandas as pd
import pytest

from core.errors import StoreError
from core.rnn.compare.result import CompareResult
from core.rnn.evaluation.columns import FORECASTS, HORIZONS
from core.rnn.evaluation.losses import Losses
from tests.rnn.compare.results import made_result
from tests.rnn.tables import forecast_table


def test_a_table_with_its_columns_passes_and_may_have_more() -> None:
    table = pd.DataFrame(columns=[*HORIZONS.names, "mae"])
    assert HORIZONS.check(table) is table


def test_a_missing_column_is_named() -> None:
    table = forecast_table([1, 2, 3], {"random-walk": [0, 0, 0]}).drop(columns=["cutoff", "step"])
    with pytest.raises(ValueError, match="the table of forecasts lacks cutoff, step; it has model, seed, date"):
        FORECASTS.check(table)
    with pytest.raises(ValueError, match="lacks cutoff"):
        Losses.of(table)


def test_a_stored_result_whose_table_lacks_a_column_is_refused_at_the_door() -> None:
    result = made_result()
    broken = result.model_copy(update={"horizons": result.horizons.drop(columns="rmse")})
    with pytest.raises(StoreError, match="the table of horizons lacks rmse"):
        CompareResult.from_bytes(broken.to_bytes())
