"""A run as one Python file that needs nothing but torch and Pillow: written from templates and the run's own network.

The texts in `templates` are the program; what is put into them are the family, its kind of theta, and the layers. The weights
lie beside it in weights.safetensors, which the program reads by itself.
"""

from __future__ import annotations

import json
from pathlib import Path
from string import Template
from typing import TYPE_CHECKING

from core.stn.classifiers import Classifier, ModelName
from core.stn.families import FAMILIES, OFFSET_UNIT, PERSPECTIVE_UNIT, FamilyName
from core.stn.kernels import BROADEST, TRUNCATED_AT, KernelName
from core.stn.layers import source_of
from core.stn.projective import FAR, HORIZON
from core.stn.recognise import DIGIT, INK, MIDDLE, classifier_from
from core.stn.straighten import ASTRAY, LOOKS, SETTLING
from core.stn.views import EXTENT, VIEW
from core.stn.weights import localization_from

if TYPE_CHECKING:
    from core.runs.registry import Run
    from core.stn.classified import ClassifyResult
    from core.stn.rectified import RectifyResult

_TEMPLATES = Path(__file__).with_name("templates")
_KINDS: dict[FamilyName, str] = {"projective": "homography", "tps": "spline"}  # the others are matrices
_SHAPES = {
    "matrix": "a matrix (2, 3): (x_s, y_s) = theta (x_t, y_t, 1)",
    "homography": "a homography (3, 3), its last entry 1",
    "spline": "the source points (16, 2) of a thin plate spline whose control points form a regular 4 x 4 grid on -1 to 1",
}


def straighten_script(run: Run, result: RectifyResult) -> str:
    """straighten.py: straightens a photo of any size as `straighten.straighten` does with this run."""
    network = localization_from(result.family, result.weights)
    layers = {name: source_of(getattr(network, name), depth=2) for name in ("features", "hidden", "params")}
    about = {"looks": LOOKS, "view": VIEW, "extent": EXTENT, "look": _look(result.family, result.sides)}
    about["sampled"] = _sampled("bilinear")
    return _filled("straighten", **_header(run, result.family), **transformation(result.family), **layers, **about)


def _look(family: FamilyName, sides: int) -> str:
    """How a photo is looked at: straight ahead, or from all sides where it may stand on its head."""
    if sides == 1:
        return _filled("look_ahead").rstrip()
    around = _filled("look_around", sides=sides, settling=SETTLING, astray=ASTRAY)
    turned = _filled(f"turned_{_kind(family)}")
    return f"{turned}\n\n{around}".rstrip()


def classify_script(run: Run, result: ClassifyResult) -> str:
    """classify.py: tells what is in a picture as `recognise.recognise` does with any model of this run."""
    spec = next(iter(result.specs.values()))
    first = next((name for name in result.models if result.specs[name].spatial), result.models[0])
    digit = {"clean": result.clean_side, "ink": INK, "digit": DIGIT, "middle": MIDDLE}
    gaussian = spec.kernel == "gaussian"
    return _filled(
        "classify",
        **_header(run, spec.family),
        **transformation(spec.family),
        classes=json.dumps(result.classes, ensure_ascii=False),
        side=spec.side,
        channels=spec.channels,
        deep=spec.arrangement == "deep",
        padding=spec.padding,
        sampled=_sampled(spec.kernel),
        sampler=_filled("module_sampler_gaussian" if gaussian else "module_sampler", broadest=BROADEST).rstrip(),
        prepared=_filled("picture_digit" if result.digits else "picture_square", **digit).rstrip(),
        names=", ".join(result.models),
        networks="\n\n".join(_network(classifier_from(result, name)) for name in result.models).rstrip(),
        models="{" + ", ".join(f'"{name}": {_function(name)}' for name in result.models) + "}",
        first=first,
    )


def _network(network: Classifier) -> str:
    """A function that builds one classifier."""
    localizers = network.transformers.localizers if network.transformers else ()
    listed = "".join(f"            {source_of(localizer, depth=3)},\n" for localizer in localizers)
    parts = {
        "body": source_of(network.body, depth=2),
        "localizers": f"[\n{listed}        ]" if listed else "[]",
        "halved": str(network.pools),
    }
    inner = "".join(f"        {name}={source},\n" for name, source in parts.items())
    return f"def {_function(network.spec.model)}() -> Network:\n    return Network(\n{inner}    )\n"


def _function(model: ModelName) -> str:
    return model.replace("-", "_")


def _sampled(kernel: KernelName) -> str:
    """How an image is read: by torch's own sampler, or neighbour by neighbour where it has no such kernel."""
    if kernel in ("bilinear", "bicubic"):
        return _filled("sampler_fused", mode=kernel).rstrip()
    return f"{_filled(f'kernel_{kernel}', truncated=TRUNCATED_AT)}\n\n{_filled('sampler_gathered')}".rstrip()


def _kind(family: FamilyName) -> str:
    return _KINDS.get(family, "matrix")


def transformation(family: FamilyName) -> dict[str, str]:
    """What the templates need of a family: how numbers become theta, what theta does, and what all programs share."""
    kind = _kind(family)
    units = {"PERSPECTIVE_UNIT": PERSPECTIVE_UNIT, "OFFSET_UNIT": OFFSET_UNIT, "FAR": FAR, "HORIZON": HORIZON}
    parts = {"kind": f"kind_{kind}", "theta_of": f"family_{family}", "common": "common"}
    return {name: _filled(part, **units).rstrip() for name, part in parts.items()} | {"shape": _SHAPES[kind]}


def _header(run: Run, family: FamilyName) -> dict[str, str]:
    return {"run": run.id, "title": _quotable(run.title), "family": FAMILIES[family].title}


def _quotable(text: str) -> str:
    """A title that stays inside the docstring it is put into, whatever file name is in it."""
    return " ".join(text.replace("\\", "/").replace('"', "'").split())


def _filled(template: str, **values: object) -> str:
    return Template((_TEMPLATES / f"{template}.py.txt").read_text()).substitute(values)
