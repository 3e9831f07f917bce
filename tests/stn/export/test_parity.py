"""The parity report says where an exported network differs, and the export fails there."""

from __future__ import annotations

import json

import pytest

from core.errors import ExportDiffers
from core.stn.export.parity import TOLERANCE, Compared, check, report
from tests.stn.straighten.finished_runs import StandIn

AGREES = Compared("straighten.onnx", "1: cat", 1e-6, 1e-5, 1e-6)


@pytest.mark.parametrize(
    "other",
    [
        Compared("straighten.onnx", "2: tied vote", 0.41, 0.3, 0.0),
        Compared("straighten.onnx", "2: tied vote", 0.0, 2 * TOLERANCE),
        Compared("classify.onnx", "2: tied vote", 0.0, 0.0, 0.2),
    ],
)
def test_an_export_that_differs_on_one_image_fails_and_names_it(other: Compared) -> None:
    files = report(StandIn(), [AGREES, other], "")  # type: ignore[arg-type]
    assert json.loads(files["parity.json"])["agrees"] is False
    assert "DO NOT AGREE" in files["PARITY.md"].decode()
    with pytest.raises(ExportDiffers, match=r"differ by 0\.\S+ on 2: tied vote"):
        check(files)


def test_an_export_that_agrees_passes() -> None:
    check(report(StandIn(), [AGREES], ""))  # type: ignore[arg-type]
