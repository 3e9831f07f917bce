"""A run as one Python file that needs nothing but torch and Pillow: written from templates and the run's own network.

The texts in `templates` are the program; what is put into them are the family, its kind of theta, and the layers. The weights
lie beside it in weights.safetensors, which the program reads by itself.
"""

from __future__ import annotations

from pathlib import Path
from string import Template
from typing import TYPE_CHECKING

from core.stn.geometry.families import FAMILIES, OFFSET_UNIT, PERSPECTIVE_UNIT, FamilyName
from core.stn.geometry.homography import FAR, HORIZON
from core.stn.geometry.kernels import TRUNCATED_AT, KernelName

if TYPE_CHECKING:
    from core.runs.registry import Run

_TEMPLATES = Path(__file__).with_name("templates")
_KINDS: dict[FamilyName, str] = {"projective": "homography", "tps": "spline"}  # the others are matrices
_SHAPES = {
    "matrix": "a matrix (2, 3): (x_s, y_s) = theta (x_t, y_t, 1)",
    "homography": "a homography (3, 3), its last entry 1",
    "spline": "the source points (16, 2) of a thin plate spline whose control points form a regular 4 x 4 grid on -1 to 1",
}


def sampler_source(kernel: KernelName) -> str:
    """How an image is read: by torch's own sampler, or neighbour by neighbour where it has no such kernel."""
    if kernel in ("bilinear", "bicubic"):
        return filled("sampler_fused", mode=kernel).rstrip()
    return f"{filled(f'kernel_{kernel}', truncated=TRUNCATED_AT)}\n\n{filled('sampler_gathered')}".rstrip()


def kind_of_theta(family: FamilyName) -> str:
    return _KINDS.get(family, "matrix")


def transformation(family: FamilyName) -> dict[str, str]:
    """What the templates need of a family: how numbers become theta, what theta does, and what all programs share."""
    kind = kind_of_theta(family)
    units = {"PERSPECTIVE_UNIT": PERSPECTIVE_UNIT, "OFFSET_UNIT": OFFSET_UNIT, "FAR": FAR, "HORIZON": HORIZON}
    parts = {"kind": f"kind_{kind}", "theta_of": f"family_{family}", "common": "common"}
    return {name: filled(part, **units).rstrip() for name, part in parts.items()} | {"shape": _SHAPES[kind]}


def header(run: Run, family: FamilyName) -> dict[str, str]:
    return {"run": run.id, "title": _quotable(run.title), "family": FAMILIES[family].title}


def _quotable(text: str) -> str:
    """A title that stays inside the docstring it is put into, whatever file name is in it."""
    return " ".join(text.replace("\\", "/").replace('"', "'").split())


def filled(template: str, **values: object) -> str:
    return Template((_TEMPLATES / f"{template}.py.txt").read_text()).substitute(values)
