from __future__ import annotations

import pytest

from core.stn.classify.request import ClassifyRequest
from core.stn.classify.run import specs_of
from core.stn.classify.task import digits_task
from core.stn.datasets.digits import shipped
from core.stn.learning.digit_recipes import SHORT_RUN, is_of_the_table
from core.stn.paper import table as paper_table

MODELS = ("fcn", "cnn", "st-fcn", "st-cnn", "modern-cnn")


@pytest.mark.parametrize("name", paper_table.SETS)
def test_a_long_request_trains_the_networks_of_the_papers_table(name: paper_table.SetName) -> None:
    request = ClassifyRequest(digits="shipped", distortion=name, models=MODELS, budget=SHORT_RUN)
    for spec in specs_of(request, digits_task(shipped())):
        assert spec == paper_table.spec_of(name, spec.model, "affine" if spec.spatial else None)


@pytest.mark.parametrize("name", paper_table.SETS)
def test_a_short_request_trains_them_too_or_the_screen_says_that_it_does_not(name: paper_table.SetName) -> None:
    request = ClassifyRequest(digits="shipped", distortion=name, models=MODELS, budget=20)
    same = [
        spec == paper_table.spec_of(name, spec.model, "affine" if spec.spatial else None)
        for spec in specs_of(request, digits_task(shipped()))
    ]
    assert all(same) == is_of_the_table(name, 20)
    assert is_of_the_table(name, 20) == (name != "RTS")
