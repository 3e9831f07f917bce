"""Figures of one warp: what a pixel reads, its gradient fields, generations of resampling, the spectrum of a zoom."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from core.theme import PALETTES, Mode, figure

if TYPE_CHECKING:
    from core.stn.warp.pixel_reading import Reading

HEIGHT = 380
_MOST_NUMBERS = 120  # pixels of a crop whose grey levels are written in
DIVERGING: dict[Mode, tuple[tuple[float, str], ...]] = {  # colours that part at 0
    "light": ((0.0, "#0072B2"), (0.5, "#F4F4F2"), (1.0, "#D55E00")),
    "dark": ((0.0, "#4DA3DB"), (0.5, "#1A1F28"), (1.0, "#E69F00")),
}
_CEILING_DB = 60  # drawn up to here: above it no difference is visible


def _around(read: pd.Series, at: float, margin: int, size: int) -> np.ndarray:
    """The rows or columns to show: all that are read and the point itself, with a margin, inside the picture."""
    places = [*read.tolist(), min(max(round(at), 0), size - 1)]
    return np.arange(max(0, min(places) - margin), min(size, max(places) + margin + 1))


def _frame(drawn: go.Figure, column: int, row: int, weight: float, colour: str) -> None:
    """A frame around a pixel, thicker for a larger weight."""
    half = 0.46
    drawn.add_shape(
        type="rect", x0=column - half, x1=column + half, y0=row - half, y1=row + half,
        line={"color": colour, "width": 1 + 5 * min(1.0, abs(weight)) ** 0.5},
    )  # fmt: skip


def reading(reading: Reading, grey: np.ndarray, mode: Mode = "light", margin: int = 3) -> go.Figure:
    """The input pixels (grey, (H, W) uint8) around a source point, crisp, those that are read framed by their weight."""
    palette = PALETTES[mode]
    used = reading.table[reading.table.weight != 0].groupby(["row", "column"], as_index=False).weight.sum()
    rows = _around(used.row, reading.row, margin, grey.shape[0])
    columns = _around(used.column, reading.column, margin, grey.shape[1])
    crop = grey[np.ix_(rows, columns)]
    drawn = figure(mode, HEIGHT)
    drawn.add_heatmap(
        z=crop, x=columns, y=rows, zmin=0, zmax=255, colorscale="Greys_r", showscale=False,
        hovertemplate="column %{x}, row %{y}: grey level %{z}<extra></extra>",
        texttemplate="%{z}" if crop.size <= _MOST_NUMBERS else None,
    )  # fmt: skip
    for read in used.itertuples():
        _frame(drawn, read.column, read.row, read.weight, palette.spatial if read.weight > 0 else palette.warn)
    drawn.add_scatter(
        x=[reading.column], y=[reading.row], mode="markers", showlegend=False,
        marker={"symbol": "cross-thin", "size": 16, "line": {"width": 3, "color": palette.fail}},
        hovertemplate="looks here: column %{x:.3f}, row %{y:.3f}<extra></extra>",
    )  # fmt: skip
    drawn.update_xaxes(title_text="column of the input", showgrid=False, constrain="domain")
    drawn.update_yaxes(title_text="row", autorange="reversed", scaleanchor="x", showgrid=False, constrain="domain")
    drawn.update_layout(hovermode="closest")
    return drawn


def gradient_field(values: np.ndarray, dead: np.ndarray, reach: float, title: str, mode: Mode = "light") -> go.Figure:
    """A gradient (H, W) in colours that part at 0, up to ±reach; the dead zone (H, W) lies over it in grey."""
    palette = PALETTES[mode]
    drawn = figure(mode, HEIGHT)
    drawn.add_heatmap(
        z=values.astype(np.float32), zmin=-reach, zmax=reach, colorscale=DIVERGING[mode],
        colorbar={"thickness": 10, "outlinewidth": 0},
        hovertemplate="column %{x}, row %{y}: %{z:.2f}<extra></extra>",
    )  # fmt: skip
    drawn.add_heatmap(
        z=np.where(dead, 1.0, np.nan).astype(np.float32), showscale=False, colorscale=[(0, palette.muted), (1, palette.muted)],
        opacity=0.75, hovertemplate="column %{x}, row %{y}: dead zone<extra></extra>",
    )  # fmt: skip
    drawn.update_xaxes(visible=False, constrain="domain")
    drawn.update_yaxes(visible=False, autorange="reversed", scaleanchor="x", constrain="domain")
    drawn.update_layout(title={"text": title, "font": {"size": 14}}, hovermode="closest", margin={"t": 36})
    return drawn


def input_weights(weights: np.ndarray, mode: Mode = "light") -> go.Figure:
    """How much every input pixel (H, W) counts in the output; above 4 all look alike (a corner may count thousands)."""
    drawn = figure(mode, HEIGHT)
    drawn.add_heatmap(
        z=weights.astype(np.float32), zmin=0, zmax=min(4.0, max(1.0, float(weights.max()))),
        colorscale=[(0, PALETTES[mode].paper), (1, PALETTES[mode].spatial)], colorbar={"thickness": 10, "outlinewidth": 0},
        hovertemplate="column %{x}, row %{y}: %{z:.2f}<extra></extra>",
    )  # fmt: skip
    drawn.update_xaxes(visible=False, constrain="domain")
    drawn.update_yaxes(visible=False, autorange="reversed", scaleanchor="x", constrain="domain")
    title = {"text": "Σ ∂V/∂U, output pixels", "font": {"size": 14}}
    drawn.update_layout(title=title, hovermode="closest", margin={"t": 36})
    return drawn


def generations(curve: pd.DataFrame, k: int, mode: Mode = "light") -> go.Figure:
    """What is left of a picture after k turns forth and back: resampled at every step, and composed."""
    palette = PALETTES[mode]
    drawn = figure(mode, HEIGHT - 60)
    lines = (("composed_db", "composed", palette.spatial, "solid"), ("resampled_db", "resampled", palette.warn, "dash"))
    for name, label, colour, dash in lines:
        drawn.add_scatter(
            x=curve.k, y=curve[name].clip(upper=_CEILING_DB), mode="lines+markers", name=label, showlegend=False,
            line={"color": colour, "width": 2, "dash": dash}, marker={"size": 6},
            customdata=curve[name], meta={"y": curve[name].tolist()},
            hovertemplate=f"{label}: %{{customdata:.1f}} dB<extra></extra>",
        )  # fmt: skip
        height = float(np.clip(curve[name].iloc[-1], None, _CEILING_DB))
        drawn.add_annotation(
            x=1, xref="paper", y=height, text=label, showarrow=False, xanchor="right", yshift=12, font={"color": colour}
        )
    drawn.add_vline(x=k, line={"color": palette.muted, "width": 1, "dash": "dot"})
    drawn.update_xaxes(title_text="turns forth, and as many back, k")
    drawn.update_yaxes(title_text="PSNR, dB", range=[15, _CEILING_DB + 3])
    return drawn


def spectrum(amplitudes: pd.DataFrame, mode: Mode = "light") -> go.Figure:
    """Amplitude by frequency before and after a zoom: what a smaller picture cannot hold should be gone and not come back."""
    palette = PALETTES[mode]
    drawn = figure(mode, HEIGHT - 120)
    lines = (("original", palette.muted, "dot"), ("plain", palette.fail, "solid"), ("antialiased", palette.spatial, "dash"))
    for name, colour, dash in lines:
        amplitude = amplitudes[["cycles", name]].dropna()
        drawn.add_scatter(
            x=amplitude.cycles, y=amplitude[name], mode="lines",
            name={"plain": "as it is"}.get(name, name),
            line={"color": colour, "width": 2, "dash": dash}, hovertemplate="%{y:.3f}",
        )  # fmt: skip
    room = float(amplitudes.cycles[amplitudes.plain.notna()].max())
    drawn.add_vline(x=room, line={"color": palette.muted, "width": 1}, annotation_text="the smaller picture ends here")
    drawn.update_xaxes(title_text="periods across the picture")
    drawn.update_yaxes(title_text="amplitude", rangemode="tozero")
    return drawn
