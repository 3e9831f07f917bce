"""`train locate` through the same entry as `python -m core`."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path

import numpy as np
import pytest

from core.stn.datasets.images import to_png
from core.stn.datasets.samples import digits
from tests.test_main import Command, gridcast, home  # noqa: F401  # fixtures


def pictures(count: int) -> dict[str, bytes]:
    return {f"{number}.png": to_png(np.repeat(image[..., None], 3, axis=2)) for number, image in enumerate(digits(3, count))}


@pytest.mark.slow
@pytest.mark.parametrize("as_zip", [False, True])
def test_a_folder_or_a_zip_counts_as_the_pictures_in_it(gridcast: Command, tmp_path: Path, as_zip: bool) -> None:  # noqa: F811
    path = tmp_path / ("mugs.zip" if as_zip else "mugs")
    if as_zip:
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w") as archive:
            for name, content in pictures(8).items():
                archive.writestr(name, content)
        path.write_bytes(packed.getvalue())
    else:
        path.mkdir()
        for name, content in pictures(8).items():
            (path / name).write_bytes(content)
    answer = json.loads(gridcast("train", "locate", path, "--images", "6", "--steps", "2", "--json").out)
    scores = answer.get("scores", answer)
    assert scores["held_back"] == 2
    assert 0 <= scores["iou_median_unseen"] <= 1
    assert scores["baseline_is"] in ("the brightest square", "always looking at the middle")
