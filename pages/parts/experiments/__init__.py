"""The experiments of the spatial bench, one file each.

To add one: a file named after its kind (the `kind` of its request) that ends with `EXPERIMENT = Experiment(...)`, and its name
in the table below. `contract.py` says what belongs in it. The keys of its widgets are names in the URL and shared by all
experiments, so they begin with the kind: `key="align_family"`; the plain ones belong to rectify.
"""

from __future__ import annotations

from pages.parts.experiments import add, align, classify, locate, rectify
from pages.parts.experiments.contract import Experiment

EXPERIMENTS: dict[str, Experiment] = {
    module.EXPERIMENT.kind: module.EXPERIMENT for module in (rectify, classify, align, locate, add)
}
