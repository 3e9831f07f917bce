"""One cell by hand: its numbers against torch's layers, and what its presets promise."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import nn

from core.errors import InvalidRequest
from core.rnn.memory.one_cell.cell import DAYS, KINDS, OneCell
from core.rnn.memory.one_cell.figures import cell_chart

LAYERS = {"vanilla": nn.RNN, "lstm": nn.LSTM, "gru": nn.GRU}


def drawn_at_random(kind: str, seed: int) -> tuple[OneCell, np.ndarray]:
    random = np.random.default_rng(seed)
    return OneCell(kind, {name: random.normal(0, 2) for name in KINDS[kind].names}), random.normal(0, 1, DAYS)


def by_torch(cell: OneCell, inputs: np.ndarray) -> tuple[np.ndarray, float | None]:
    """h of every day, and the last c of an LSTM."""
    layer = LAYERS[cell.kind](1, 1).double()
    w, u, b = (
        torch.tensor([cell.weight(f"{part}{letter}") for letter in KINDS[cell.kind].letters.values()], dtype=torch.float64)
        for part in "wub"
    )
    with torch.no_grad():
        layer.weight_ih_l0.copy_(w[:, None])
        layer.weight_hh_l0.copy_(u[:, None])
        layer.bias_ih_l0.copy_(b)
        layer.bias_hh_l0.zero_()
        states, last = layer(torch.tensor(inputs)[:, None])
    return states[:, 0].numpy(), last[1].item() if cell.kind == "lstm" else None


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("kind", list(KINDS))
def test_a_cell_of_one_unit_is_that_of_torch(kind: str, seed: int) -> None:
    cell, inputs = drawn_at_random(kind, seed)
    h, c = by_torch(cell, inputs)
    values = cell.read(inputs)
    assert values["h"] == pytest.approx(h, abs=1e-12)
    assert c is None or values["c"][-1] == pytest.approx(c, abs=1e-12)


@pytest.mark.parametrize("kind", list(KINDS))
def test_the_bold_number_of_a_formula_is_the_value_of_that_day(kind: str) -> None:
    cell, inputs = drawn_at_random(kind, 1)
    values = cell.read(inputs)
    for t in (1, 4):
        formulas = cell.formulas(inputs, t)
        assert f"h_{t} &=" in formulas[-1]
        said = float(formulas[-1].rpartition(r"\mathbf{")[2].partition("}")[0].replace("−", "-"))
        assert said == pytest.approx(values["h"][t - 1], abs=5e-4)
    assert f"{round(abs(inputs[3]), 2):g}" in cell.formulas(inputs, 4)[0]


def kept(kind: str, name: str) -> dict[str, np.ndarray]:
    preset = KINDS[kind].presets[name]
    return OneCell(kind, preset.weights).read(np.array(preset.inputs))


@pytest.mark.parametrize("kind", list(KINDS))
def test_presets_show_what_they_are_called(kind: str) -> None:
    forgot, remembered, counted = (kept(kind, name)["h"] for name in ("Forget at once", "Remember for ever", "Count"))
    assert abs(forgot[0]) > 0.5
    assert np.abs(forgot[1:]).max() < 1e-3
    assert np.abs(remembered[1:] - remembered[1]).max() < 0.03
    assert remembered[-1] > 0.7
    assert (np.diff(counted) > 0).all()


def test_an_lstm_counts_without_a_bound_and_the_others_do_not() -> None:
    steps = np.diff(kept("lstm", "Count")["c"])
    assert steps == pytest.approx(np.full(DAYS - 1, 0.5), abs=1e-3)
    for kind in ("vanilla", "gru"):
        steps = np.diff(kept(kind, "Count")["h"])
        assert steps[-1] < 0.8 * steps[0]


def test_a_vanilla_cell_keeps_the_sign_and_an_lstm_the_size() -> None:
    for kind, same in (("vanilla", True), ("lstm", False)):
        preset = KINDS[kind].presets["Remember for ever"]
        last = [OneCell(kind, preset.weights).read(np.array([size, 0, 0, 0, 0, 0]))["h"][-1] for size in (1.5, 2.0)]
        assert np.isclose(*last, atol=0.01) == same


def test_a_weight_that_a_cell_does_not_have_is_refused() -> None:
    with pytest.raises(InvalidRequest, match="no weight 'wf'"):
        OneCell("vanilla", {"wf": 1.0})


@pytest.mark.parametrize("kind", list(KINDS))
def test_the_figure_draws_inputs_states_and_gates(kind: str) -> None:
    cell, inputs = drawn_at_random(kind, 2)
    lines = {one.name: one for one in cell_chart(cell, inputs, 3, "dark").data}
    assert list(lines["x"].y) == list(inputs)
    assert list(lines["h"].y) == list(cell.read(inputs)["h"])
    assert ("c" in lines) == (kind == "lstm")
    assert len(lines) == {"vanilla": 2, "lstm": 7, "gru": 5}[kind]
