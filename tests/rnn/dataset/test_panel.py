"""Many tickers on one axis of days, and their market."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from core.errors import InvalidRequest
from core.rnn.dataset.another_future import with_another_future
from core.rnn.dataset.market import market_of
from core.rnn.dataset.panel import Panel, panel_of
from core.rnn.dataset.target import target_of
from core.rnn.prices.prices import Prices
from tests.rnn.panel.panels import TEST, files, without
from tests.rnn.series import garch, prices_of

VOLATILITY = target_of("volatility")


def aligned(prices: list[Prices], target: str = "volatility") -> Panel:
    return panel_of(prices, target_of(target), TEST)


def by_day(prices: list[Prices]) -> pd.DataFrame:
    """Each ticker's log returns between its own days, by day: pandas' alignment."""
    columns = {one.symbol: pd.Series(np.log(one.close), one.days.astype("datetime64[s]")).diff().dropna() for one in prices}
    return pd.DataFrame(columns).sort_index()


def abroad(symbol: str, calendar: str, seed: int = 7, source: str = "sample") -> Prices:
    return prices_of(garch(700, seed), symbol).model_copy(update={"calendar": calendar, "source": source})


def test_the_axis_is_the_union_of_the_tickers_days_and_each_has_its_own() -> None:
    first, second, third = files()
    prices = [first, without(second, np.arange(100, 110)), without(third, np.arange(0, 250))]
    panel, oracle = aligned(prices), by_day(prices)
    assert np.array_equal(panel.days, oracle.index.to_numpy().astype("datetime64[D]"))
    assert panel.returns == pytest.approx(oracle.to_numpy(), nan_ok=True)
    assert panel.actual == pytest.approx(oracle.abs().to_numpy(), nan_ok=True)
    assert [len(one.series) for one in panel.members] == oracle.count().tolist()
    assert "listed later than the first day of the panel: CCC" in panel.notes
    assert any("no price: BBB 10" in note for note in panel.notes)


def test_training_validation_and_test_begin_on_the_same_days_for_all() -> None:
    first, second, _ = files()
    panel = aligned([first, without(second, np.arange(50, 90))])
    assert len(panel) - panel.test_start == TEST
    for one in panel.members:
        assert one.places[one.training] >= panel.train_end > one.places[one.training - 1]


def test_nobody_learns_from_what_is_not_over_when_the_first_ticker_forecasts() -> None:
    tokyo, new_york, here = abroad("TTT", "XTKS"), abroad("NNN", "XNYS", 8), abroad("HHH", "XNYS", 9)
    panel = aligned([tokyo, new_york, here])
    row = panel.test_start
    counts = dict(zip(panel.symbols, [len(one.series) for one in panel.learnable(row).members], strict=True))
    assert counts == {"TTT": row, "NNN": row - 1, "HHH": row - 1}
    together = aligned([new_york, here])
    assert [len(one.series) for one in together.learnable(row).members] == [row, row]
    unknown = aligned([abroad("CCC", "", 8, "csv"), abroad("DDD", "", 9, "csv")])
    assert [len(one.series) for one in unknown.learnable(row).members] == [row - 1, row - 1]
    holiday = aligned([without(tokyo, np.array([row])), new_york])  # the row of price `row` is the last before the test
    assert [len(one.series) for one in holiday.learnable(row).members] == [row, row - 1]


def test_a_forecast_s_origin_is_the_ticker_s_own_day_before() -> None:
    first, second, _ = files()
    panel = aligned([first, without(second, np.array([400]))])  # the row of price 400 is 399
    assert panel.origins[400].tolist() == [399, 398]


def test_forecasts_stand_on_the_own_days_and_the_last_row_is_the_day_to_come() -> None:
    first, second, _ = files()
    panel = aligned([first, without(second, np.array([600]))])
    own = {one.symbol: np.arange(len(one.series) - one.since(590) + 1.0) for one in panel.members}
    matrix = panel.on_axis(own, 590)
    assert matrix.shape == (len(panel) - 590 + 1, 2)
    assert np.isnan(matrix[599 - 590, 1])
    assert matrix[-1].tolist() == [len(panel) - 590, len(panel) - 590 - 1]


def test_a_ticker_with_too_few_days_is_left_out_with_its_reason_and_its_days_do_not_count() -> None:
    young = prices_of(garch(900, 5), "NEW")
    young = young.between(start=young.days[600].item())  # its days go on after those of the others
    panel = aligned([*files(), young])
    assert panel.symbols == ("AAA", "BBB", "CCC")
    assert "NEW has 24 training days of its own and needs 200" in panel.left_out["NEW"]
    assert panel.days[-1] == files()[0].days[-1]
    assert any(note.startswith("NEW is left out") for note in panel.notes)


def test_a_panel_of_one_ticker_is_refused() -> None:
    with pytest.raises(InvalidRequest, match="needs 2 tickers or more, 1 can take part"):
        aligned(files(1))


def test_the_market_is_the_mean_in_units_of_the_training_days() -> None:
    first, second, third = files()
    prices = [first, second, without(third, np.arange(300, 330))]
    panel, returns = aligned(prices), by_day(prices)
    units = returns.iloc[: panel.train_end].abs().mean()
    market = market_of(panel, panel.members[0].closing)
    assert market.sizes == pytest.approx((returns.abs() / units).mean(axis=1).to_numpy())
    assert market.moves == pytest.approx((returns / units).mean(axis=1).to_numpy())
    assert market.spread == pytest.approx((returns.abs() / units).std(axis=1, ddof=0).to_numpy())
    assert market.largest == pytest.approx((returns.abs() / units).mean(axis=1).to_numpy())  # of three tickers all three


def test_a_ticker_does_not_count_in_a_market_without_it() -> None:
    panel = aligned(files())
    of_two = market_of(aligned(files()[:2]), panel.members[0].closing)
    assert np.array_equal(market_of(panel, panel.members[0].closing, without="CCC").sizes, of_two.sizes)


@pytest.mark.parametrize(("calendar", "source"), [("XNYS", "sample"), ("", "csv")], ids=["closes later", "unknown"])
def test_a_ticker_that_closes_later_or_nobody_knows_when_counts_with_its_day_before(calendar: str, source: str) -> None:
    tokyo, other = abroad("TKY", "XTKS"), abroad("ZZZ", calendar, 8, source)
    panel = aligned([tokyo, other])
    in_tokyo = market_of(panel, panel.members[0].closing)
    of_both = [one.series.sizes / one.unit for one in panel.members]
    assert in_tokyo.sizes[1:] == pytest.approx((of_both[0][1:] + of_both[1][:-1]) / 2)
    in_new_york = market_of(panel, panel.members[1].closing)
    ours = of_both[1] if calendar else np.append(np.nan, of_both[1][:-1])
    theirs = of_both[0] if calendar else np.append(np.nan, of_both[0][:-1])
    assert in_new_york.sizes[1:] == pytest.approx(((ours + theirs) / 2)[1:])


def test_the_market_does_not_move_when_the_future_does() -> None:
    prices = files()
    panel = aligned(prices)
    row = panel.test_start + 40
    changed = aligned([with_another_future(one, row + 2, seed) for seed, one in enumerate(prices)])  # price 1 is row 0
    before, after = (market_of(one, one.members[0].closing) for one in (panel, changed))
    for name in ("features", "dispersion", "level"):
        assert np.array_equal(getattr(before, name)[: row + 1], getattr(after, name)[: row + 1])
        assert not np.array_equal(getattr(before, name)[row + 1 :], getattr(after, name)[row + 1 :])
