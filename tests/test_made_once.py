from __future__ import annotations

import gc
from concurrent.futures import ThreadPoolExecutor

import plotly.graph_objects as go
import plotly.io

from core import made_once as module
from core.made_once import made_once


class Result:
    """What a figure is drawn of; counts how often."""

    def __init__(self) -> None:
        self.drawn: list[object] = []

    def __eq__(self, other: object) -> bool:
        raise AssertionError("results hold arrays: they are told apart by identity")


@made_once
def chart(result: Result, mode: str = "light", steps: tuple[int, ...] | list[int] = ()) -> go.Figure:
    result.drawn.append((mode, tuple(steps)))
    return go.Figure(go.Scatter(y=[1, 2, 3], name=mode))


def test_every_visitor_is_given_the_same_figure() -> None:
    result = Result()
    with ThreadPoolExecutor(8) as visitors:
        figures = list(visitors.map(lambda mode: chart(result, mode), ["light", "dark"] * 50))
    assert len(set(map(id, figures))) == 2
    assert len(result.drawn) == 2
    assert figures[0].data[0].name == "light"


def test_another_result_is_drawn_for_itself() -> None:
    first, second = Result(), Result()
    assert chart(first) is not chart(second)


def test_what_cannot_be_told_apart_is_drawn_anew() -> None:
    result = Result()
    assert chart(result, steps=[1]) is not chart(result, steps=[1])
    assert chart(result, steps=(1,)) is chart(result, steps=(1,))


def test_a_figure_that_is_shown_again_and_again_says_the_same() -> None:
    result = Result()
    plain = go.Figure(go.Scatter(y=[1, 2, 3], name="light"))
    assert plotly.io.to_json(chart(result)) == plotly.io.to_json(plain)
    assert chart(result).to_dict() is chart(result).to_dict()


def test_figures_go_with_the_result_that_they_were_drawn_of() -> None:
    result = Result()
    chart(result)
    held = id(result)
    assert held in module._of
    del result
    gc.collect()
    assert held not in module._of


def test_of_many_choices_the_latest_are_kept() -> None:
    result = Result()
    for number in range(module.MOST + 1):
        chart(result, str(number))
    chart(result, str(module.MOST))
    assert len(result.drawn) == module.MOST + 1
    chart(result, "0")
    assert len(result.drawn) == module.MOST + 2


def test_a_function_that_is_defined_again_makes_nothing_again() -> None:
    result, texts = Result(), []

    def defined() -> object:
        @made_once
        def text(source: Result) -> list[str]:
            texts.append("made")
            return texts

        return text(result)

    assert defined() is defined()
    assert texts == ["made"]


def test_what_is_given_back_as_it_is_can_still_go() -> None:
    @made_once
    def same(source: Result) -> Result:
        return source

    result = Result()
    assert same(result) is result
    held = id(result)
    del result
    gc.collect()
    assert held not in module._of
