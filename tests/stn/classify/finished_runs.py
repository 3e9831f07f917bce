"""A finished classification without the training: networks with some weights, and what they make of a few digits."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, get_args

import numpy as np
import pandas as pd
import torch

from core.stn.classify.result import ClassifyResult
from core.stn.datasets.samples import sample, sample_names
from core.stn.learning.diagnosis import Diagnosis
from core.stn.networks.classifiers import Classifier, build
from core.stn.networks.spec import ModelName, Spec
from core.stn.networks.stored import merged
from core.stn.networks.weights import weights_of

STAGES, SHOWN = 3, 4
ALL: tuple[ModelName, ...] = get_args(ModelName)


def network_of(spec: Spec) -> Classifier:
    """One whose transformers look somewhere, but that has learned nothing."""
    network = build(spec, seed=3).eval()
    torch.manual_seed(4)
    with torch.no_grad():
        for localizer in network.transformers.localizers if network.transformers else ():
            localizer[-1].weight.normal_(std=0.2)
        for name, statistics in network.named_buffers():
            if name.endswith(("running_mean", "running_var")):
                statistics.add_(0.1 * torch.rand_like(statistics))
    return network


def result_of(models: tuple[ModelName, ...] = ("cnn", "st-cnn"), digits: bool = True, **settings: Any) -> ClassifyResult:
    spec = Spec("st-cnn", classes=3, width=8, **settings)
    specs = {name: replace(spec, model=name) for name in models}
    networks = {name: network_of(one) for name, one in specs.items()}
    images = np.random.default_rng(0).integers(0, 255, (SHOWN, spec.channels, spec.side, spec.side)).astype(np.uint8)
    thetas = {name: _path(network, images) for name, network in networks.items() if network.transformers}
    empty: dict[str, Any] = {name: pd.DataFrame({"model": []}) for name in ("losses", "robustness", "thetas", "path")}
    return ClassifyResult(
        digits="shipped" if digits else None,
        distortion="R",
        family=spec.family,
        kernel=spec.kernel,
        transformers=spec.transformers,
        arrangement=spec.arrangement,
        classes=("nought", "'one'", "zwölf"),
        specs=specs,
        folds=1,
        draws=1,
        learned_from=10,
        clean_side=28,
        seconds=2.0,
        model_seconds=dict.fromkeys(models, 1.0),
        model_steps=dict.fromkeys(models, 5),
        truth=np.zeros(3, np.int16),
        names=[],
        answers={name: np.zeros((1, 3), np.int16) for name in models},
        path_images=images,
        path_thetas=thetas,
        path_steps={name: [10 * stage for stage in range(STAGES)] for name in thetas},
        health=dict.fromkeys(models, Diagnosis("good", "It learns.")),
        examples=images[None],
        example_outputs={},
        means=images,
        mean_outputs={},
        weights=merged({name: weights_of(network) for name, network in networks.items()}),
        **empty,
    )


def _path(network: Classifier, images: np.ndarray) -> np.ndarray:
    assert network.transformers is not None
    with torch.no_grad():
        thetas = torch.stack(network.transformers.thetas(torch.from_numpy(images).float() / 255))
    return torch.stack([thetas] * STAGES).numpy()


def pictures() -> list[np.ndarray]:
    """Three pictures of one's own: photos and digits, uint8 (H, W, 3)."""
    chosen = [name for name in sample_names() if name in ("chelsea", "coffee", "text")]
    return [np.ascontiguousarray(sample(name).pixels[::2, ::2]) for name in chosen]
