from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from core.stn.align.figures import recovered_against_turned, variance_while_aligning
from core.stn.align.result import AlignResult

GREY = np.full((40, 40, 3), 90, np.uint8)


def result(ok: tuple[bool, ...] = (True, True, False)) -> AlignResult:
    """A result by hand: three images, found 5° beyond what they were turned by."""
    picture = np.zeros((4, 4, 3), np.uint8)
    images = pd.DataFrame(
        {"name": ["a", "b", "c"], "angle_deg": [15.0, 25.0, -5.0], "turned_deg": [10.0, 20.0, -10.0], "ok": ok}
    )
    return AlignResult(
        family="similarity", seconds=1.0, steps=3, variance_before=0.05, variance_after=0.02, sharpness_before=1.0,
        sharpness_after=2.0, images=images, thetas=np.zeros((3, 2, 3)), before={"0": picture}, after={"0": picture},
        mean_before=picture, mean_after=picture, film=picture[None], film_variance=[0.04, 0.03, 0.02],
        film_seconds=[0.0, 1.0, 2.0],
    )  # fmt: skip


def test_variance_is_drawn_as_a_share_of_what_it_was() -> None:
    [line] = variance_while_aligning(result()).data
    assert list(line.y) == pytest.approx([100, 75, 50])


def test_a_common_offset_is_no_error() -> None:
    line, aligned, flagged = recovered_against_turned(result()).data
    assert [y - x for x, y in zip(line.x, line.y, strict=True)] == [5, 5]
    assert list(aligned.x) == [10, 20]
    assert list(flagged.x) == [-10]
    assert aligned.showlegend
    assert flagged.showlegend


def test_the_legend_is_left_out_when_none_is_flagged() -> None:
    assert not any(trace.showlegend for trace in recovered_against_turned(result((True,) * 3)).data)
