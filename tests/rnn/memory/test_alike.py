from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from core.figures.table import figure_table
from core.rnn.dataset.target import target_of
from core.rnn.memory.alike import APART, Alike, days_alike, states_of
from core.rnn.memory.alike_figures import after_chart, around_chart
from core.rnn.memory.trace import trace
from core.rnn.networks.architecture import Architecture
from tests.rnn.memory.networks import fitted, name_of, possible
from tests.rnn.series import as_series, garch

DAYS = 300


@pytest.mark.parametrize("architecture", possible(), ids=name_of)
def test_the_state_of_a_day_is_what_the_head_reads_after_it(architecture: Architecture) -> None:
    """Against the trace by hand: its first output is the head's weights times that state."""
    series = as_series(garch(DAYS), target_of("volatility"))
    network = fitted(architecture, series)
    positions, states = states_of(network, series)
    assert list(positions) == list(range((network.window or 1) - 1, DAYS))
    weights = {name: value.numpy() for name, value in network.model.state_dict().items()}
    y = states @ weights["head.linear.weight"].T + weights["head.linear.bias"]
    for origin in (120, DAYS - 1):
        traced = trace(network, series, origin)
        expected = traced.y[-1] if network.window is None else traced.y[0]
        assert y[np.searchsorted(positions, origin)] == pytest.approx(expected, abs=1e-5)


def test_the_nearest_days_are_found_and_what_came_after_them() -> None:
    """Two states take turns every 50 days; after the second kind returns are larger by 0.05."""
    returns = 0.001 * np.random.default_rng(0).standard_normal(DAYS)
    kind = np.arange(DAYS) // 50 % 2
    returns[kind == 1] += 0.05
    series, positions = as_series(returns), np.arange(DAYS)
    states = kind[:, None] + 0.01 * np.random.default_rng(1).standard_normal((DAYS, 3))
    found = days_alike(positions, states, series, origin=75, ahead=1, count=10)
    assert (kind[found.days] == 1).all()
    assert found.after == pytest.approx(returns[found.days + 1][:, None])
    assert found.difference == pytest.approx(returns[found.days + 1].mean() - returns[1:].mean(), abs=1e-3)
    assert found.p < 0.01
    assert list(found.distances) == sorted(found.distances)


def test_the_nearest_days_lie_apart_from_each_other_and_have_days_after_them() -> None:
    series = as_series(garch(DAYS))
    network = fitted(Architecture("gru", series.target, hidden=4), series)
    found = days_alike(*states_of(network, series), series, origin=200, ahead=5, count=12)
    places = np.sort([200, *found.days])
    assert len(found.days) == 12
    assert (np.diff(places) >= APART).all()
    assert found.days.max() < DAYS - 5
    assert found.after.shape == (12, 5)


def test_p_is_uniform_where_states_say_nothing() -> None:
    random, p = np.random.default_rng(0), []
    for seed in range(60):
        series = as_series(garch(200, seed=seed))
        states = random.standard_normal((200, 3))
        p.append(days_alike(np.arange(200), states, series, origin=100, ahead=1, count=8).p)
    assert np.mean(np.array(p) < 0.2) == pytest.approx(0.2, abs=0.13)


def by_hand(p: float) -> Alike:
    after, any_day = np.array([[0.02, 0.04], [0.0, 0.02]]), np.array([[0.01, 0.01], [0.03, -0.01], [0.0, 0.0]])
    return Alike(30, np.array([5, 60]), np.array([0.1, 0.2]), after, any_day, p)


@pytest.mark.parametrize(
    ("p", "said"),
    [(0.62, "in 62 of 100 cases: no more than chance."), (0.001, "in less than one of 100 cases: more than chance.")],
)
def test_the_sentence_says_what_came_and_whether_it_could_be_chance(p: float, said: str) -> None:
    text = by_hand(p).text(target_of("return"), "3 Mar 2011")
    assert "On the 2 days after the 2 days most like 3 Mar 2011 the log return was +2.00 % on average" in text
    assert "after any day it is +0.67 %" in text
    assert text.endswith(said)


def test_figures_draw_the_price_around_each_day_and_what_came_after() -> None:
    days, close = np.datetime64("2011-01-03") + np.arange(100), 100 + np.arange(100.0)
    drawn = around_chart(by_hand(0.5), days, close)
    lines = [line for _, line in figure_table(drawn).groupby("label", sort=False)]
    assert [line["x"].iloc[0] for line in lines] == [-20, -5, -20]
    shown = pd.concat([pd.DataFrame({"day": one.customdata[:, 0], "x": one.x, "y": one.y}) for one in drawn.data[:2]]).dropna()
    for line, (day, place) in zip(lines, shown.groupby("day", sort=False), strict=True):
        steps, percent = line["x"].astype(float), line["y"].astype(float)
        assert (line["label"] == day).all()
        assert percent[steps == 0].tolist() == [100]
        assert np.corrcoef(place["y"], percent)[0, 1] == pytest.approx(1)  # each in its own scale
        assert np.ptp(place["x"].to_numpy() - steps) == 0
    assert lines[1]["y"].iloc[-1] == pytest.approx(100 * close[10] / close[5])
    after = {one.name: one for one in after_chart(by_hand(0.5), target_of("return"), "dark").data}
    assert list(after["days like it, mean"].y) == pytest.approx([1, 4])  # percent, added up
    assert list(after["any day, mean"].y) == pytest.approx([4 / 3, 4 / 3])
    sizes = {one.name: one for one in after_chart(by_hand(0.5), target_of("volatility")).data}
    assert list(sizes["days like it, mean"].y) == pytest.approx([1, 3])
