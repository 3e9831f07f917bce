from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import mean_pinball_loss

from core.rnn.evaluation.conformal import RATE, WINDOW, Bands, bands, conformity, crps, errors, rolling_coverage
from core.rnn.forecaster import LEVELS
from tests.rnn.series import garch

NORMAL = np.random.default_rng(0).standard_normal(1400)


def of(values: np.ndarray, past: np.ndarray, scale: np.ndarray | None = None, **settings) -> Bands:
    """Bands around a forecast of 0."""
    return bands(values, np.zeros(len(values)), np.ones(len(values)) if scale is None else scale, past, **settings)


def coverage(result: Bands, actual: np.ndarray, days: slice = slice(None)) -> tuple[float, float]:
    """Shares of days inside the static and inside the adaptive interval."""
    static = (result.low <= actual) & (actual <= result.high)
    adaptive = (result.adaptive_low <= actual) & (actual <= result.adaptive_high)
    return float(static[days].mean()), float(adaptive[days].mean())


def running_scale(returns: np.ndarray) -> np.ndarray:
    """Mean size of the moves before each day, as a comparison's level."""
    return pd.Series(np.abs(returns)).ewm(alpha=0.06).mean().shift(fill_value=0.01).to_numpy()


@pytest.mark.parametrize("delay", [1, 4])
def test_intervals_are_those_of_the_definition_computed_day_by_day(delay: int) -> None:
    random = np.random.default_rng(1)
    actual, forecast, scale = random.standard_normal(300), random.standard_normal(300), 1 + random.random(300)
    past = random.standard_normal(60)
    result = bands(actual, forecast, scale, past, delay=delay)
    alpha, missed = 0.1, []
    for day in range(300):
        past_errors = np.sort([*past, *((actual - forecast) / scale)[: max(0, day - delay + 1)]][-WINDOW:])
        k = int(np.floor((len(past_errors) + 1) * 0.05))
        assert result.low[day] == pytest.approx(forecast[day] + scale[day] * past_errors[k - 1])
        assert result.high[day] == pytest.approx(forecast[day] + scale[day] * past_errors[-k])
        if day >= delay:
            alpha += RATE * (0.1 - missed[day - delay])
        k = max(1, min(int(np.floor((len(past_errors) + 1) * alpha / 2)), (len(past_errors) + 1) // 2))
        assert result.alpha[day] == pytest.approx(alpha)
        assert result.adaptive_low[day] == pytest.approx(forecast[day] + scale[day] * past_errors[k - 1])
        assert result.adaptive_high[day] == pytest.approx(forecast[day] + scale[day] * past_errors[-k])
        missed.append(not result.adaptive_low[day] <= actual[day] <= result.adaptive_high[day])
    assert 0 < np.mean(missed) < 0.2


@pytest.mark.parametrize("delay", [1, 5])
def test_what_is_not_known_yet_changes_nothing(delay: int) -> None:
    other = NORMAL[:400].copy()
    other[200:] = 50.0
    before, after = (of(values, NORMAL[1000:], delay=delay) for values in (NORMAL[:400], other))
    for name in ("low", "high", "adaptive_low", "adaptive_high", "quantiles", "alpha"):
        first_after = 200 + delay  # the first origin that knows the error of origin 200
        np.testing.assert_array_equal(getattr(before, name)[:first_after], getattr(after, name)[:first_after])
    assert after.high[-1] > before.high[-1]


def test_the_distribution_has_the_quantiles_of_the_known_errors() -> None:
    result = of(NORMAL[:300], NORMAL[300:700])
    for day in (0, 10, 299):
        past_errors = [*NORMAL[300:700], *NORMAL[:day]][-WINDOW:]
        np.testing.assert_allclose(result.quantiles[day], np.quantile(past_errors, LEVELS, method="weibull"), rtol=0, atol=1e-9)


def test_crps_is_twice_the_mean_pinball_loss() -> None:
    random = np.random.default_rng(2)
    actual, quantiles = random.standard_normal(50), np.sort(random.standard_normal((50, len(LEVELS))), axis=1)
    oracle = 2 * np.mean(
        [mean_pinball_loss(actual, result, alpha=level) for result, level in zip(quantiles.T, LEVELS, strict=True)]
    )
    assert crps(actual, quantiles).mean() == pytest.approx(oracle, abs=1e-9)


def test_crps_of_a_normal_distribution_is_close_to_its_closed_form() -> None:
    from scipy.stats import norm

    result = np.tile(norm.ppf(LEVELS), (20_000, 1))
    actual = np.random.default_rng(3).standard_normal(20_000)
    assert crps(actual, result).mean() == pytest.approx(1 / np.sqrt(np.pi), rel=0.05)  # the tails beyond 5 % are left out


def test_a_sharper_right_distribution_has_the_lower_crps() -> None:
    exact, blurred = of(NORMAL[:500], NORMAL[500:]), of(NORMAL[:500], 3 * NORMAL[500:])
    assert exact.crps[:100].mean() < blurred.crps[:100].mean()


def test_on_garch_returns_coverage_is_ninety_percent_within_one_and_a_half() -> None:
    """Ten series of 1,000 days; the finite window costs the static interval half a percent on the safe side."""
    shares = []
    for seed in range(10):
        returns = garch(2000, seed)
        scale = running_scale(returns)
        result = of(returns[1000:], errors(returns[200:1000], np.zeros(800), scale[200:1000]), scale[1000:])
        shares.append(coverage(result, returns[1000:]))
    np.testing.assert_allclose(np.mean(shares, axis=0), 0.9, atol=0.015)
    np.testing.assert_allclose(shares, 0.9, atol=0.04)


def test_after_variance_breaks_adaptive_intervals_cover_and_static_ones_do_not() -> None:
    shares = []
    for seed in range(10):
        values = np.random.default_rng(seed).standard_normal(1000)
        values[600:] *= 2
        shares.append(coverage(of(values[400:], values[:400]), values[400:], slice(200, 450)))
    static, adaptive = np.mean(shares, axis=0)
    assert static < 0.83
    assert adaptive > 0.87


def test_coverage_holds_at_other_levels() -> None:
    result = of(NORMAL[:1000], NORMAL[1000:], coverage=0.5)
    np.testing.assert_allclose(coverage(result, NORMAL[:1000]), 0.5, atol=0.05)


def own_quantiles(count: int, size: float) -> np.ndarray:
    from scipy.stats import norm

    return np.tile(size * norm.ppf(LEVELS), (count, 1))


def test_quantiles_that_are_too_narrow_are_widened_to_the_level() -> None:
    quantiles = own_quantiles(1000, 0.5)
    past = conformity(NORMAL[1000:], own_quantiles(400, 0.5), np.ones(400))
    result = of(NORMAL[:1000], past, quantiles=quantiles)
    raw = ((quantiles[:, 0] <= NORMAL[:1000]) & (NORMAL[:1000] <= quantiles[:, -1])).mean()
    assert raw < 0.65
    np.testing.assert_allclose(coverage(result, NORMAL[:1000]), 0.9, atol=0.025)


def test_quantiles_that_are_too_wide_are_narrowed() -> None:
    past = conformity(NORMAL[1000:], own_quantiles(400, 3), np.ones(400))
    result = of(NORMAL[:1000], past, quantiles=own_quantiles(1000, 3))
    np.testing.assert_allclose(coverage(result, NORMAL[:1000]), 0.9, atol=0.025)


def test_crps_is_that_of_the_forecasters_own_quantiles() -> None:
    quantiles = own_quantiles(100, 2)
    result = of(NORMAL[:100], np.zeros(30), quantiles=quantiles)
    np.testing.assert_array_equal(result.quantiles, quantiles)
    np.testing.assert_array_equal(result.crps, crps(NORMAL[:100], quantiles))


def test_scores_of_zero_leave_the_own_interval_as_it_is() -> None:
    quantiles = own_quantiles(1, 1)
    result = of(np.zeros(1), np.zeros(30), quantiles=quantiles)
    assert (result.low[0], result.high[0]) == pytest.approx((quantiles[0, 0], quantiles[0, -1]))
    narrow = of(np.zeros(1), np.zeros(30), quantiles=quantiles, coverage=0.75)
    halfway = quantiles[0, [1, 2]].mean()  # of 12.5 %, between the levels 10 % and 15 %
    assert (narrow.low[0], narrow.high[0]) == pytest.approx((halfway, -halfway))


def test_conformity_by_hand() -> None:
    quantiles = np.tile(np.linspace(-1, 1, len(LEVELS)), (3, 1))
    np.testing.assert_allclose(conformity(np.array([0.0, 3, -2]), quantiles, np.array([1.0, 2, 1])), [-1, 1, 1])


def test_quantiles_that_cross_are_put_in_order() -> None:
    quantiles = own_quantiles(5, 1)
    result = of(NORMAL[:5], np.zeros(30), quantiles=quantiles[:, ::-1])
    np.testing.assert_array_equal(result.quantiles, quantiles)


def test_volatility_never_falls_below_zero() -> None:
    sizes = np.abs(NORMAL)
    result = bands(sizes[:400], np.full(400, 0.3), np.ones(400), sizes[400:] - 1.5, lowest=0.0)
    assert result.low.min() == result.adaptive_low.min() == result.quantiles.min() == 0
    assert result.high.min() > 0


def test_wild_days_have_wide_intervals() -> None:
    scale = np.array([1.0, 10.0])
    result = of(np.zeros(2), NORMAL[:250], scale)
    assert result.high[1] - result.low[1] > 9 * (result.high[0] - result.low[0])


def test_days_that_have_not_come_have_an_interval_and_no_score() -> None:
    actual = np.append(NORMAL[:50], np.nan)
    result = of(actual, NORMAL[1000:])
    whole = of(NORMAL[:51], NORMAL[1000:])
    assert (result.low[50], result.adaptive_high[50]) == (whole.low[50], whole.adaptive_high[50])
    assert np.isnan(result.crps[50])


def test_a_series_goes_on_where_another_ended() -> None:
    past = NORMAL[1000:]
    whole, first = of(NORMAL[:101], past), of(NORMAL[:100], past)
    missed = not first.adaptive_low[-1] <= NORMAL[99] <= first.adaptive_high[-1]
    start = first.alpha[-1] + RATE * (0.1 - missed)
    last = of(NORMAL[100:101], np.concatenate([past, NORMAL[:100]]), start=start)
    assert (last.adaptive_low[0], last.adaptive_high[0]) == (whole.adaptive_low[100], whole.adaptive_high[100])


def test_too_few_past_errors_are_refused() -> None:
    assert np.isfinite(of(NORMAL[:5], NORMAL[:19]).low).all()
    with pytest.raises(ValueError, match="18 past errors are known, intervals of 90 % need 19"):
        of(NORMAL[:5], NORMAL[:18])
    with pytest.raises(ValueError, match="need 39"):
        of(NORMAL[:5], NORMAL[:38], coverage=0.95)


def test_a_scale_of_zero_is_refused() -> None:
    with pytest.raises(ValueError, match="lowest scale is 0"):
        of(NORMAL[:5], NORMAL[:50], np.array([1.0, 1, 0, 1, 1]))


def test_series_of_different_lengths_are_refused() -> None:
    with pytest.raises(ValueError, match="shapes"):
        of(NORMAL[:5], NORMAL[:50], np.ones(4))


def test_rolling_coverage_by_hand() -> None:
    actual = np.array([0.0, 5, 0, 0, 5])
    share = rolling_coverage(actual, np.full(5, -1.0), np.full(5, 1.0), window=2)
    np.testing.assert_array_equal(share, [np.nan, 0.5, 0.5, 1, 0.5])
    assert np.isnan(rolling_coverage(actual, actual, actual, window=6)).all()


PAST_ERRORS = (19, 30, 100, 250)


def inside(past: np.ndarray, actual: float) -> bool:
    """Whether the static interval from these errors holds the actual value."""
    result = of(np.array([actual]), past)
    return bool(result.low[0] <= actual <= result.high[0])


@pytest.mark.parametrize("count", PAST_ERRORS)
def test_of_exchangeable_errors_the_static_interval_holds_exactly_as_many_as_conformal_prediction_says(count: int) -> None:
    """Each of n + 1 values is as likely the new one as any other: 1 − 2k / (n + 1) with k = ⌊(n + 1) / 20⌋."""
    values = np.random.default_rng(count).standard_normal(count + 1)
    held = [inside(np.delete(values, new), values[new]) for new in range(count + 1)]
    assert sum(held) == count + 1 - 2 * ((count + 1) // 20)


@pytest.mark.parametrize("count", PAST_ERRORS)
def test_one_sided_scores_are_held_exactly_as_conformal_prediction_says(count: int) -> None:
    """Quantiles of 0 to 0: a score is |y|, and 1 − k / (n + 1) with k = ⌊(n + 1) / 10⌋ of the intervals hold."""
    values = np.random.default_rng(count).standard_normal(count + 1)
    held = 0
    for new in range(count + 1):
        quantiles, actual = np.zeros((1, len(LEVELS))), values[new : new + 1]
        result = of(actual, np.abs(np.delete(values, new)), quantiles=quantiles)
        held += int(result.low[0] <= actual[0] <= result.high[0])
    assert held == count + 1 - (count + 1) // 10


@pytest.mark.parametrize("count", PAST_ERRORS)
def test_in_twenty_thousand_repetitions_static_coverage_is_that_share(count: int) -> None:
    """Blocks of days that learn nothing from one another, as their errors come too late: a past of its own each."""
    random, blocks, days = np.random.default_rng(count), 2000, 10
    held = 0
    for _ in range(blocks):
        actual = random.standard_normal(days)
        result = of(actual, random.standard_normal(count), delay=days)
        held += int(((result.low <= actual) & (actual <= result.high)).sum())
    share = 1 - 2 * ((count + 1) // 20) / (count + 1)
    assert held / (blocks * days) == pytest.approx(share, abs=4 * np.sqrt(0.1 * 0.9 / blocks / days * (1 + days / count)))
