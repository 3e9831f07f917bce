"""The straightener of pages that comes with the lab."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from PIL import Image
from scipy import ndimage

from core.stn.datasets.samples import sample
from core.stn.geometry.pixels import to_grey
from core.stn.learning.belief import BELIEVED, Calibration
from core.stn.networks.weights import weights_of
from core.stn.straighten.baseline.deskew import lines_in
from core.stn.straighten.pages.answer import FILE, from_file, shipped, straighten_page, to_file
from core.stn.straighten.pages.ways import WAYS, Curves, chosen, errors_of
from tests.stn.straighten.pages import noise, page

PAPER = (245, 240, 230)
TILTS = (-31.0, 6.4)  # degrees


def turned(degrees: float, size: int = 14) -> np.ndarray:
    return np.asarray(Image.fromarray(page(size)).rotate(degrees, Image.Resampling.BICUBIC, fillcolor=PAPER))


def in_shadow(picture: np.ndarray) -> np.ndarray:
    """A half of it in a deep shadow, on a dark table."""
    y, x = np.mgrid[: picture.shape[0], : picture.shape[1]]
    dark = np.where((0.8 * x + 0.6 * y > 260)[..., None], 0.35 * picture, picture).astype(np.uint8)
    return np.pad(dark, ((60, 60), (60, 60), (0, 0)), constant_values=30)


def radon_skew(picture: np.ndarray, angles: np.ndarray) -> float:
    """The turn at which the sums along lines differ most from line to line: a Radon transform, by turning the picture."""
    ink = 255.0 - to_grey(picture)[..., 0]
    inside = np.hypot(*(np.indices(ink.shape) - (ink.shape[0] - 1) / 2)) < ink.shape[0] / 2
    sums = [ndimage.rotate(ink * inside, -angle, reshape=False, order=1).sum(1) for angle in angles]
    return float(angles[np.argmax([(np.diff(one) ** 2).sum() for one in sums])])


def test_it_is_small_and_says_how_it_was_made() -> None:
    assert FILE.stat().st_size < 2_000_000
    assert shipped().made["steps"] > 1_000
    assert set(shipped().curves) == set(WAYS)


def test_it_is_read_as_it_was_written() -> None:
    again = from_file(to_file(weights_of(shipped().network), shipped().curves, shipped().made))
    assert again.curves == shipped().curves
    assert again.answers([turned(6.4)]).equals(shipped().answers([turned(6.4)]))


def test_known_tilts_are_told_by_every_way_and_by_a_radon_transform() -> None:
    answers = shipped().answers([turned(degrees) for degrees in TILTS])
    assert errors_of(answers.network_deg.to_numpy(), np.array(TILTS)).max() < 1.0
    assert errors_of(answers.lines_deg.to_numpy(), np.array(TILTS)).max() < 0.2
    assert errors_of(answers.angle_deg.to_numpy(), np.array(TILTS)).max() < 0.3
    assert (answers.belief >= BELIEVED).all()
    near = radon_skew(turned(TILTS[1]), np.arange(4.4, 8.5, 0.2))
    assert answers.angle_deg[1] == pytest.approx(near, abs=0.3)


def test_in_a_shadow_on_a_table_lines_alone_fail_and_the_choice_does_not() -> None:
    picture = in_shadow(turned(17.0))
    answer = straighten_page(picture)
    assert abs(lines_in(picture, 45).angle_deg - 17) > 2
    assert answer.straight.angle_deg == pytest.approx(17, abs=1)
    assert answer.way != "lines"
    assert answer.straight.image.shape == picture.shape


@pytest.mark.parametrize("name", ["chelsea", "coffee", "noise"])
def test_what_is_no_page_is_not_believed(name: str) -> None:
    assert not straighten_page(noise() if name == "noise" else sample(name).pixels).straight.believed


def test_the_way_that_is_likeliest_to_be_close_counts_and_is_believed_as_it_is_likely_to_be_right() -> None:
    def sure(intercept: float) -> Calibration:
        return Calibration(intercept, (0.0,), (1.0,))

    def curves(close: float, right: float) -> Curves:
        return Curves(sure(close), sure(right))

    columns = {column: [1.0] for way in WAYS.values() for column in (way.column, *way.distances)}
    evidence = pd.DataFrame(columns).assign(network_deg=[1.0], lines_deg=[2.0], nearby_deg=[3.0])
    row = chosen(evidence, {"network": curves(0, 3), "lines": curves(1, 0), "nearby": curves(-1, 9)}).iloc[0]
    assert (row.way, row.angle_deg, row.belief) == ("lines", 2.0, 0.5)


def test_a_curve_is_fitted_to_the_errors_of_its_own_way() -> None:
    random = np.random.default_rng(0)
    way, apart = replace(WAYS["lines"], distances={"apart": 0.1}), random.uniform(0, 10, 200)
    evidence = pd.DataFrame({"lines_deg": apart, "network_deg": 0.0, "apart": apart})
    belief = way.fitted(evidence, np.zeros(200), 2.0).belief(np.array([[0.5], [9.0]]))
    assert belief[0] > 0.9
    assert belief[1] < 0.1
