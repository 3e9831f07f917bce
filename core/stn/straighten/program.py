"""straighten.py: a straighten run as one Python file that stands alone."""

from __future__ import annotations

from pathlib import Path

from core.runs.registry import Run
from core.stn.datasets.canvas_size import EXTENT, VIEW
from core.stn.export.layers import source_of
from core.stn.export.program import filled, header, sampler_source, transformation
from core.stn.geometry.families import FAMILIES
from core.stn.learning.belief import BELIEVED, RIGHT
from core.stn.straighten.checkpoint import localization_from
from core.stn.straighten.looking.doubt import LEARNED_FROM, STEEPNESS
from core.stn.straighten.looking.familiar import POOL
from core.stn.straighten.looking.looks import (
    ASTRAY,
    CLEARLY,
    CONVERGED,
    FAMILIAR,
    LOOKS,
    LOOKS_AGAIN,
    MET,
    SETTLING,
    SHRINKING,
    TIE,
    Looking,
)
from core.stn.straighten.predict import doubt_of
from core.stn.straighten.result import StraightenResult

_TEMPLATES = Path(__file__).with_name("templates")


def _look_source(sides: int) -> str:
    """How looking at a photo begins: straight ahead, or from all sides where it may stand on its head."""
    if sides == 1:
        return filled("look_ahead", _TEMPLATES).rstrip()
    return filled("look_around", _TEMPLATES, sides=sides, settling=SETTLING, astray=ASTRAY, tie=TIE).rstrip()


def _looking_source(result: StraightenResult, looking: Looking) -> dict[str, object]:
    """The numbers of `looking` and `doubt`, and the beginning."""
    calibration = doubt_of(result).calibration
    return {
        "looks": LOOKS,
        "looks_again": LOOKS_AGAIN,
        "shrinking": SHRINKING,
        "converged": CONVERGED,
        "bounds": f"{looking.smallest}, {looking.largest}, {looking.farthest}",
        "starts": [(start.rotation_deg, start.shift_x, start.shift_y) for start in looking.starts[1:]],
        "preferred": f"{FAMILIAR}, {CLEARLY}, {MET}",
        "intercept": calibration.intercept,
        "weights": str(calibration.weights),
        "floors": str(calibration.floors),
        "steepness": STEEPNESS,
        "learned_from": LEARNED_FROM,
        "believed": BELIEVED,
        "right": f"{RIGHT:g} degrees" if result.turns else f"{RIGHT:g} % of the short side",
        "pool": POOL,
        "look": _look_source(looking.sides),
        "start": filled(f"start_{FAMILIES[result.family].kind.name}").rstrip(),
    }


def straighten_script(run: Run, result: StraightenResult) -> str:
    """straighten.py: straightens a photo of any size, and doubts it, as `predict.straighten` does with this run."""
    network = localization_from(result.family, result.weights)
    layers = {name: source_of(getattr(network, name), depth=2) for name in ("features", "hidden", "params")}
    about = _looking_source(result, Looking.of(result.distortions)) | {"view": VIEW, "extent": EXTENT}
    about["sampled"] = sampler_source("bilinear")
    return filled("straighten", _TEMPLATES, **header(run, result.family), **transformation(result.family), **layers, **about)
