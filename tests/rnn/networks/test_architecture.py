from __future__ import annotations

from typing import get_args

import pytest

from core.errors import InvalidRequest
from core.rnn.dataset.target import Target, TargetName
from core.rnn.names import NETWORKS, CellName, LossName, TypeName, bidirectional
from core.rnn.networks.architecture import LOSSES, Architecture

RETURN = Target("return")


@pytest.mark.parametrize("cell", [cell for cell in NETWORKS if bidirectional(cell)])
def test_bidirectional_many_to_many_is_refused_because_it_sees_the_future(cell: CellName) -> None:
    with pytest.raises(InvalidRequest, match="would see the future"):
        Architecture(cell, RETURN, "many-to-many")


def test_bidirectional_cells_cannot_write_forwards() -> None:
    with pytest.raises(InvalidRequest, match="days not yet written; choose encoder-decoder"):
        Architecture("bigru", RETURN, "one-to-many")


@pytest.mark.parametrize("type", ["one-to-many", "many-to-many", "encoder-decoder"])
def test_feed_forward_networks_carry_no_state(type: TypeName) -> None:
    with pytest.raises(InvalidRequest, match="no state from day to day"):
        Architecture("mlp", RETURN, type)


def test_auto_reads_on_forwards_and_reads_windows_otherwise() -> None:
    kinds = {cell: Architecture(cell, RETURN).kind for cell in NETWORKS}
    assert [cell for cell, kind in kinds.items() if kind == "many-to-many"] == ["rnn", "rnn-relu", "lstm", "gru"]
    assert {kind for cell, kind in kinds.items() if bidirectional(cell) or cell == "mlp"} == {"many-to-one"}


@pytest.mark.parametrize(
    ("target", "loss"),
    [("direction", "squared"), ("direction", "student-t"), ("direction", "quantile"), ("volatility", "student-t")],
)
def test_loss_that_does_not_fit_the_target_is_refused(target: TargetName, loss: LossName) -> None:
    with pytest.raises(InvalidRequest, match=f"the {loss} loss does not fit a forecast of the {target}; choose auto"):
        Architecture("gru", Target(target), loss=loss)


def test_every_loss_fits_the_return() -> None:
    assert set(LOSSES["return"]) == set(get_args(LossName))


@pytest.mark.parametrize("horizon", [0, 21])
def test_horizons_are_1_to_20_days(horizon: int) -> None:
    with pytest.raises(InvalidRequest, match=f"horizon of {horizon} days; networks forecast 1 to 20"):
        Architecture("gru", RETURN, horizon=horizon)


@pytest.mark.parametrize("sizes", [{"hidden": 0}, {"layers": 0}, {"dropout": 1.0}, {"dropout": -0.1}])
def test_sizes_that_make_no_network_are_refused(sizes: dict[str, float]) -> None:
    with pytest.raises(InvalidRequest, match="dropout is a share below 1"):
        Architecture("gru", RETURN, **sizes)
