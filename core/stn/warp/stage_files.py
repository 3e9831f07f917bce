"""The stage of /warp as files: both pictures with their grids as one SVG, and theta with the whole grid as a table."""

from __future__ import annotations

from collections.abc import Sequence
from xml.etree import ElementTree as Xml

import numpy as np
import pandas as pd

from core.lines import Mode
from core.stn.datasets.images import to_png
from core.stn.drawing.grid_lines import grid_lines
from core.stn.geometry.warping import Bend
from core.system.data_address import data_address
from core.theme import PALETTES

MARGIN = 0.15  # share of the longest side that is left free around a picture
LINE = 1.5  # width of the grid's lines
STILL = np.array([[1.0, 0, 0], [0, 1, 0]])


def stage_svg(source: np.ndarray, output: np.ndarray, bend: Bend, mode: Mode) -> bytes:
    """The input with the sampling grid, red where it lies outside, beside the output with its own.

    Pictures (H, W, 3), uint8; a unit of the drawing is a pixel of them, if they are at least 256 pixels wide.
    """
    palette, scale = PALETTES[mode], max(1.0, 256 / bend.width)
    width, height = bend.width * scale, bend.height * scale
    free = MARGIN * max(width, height)
    size = {"width": f"{2 * width + 4 * free:g}", "height": f"{height + 2 * free:g}"}
    svg = Xml.Element(
        "svg", {"xmlns": "http://www.w3.org/2000/svg", "viewBox": f"0 0 {size['width']} {size['height']}", **size}
    )
    _add(svg, "rect", fill=palette.paper, **size)
    clip = _add(_add(svg, "defs"), "clipPath", id="picture")
    edge = LINE / 2  # what lies on the edge does not look outside
    around = {"x": -edge, "y": -edge, "width": width + LINE, "height": height + LINE}
    _add(clip, "rect", **around)
    grid = grid_lines(bend.theta, bend.width, bend.height)
    left = _add(svg, "g", transform=f"translate({free:g} {free:g})")
    _lines(left, grid, width, height, palette.fail)
    _add(left, "rect", fill=palette.paper, **around)
    _picture(left, source, width, height)
    _lines(_add(left, "g", **{"clip-path": "url(#picture)"}), grid, width, height, palette.spatial)
    right = _add(svg, "g", transform=f"translate({width + 3 * free:g} {free:g})")
    _picture(right, output, width, height)
    _lines(right, grid_lines(STILL, bend.width, bend.height), width, height, palette.spatial)
    return Xml.tostring(svg)


def _add(parent: Xml.Element, name: str, **attributes: str | float) -> Xml.Element:
    return Xml.SubElement(parent, name, {key: str(value) for key, value in attributes.items()})


def _picture(parent: Xml.Element, pixels: np.ndarray, width: float, height: float) -> None:
    address = data_address(to_png(pixels), "image/png")
    _add(parent, "image", href=address, width=width, height=height, style="image-rendering: pixelated")


def _lines(parent: Xml.Element, lines: Sequence[np.ndarray], width: float, height: float, colour: str) -> None:
    group = _add(parent, "g", fill="none", stroke=colour, **{"stroke-width": LINE})
    for line in lines:
        places = (line + 1) / 2 * (width, height)
        _add(group, "polyline", points=" ".join(f"{x:.2f},{y:.2f}" for x, y in places))


def grid_table(bend: Bend) -> pd.DataFrame:
    """Theta number by number, then where every pixel of the output looks.

    Columns: what ("theta" or "grid"), row and column (of theta, or of the output pixel), value (of theta, square coordinates),
    x and y (of the grid, in the frame's own coordinates: ±1 are the edges of the input).
    """
    x, y = np.moveaxis(bend.exact[0].numpy(), -1, 0)
    theta = _places("theta", bend.theta.shape).assign(value=bend.theta.ravel())
    grid = _places("grid", (bend.height, bend.width)).assign(x=x.ravel(), y=y.ravel())
    return pd.concat([theta, grid], ignore_index=True)


def _places(what: str, shape: tuple[int, ...]) -> pd.DataFrame:
    row, column = (place.ravel() for place in np.indices(shape))
    return pd.DataFrame({"what": what, "row": row, "column": column})
