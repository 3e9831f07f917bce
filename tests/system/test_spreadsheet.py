from __future__ import annotations

import csv
import io

import numpy as np
import pandas as pd
import pytest

from core.system.spreadsheet import safe_cell, to_csv


@pytest.mark.parametrize(
    "cell", ["=1+1", "+cmd", "-cmd|' /C calc'!A0", "@SUM(A1)", "\t=1", "\r=1", "\n=1", " =1", "-", "=", "--1"]
)
def test_what_a_spreadsheet_would_calculate_is_marked_as_text(cell: str) -> None:
    assert safe_cell(cell) == f"'{cell}"


@pytest.mark.parametrize("cell", ["AAPL", "^GSPC", "-1.5", "+3", "-1e-5", "", " a", "a=b", -2.5, None, "5 %"])
def test_other_cells_stay(cell: object) -> None:
    assert safe_cell(cell) == cell


def test_a_table_leaves_with_safe_cells_and_headings_and_its_numbers_as_they_are() -> None:
    days = pd.to_datetime(["2026-01-01", "2026-01-02"])
    table = pd.DataFrame({"=evil": ["=1", "b"], "number": [-1.5, np.nan], "day": days, "mixed": ["@x", -2]})
    before = table.copy()
    rows = list(csv.reader(io.StringIO(to_csv(table).decode())))
    assert rows == [["'=evil", "number", "day", "mixed"], ["'=1", "-1.5", "2026-01-01", "'@x"], ["b", "", "2026-01-02", "-2"]]
    pd.testing.assert_frame_equal(table, before)


def test_two_columns_of_one_name_are_written() -> None:
    content = to_csv(pd.DataFrame([["=a", "b"]], columns=["x", "x"]))
    assert list(csv.reader(io.StringIO(content.decode()))) == [["x", "x"], ["'=a", "b"]]


def test_a_table_is_read_back_as_it_was() -> None:
    table = pd.DataFrame(
        {
            "text": ["a", 'with, "quotes"', "of two\nlines", None, "Ω"],
            "number": [1 / 3, 1e-20, np.nan, -np.inf, 2.0],
            "whole": [1, 2, 3, 4, 5],
            "so": [True, False, True, True, False],
            "day": pd.to_datetime(["2020-01-01", "1850-02-28", None, "2026-12-31", "2000-02-29"]),
            "tuples": [(1, 2)] * 5,
        }
    )
    again = pd.read_csv(io.BytesIO(to_csv(table)), parse_dates=["day"], float_precision="round_trip")
    table["tuples"] = "(1, 2)"
    pd.testing.assert_frame_equal(again, table, check_dtype=False)
