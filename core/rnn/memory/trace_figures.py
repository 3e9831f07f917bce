"""What networks computed day by day: gates and states as heat maps under the price, all variants on one time axis."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from core.rnn.models import short_title
from core.theme import PALETTES, Mode, figure

PRICE, MAP = 140, 130  # pixels
LOW: dict[Mode, str] = {"light": "#D55E00", "dark": "#E8804A"}  # Okabe and Ito's vermillion and blue: apart for every eye
HIGH: dict[Mode, str] = {"light": "#0072B2", "dark": "#4DA3DB"}


def gate_maps(
    tables: Mapping[str, pd.DataFrame],
    gate: str,
    orders: Mapping[str, Sequence[int]],
    days: np.ndarray,
    close: np.ndarray,
    mode: Mode = "light",
) -> go.Figure:
    """One gate, or "h" or "c", of every variant that has it: a column a day, a row a unit, in the order of `orders`.

    `tables` are by variant, as `inspection.TABLE`; days (N,) and close (N,) of the price line. Values lie between −1 and 1.
    """
    maps = {model: _grid(table, gate, orders[model]) for model, table in tables.items()}
    maps = {model: grid for model, grid in maps.items() if len(grid)}
    height = PRICE + MAP * len(maps)
    drawn, palette = figure(mode, height + 60), PALETTES[mode]
    top = 1 - PRICE / height
    drawn.add_scatter(x=days, y=close, mode="lines", line={"color": palette.ink, "width": 1}, name="close", showlegend=False)
    drawn.update_layout(yaxis={"domain": [top + 0.02, 1], "title": {"text": "close"}}, xaxis={"anchor": "free", "position": 0})
    for number, (model, grid) in enumerate(maps.items()):
        axis = f"y{number + 2}"
        drawn.add_heatmap(
            x=grid.columns,
            y=[str(unit) for unit in grid.index],
            z=grid.to_numpy(),
            zmin=-1,
            zmax=1,
            zmid=0,
            colorscale=[[0, LOW[mode]], [0.5, palette.paper], [1, HIGH[mode]]],
            showscale=number == 0,
            colorbar={"thickness": 10, "outlinewidth": 0, "len": top, "y": 0, "yanchor": "bottom"},
            name=short_title(model),
            hovertemplate=f"{short_title(model)}, unit %{{y}}: %{{z:.2f}}<extra></extra>",
            yaxis=axis,
        )
        ends = top * (1 - (number + 1) / len(maps)), top * (1 - number / len(maps)) - 0.01
        rows = {"domain": ends, "title": {"text": short_title(model)}, "type": "category", "showticklabels": False}
        drawn.update_layout({f"yaxis{number + 2}": rows})
    return drawn.update_layout(hovermode="closest")


def _grid(table: pd.DataFrame, gate: str, order: Sequence[int]) -> pd.DataFrame:
    """Units × days of one gate of the highest layer that reads forwards; empty where there is none."""
    own = table[table["gate"] == gate]
    if own.empty:
        return pd.DataFrame()
    part = [name for name in dict.fromkeys(own["part"]) if not name.endswith("backwards")][-1]
    grid = own[own["part"] == part].pivot_table(index="unit", columns="date", values="value")
    return grid.loc[[unit for unit in order if unit in grid.index]]
