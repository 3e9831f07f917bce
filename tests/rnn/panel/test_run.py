"""A panel from request to result."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from core.rnn.classical.garch import Garch
from core.rnn.dataset.series import Series
from core.rnn.panel.request import PanelRequest
from core.rnn.panel.result import PanelResult
from core.rnn.panel.run import run
from core.rnn.panel.tables import model_table, standing_table
from tests.drive import stopped
from tests.rnn.panel.panels import QUICK, TEST, data_of, files, inputs_of, panel_result
from tests.rnn.series import prices_of, random_walk


@pytest.fixture(scope="module")
def result() -> PanelResult:
    return panel_result(files(), unseen=True)


def test_the_chosen_network_stands_beside_the_reference_by_the_leading_loss(result: PanelResult) -> None:
    verdict, table = result.verdict, result.comparisons
    own = (table.model == verdict.best_network) & (table.reference == verdict.reference) & (table.loss == "qlike")
    row, standing = table[own].iloc[0], result.standing
    forecast, actual = (values[result.test] / result.units for values in (result.points[row.model], result.actual))
    assert standing.error == pytest.approx(np.mean(np.log(forecast) + actual / forecast))  # QLIKE by hand
    assert standing.baseline - standing.error == pytest.approx(row.skill)
    assert (standing.health == "healthy") == (row["stat"] <= -2 and row.model in verdict.winners)


def test_every_model_forecasts_every_test_day_of_every_ticker(result: PanelResult) -> None:
    assert not result.failed
    assert len(result.dates[result.test]) == TEST
    for values in result.points.values():
        assert np.isfinite(values).all()
        assert (values >= 0).all()


def test_a_network_s_row_is_the_mean_forecast_of_its_seeds(result: PanelResult) -> None:
    seeds = [result.seeds[f"gru-pooled/{seed}"] for seed in range(QUICK["seeds"])]
    assert np.array_equal(result.points["gru-pooled"], np.mean(seeds, axis=0))
    assert result.models.set_index("model")["seeds"]["gru-pooled"] == QUICK["seeds"]


def test_all_models_are_causal(result: PanelResult) -> None:
    assert result.models["causal"].all()


def test_a_result_is_the_same_after_it_was_stored(result: PanelResult) -> None:
    again = PanelResult.from_bytes(result.to_bytes())
    assert again.verdict == result.verdict
    assert again.forecasts.equals(result.forecasts)
    assert again.tables.keys() == result.tables.keys()


@pytest.mark.parametrize("target", ["return", "direction"])
def test_every_target_has_a_panel(target: str) -> None:
    result = panel_result(files(2), target=target, seeds=1, trees=False, classical=("ar",))
    assert result.verdict.reference == result.target_row.reference
    assert set(result.comparisons["loss"]) == set(result.target_row.scores)
    assert not result.failed


def test_intervals_hold_about_nine_in_ten_days_and_go_on_to_the_day_to_come(result: PanelResult) -> None:
    har = result.models.set_index("model").loc["har"]
    assert 0.8 < har["coverage"] < 0.98
    assert 0.8 < har["adaptive_coverage"] < 0.98
    table = result.intervals
    assert set(table["model"]) >= {result.verdict.best_network, "har"}
    one = table[(table["model"] == "har") & (table["symbol"] == "AAA")]
    assert len(one) == TEST + 1
    assert one["date"].isna().tolist() == [False] * TEST + [True]
    inside = (one["low"] <= one["actual"]) & (one["actual"] <= one["high"])
    assert (table["low"] >= 0).all()
    by_hand = [
        ((rows["low"] <= rows["actual"]) & (rows["actual"] <= rows["high"]))[:-1].mean()
        for _, rows in table[table["model"] == "har"].groupby("symbol")
    ]
    assert har["coverage"] == pytest.approx(np.mean(by_hand))
    assert inside[:-1].mean() == pytest.approx(by_hand[0])


def test_a_ticker_that_was_never_seen_is_forecast_beside_one_seed_that_saw_it(result: PanelResult) -> None:
    table = result.unseen
    assert table["symbol"].tolist() == ["AAA", "BBB", "CCC"]
    assert set(table["model"]) == {"gru-pooled"}
    losses = result.evidence.losses("qlike")
    assert table["reference"].to_numpy() == pytest.approx(losses["har"].mean(axis=0))
    assert table["seen"].to_numpy() == pytest.approx(losses.of(result.seeds["gru-pooled/0"][result.test]).mean(axis=0))
    assert (table["unseen"] != table["seen"]).all()


def test_a_classical_fit_that_did_not_converge_on_one_ticker_is_told_and_never_the_best(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The search on the second ticker is made to say that it ended nowhere."""
    fit = Garch.fit.__func__  # type: ignore[attr-defined]

    def stuck(cls: type[Garch], past: Series, *, leverage: bool = False) -> Garch:
        return replace(fit(cls, past, leverage=leverage), converged=bool(past.returns.max() < 0.2))

    monkeypatch.setattr(Garch, "fit", classmethod(stuck))
    prices = [files(1)[0], prices_of(random_walk(700, size=0.1), "WILD")]
    result = panel_result(prices, cells=(), classical=("garch", "gjr", "ewma"), trees=False, linear=False)
    assert result.not_converged == {"garch": ("WILD",), "gjr": ("WILD",)}
    assert not {result.verdict.best_classical, result.verdict.best_without_recurrence} & set(result.not_converged)
    assert "GARCH-t on WILD" in PanelResult.from_bytes(result.to_bytes()).convergence
    for rows in (model_table(result), standing_table(result, "random-walk", "qlike")):
        assert {"GARCH-t (not converged on WILD)", "HAR"} <= set(rows["Model"])


def test_stopped_it_compares_what_is_done_with_the_reference_and_names_the_parts_that_are_left() -> None:
    prices = files(2)
    settings = QUICK | {"cells": ("mlp", "gru"), "seeds": 1, "trees": False, "linear": False, "classical": ("ewma",)}
    request = PanelRequest(data=data_of(prices), unseen=True, **settings)
    _, kept = stopped(run(request, inputs_of(prices)), lambda progress: True)
    again = PanelResult.from_bytes(kept.to_bytes())
    assert set(again.points) == {"random-walk", "har", "ewma"}
    assert again.unfinished.startswith("It was stopped before these parts were done: ")
    assert set(again.failed) == request.parts.keys() - request.needed
    assert again.verdict.reference == "har"
