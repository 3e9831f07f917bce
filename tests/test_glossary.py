"""Terms mean what they mean on the bench where they stand."""

from __future__ import annotations

import pytest

from core.glossary import TERMS, places_of_terms
from core.rnn.evaluation.loss_functions import LOSS_FUNCTIONS, LossFunction
from core.runs.request import Bench
from pages.parts.plain_text import plain


def found(text: str, bench: Bench) -> list[tuple[str, str]]:
    """Terms, and how they are written there."""
    return [(term, text[place]) for place, term in places_of_terms(text, bench)]


def test_a_trial_of_photos_is_no_test_of_a_forecast() -> None:
    text = "Over 16 trials it gains 3 standard errors, p = 0.01; untouched 22°, believed 97 %"
    common = [("trial", "trials"), ("standard error", "standard errors"), ("p", "p")]
    assert found(text, "recurrent") == common
    assert found(text, "spatial") == [*common, ("untouched", "untouched"), ("believed", "believed")]
    assert TERMS["spatial"]["trial"] != TERMS["recurrent"]["trial"]
    assert "day" not in TERMS["spatial"]["trial"]


def test_terms_are_found_as_whole_words_in_any_number_and_with_the_backslashes_of_markdown() -> None:
    assert found("GJR-GARCH-t, then HAR", "recurrent") == [("GJR-GARCH-t", "GJR-GARCH-t"), ("HAR", "HAR")]
    assert found(plain("Skills of buy-and-hold: p < 0.01"), "recurrent") == [
        ("skill", "Skills"), ("buy-and-hold", r"buy\-and\-hold"), ("p", "p"),
    ]  # fmt: skip
    assert found("the ST-CNN and the CNNs", "spatial") == [("ST-CNN", "ST-CNN"), ("CNN", "CNNs")]
    for without in ("unskilled", "a reference-free map", "step 3", "maps"):
        assert found(without, "recurrent") == []


@pytest.mark.parametrize("text", ["$p = 0.1$", "`HAR`", "[HAR](https://example.org)", ":green[:material/trial:]"])
def test_formulas_code_links_and_icons_are_left_alone(text: str) -> None:
    assert found(text, "recurrent") == []
    assert found(f"{text}, then QLIKE", "recurrent") == [("QLIKE", "QLIKE")]


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
