from __future__ import annotations

from typing import get_args

import numpy as np
import pytest

from core.stn.networks.classifiers import build, parameters_of
from core.stn.networks.spec import ModelName, Spec
from core.stn.networks.stored import merged, of_model, parameters_in
from core.stn.networks.weights import weights_of


@pytest.mark.parametrize("name", get_args(ModelName))
@pytest.mark.parametrize("kernel", ["bilinear", "gaussian"])
def test_stored_weights_count_as_many_numbers_as_the_network_learns(name: ModelName, kernel: str) -> None:
    spec = Spec(name, width=8, kernel=kernel)
    assert parameters_in(weights_of(build(spec))) == parameters_of(spec)


def test_the_weights_of_several_models_are_stored_side_by_side() -> None:
    stored = merged({"cnn": {"w": np.ones(2)}, "st-cnn": {"w": np.zeros(3)}})
    assert stored.keys() == {"cnn/w", "st-cnn/w"}
    assert of_model(stored, "cnn")["w"].tolist() == [1, 1]
    assert of_model(stored, "st-cnn")["w"].tolist() == [0, 0, 0]
