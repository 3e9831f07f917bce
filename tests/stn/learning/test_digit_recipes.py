from __future__ import annotations

import pytest

from core.stn.classify.request import ClassifyRequest
from core.stn.classify.run import specs_of
from core.stn.classify.task import digits_task
from core.stn.datasets.digits import shipped
from core.stn.paper import table as paper_table


@pytest.mark.parametrize("name", paper_table.SETS)
def test_a_request_trains_the_networks_of_the_papers_table(name: paper_table.SetName) -> None:
    request = ClassifyRequest(digits="shipped", distortion=name, models=("fcn", "cnn", "st-fcn", "st-cnn", "modern-cnn"))
    for spec in specs_of(request, digits_task(shipped())):
        assert spec == paper_table.spec_of(name, spec.model, "affine" if spec.spatial else None)
