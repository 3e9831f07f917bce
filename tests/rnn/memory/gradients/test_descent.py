from __future__ import annotations

import math

import numpy as np
import pytest

from core.errors import InvalidRequest
from core.rnn.dataset.splits import training_days
from core.rnn.dataset.target import target_of
from core.rnn.memory.gradients.descent import LossAlong, Weight, descend, diverging_rate, weights_of
from core.rnn.memory.gradients.figures import descent_chart
from core.rnn.networks.architecture import Architecture
from tests.rnn.memory.networks import TEST, fitted, name_of, possible
from tests.rnn.series import as_series, garch

DAYS = 400
END = training_days(DAYS - TEST)
HEAD, RECURRENT = Weight("head.linear.weight", (0, 2)), Weight("cell.weight_hh_l0", (1, 2))


def along(weight: Weight, cell: str = "rnn", offset: float = 0.0) -> LossAlong:
    series = as_series(garch(DAYS))
    return LossAlong(fitted(Architecture(cell, series.target, hidden=4), series), series, END, weight, offset)


@pytest.mark.parametrize("weight", [HEAD, RECURRENT, Weight("cell.bias_ih_l0", (0,))])
def test_the_slope_is_the_finite_difference_of_the_loss(weight: Weight) -> None:
    loss = along(weight)
    _, slope = loss.slope(loss.value)
    assert slope == pytest.approx((loss.at(loss.value + 0.02) - loss.at(loss.value - 0.02)) / 0.04, rel=0.05, abs=1e-4)


def test_one_step_is_the_lectures_formula() -> None:
    loss = along(RECURRENT)
    found = descend(loss, rate=0.5)
    assert found.new_value == found.value - 0.5 * found.slope
    assert found.path[0].tolist() == [found.value, found.loss]
    assert found.path[1, 0] == pytest.approx(found.new_value)
    assert found.path[1, 1] == pytest.approx(loss.at(found.new_value))
    assert found.loss == pytest.approx(float(np.interp(found.value, found.values, found.losses)), rel=1e-4)
    assert not found.diverges


def test_along_a_weight_of_the_head_squared_loss_is_a_parabola_and_two_over_its_curvature_diverges() -> None:
    loss = along(HEAD)
    curvature = loss.at(loss.value + 1) - 2 * loss.at(loss.value) + loss.at(loss.value - 1)
    rate = diverging_rate(loss)
    assert rate == pytest.approx(2 / curvature, rel=0.05)
    assert descend(loss, 1.1 * rate).diverges
    assert not descend(loss, 0.9 * rate).diverges
    minimum = loss.value - loss.slope(loss.value)[1] / curvature
    assert descend(loss, 1 / curvature).path[1, 0] == pytest.approx(minimum, abs=1e-3)


def test_a_weight_may_start_beside_its_trained_value() -> None:
    trained, moved = along(HEAD), along(HEAD, offset=0.7)
    found = descend(moved, 0.5, reach=2.0)
    assert found.trained == trained.value
    assert found.value == pytest.approx(trained.value + 0.7)
    assert found.loss == pytest.approx(trained.at(trained.value + 0.7))
    assert [found.values[0], found.values[-1]] == pytest.approx([trained.value - 2, trained.value + 2])


def test_the_sentence_and_the_formulas_say_what_the_steps_do() -> None:
    loss = along(HEAD, offset=1.0)
    limit = diverging_rate(loss)
    assert "it diverges" in descend(loss, 1.2 * limit).text
    assert "jumping across the lowest point" in descend(loss, 0.8 * limit).text
    small = descend(loss, 0.1 * limit)
    assert small.text.endswith(f"to {small.path[-1, 1]:.4f} in 10 steps.")
    first, step = small.formulas
    assert f"{small.slope:.4g}" in first
    assert rf"\mathbf{{{small.new_value:.4g}}}" in step
    assert "beyond every number" in descend(along(HEAD, offset=1.0), 1e30).text


def test_the_figure_plays_the_steps_along_the_curve() -> None:
    found = descend(along(HEAD, offset=1.0), 0.5, reach=2.0)
    drawn = descent_chart(found, "dark")
    curve, first = drawn.data[:2]
    assert list(curve.y) == list(found.losses)
    assert list(first.x) == [found.value, found.new_value]
    assert [frame.name for frame in drawn.frames] == [str(count) for count in range(11)]
    assert list(drawn.frames[10].data[0].y) == list(found.path[:, 1])
    assert len(drawn.layout.sliders[0].steps) == 11


def test_the_network_stays_as_it_is() -> None:
    series = as_series(garch(DAYS))
    network = fitted(Architecture("gru", series.target, hidden=4), series)
    before = network.forecast(series, DAYS)
    descend(LossAlong(network, series, END, RECURRENT), 100.0)
    assert np.array_equal(network.forecast(series, DAYS), before)


def test_where_the_loss_is_flat_no_rate_diverges() -> None:
    flat = along(Weight("cell.weight_ih_l0", (0, 0)))
    flat._inputs = flat._inputs * 0  # a weight that multiplies nothing
    assert diverging_rate(flat) == math.inf


@pytest.mark.parametrize(
    ("weight", "why"),
    [(Weight("cell.weight", (0, 0)), "there is no weight"), (Weight("head.linear.weight", (0, 9)), "does not lie in it")],
)
def test_a_weight_that_is_not_there_is_refused(weight: Weight, why: str) -> None:
    with pytest.raises(InvalidRequest, match=why):
        along(weight)


@pytest.mark.parametrize("architecture", possible(horizon=2), ids=name_of)
def test_every_network_has_weights_to_step_along(architecture: Architecture) -> None:
    series = as_series(garch(DAYS), target_of("volatility"))
    network = fitted(architecture, series)
    name, shape = weights_of(network)[0]
    found = descend(LossAlong(network, series, END, Weight(name, (0,) * len(shape))), 0.1)
    assert np.isfinite(found.losses).all()
    assert found.loss == pytest.approx(found.path[0, 1])
