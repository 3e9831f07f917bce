"""classify.py: a classification as one Python file that stands alone."""

from __future__ import annotations

import json
from pathlib import Path

from core.runs.registry import Run
from core.stn.classify.predict import DIGIT, INK, MIDDLE, classifier_from
from core.stn.classify.result import ClassifyResult
from core.stn.export.layers import source_of
from core.stn.export.program import filled, header, sampler_source, transformation
from core.stn.geometry.kernels import BROADEST, KERNELS
from core.stn.networks.classifiers import Classifier
from core.stn.networks.spec import ModelName

_TEMPLATES = Path(__file__).with_name("templates")


def _function(model: ModelName) -> str:
    return model.replace("-", "_")


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


def classify_script(run: Run, result: ClassifyResult) -> str:
    """classify.py: says what is in a picture as `predict.recognise` does with any model of this run."""
    spec = next(iter(result.specs.values()))
    first = next((name for name in result.models if result.specs[name].spatial), result.models[0])
    digit = {"clean": result.clean_side, "ink": INK, "digit": DIGIT, "middle": MIDDLE}
    return filled(
        "classify",
        _TEMPLATES,
        **header(run, spec.family),
        **transformation(spec.family),
        classes=json.dumps(result.classes, ensure_ascii=False),
        side=spec.side,
        points=spec.points or spec.side,
        channels=spec.channels,
        deep=spec.arrangement == "deep",
        padding=spec.padding,
        sampled=sampler_source(spec.kernel),
        sampler=filled(f"module_sampler{'_width' if KERNELS[spec.kernel].width else ''}", broadest=BROADEST).rstrip(),
        prepared=filled("picture_digit" if result.digits else "picture_square", _TEMPLATES, **digit).rstrip(),
        names=", ".join(result.models),
        networks="\n\n".join(_network(classifier_from(result, name)) for name in result.models).rstrip(),
        models="{" + ", ".join(f'"{name}": {_function(name)}' for name in result.models) + "}",
        first=first,
    )
