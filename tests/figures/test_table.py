"""The table of a figure against the numbers that the figure was drawn from."""

from __future__ import annotations

import io

import numpy as np
import pandas as pd
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from core.figures.decades import log_axis
from core.figures.table import figure_csv, figure_table

DAYS = np.arange("2020-03-02", "2020-03-05", dtype="datetime64[D]")


def read(figure: go.Figure) -> pd.DataFrame:
    return pd.read_csv(io.BytesIO(figure_csv(figure)))


def test_a_line_is_a_row_a_point_headed_by_the_titles_of_the_axes() -> None:
    figure = go.Figure(go.Scatter(x=DAYS, y=[0.1, 1 / 3, 2e-17], name="<b>LSTM</b>"))
    figure.update_layout(xaxis_title="day", yaxis_title="error (%)")
    table = read(figure)
    assert list(table.columns) == ["trace", "x (day)", "y (error (%))"]
    assert table["trace"].tolist() == ["LSTM"] * 3
    assert table["x (day)"].tolist() == ["2020-03-02", "2020-03-03", "2020-03-04"]
    assert table["y (error (%))"].tolist() == [0.1, 1 / 3, 2e-17]  # every digit


def test_a_title_of_two_lines_heads_a_column_in_one() -> None:
    figure = go.Figure(go.Scatter(x=[1], y=[2])).update_xaxes(title_text="skill against<br><b>HAR</b> (%)")
    assert "x (skill against HAR (%))" in read(figure).columns


def test_a_gap_in_a_line_has_no_row() -> None:
    table = figure_table(go.Figure(go.Scatter(x=[1, None, 3], y=[1, None, 3])))
    assert table["x"].tolist() == [1, 3]


def test_a_line_without_x_is_counted_from_0() -> None:
    assert figure_table(go.Figure(go.Scatter(y=[5, 6])))["x"].tolist() == [0, 1]


def test_hours_keep_their_time() -> None:
    hours = np.array(["2020-03-02T15:30", "2020-03-02T16:30"], dtype="datetime64[ns]")
    assert figure_table(go.Figure(go.Scatter(x=hours, y=[1, 2])))["x"].tolist() == [
        "2020-03-02T15:30:00",
        "2020-03-02T16:30:00",
    ]


def test_error_bars_become_low_and_high() -> None:
    bars = go.Bar(x=["a", "b"], y=[3.0, 5.0], error_y={"array": [1.0, 2.0], "arrayminus": [0.5, 0.25]})
    points = go.Scatter(x=[3.0], y=["c"], error_x={"array": [1.0]}, name="c")
    table = figure_table(go.Figure([bars, points]))
    assert table["y_low"].tolist()[:2] == [2.5, 4.75]
    assert table["y_high"].tolist()[:2] == [4.0, 7.0]
    assert (table["x_low"].iloc[2], table["x_high"].iloc[2]) == (2.0, 4.0)


def test_a_band_is_its_two_edges_over_x() -> None:
    band = go.Scatter(x=[1, 2, 2, 1], y=[5.0, 6.0, 4.0, 3.0], fill="toself", name="LSTM, spread")
    table = figure_table(go.Figure(band))
    assert table[["x", "y_low", "y_high"]].to_numpy().tolist() == [[1, 3.0, 5.0], [2, 4.0, 6.0]]
    assert set(table["trace"]) == {"LSTM, spread"}


def test_a_heat_map_is_a_row_a_cell() -> None:
    z = np.arange(6.0).reshape(2, 3)
    table = figure_table(go.Figure(go.Heatmap(z=z, x=["a", "b", "c"], y=["low", "high"])))
    cells = {(row.x, row.y): row.z for row in table.itertuples()}
    assert cells == {("a", "low"): 0, ("b", "low"): 1, ("c", "low"): 2, ("a", "high"): 3, ("b", "high"): 4, ("c", "high"): 5}
    assert figure_table(go.Figure(go.Heatmap(z=z)))["x"].tolist() == [0, 1, 2, 0, 1, 2]


def test_a_histogram_and_a_violin_are_the_values_that_they_count() -> None:
    table = figure_table(go.Figure([go.Histogram(x=[1.0, 1.5, 9.0], name="cat"), go.Violin(x=[2.0, 3.0], name="dog")]))
    assert table.groupby("trace")["x"].apply(list).to_dict() == {"cat": [1.0, 1.5, 9.0], "dog": [2.0, 3.0]}


def test_what_the_hover_box_says_of_a_point_is_its_label() -> None:
    dots = go.Scatter(x=[1, 2], y=[0, 0], customdata=["KO: 0.3 %", "GE: 0.1 %"])
    pairs = go.Scatter(x=[1, 2], y=[0, 0], customdata=[["cat.png", 0.5], ["dog.png", 0.7]])
    assert figure_table(go.Figure([dots, pairs]))["label"].tolist() == ["KO: 0.3 %", "GE: 0.1 %", "cat.png", "dog.png"]


def test_subplots_are_told_apart_and_headed_plainly_where_their_titles_differ() -> None:
    figure = make_subplots(rows=2)
    figure.add_scatter(y=[1, 2], row=1, col=1)
    figure.add_scatter(y=[3, 4], row=2, col=1)
    figure.update_layout(yaxis_title="loss", yaxis2_title="skill")
    table = read(figure)
    assert table["axes"].tolist() == ["x y", "x y", "x2 y2", "x2 y2"]
    assert table["y"].tolist() == [1, 2, 3, 4]


def test_what_is_drawn_at_the_edge_of_an_axis_keeps_its_numbers() -> None:
    dot = go.Scatter(x=[-1.0, 2.0], y=["a", "b"], meta={"x": [-7.5, 2.0], "x_low": [-8.0, 1.0], "x_high": [-7.0, 3.0]})
    table = figure_table(go.Figure(dot))
    assert table[["x", "x_low", "x_high"]].to_numpy().tolist() == [[-7.5, -8.0, -7.0], [2.0, 1.0, 3.0]]


def test_rows_that_an_axis_names_are_named_and_so_are_their_traces() -> None:
    figure = go.Figure([go.Scatter(x=[5, 6], y=[1.2, -0.1]), go.Scatter(x=[7], y=[0], name="seeds")])
    figure.update_yaxes(tickvals=[1, 0], ticktext=["<b>LSTM,<br>pooled</b>", "GRU"])
    table = figure_table(figure)
    assert table["y"].tolist() == ["LSTM, pooled", "GRU", "GRU"]
    assert table["trace"].tolist() == ["LSTM, pooled", "GRU", "seeds"]


def test_the_numbers_of_a_logarithmic_axis_stay_numbers() -> None:
    figure = go.Figure(go.Scatter(x=[1, 2], y=[1.0, 55.0])).update_yaxes(**log_axis([1, 55]))
    assert figure_table(figure)["y"].tolist() == [1.0, 55.0]


def test_an_empty_figure_has_an_empty_table() -> None:
    assert len(figure_table(go.Figure())) == 0
