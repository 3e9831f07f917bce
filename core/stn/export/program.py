"""A run as one Python file that needs nothing but torch and Pillow: written from templates and the run's own network.

The texts in `templates`, here and in an experiment's own folder, are the program; what is put into them are the family, its
kind of theta, and the layers. The weights lie beside it in weights.safetensors, which the program reads by itself.
"""

from __future__ import annotations

from pathlib import Path
from string import Template

from core.runs.registry import Run
from core.stn.geometry.families import FAMILIES, OFFSET_UNIT, PERSPECTIVE_UNIT, FamilyName
from core.stn.geometry.kernels import KERNELS, TRUNCATED_AT, KernelName
from core.stn.geometry.kinds import FAR, HORIZON

TEMPLATES = Path(__file__).with_name("templates")


def filled(template: str, folder: Path = TEMPLATES, **values: object) -> str:
    """A text of the templates that all programs share, or of an experiment's own folder, with the values put in."""
    return Template((folder / f"{template}.py.txt").read_text()).substitute(values)


def transformation(family: FamilyName) -> dict[str, str]:
    """What the templates need of a family: how numbers become theta, what theta does, and what all programs share."""
    kind = FAMILIES[family].kind
    units = {"PERSPECTIVE_UNIT": PERSPECTIVE_UNIT, "OFFSET_UNIT": OFFSET_UNIT, "FAR": FAR, "HORIZON": HORIZON}
    parts = {"kind": f"kind_{kind.name}", "theta_of": f"family_{family}", "common": "common"}
    return {name: filled(part, TEMPLATES, **units).rstrip() for name, part in parts.items()} | {"shape": kind.title}


def sampler_source(kernel: KernelName) -> str:
    """How an image is read: by torch's own sampler, or neighbour by neighbour where it has no such kernel."""
    row = KERNELS[kernel]
    if row.in_torch is not None and not row.rounds:
        return filled("sampler_fused", mode=row.in_torch).rstrip()
    return f"{filled(f'kernel_{kernel}', truncated=TRUNCATED_AT)}\n\n{filled('sampler_gathered')}".rstrip()


def _quotable(text: str) -> str:
    """A title that stays inside the docstring it is put into, whatever file name is in it."""
    return " ".join(text.replace("\\", "/").replace('"', "'").split())


def header(run: Run, family: FamilyName) -> dict[str, str]:
    return {"run": run.id, "title": _quotable(run.title), "family": FAMILIES[family].title}
