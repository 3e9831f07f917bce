from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import InvalidRequest
from core.stn.geometry.kernels import KERNELS, PADDINGS, KernelName, Padding
from core.stn.geometry.kinds import in_square
from core.stn.geometry.sampling import sample
from core.stn.geometry.warping import Sampling, warp
from core.stn.warp.pixel_reading import reads, value_of, written_out

HEIGHT, WIDTH = 7, 9
IMAGE = np.random.default_rng(0).integers(0, 256, (HEIGHT, WIDTH, 3), dtype=np.uint8)
every_rule = pytest.mark.parametrize(("kernel", "padding"), [(k, p) for k in KERNELS for p in PADDINGS])
coordinates = st.floats(-2.5, 2.5)


def place(column: float, row: float) -> tuple[float, float]:
    return (2 * column + 1) / WIDTH - 1, (2 * row + 1) / HEIGHT - 1


@every_rule
@given(x=coordinates, y=coordinates)
@settings(max_examples=15, deadline=None)
def test_value_is_what_the_sampler_sees(kernel: KernelName, padding: Padding, x: float, y: float) -> None:
    image = torch.from_numpy(IMAGE).permute(2, 0, 1)[None].double()
    grid = torch.tensor([[[[x, y]]]], dtype=torch.float64)
    expected = sample(image, grid, padding, kernel, 0.6).flatten().numpy()
    assert np.allclose(value_of(reads(HEIGHT, WIDTH, (x, y), kernel, padding, 0.6), IMAGE), expected, atol=1e-6)


@every_rule
def test_value_is_the_pixel_of_the_warp_before_rounding(kernel: KernelName, padding: Padding) -> None:
    theta = np.array([[0.9, -0.4, 0.31], [0.4, 0.9, -0.22]])
    warped = warp(IMAGE, in_square(theta, WIDTH, HEIGHT), Sampling(kernel, padding))
    for row, column in ((0, 0), (3, 4), (6, 8)):
        x, y = theta @ (*place(column, row), 1)
        value = value_of(reads(HEIGHT, WIDTH, (x, y), kernel, padding), IMAGE).clip(0, 255)
        assert np.abs(warped[row, column] - value).max() <= 0.501


@every_rule
@given(x=coordinates, y=coordinates)
@settings(max_examples=15, deadline=None)
def test_weights_sum_to_one_and_lie_in_the_picture_unless_zeros_are_read(
    kernel: KernelName, padding: Padding, x: float, y: float
) -> None:
    table = reads(HEIGHT, WIDTH, (x, y), kernel, padding, 0.6).table
    full = (table.weight_x * table.weight_y).sum()
    assert full == pytest.approx(1)
    blank = table.outside if padding == "zeros" else np.zeros(len(table), bool)
    assert table.weight.sum() == pytest.approx(full - (table.weight_x * table.weight_y)[blank].sum())
    assert (table.weight[blank] == 0).all()
    counted = table if padding != "zeros" else table[~table.outside]
    assert counted.row.between(0, HEIGHT - 1).all()
    assert counted.column.between(0, WIDTH - 1).all()


def test_bilinear_reads_its_four_neighbours_from_the_top_left() -> None:
    reading = reads(HEIGHT, WIDTH, place(2.25, 4.5))
    assert (reading.column, reading.row) == pytest.approx((2.25, 4.5))
    assert (reading.x, reading.y) == place(2.25, 4.5)
    assert reading.table[["row", "column"]].to_numpy().tolist() == [[4, 2], [4, 3], [5, 2], [5, 3]]
    assert reading.table.weight.tolist() == pytest.approx([0.375, 0.125, 0.375, 0.125])
    assert not reading.table.outside.any()


@pytest.mark.parametrize(
    ("padding", "columns", "weights"),
    [("border", [0, 0], [0.7, 0.3]), ("zeros", [-2, -1], [0.0, 0.0]), ("reflection", [1, 0], [0.7, 0.3])],
)
def test_outside_the_picture_the_padding_answers(padding: Padding, columns: list[int], weights: list[float]) -> None:
    table = reads(HEIGHT, WIDTH, place(-1.7, 3), padding=padding).table.query("weight_y > 0")
    assert table.column.tolist() == columns
    assert table.outside.all()
    assert table.weight.tolist() == pytest.approx(weights)


def test_at_the_identity_one_pixel_has_all_the_weight() -> None:
    for kernel in KERNELS:
        table = reads(HEIGHT, WIDTH, place(5, 2), kernel).table
        assert table.query("row == 2 and column == 5").weight.item() == pytest.approx(1, abs=1e-6)


def test_sum_is_written_out_largest_first() -> None:
    image = np.arange(HEIGHT * WIDTH, dtype=np.uint8).reshape(HEIGHT, WIDTH)
    reading = reads(HEIGHT, WIDTH, place(2.2, 4.4))
    assert written_out(reading, image) == r"0.48 \cdot 38 + 0.32 \cdot 47 + 0.12 \cdot 39 + 0.08 \cdot 48 = 41.8"
    assert written_out(reading, image, terms=2) == r"0.48 \cdot 38 + 0.32 \cdot 47 + \dots = 41.8"


def test_negative_weights_are_subtracted_and_equal_pixels_are_one_term() -> None:
    image = np.full((HEIGHT, WIDTH, 3), 100, dtype=np.uint8)
    bicubic = written_out(reads(HEIGHT, WIDTH, place(3.5, 3.0), "bicubic"), image)
    assert bicubic == r"0.59 \cdot 100 + 0.59 \cdot 100 - 0.09 \cdot 100 - 0.09 \cdot 100 = 100.0"
    assert written_out(reads(HEIGHT, WIDTH, place(-4, -4)), image) == r"1.00 \cdot 100 = 100.0"


def test_nothing_but_zeros_is_written_as_zero() -> None:
    assert written_out(reads(HEIGHT, WIDTH, place(-4, -4), padding="zeros"), IMAGE) == "0 = 0.0"


def test_the_channel_is_chosen() -> None:
    reading = reads(HEIGHT, WIDTH, place(5, 2))
    assert written_out(reading, IMAGE, channel=2) == rf"1.00 \cdot {IMAGE[2, 5, 2]} = {IMAGE[2, 5, 2]}.0"


def test_a_picture_of_another_size_is_refused() -> None:
    with pytest.raises(InvalidRequest, match=r"picture is 7 × 9, the reading is of one 9 × 7"):
        value_of(reads(HEIGHT, WIDTH, (0.0, 0.0)), IMAGE.transpose(1, 0, 2))


def test_a_point_that_is_no_number_is_refused() -> None:
    with pytest.raises(InvalidRequest, match="finite"):
        reads(HEIGHT, WIDTH, (float("nan"), 0.0))
