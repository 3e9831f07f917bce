"""Figures of an align run, from a stored result alone: the stack as a sheet, the variance as it fell, what was found."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import plotly.graph_objects as go
from PIL import Image, ImageOps

from core.theme import PALETTES, Mode, figure

if TYPE_CHECKING:
    from core.stn.align import AlignResult

HEIGHT = 320
COLUMNS, TILE, GAP = 10, 72, 6  # images in a row; pixels
FRAME = 3  # pixels: the frame of a failed image lies within the gap


def contact_sheet(images: Sequence[np.ndarray], ok: Sequence[bool], mode: Mode = "light") -> np.ndarray:
    """Images of any sizes in rows of COLUMNS, uint8 (H, W, 3); failed ones are framed in the colour of failure."""
    palette = PALETTES[mode]
    columns = min(COLUMNS, len(images))
    rows = -(-len(images) // columns)
    step = TILE + GAP
    sheet = Image.new("RGB", (columns * step + GAP, rows * step + GAP), palette.paper)
    for number, (image, fine) in enumerate(zip(images, ok, strict=True)):
        left, top = GAP + number % columns * step, GAP + number // columns * step
        if not fine:
            sheet.paste(palette.fail, (left - FRAME, top - FRAME, left + TILE + FRAME, top + TILE + FRAME))
        tile = ImageOps.pad(Image.fromarray(image), (TILE, TILE), Image.Resampling.BICUBIC, palette.paper)
        sheet.paste(tile, (left, top))
    return np.asarray(sheet)


def variance_while_aligning(result: AlignResult, mode: Mode = "light") -> go.Figure:
    """The variance of the stack at every stage of the film, as a share of what it was."""
    before = max(result.variance_before, 1e-12)
    shares = [100 * value / max(result.film_variance[0], 1e-12) for value in result.film_variance]
    drawn = figure(mode, HEIGHT)
    drawn.add_scatter(
        x=list(range(len(shares))),
        y=shares,
        customdata=result.film_seconds,
        mode="lines+markers",
        marker={"size": 5},
        line={"color": PALETTES[mode].spatial, "width": 2},
        hovertemplate="%{y:.0f} % after %{customdata:.1f} s<extra></extra>",
        showlegend=False,
    )
    drawn.update_xaxes(title_text="stage")
    drawn.update_yaxes(title_text=f"variance (% of {before:.2g})", rangemode="tozero")
    return drawn


def found_against_turned(result: AlignResult, mode: Mode = "light") -> go.Figure:
    """The angle that was found against the known one; nobody said what upright is, so a common offset is no error."""
    palette, rows = PALETTES[mode], result.images
    offset = float(np.median(rows.angle_deg - rows.turned_deg))
    ends = np.array([rows.turned_deg.min(), rows.turned_deg.max()])
    drawn = figure(mode, HEIGHT)
    drawn.add_scatter(
        x=ends,
        y=ends + offset,
        mode="lines",
        line={"color": palette.muted, "width": 1, "dash": "dash"},
        hoverinfo="skip",
        showlegend=False,
    )
    for ok, symbol, colour in ((True, "circle", palette.spatial), (False, "x", palette.fail)):
        some = rows[rows.ok == ok]
        drawn.add_scatter(
            x=some.turned_deg,
            y=some.angle_deg,
            customdata=some.name,
            mode="markers",
            name="aligned" if ok else "failed",
            showlegend=not rows.ok.all() and len(some) > 0,
            marker={"color": colour, "size": 8, "symbol": symbol},
            hovertemplate="%{customdata}: found %{y:.1f}°<extra></extra>",
        )
    drawn.update_xaxes(title_text="turned by (°)")
    drawn.update_yaxes(title_text="found (°)")
    drawn.update_layout(hovermode="closest")
    return drawn
