"""Terms mean what they mean on the bench where they stand."""

from __future__ import annotations

import pytest

from core.glossary import TERMS, terms_in
from core.rnn.evaluation.loss_functions import LOSS_FUNCTIONS, LossFunction
from core.runs.request import Bench


def test_a_trial_of_photos_is_no_test_of_a_forecast() -> None:
    texts = ["Over 16 trials it gains 3 standard errors, p = 0.01; untouched 22°, believed 97 %"]
    spatial, recurrent = (terms_in(texts, bench) for bench in ("spatial", "recurrent"))
    assert set(spatial) == {"trial", "untouched", "believed", "standard error", "p"}
    assert set(recurrent) == {"trial", "standard error", "p"}
    assert spatial["trial"] != recurrent["trial"]
    assert "day" not in spatial["trial"]


@pytest.mark.parametrize("loss", LOSS_FUNCTIONS.values(), ids=lambda loss: loss.title)
def test_skill_is_said_of_every_loss_as_it_is_computed(loss: LossFunction) -> None:
    ratio, _, exception = TERMS["recurrent"]["skill"].partition(" Of ")
    assert ratio == "How much less a model loses than another, in %: 1 − its loss / the loss of the other."
    assert exception.startswith("QLIKE, which has no zero, it is the difference of the two losses times 100.")
    is_difference = loss.title.startswith("QLIKE")  # by the size and by r²
    assert loss.skill(0.6, 0.8) == pytest.approx(0.8 - 0.6 if is_difference else 1 - 0.6 / 0.8)


def test_the_spatial_bench_speaks_of_no_days() -> None:
    days: dict[Bench, set[str]] = {
        bench: {term for term, meaning in terms.items() if "day" in meaning.split()} for bench, terms in TERMS.items()
    }
    assert days["spatial"] == set()
    assert days["recurrent"]
