"""Words upon the cells of a heat map."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go
from plotly.colors import hex_to_rgb, sample_colorscale, unlabel_rgb

_LUMINANCE = np.array([0.2126, 0.7152, 0.0722])  # of red, green and blue (WCAG 2.2, relative luminance)


def label_cells(drawn: go.Figure, words: list[list[str]], size: float = 12) -> None:
    """Write words (rows, columns) upon the only trace of a figure, a heat map, each in black or white, whichever reads better.

    So the contrast is at least 4.5 to 1 (WCAG 2.2, 1.4.3); Plotly's own choice of white or grey falls short of it half way.
    """
    [cells] = drawn.data
    places = [(row, column) for row, line in enumerate(words) for column, word in enumerate(line) if word]
    if not places:
        return
    share = np.clip((np.asarray(cells.z, float) - cells.zmin) / (cells.zmax - cells.zmin), 0, 1)
    shades = sample_colorscale([list(stop) for stop in cells.colorscale], [float(share[place]) for place in places])
    drawn.add_scatter(
        x=[cells.x[column] for _, column in places],
        y=[cells.y[row] for row, _ in places],
        text=[words[row][column] for row, column in places],
        mode="text",
        textfont={"size": size, "color": [_readable(shade) for shade in shades]},
        hoverinfo="skip",
        showlegend=False,
    )


def contrast(one: str, other: str) -> float:
    """Of two colours, "#0F766E" or "rgb(15, 118, 110)": from 1 to 21."""
    darker, lighter = sorted((_luminance(one), _luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def _readable(shade: str) -> str:
    return max("#000000", "#FFFFFF", key=lambda colour: contrast(colour, shade))


def _luminance(colour: str) -> float:
    channels = np.array(hex_to_rgb(colour) if colour.startswith("#") else unlabel_rgb(colour)) / 255
    return float(np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4) @ _LUMINANCE)
