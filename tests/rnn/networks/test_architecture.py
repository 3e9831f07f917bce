from __future__ import annotations

from typing import get_args

import pytest

from core.errors import InvalidRequest
from core.rnn.dataset.target import LossName, target_of
from core.rnn.models import NETWORKS
from core.rnn.networks.architecture import Architecture
from core.rnn.networks.types import TypeName

RETURN = target_of("return")


@pytest.mark.parametrize("cell", [cell for cell in NETWORKS if NETWORKS[cell].reads_backwards])
def test_bidirectional_many_to_many_is_refused_because_it_sees_the_future(cell: str) -> None:
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
    ways = {cell: Architecture(cell, RETURN).type_row for cell in NETWORKS}
    many_to_one = Architecture("gru", RETURN, "many-to-one").type_row
    assert {"rnn", "rnn-relu", "lstm", "gru"} <= {cell for cell, way in ways.items() if way.reads == "every day"}
    assert all(
        way == many_to_one for cell, way in ways.items() if NETWORKS[cell].reads_backwards or not NETWORKS[cell].has_state
    )


@pytest.mark.parametrize(
    ("target", "loss"),
    [("direction", "squared"), ("direction", "student-t"), ("direction", "quantile"), ("volatility", "student-t")],
)
def test_loss_that_does_not_fit_the_target_is_refused(target: str, loss: LossName) -> None:
    with pytest.raises(InvalidRequest, match=f"the {loss} loss does not fit a forecast of the {target}; choose auto"):
        Architecture("gru", target_of(target), loss=loss)


def test_every_loss_fits_the_return() -> None:
    assert set(RETURN.losses) == set(get_args(LossName))


def test_a_cell_without_a_row_is_refused_with_those_there_are() -> None:
    with pytest.raises(InvalidRequest, match="no cell 'transformer'; choose one of rnn, rnn-relu"):
        Architecture("transformer", RETURN)


@pytest.mark.parametrize("horizon", [0, 21])
def test_horizons_are_1_to_20_days(horizon: int) -> None:
    with pytest.raises(InvalidRequest, match=f"horizon of {horizon} days; networks forecast 1 to 20"):
        Architecture("gru", RETURN, horizon=horizon)


@pytest.mark.parametrize("sizes", [{"hidden": 0}, {"layers": 0}, {"dropout": 1.0}, {"dropout": -0.1}])
def test_sizes_that_make_no_network_are_refused(sizes: dict[str, float]) -> None:
    with pytest.raises(InvalidRequest, match="dropout is a share below 1"):
        Architecture("gru", RETURN, **sizes)
