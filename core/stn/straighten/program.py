"""straighten.py: a straighten run as one Python file that stands alone."""

from __future__ import annotations

from pathlib import Path

from core.runs.registry import Run
from core.stn.datasets.canvas_size import EXTENT, VIEW
from core.stn.export.layers import source_of
from core.stn.export.program import filled, header, sampler_source, transformation
from core.stn.geometry.families import FAMILIES, FamilyName
from core.stn.straighten.checkpoint import localization_from
from core.stn.straighten.predict import ASTRAY, SETTLING
from core.stn.straighten.result import LOOKS, StraightenResult

_TEMPLATES = Path(__file__).with_name("templates")


def _look_source(family: FamilyName, sides: int) -> str:
    """How a photo is looked at: straight ahead, or from all sides where it may stand on its head."""
    if sides == 1:
        return filled("look_ahead", _TEMPLATES).rstrip()
    around = filled("look_around", _TEMPLATES, sides=sides, settling=SETTLING, astray=ASTRAY)
    turned = filled(f"turned_{FAMILIES[family].kind.name}")
    return f"{turned}\n\n{around}".rstrip()


def straighten_script(run: Run, result: StraightenResult) -> str:
    """straighten.py: straightens a photo of any size as `predict.straighten` does with this run."""
    network = localization_from(result.family, result.weights)
    layers = {name: source_of(getattr(network, name), depth=2) for name in ("features", "hidden", "params")}
    about = {"looks": LOOKS, "view": VIEW, "extent": EXTENT, "look": _look_source(result.family, result.sides)}
    about["sampled"] = sampler_source("bilinear")
    return filled("straighten", _TEMPLATES, **header(run, result.family), **transformation(result.family), **layers, **about)
