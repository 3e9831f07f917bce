"""Figures of one training step, stage by stage, from its numbers alone."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
import plotly.graph_objects as go

from core.stn.drawing.grid_lines import grid_lines
from core.stn.warp.figures import DIVERGING
from core.theme import PALETTES, Mode, figure

if TYPE_CHECKING:
    from core.stn.warp.training_step import TrainingStep

HEIGHT = 400
ARROWS = 14  # along the longest side
_LONGEST_ARROW = 1.6  # distances between two arrows
_SHORTEST_ARROW = 0.04  # of the longest; shorter ones would be all head


def _picture(values: np.ndarray, mode: Mode) -> go.Figure:
    """Grey levels (H, W), 0 to 1, a pixel a square."""
    drawn = figure(mode, HEIGHT)
    drawn.add_heatmap(
        z=values.round(3), zmin=0, zmax=1, colorscale="Greys_r", showscale=False,
        hovertemplate="column %{x}, row %{y}: grey level %{z:.2f}<extra></extra>",
    )  # fmt: skip
    return _laid_out(drawn)


def _laid_out(drawn: go.Figure) -> go.Figure:
    drawn.update_xaxes(visible=False, constrain="domain")
    drawn.update_yaxes(visible=False, autorange="reversed", scaleanchor="x", constrain="domain")
    drawn.update_layout(hovermode="closest", showlegend=False)
    return drawn


def _signed(values: np.ndarray, name: str, mode: Mode) -> go.Figure:
    """Numbers (H, W) in colours that part at 0."""
    most = float(np.abs(values).max()) or 1.0
    drawn = figure(mode, HEIGHT)
    drawn.add_heatmap(
        z=values, zmin=-most, zmax=most, colorscale=DIVERGING[mode], colorbar={"thickness": 10, "outlinewidth": 0},
        hovertemplate=f"column %{{x}}, row %{{y}}: {name} %{{z:.2e}}<extra></extra>",
    )  # fmt: skip
    return _laid_out(drawn)


def _outline(drawn: go.Figure, step: TrainingStep, theta: np.ndarray, colour: str, lines: int, name: str) -> None:
    """The lines of a grid on the input."""
    height, width = step.image.shape
    for line in grid_lines(theta, width, height, lines):
        x, y = ((line + 1) / 2 * (width, height) - 0.5).T
        drawn.add_scatter(
            x=x, y=y, mode="lines", line={"color": colour, "width": 2}, hovertemplate=f"{name}<extra></extra>"
        )  # fmt: skip


def _squares(step: TrainingStep, mode: Mode) -> go.Figure:
    return _picture((step.output - step.image) ** 2, mode)


def _theta(step: TrainingStep, mode: Mode) -> go.Figure:
    drawn = _picture(step.image, mode)
    _outline(drawn, step, step.theta, PALETTES[mode].spatial, 2, "the edge of the output")
    return drawn


def _grid(step: TrainingStep, mode: Mode) -> go.Figure:
    drawn = _picture(step.image, mode)
    _outline(drawn, step, step.theta, PALETTES[mode].spatial, 13, "the grid")
    return drawn


def blocks(step: TrainingStep) -> tuple[np.ndarray, np.ndarray]:
    """Blocks of output pixels: where each looks on average, in pixels of the input, and Σ ∂L/∂T_θ(G) of its
    pixels: (N, 2) each."""
    height, width = step.image.shape
    side = max(1, -(-max(height, width) // ARROWS))
    row, column = (np.arange(length) // side for length in (height, width))
    block = (row[:, None] * (column[-1] + 1) + column).ravel()
    count = np.bincount(block)
    grid = (step.grid.reshape(-1, 2) + 1) / 2 * (width, height) - 0.5
    looks = np.stack([np.bincount(block, grid[:, axis]) / count for axis in (0, 1)], axis=-1)
    pulls = np.stack([np.bincount(block, step.by_grid.reshape(-1, 2)[:, axis]) for axis in (0, 1)], axis=-1)
    return looks, pulls


def _arrows(step: TrainingStep, mode: Mode) -> go.Figure:
    """−∂L/∂T_θ(G): where each place of the grid would move for a smaller loss."""
    drawn, palette = _picture(step.image, mode), PALETTES[mode]
    looks, pulls = blocks(step)
    longest = float(np.quantile(np.linalg.norm(pulls, axis=1), 0.98)) or 1.0
    apart = max(step.image.shape) / ARROWS
    steps = -pulls / longest * apart * _LONGEST_ARROW
    lengths = np.linalg.norm(steps, axis=1, keepdims=True)
    most = 2 * apart * _LONGEST_ARROW
    ends = looks + steps * np.minimum(1, most / np.maximum(lengths, 1e-12))
    moving = np.linalg.norm(pulls, axis=1) > _SHORTEST_ARROW * longest
    gap = np.full(int(moving.sum()), np.nan)
    x, y = (np.stack([looks[moving, axis], ends[moving, axis], gap], axis=-1).ravel() for axis in (0, 1))
    for colour, width in ((palette.paper, 4), (palette.fail, 1.75)):
        drawn.add_scatter(
            x=x, y=y, mode="lines+markers", line={"color": colour, "width": width}, hoverinfo="skip",
            marker={"symbol": "arrow", "angleref": "previous", "color": colour,
                    "size": [0, 5 + width, 0] * len(gap)},
        )  # fmt: skip
    drawn.update_xaxes(range=[-0.5, step.image.shape[1] - 0.5])
    drawn.update_yaxes(range=[step.image.shape[0] - 0.5, -0.5], autorange=False)
    return drawn


def _numbers(step: TrainingStep, mode: Mode) -> go.Figure:
    palette, drawn = PALETTES[mode], figure(mode, HEIGHT)
    drawn.add_bar(
        x=step.names, y=step.by_numbers, name="autograd", marker={"color": palette.spatial}, showlegend=False,
        customdata=step.by_difference, hovertemplate="∂L/∂%{x}: %{y:.3e}; by differences %{customdata:.3e}<extra></extra>",
    )  # fmt: skip
    drawn.update_yaxes(title_text="∂L/∂θ")
    return drawn


def _step(step: TrainingStep, mode: Mode) -> go.Figure:
    drawn = _picture(step.image, mode)
    _outline(drawn, step, step.theta, PALETTES[mode].muted, 2, "before the step")
    _outline(drawn, step, step.new_theta, PALETTES[mode].spatial, 2, "after the step")
    return drawn


STAGES: dict[str, tuple[Callable[[TrainingStep, Mode], go.Figure], str]] = {  # with the figure's alternative text
    "Input U": (lambda step, mode: _picture(step.image, mode), "The input, small and grey"),
    "θ": (_theta, "The edge of the output as θ lays it on the input"),
    "Grid T_θ(G)": (_grid, "The sampling grid on the input"),
    "Sample V": (lambda step, mode: _picture(step.output, mode), "The input sampled at the grid"),
    "Loss L": (_squares, "The squared difference of output and target"),
    "∂L/∂V": (lambda step, mode: _signed(step.by_output, "∂L/∂V", mode), "The gradient of the loss by every output pixel"),
    "∂L/∂T_θ(G)": (_arrows, "Arrows on the input: where each place of the grid would move for a smaller loss"),
    "∂L/∂θ": (_numbers, "The gradient of the loss by every number of θ, as bars"),
    "Step": (_step, "The edge of the output on the input, before the step in grey and after it"),
}
