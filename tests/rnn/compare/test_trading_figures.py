from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from core.rnn.compare.overview_figures import equity_chart
from core.rnn.compare.result import CompareResult
from core.rnn.compare.tables import performance_table
from core.rnn.dataset.target import log_returns, target_of
from core.rnn.worth.accounts import HOLD, Terms
from core.rnn.worth.performance import trade
from tests.rnn.compare.results import made_result


@pytest.fixture(scope="module")
def traded() -> CompareResult:
    result = made_result("return")
    returns = pd.Series(log_returns(result.close), result.days[1:].astype("datetime64[s]"))
    performance, equity = trade(result.forecasts, returns, target_of("return"), Terms())
    return result.model_copy(update={"performance": performance, "equity": equity})


def test_equity_of_a_rule_stands_beside_buy_and_hold(traded: CompareResult) -> None:
    drawn = equity_chart(traded, "long-flat")
    assert [trace.name for trace in drawn.data] == [HOLD, "GRU", "bidirectional RNN", "HAR"]
    np.testing.assert_allclose(drawn.data[1].y, traded.equity["gru long-flat"])


def test_the_table_of_a_rule_has_every_model_and_buy_and_hold(traded: CompareResult) -> None:
    table = performance_table(traded, "scaled").set_index("Model")
    assert set(table.index) == {"Random walk", "Drift", "HAR", "GRU", "Bidirectional RNN", HOLD.capitalize()}
    row = traded.performance.query("model == 'gru' and rule == 'scaled'").iloc[0]
    assert table.loc["GRU", "Total return (%)"] == pytest.approx(100 * row.growth, abs=0.05)
    assert table.loc["Random walk", "Sharpe ratio"] == ""  # it never trades
