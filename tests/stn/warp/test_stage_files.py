"""What is saved of the stage, against the warp that it shows."""

from __future__ import annotations

import base64
from xml.etree import ElementTree as Xml

import numpy as np
import torch
from torch.nn.functional import affine_grid

from core.stn.datasets.images import from_png
from core.stn.geometry.warping import Bend
from core.stn.warp.stage_files import grid_table, stage_svg

SVG = "{http://www.w3.org/2000/svg}"
THETA = np.array([[0.5, -0.2, 0.1], [0.2, 0.5, 0.3]])


def test_the_table_holds_theta_and_where_every_output_pixel_looks() -> None:
    table = grid_table(Bend(THETA, 6, 6))
    theta, grid = (table[table.what == what] for what in ("theta", "grid"))
    assert theta.value.tolist() == THETA.ravel().tolist()
    torchs = affine_grid(torch.as_tensor(THETA)[None], [1, 1, 6, 6], align_corners=False)[0]
    np.testing.assert_allclose(grid[["x", "y"]].to_numpy().reshape(6, 6, 2), torchs, atol=1e-12)
    assert grid[["row", "column"]].iloc[7].tolist() == [1, 1]


def test_the_drawing_holds_both_pictures_and_the_lines_where_theta_puts_them() -> None:
    source, output = (np.random.default_rng(seed).integers(0, 256, (128, 128, 3), np.uint8) for seed in (0, 1))
    svg = Xml.fromstring(stage_svg(source, output, Bend(THETA, 128, 128), "dark"))
    pictures = [base64.b64decode(image.attrib["href"].split(",")[1]) for image in svg.iter(f"{SVG}image")]
    for drawn, given in zip(pictures, (source, output), strict=True):
        np.testing.assert_array_equal(from_png(drawn), given)
    first = next(svg.iter(f"{SVG}polyline")).attrib["points"].split()[0]  # the upper left corner of the output
    corner = (THETA @ [-1, -1, 1] + 1) / 2 * 256
    np.testing.assert_allclose([float(number) for number in first.split(",")], corner, atol=0.01)


def test_the_same_drawing_of_a_spline_and_of_a_wide_picture_can_be_read() -> None:
    from core.stn.warp.controls import identity_of

    wide = np.zeros((20, 400, 3), np.uint8)
    svg = Xml.fromstring(stage_svg(wide, wide, Bend(identity_of("tps"), 20, 400), "light"))
    assert float(svg.attrib["width"]) > 2 * float(svg.attrib["height"])
