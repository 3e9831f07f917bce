"""What a panel's verdict says of losses whose truth is known."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from core.rnn.dataset.target import target_of
from core.rnn.panel.losses import Choice, Outcomes, PanelLosses
from core.rnn.panel.verdict import Chosen, judge
from core.rnn.words import say_percent, two_digits

DAYS, TICKERS = 300, 6
CHOSEN = Chosen("gru-pooled", "har-market", "trees-market")


def losses(**noise: float) -> PanelLosses:
    """Sizes around 1, and forecasts that miss their mean by so much noise; `_` stands for "-" in names."""
    random = np.random.default_rng(0)
    means = np.exp(0.3 * random.standard_normal((DAYS, TICKERS)))
    actual = means * random.exponential(size=means.shape)
    points = {
        model.replace("_", "-"): means * np.exp(size * random.standard_normal(means.shape)) for model, size in noise.items()
    }
    outcomes = Outcomes(target_of("volatility"), actual, actual, np.ones(TICKERS), np.ones(TICKERS))
    return PanelLosses.leading(outcomes, points)


def test_networks_that_are_better_are_said_to_beat_both() -> None:
    verdict = judge(losses(har=0.9, gru_pooled=0.0, har_market=0.4, trees_market=0.3), CHOSEN)
    assert verdict.networks_beat_classical
    assert verdict.networks_beat_without_recurrence
    assert verdict.text.startswith("On 6 tickers and 300 test days, the pooled GRU beats the pooled HAR with the market")
    assert set(verdict.winners) == {"gru-pooled", "har-market", "trees-market"}
    assert (verdict.reference, verdict.loss) == ("har", "qlike")


def test_a_panel_says_by_which_losses_the_network_wins() -> None:
    """Of the first the network is right but on the wildest days, which MSE weighs most; of the second on all days."""
    table = losses(har=0.9, gru_pooled=0.0, har_market=0.9, trees_market=0.9)
    points = dict(table.points)
    wild = table.outcomes.actual > np.quantile(table.outcomes.actual, 0.995)
    once = judge(replace(table, points=points | {"gru-pooled": np.where(wild, 40.0, points["gru-pooled"])}), CHOSEN)
    assert once.networks_beat_classical
    assert once.beating_by_loss["qlike"]
    assert not once.beating_by_loss["squared"]
    assert ", the best classical model before the test, by QLIKE" in once.text
    assert ", not by " in once.text
    always = judge(table, CHOSEN)
    assert list(always.beating_by_loss.items())[:2] == [("qlike", True), ("squared", True)]
    assert "the pooled HAR with the market, the best classical model before the test, by " in always.text
    assert "% against it (p " in always.text


def test_networks_that_are_worse_are_not() -> None:
    verdict = judge(losses(har=0.2, gru_pooled=0.6, har_market=0.0, trees_market=0.0), CHOSEN)
    assert not verdict.networks_beat_classical
    assert not verdict.networks_beat_without_recurrence
    assert "is no better than" in verdict.text
    assert "gru-pooled" not in verdict.winners


def test_nothing_beats_the_reference() -> None:
    verdict = judge(losses(har=0.0, gru_pooled=0.3, har_market=0.3, trees_market=0.3), CHOSEN)
    assert not verdict.beats_reference
    assert verdict.text.endswith("Nothing beats HAR after correction for 3 models.")


def test_the_second_test_is_made_only_if_the_first_is_significant() -> None:
    table = losses(har=0.5, gru_pooled=0.2, har_market=0.21, trees_market=0.6)
    first, second = (table.compare("gru-pooled", rival).test.p for rival in ("har-market", "trees-market"))
    assert second < 0.05 < first
    verdict = judge(table, CHOSEN)
    assert [one.p for one in verdict.comparisons[:2]] == pytest.approx([first, first])
    assert not verdict.networks_beat_without_recurrence
    turned = judge(table, Chosen("gru-pooled", "trees-market", "har-market"))
    assert [one.p for one in turned.comparisons[:2]] == pytest.approx([second, first])
    assert turned.networks_beat_classical
    assert not turned.networks_beat_without_recurrence


def test_p_is_corrected_for_other_trials() -> None:
    table = losses(har=0.5, gru_pooled=0.2, har_market=0.25, trees_market=0.25)
    alone, with_others = judge(table, CHOSEN), judge(table, CHOSEN, trials=9)
    assert alone.comparisons[0].p is not None
    assert with_others.comparisons[0].p == pytest.approx(1 - (1 - alone.comparisons[0].p) ** 10)
    assert with_others.trials == 9


def test_the_detectable_skill_is_found_in_4_of_5_cases() -> None:
    """By simulation: a constant is added to the loss differences, whose standard error the test has estimated."""
    table = losses(har=0.5, gru_pooled=0.3, har_market=0.3, trees_market=0.3)
    duel = judge(table, CHOSEN).comparisons[0]
    assert duel.detectable_skill is not None
    error = table.compare("gru-pooled", "har-market").test.error
    draws = duel.detectable_skill + error * np.random.default_rng(1).standard_normal(20_000)
    assert (draws / error > 1.968).mean() == pytest.approx(0.8, abs=0.02)


def test_a_test_that_could_not_have_found_any_gain_says_so() -> None:
    table = losses(har=0.5, gru_pooled=20.0, har_market=0.3, trees_market=0.3)  # wild forecasts: a huge standard error
    duel = judge(table, CHOSEN).comparisons[0]
    assert duel.detectable_skill is None
    rival = "the pooled HAR with the market"
    assert duel.power(300) == f"With 300 test days no skill against {rival} could be found reliably."


def test_power_is_a_sentence_of_its_own_with_the_days_that_would_confirm_a_small_skill() -> None:
    table = losses(har=0.5, gru_pooled=0.28, har_market=0.3, trees_market=0.9)
    duel, verdict = judge(table, CHOSEN).comparisons[0], judge(table, CHOSEN)
    assert duel.skill > 0
    assert not duel.better
    assert duel.detectable_skill is not None
    test = table.compare("gru-pooled", "har-market").test
    longer = replace(test, error=test.error * (duel.skill / duel.detectable_skill))
    assert longer.detectable() == pytest.approx(-test.difference)  # of so many more days
    days = two_digits(DAYS * (duel.detectable_skill / duel.skill) ** 2)
    share = two_digits(100 * duel.detectable_skill)
    assert (
        f". With 300 test days only a skill against the pooled HAR with the market above {share} % would be found reliably "
        f"(in 4 of 5 cases). To confirm {say_percent(duel.skill)} of the pooled GRU against the pooled HAR with the market you "
        f"would need about {days} days. "
    ) in verdict.text


def test_who_is_best_is_chosen_by_the_validation_days_alone() -> None:
    held_out = losses(har=0.3, har_market=0.1, gru_pooled=0.2, lstm_pooled=0.1, trees_market=0.0, networks_trees=0.0)
    assert Chosen.by(Choice(held_out)) == Chosen("lstm-pooled", "har", "trees-market")


def test_a_fit_that_did_not_converge_is_never_chosen() -> None:
    held_out = losses(har=0.3, garch=0.1, har_market=0.2, gru_pooled=0.2)
    assert Chosen.by(Choice(held_out)) == Chosen("gru-pooled", "garch", "garch")
    assert Chosen.by(Choice(held_out), {"garch"}) == Chosen("gru-pooled", "har", "har-market")
    assert Chosen.by(Choice(held_out), {"garch", "har-market"}) == Chosen("gru-pooled", "har", "har")


def test_a_panel_without_networks_has_a_verdict() -> None:
    verdict = judge(losses(har=0.5, har_market=0.1), Chosen("", "har-market", "har-market"))
    assert verdict.text.startswith("1 of 1 models beat HAR")
    assert not verdict.networks_beat_classical


def test_whether_anything_beats_the_random_walk_is_said_too() -> None:
    better = {"har": 0.3, "gru_pooled": 0.3, "har_market": 0.3, "trees_market": 0.3}
    assert judge(losses(random_walk=1.5, **better), CHOSEN).beats_random_walk
    assert not judge(losses(random_walk=0.0, **better), CHOSEN).beats_random_walk
    assert not judge(losses(**better), CHOSEN).beats_random_walk
