"""The words of every screen as it opens: minus signs, p values and dates, in texts, figures and tables."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from google.protobuf.json_format import MessageToDict
from streamlit.testing.v1 import AppTest

from tests.pages.conftest import OpenPage

HYPHEN = re.compile(r"(?<![\w)\]−–…/.:,+-])-\d")  # before a digit and behind nothing that it could join to it
WRONG = {
    "a hyphen for a minus sign": HYPHEN,
    "p of zero": re.compile(r"\bp = 0\.0+(?!\d)"),
    "an ISO date": re.compile(r"(?<![\w/-])(?:19|20)\d\d-[01]\d-[0-3]\d(?!\w)"),
    "a date with a leading zero": re.compile(r"(?<![\d:.])0\d (?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)\b"),
    "percent without a space": re.compile(r"\d%"),
    "a test that says nothing": re.compile(r"tell nothing about each other"),
}
SHOWN = {  # of an element's message: what a visitor reads
    "body", "label", "help", "caption", "options", "value", "text", "content", "placeholder", "title", "delta", "header", "alt",
}  # fmt: skip
FORMULA = re.compile(
    r"\$\$?[^$]+\$\$?|`[^`]+`|\[-1, 1\]|turned \\?-[\d.]+°"
)  # typeset with minus signs of their own; code; names of pictures
SCREENS = (
    "home", "rnn?run=9-compare&show=Worth", "rnn?show=Errors", "rnn?show=Ahead", "sweep", "panel", "panel?show=Worth", "traps",
    "memory", "runs", "status", "warp", "stn", "run?id=3-classify", "run?id=4-align", "run?id=5-locate",
)  # fmt: skip


def texts_of(app: AppTest) -> Iterator[str]:
    """What is read on a screen: texts, labels and helps, the words of figures, the cells of tables as they are shown."""
    for element in _elements(app.main):
        if element.type == "plotly_chart":
            figure = json.loads(element.proto.spec)
            figure.get("layout", {}).pop("template", None)
            yield from _words(figure, {"text", "name", "ticktext", "customdata"})
        elif element.type in ("arrow_data_frame", "table"):
            yield from _cells(element)
        elif element.type not in ("json", "code", "latex", "bidi_component") and element.proto is not None:
            yield from _words(MessageToDict(element.proto), SHOWN)


def _elements(block: Any) -> Iterator[Any]:
    for child in block.children.values():
        yield child
        if getattr(child, "children", None):
            yield from _elements(child)


def _words(part: Any, wanted: set[str], inside: bool = False) -> Iterator[str]:
    if isinstance(part, str) and inside:
        yield part
    elif isinstance(part, dict):
        for name, one in part.items():
            yield from _words(one, wanted, name in wanted or (inside and not isinstance(one, str)))
    elif isinstance(part, list):
        for one in part:
            yield from _words(one, wanted, inside)


def _cells(element: Any) -> Iterator[str]:
    """Texts of a table, and the numbers below zero that no text stands for."""
    shown = element.value
    written = element.type == "arrow_data_frame" and element.proto.HasField("styler")
    yield from map(str, shown.columns)
    for name in shown:
        for value in shown[name]:
            if isinstance(value, str):
                yield value
            elif isinstance(value, int | float) and value < 0 and not written:  # Streamlit would show a hyphen
                yield f"{name}: {value}"


@pytest.mark.parametrize("screen", SCREENS)
def test_numbers_and_dates_are_written_in_one_way(open_page: OpenPage, screen: str) -> None:
    page, _, query = screen.partition("?")
    app = open_page(page, **dict(one.split("=") for one in query.split("&") if one))
    assert not app.exception
    texts = [FORMULA.sub("", one) for one in texts_of(app)]
    assert sum(map(len, texts)) > 100
    assert [f"{what}: {one[:200]}" for one in texts for what, shape in WRONG.items() if shape.search(one)] == []


@pytest.mark.parametrize(
    "text", ["fell by -3.2 %", "(-0.12 to 0.3)", "p = 0.000", "on 2022-12-08", "8 or 08 Dec 2022", "98% of them"]
)
def test_what_is_wrong_would_be_found(text: str) -> None:
    assert any(shape.search(text) for shape in WRONG.values())


@pytest.mark.parametrize(
    "text", ["GJR-GARCH-t of 5-day moves", "−3.2 %", "p < 0.001", "8 Dec 2022", "10 Dec 2022", "98 %", "BTC-USD"]
)
def test_what_is_right_is_left_alone(text: str) -> None:
    assert not any(shape.search(text) for shape in WRONG.values())


@pytest.mark.parametrize(
    ("screen", "words"),
    [
        ("rnn?run=9-compare&show=Worth", "Annualised return (%)"),
        ("rnn?run=9-compare&show=Ranking&metrics=true", "In the 90 % confidence set"),
        ("stn?run=1-straighten&learned=true", "Distribution of predicted values, photo by photo"),
    ],
)
def test_a_heading_that_people_look_for_is_on_its_screen(open_page: OpenPage, screen: str, words: str) -> None:
    page, _, query = screen.partition("?")
    app = open_page(page, **dict(one.split("=") for one in query.split("&")))
    assert not app.exception
    columns = [name for table in app.dataframe for name in table.value]
    assert words in [*columns, *(heading.value for heading in app.subheader)]
