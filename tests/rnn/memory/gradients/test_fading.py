from __future__ import annotations

import numpy as np
import pytest

from core.rnn.memory.gradients.fading import fading_in_words, rate_a_day

BACK = np.arange(41)


@pytest.mark.parametrize(
    ("rate", "said"),
    [(0.7, "vanishes, by 30 % a day"), (1.0, "neither vanishes nor explodes"), (1.25, "explodes, by 25 % a day")],
)
def test_a_gradient_that_changes_by_a_fixed_rate_is_said_to_do_so(rate: float, said: str) -> None:
    assert rate_a_day(3 * rate**BACK) == pytest.approx(rate)
    sentence = fading_in_words(3 * rate**BACK, "GRU")
    assert said in sentence
    assert sentence.startswith("40 days back the gradient of the GRU is")


def test_a_gradient_that_falls_below_the_smallest_number_has_the_rate_until_then() -> None:
    assert rate_a_day(np.where(BACK < 10, 0.1**BACK, 0.0)) == pytest.approx(0.1)
    assert "is 0 times what it is on the last day" in fading_in_words(np.where(BACK < 10, 0.1**BACK, 0.0), "GRU")


def test_where_there_is_no_gradient_there_is_no_rate() -> None:
    assert np.isnan(rate_a_day(np.zeros(40)))
    assert fading_in_words(np.zeros(40), "GRU") == "No gradient reaches the states of the GRU."
