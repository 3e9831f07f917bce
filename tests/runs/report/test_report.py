"""A report and a notebook of a run: words of strangers are words, values are read as they are."""

from __future__ import annotations

import json
import re
from datetime import date

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import pytest

from core.rnn.compare.request import CompareRequest
from core.rnn.sweep.request import SweepRequest
from core.runs.export import export
from core.runs.kinds import KINDS
from core.runs.report.columns import Heading, Words, headings, readable
from core.runs.report.page import ON_PAPER, number, to_equal_decimals
from core.runs.report.parts import Report, Shown, heading
from core.runs.report.python_code import expression
from core.runs.report.settings import settings_of
from core.runs.visitors.label import Label
from tests.runs.count import CountRequest, CountResult
from tests.runs.report.taken_away import check_notebook, checked_page, run_of

EVIL = "</script><img src=x onerror=alert(1)>&amp;"


def shown(result: CountResult) -> list[Shown]:
    return [
        Shown(EVIL, go.Figure(go.Scatter(x=[1, 2], y=[3, 4], name=EVIL), layout={"title": {"text": EVIL}}), EVIL),
        Shown("pixels", np.zeros((4, 6, 3), np.uint8)),
    ]


@pytest.fixture
def reported(monkeypatch: pytest.MonkeyPatch) -> CountResult:
    report = Report(shown, lambda result: {EVIL: pd.DataFrame({EVIL: [EVIL]})}, limits=(EVIL,), words=lambda result: EVIL)
    monkeypatch.setattr(type(KINDS["count"]), "report", report)
    return CountResult(total=3, squares=np.zeros(3))


def test_words_of_strangers_are_shown_letter_by_letter(reported: CountResult) -> None:
    drawn = checked_page(run_of(CountRequest(), reported), reported)
    assert [tag for tag, _ in drawn.tags].count("img") == 1  # the pixels
    assert drawn.shown.count(EVIL) >= 5  # headline, title, caption, table, limits
    [figure] = [text for kind, text in drawn.scripts if kind == "figure"]
    assert "<" not in figure
    assert "<img" not in json.loads(figure)["data"][0]["name"]


@pytest.mark.parametrize("columns", [ON_PAPER, 21, 40])
def test_a_printed_page_has_every_column_of_a_table_in_parts_that_fit(
    reported: CountResult, monkeypatch: pytest.MonkeyPatch, columns: int
) -> None:
    wide = pd.DataFrame([np.arange(float(columns))], columns=[f"column {n}" for n in range(columns)])
    report = Report(shown, lambda result: {"Ranking": wide})
    monkeypatch.setattr(type(KINDS["count"]), "report", report)
    [page] = export(run_of(CountRequest(), reported), reported, "report").values()
    _, *on_paper = page.decode().split('class="wide on-paper">')
    parts = [re.findall("column [0-9]+", part) for part in "".join(on_paper).partition("</div>")[0].split("</table>")[:-1]]
    assert all(part[0] == "column 0" and len(part) <= ON_PAPER for part in parts)
    assert [name for part in parts for name in part[1:]] == ([] if columns == ON_PAPER else list(wide.columns[1:]))


@pytest.mark.parametrize("form", ["report", "notebook"])
def test_what_is_taken_away_has_the_name_and_the_note_of_who_takes_it(reported: CountResult, form: str) -> None:
    run, label = run_of(CountRequest(), reported), Label("first try", "too short\nsays <b>Ada</b>")
    [content] = export(run, reported, form, label=label).values()
    [without] = export(run, reported, form).values()
    assert f"first try · {run.title}".encode() in content
    assert b"too short" in content
    assert b"<b>Ada" not in content
    assert b"first try" not in without


def test_a_notebook_says_words_of_strangers_as_words(reported: CountResult) -> None:
    check_notebook(run_of(CountRequest(), reported), reported)


def test_a_report_without_a_figure_has_no_plotly(monkeypatch: pytest.MonkeyPatch) -> None:
    result = CountResult(total=3, squares=np.zeros(3))
    assert checked_page(run_of(CountRequest(), result), result).scripts == []


@pytest.mark.parametrize(
    ("value", "text"),
    [(-2.0, "\u22122"), (0.057437, "0.05744"), (float("nan"), ""), (1234567, "1,234,567"), (True, "yes"), (None, ""),
     ("a", "a"), (pd.Timestamp("2020-03-16"), "16 Mar 2020"), (pd.NaT, "")],
    ids=str,
)  # fmt: skip
def test_values_are_said_as_people_write_them(value: object, text: str) -> None:
    assert number(value) == text


@pytest.mark.parametrize(
    ("values", "written"),
    [
        ((-3.68, -3.6543), ["−3.680", "−3.654"]), ((0.5, 12.0), ["0.5", "12.0"]), ((3.0, 4.0), ["3", "4"]),
        ((1234.5, 1.0), ["1,234", "1"]), ((float("nan"), 2.25), ["", "2.25"]), ((1e-7, 0.5), ["1e−07", "0.5"]),
    ],
)  # fmt: skip
def test_values_that_are_compared_have_as_many_digits(values: tuple[float, ...], written: list[str]) -> None:
    assert to_equal_decimals(*values) == written


def test_a_heading_and_what_follows() -> None:
    assert heading("nothing beats it: p = 0.4.", ": ") == "Nothing beats it.\nP = 0.4."
    assert heading("nothing beats it", ": ") == "Nothing beats it."


def test_a_request_inside_a_request_is_written_so_that_python_reads_it() -> None:
    request = SweepRequest(comparisons=tuple(CompareRequest(symbol=one, prices="0" * 64, seeds=2) for one in ("A", "B'\"")))
    written, imports = expression(request)
    assert "hidden" not in written  # what is not said is the default
    names: dict[str, object] = {}
    exec("\n".join([*imports, f"request = {written}"]), names)
    assert names["request"] == request


def test_settings_that_were_chosen_are_told_from_defaults() -> None:
    rows = {one.name: one for one in settings_of(CompareRequest(symbol="KO", prices="0" * 64, seeds=2, start=date(2010, 1, 4)))}
    assert rows["Start"].value == "4 Jan 2010"
    assert (rows["Symbol"].value, rows["Symbol"].default) == ("KO", False)
    assert (rows["Seeds"].value, rows["Seeds"].default) == ("2", False)
    assert (rows["Hidden"].value, rows["Hidden"].default) == ("32", True)
    assert rows["Prices"].value == f"file {'0' * 12}"


def test_columns_that_would_be_called_alike_keep_their_names(monkeypatch: pytest.MonkeyPatch) -> None:
    words = Words(headings("a | One | ° | first\nb | One | ° | second"), {"a": str.upper})
    monkeypatch.setattr("core.runs.report.columns.words_of", lambda bench: words)
    table = readable("spatial", pd.DataFrame({"a": ["x", "y", "x"], "b": [1, 2, 3], "new_one": [1, 2, 3]}))
    assert list(table) == ["One (°) [a]", "One (°) [b]", "New one"]
    assert list(table.iloc[:, 0]) == ["X", "Y", "X"]
    assert words.heading("new_one") == Heading("New one", "")
