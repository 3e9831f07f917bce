"""Figures of a locate run: scenes with their boxes, and how they came to the object. From stored numbers alone.

A box is (s, x, y), see `clutter`: half its side and its middle, in the normalised coordinates of the scene.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import plotly.graph_objects as go
from PIL import Image, ImageDraw

from core.theme import PALETTES, Mode, figure

if TYPE_CHECKING:
    from core.stn.locate import LocateResult

HEIGHT = 300
ENLARGED = 2  # pixels of a drawn scene for one of its own
GAP = 4  # pixels between drawn scenes
BINS = 20


def scene(pixels: np.ndarray, box: np.ndarray | None, truth: np.ndarray) -> np.ndarray:
    """One scene (H, W, C), enlarged to (2H, 2W, 3), with the box that was predicted and, thin and grey, the object's own.

    The colours are those of dark screens, because scenes are dark. None: no boxes.
    """
    side = ENLARGED * pixels.shape[0]
    image = Image.fromarray(np.broadcast_to(pixels, (*pixels.shape[:2], 3)).astype(np.uint8))
    image = image.resize((side, side), Image.Resampling.NEAREST)
    if box is None:
        return np.asarray(image)
    draw = ImageDraw.Draw(image)
    draw.rectangle(_corners(truth, side), outline=PALETTES["dark"].muted, width=1)
    found = _overlap(box, truth) > 0.5
    draw.rectangle(_corners(box, side), outline=PALETTES["dark"].spatial if found else PALETTES["dark"].fail, width=2)
    return np.asarray(image)


def sheet(pixels: np.ndarray, boxes: np.ndarray | None, truth: np.ndarray, count: int, columns: int = 4) -> np.ndarray:
    """The first `count` scenes (N, H, W, C), with boxes (N, 3) if there are any, in rows: one picture (uint8, RGB)."""
    count = min(count, len(pixels))
    side = ENLARGED * pixels.shape[1] + GAP
    columns = min(columns, count)
    whole = np.full((-(-count // columns) * side - GAP, columns * side - GAP, 3), 128, np.uint8)
    for number in range(count):
        top, left = number // columns * side, number % columns * side
        drawn = scene(pixels[number], None if boxes is None else boxes[number], truth[number])
        whole[top : top + side - GAP, left : left + side - GAP] = drawn
    return whole


def _corners(box: np.ndarray, side: int) -> list[tuple[float, float]]:
    half, x, y = box.tolist()
    scale = side / 2
    low = ((x - half + 1) * scale, (y - half + 1) * scale)
    return [low, (max(low[0], (x + half + 1) * scale - 1), max(low[1], (y + half + 1) * scale - 1))]


def _overlap(box: np.ndarray, truth: np.ndarray) -> float:
    low = np.maximum(box[1:] - box[0], truth[1:] - truth[0])
    high = np.minimum(box[1:] + box[0], truth[1:] + truth[0])
    common = float(np.prod(np.clip(high - low, 0, None)))
    return common / float(4 * box[0] ** 2 + 4 * truth[0] ** 2 - common)


def success_over_training(result: LocateResult, mode: Mode = "light") -> go.Figure:
    """The share of images in which the object is found, and the mean overlap, by training step."""
    palette = PALETTES[mode]
    found = 100 * (result.film_overlaps > 0.5).mean(axis=1)
    mean = 100 * result.film_overlaps.mean(axis=1)
    drawn = figure(mode, HEIGHT)
    for name, values, colour, dash in (("found", found, palette.spatial, "solid"), ("overlap", mean, palette.muted, "dot")):
        drawn.add_scatter(
            x=result.film_steps,
            y=values,
            mode="lines",
            name=name,
            line={"color": colour, "width": 2, "dash": dash},
            hovertemplate=f"{name} %{{y:.0f}} %<extra></extra>",
        )
    drawn.update_xaxes(title_text="training step", rangemode="tozero")
    drawn.update_yaxes(title_text="%", range=[0, 102])
    return drawn


def overlap_histogram(result: LocateResult, mode: Mode = "light") -> go.Figure:
    """How well the boxes fit: images by their overlap with the object's own box; above 0.5 counts as found."""
    palette = PALETTES[mode]
    counts, edges = np.histogram(result.table.iou, bins=BINS, range=(0, 1))
    middles = (edges[:-1] + edges[1:]) / 2
    drawn = figure(mode, HEIGHT)
    drawn.add_bar(
        x=middles,
        y=counts,
        width=0.9 / BINS,
        marker={"color": [palette.spatial if middle > 0.5 else palette.fail for middle in middles]},
        customdata=np.stack([edges[:-1], edges[1:]], axis=-1),
        hovertemplate="%{y} images, overlap %{customdata[0]:.2f} to %{customdata[1]:.2f}<extra></extra>",
        showlegend=False,
    )
    drawn.add_vline(x=0.5, line={"color": palette.muted, "dash": "dash", "width": 1})
    drawn.update_xaxes(title_text="overlap (intersection over union)", range=[0, 1])
    drawn.update_yaxes(title_text="images", rangemode="tozero")
    drawn.update_layout(hovermode="closest")
    return drawn


def loss_curve(result: LocateResult, mode: Mode = "light") -> go.Figure:
    """The loss by training step; while the vote leads, its share is in it."""
    drawn = figure(mode, HEIGHT)
    drawn.add_scatter(
        x=result.loss_steps,
        y=result.loss,
        mode="lines",
        line={"color": PALETTES[mode].spatial, "width": 2},
        hovertemplate="loss %{y:.3f}<extra></extra>",
        showlegend=False,
    )
    drawn.update_xaxes(title_text="training step", rangemode="tozero")
    drawn.update_yaxes(title_text="loss", rangemode="tozero")
    return drawn
