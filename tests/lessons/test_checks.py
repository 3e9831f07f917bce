"""The language of checks: conditions on what a screen reports, numbers and choices."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from core.lessons.checks import RELATIONS, Check, Condition
from core.lessons.facts import FACTS, SCREENS, reported_on


def condition(**fields: object) -> Condition:
    return Condition.model_validate({"fact": "outside"} | fields)


@pytest.mark.parametrize(
    ("fields", "holds", "fails"),
    [
        ({"at_least": 50}, (50, 51), (49.9,)),
        ({"at_most": 50}, (50, -3), (50.1,)),
        ({"between": [10, 20]}, (10, 15, 20), (9.9, 20.1)),
        ({"near": 3, "within": 0.5}, (2.5, 3, 3.5), (2.4, 3.6)),
        ({"is": 7}, (7.0,), (7.1,)),
    ],
)
def test_a_number_is_compared(fields: dict, holds: tuple, fails: tuple) -> None:
    assert all(condition(**fields).holds({"outside": float(value)}) for value in holds)
    assert not any(condition(**fields).holds({"outside": float(value)}) for value in fails)


def test_a_word_is_compared_letter_by_letter() -> None:
    kernel = condition(fact="kernel", **{"is": "bicubic"})
    assert kernel.holds({"kernel": "bicubic"})
    assert not kernel.holds({"kernel": "bilinear"})


def test_a_fact_that_is_not_reported_fulfils_nothing() -> None:
    assert not condition(at_most=50).holds({})
    assert not condition(near={"fact": "dead"}, within=1).holds({"outside": 3.0})


def test_a_fact_may_have_to_be_near_another() -> None:
    both = condition(near={"fact": "dead"}, within=1)
    assert both.holds({"outside": 3.0, "dead": 3.9})
    assert not both.holds({"outside": 3.0, "dead": 4.1})
    assert both.facts == ("outside", "dead")


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({}, "exactly one of"),
        ({"at_least": 1, "at_most": 2}, "exactly one of"),
        ({"near": 1}, "near and within go together"),
        ({"fact": "kernel", "at_least": 1}, "at_least is for a number"),
        ({"fact": "grid_moves", "at_most": 1}, "no fact that a screen reports"),
    ],
)
def test_a_condition_that_makes_no_sense_is_refused(fields: dict, said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        condition(**fields)


def test_a_typed_number_is_compared_with_what_the_screen_reports() -> None:
    check = Check.model_validate({"number": {"ask": "x_s", "near": {"fact": "source_x"}, "within": 0.01}})
    assert check.done({"source_x": 0.65}, typed=0.655)
    assert not check.done({"source_x": 0.65}, typed=0.67)
    assert not check.done({"source_x": 0.65})
    assert not check.done({}, typed=0.65)


def test_a_wrong_answer_is_told_what_is_looked_for() -> None:
    check = Check.model_validate({
        "number": {"ask": "h_4", "near": {"fact": "h_4"}, "within": 0.01}, "facts": [{"fact": "turned_by", "at_least": 40}]
    })  # fmt: skip
    assert check.missing({"h_4": -0.62, "turned_by": 50.0}, 0.62) == "Not yet: the size is right, the sign is not."
    wrong = check.missing({"h_4": -0.62, "turned_by": 5.0}, 0.3)
    assert "“h_4” to within 0.01" in wrong
    assert "is at least 40" in wrong
    choice = Check.model_validate({"choice": {"ask": "Which?", "options": {"a": "A", "b": "B"}, "answer": "b"}})
    assert choice.missing({}, chosen="a") == "Not yet. Looked for: another answer to “Which?”."


def test_a_choice_is_right_by_what_the_screen_reports() -> None:
    options = {"bilinear": "two by two", "bicubic": "four by four"}
    check = Check.model_validate({"choice": {"ask": "How many?", "options": options, "answer": {"fact": "kernel"}}})
    assert check.done({"kernel": "bicubic"}, chosen="bicubic")
    assert not check.done({"kernel": "bicubic"}, chosen="bilinear")
    assert not check.done({}, chosen="bicubic")
    assert not check.done({})


def test_everything_in_a_check_must_hold() -> None:
    check = Check.model_validate(
        {"facts": [{"fact": "outside", "at_least": 99}, {"fact": "dead", "at_least": 99}],
         "number": {"ask": "How many?", "near": 4, "within": 0.1}}
    )  # fmt: skip
    assert check.done({"outside": 100.0, "dead": 100.0}, typed=4)
    assert not check.done({"outside": 100.0, "dead": 0.0}, typed=4)
    assert not check.done({"outside": 100.0, "dead": 100.0}, typed=5)


def test_a_check_is_said_in_words() -> None:
    check = Check.model_validate({"facts": [{"fact": "outside", "at_least": 99}]})
    assert check.text == "the share of the grid that lies outside the image is at least 99 %"


def test_every_fact_belongs_to_a_screen_and_has_a_kind_that_something_can_be_asked_of() -> None:
    assert {screen for fact in FACTS.values() for screen in fact.screens} <= set(SCREENS)
    assert {fact.kind for fact in FACTS.values()} <= {"yes or no", "word", *(kind for kind, *_ in RELATIONS.values())}
    assert reported_on("warp")[0] == "grid_moved"
