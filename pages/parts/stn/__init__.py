"""The experiments of the spatial bench, one file each.

To add one: a file named after its kind (the `kind` of its request) that ends with `EXPERIMENT = Experiment(...)`, and its name
in the table below. `contract.py` says what belongs in it. The keys of its widgets are names in the URL and shared by all
experiments, so they begin with the kind: `key="align_family"`; the plain ones belong to rectify.
"""

from __future__ import annotations

from pages.parts.stn import add_form as add
from pages.parts.stn import align_form as align
from pages.parts.stn import classify_form as classify
from pages.parts.stn import locate_form as locate
from pages.parts.stn import straighten_form as rectify
from pages.parts.stn.experiment import Experiment

EXPERIMENTS: dict[str, Experiment] = {
    module.EXPERIMENT.kind: module.EXPERIMENT for module in (rectify, classify, align, locate, add)
}
