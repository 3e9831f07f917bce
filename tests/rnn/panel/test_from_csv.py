"""Every figure of a panel can be computed again from its exported tables by pandas and statsmodels alone."""

from __future__ import annotations

import gc
from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from scipy import stats
from statsmodels.stats.multitest import multipletests

from core.rnn.panel.result import PanelResult
from core.runs.export import as_csv
from tests.exported import tables_of
from tests.rnn.panel.panels import files, panel_result, without

LOSSES: dict[str, Callable[[pd.DataFrame], pd.Series]] = {
    "qlike": lambda t: np.log(t["f"]) + t["y"] / t["f"],
    "squared": lambda t: (t["y"] - t["forecast"] / t["unit"]) ** 2,
    "qlike-variance": lambda t: 2 * np.log(t["sigma"] * t["f"]) + t["r"] ** 2 / (t["sigma"] * t["f"]) ** 2,
    "squared-variance": lambda t: (t["r"] ** 2 - (t["sigma"] * t["forecast"] / t["unit"]) ** 2) ** 2,
}


@pytest.fixture(scope="module")
def result() -> PanelResult:
    first, second, third = files()
    return panel_result([first, without(second, np.arange(600, 606)), third])


@pytest.fixture(scope="module")
def exported(result: PanelResult) -> dict[str, pd.DataFrame]:
    models = set(result.models["model"])
    return tables_of(as_csv("recurrent", result.tables), "recurrent", {"model": models, "reference": models})


def losses(forecasts: pd.DataFrame, loss: str) -> pd.DataFrame:
    """The losses in units of each ticker's training days: a row a day, a column a model and ticker."""
    scaled = forecasts.assign(
        y=forecasts["actual"] / forecasts["unit"],
        r=forecasts["return"] / forecasts["unit"],
        f=(forecasts["forecast"] / forecasts["unit"]).clip(lower=0.05),
    )
    table = scaled.assign(loss=LOSSES[loss](scaled))
    return table.pivot(index="date", columns=["model", "symbol"], values="loss")  # noqa: PD010


def dm_test(difference: pd.Series) -> tuple[float, float]:
    """Statistic and p of a mean of 0: Newey–West over the cube root of the days, Student's t."""
    days = len(difference)
    lags = int(np.ceil(days ** (1 / 3)))
    fit = sm.OLS(difference.to_numpy(), np.ones(days)).fit(cov_type="HAC", cov_kwds={"maxlags": lags, "use_correction": False})
    stat = float(fit.tvalues[0]) * np.sqrt((days - 1) / days)  # Harvey, Leybourne and Newbold
    return stat, float(2 * stats.t.sf(abs(stat), days - 1))


def test_every_comparison_follows_from_forecasts_csv(exported: dict[str, pd.DataFrame]) -> None:
    for loss, rows in exported["comparisons"].groupby("loss"):
        wide = losses(exported["forecasts"], str(loss))
        for row in rows.to_dict("records"):
            mine, other = wide[row["model"]], wide[row["reference"]]
            stat, p = dm_test((mine - other).mean(axis=1))
            means = [float(np.nanmean(values)) for values in (mine, other)]
            skill = means[1] - means[0] if "qlike" in str(loss) else 1 - means[0] / means[1]
            assert (row["skill"], row["stat"], row["p"]) == pytest.approx((skill, stat, p), rel=1e-8, abs=1e-12)
            assert row["better_on"] == ((mine - other).mean() < 0).sum()
            assert (row["tickers"], row["days"]) == (3, len(wide))


def test_corrected_p_values_are_statsmodels(exported: dict[str, pd.DataFrame], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gc, "collect", lambda: 0)  # which multipletests does at every call: half a second in a large process
    for _, rows in exported["comparisons"].groupby(["loss", "reference"]):
        assert rows["p_holm"].to_numpy() == pytest.approx(multipletests(rows["p"], method="holm")[1])
    for _, rows in exported["tickers"].groupby("reference"):
        assert rows["p_bh"].to_numpy() == pytest.approx(multipletests(rows["p"], method="fdr_bh")[1])
        assert (rows["beats"] == ((rows["skill"] > 0) & (rows["p_bh"] < 0.05))).all()


def test_every_row_of_a_ticker_follows_from_forecasts_csv(exported: dict[str, pd.DataFrame]) -> None:
    wide = losses(exported["forecasts"], "qlike")
    for row in exported["tickers"].to_dict("records"):
        mine, other = (wide[row[name]][row["symbol"]].dropna() for name in ("model", "reference"))
        assert row["value"] == pytest.approx(mine.mean(), rel=1e-9)
        assert (row["skill"], row["p"]) == pytest.approx((other.mean() - mine.mean(), dm_test(mine - other)[1]), abs=1e-10)


def test_calm_and_wild_days_follow_from_forecasts_csv(exported: dict[str, pd.DataFrame]) -> None:
    forecasts = exported["forecasts"]
    assert 0.4 < forecasts["wild"].mean() < 0.6
    for row in exported["regimes"].to_dict("records"):
        wide = losses(forecasts[forecasts["wild"] == (row["regime"] == "wild")], row["loss"])
        difference = wide[row["model"]] - wide[row["reference"]]
        assert row["days"] == len(wide)
        assert row["p"] == pytest.approx(dm_test(difference.mean(axis=1))[1], abs=1e-10)


def test_the_best_models_follow_from_validation_csv(result: PanelResult, exported: dict[str, pd.DataFrame]) -> None:
    wide = losses(exported["validation"], "qlike")
    means = pd.Series({model: np.nanmean(wide[model]) for model in wide.columns.get_level_values("model").unique()})
    models = exported["models"].set_index("model")
    assert models["validation"].to_dict() == pytest.approx(means[models.index].to_dict())
    verdict, groups = result.verdict, models["group"]
    assert verdict.best_network == means[groups == "recurrent"].idxmin()
    assert verdict.best_classical == means[(groups == "classical") & ~models["pooled"]].idxmin()
    assert verdict.best_without_recurrence == means[groups.isin(["classical", "without recurrence"])].idxmin()


def test_a_day_is_wild_by_what_the_market_was_before_it(result: PanelResult) -> None:
    level = result.market[result.test]
    assert np.array_equal(result.wild, level > np.median(level))
    assert len(result.market) == len(result.days) + 1  # the last is known on the last day, for the day to come
