from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn

from core.rnn.networks.gates import GATES, trace

KINDS = ["tanh", "relu", "lstm", "gru"]
FORMS = [(1, False), (2, False), (1, True), (3, True)]
PRECISIONS = [torch.float64, torch.float32]


def cell_of(kind: str, layers: int = 1, both: bool = False, dtype: torch.dtype = torch.float64) -> nn.RNN | nn.LSTM | nn.GRU:
    kinds = {"lstm": nn.LSTM, "gru": nn.GRU}
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        if kind in kinds:
            return kinds[kind](3, 5, layers, batch_first=True, bidirectional=both).to(dtype)
        return nn.RNN(3, 5, layers, kind, batch_first=True, bidirectional=both).to(dtype)


def sequence(dtype: torch.dtype = torch.float64, days: int = 12) -> Tensor:
    return torch.randn(4, days, 3, generator=torch.Generator().manual_seed(1), dtype=dtype)


@pytest.mark.parametrize("dtype", PRECISIONS)
@pytest.mark.parametrize(("layers", "both"), FORMS)
@pytest.mark.parametrize("kind", KINDS)
def test_states_are_those_of_torch(kind: str, layers: int, both: bool, dtype: torch.dtype) -> None:
    cell, inputs = cell_of(kind, layers, both, dtype), sequence(dtype)
    expected, last = cell(inputs)
    ours = trace(cell, inputs)
    assert (ours.output - expected).abs().max() < 1e-6
    ends = [one.states[:, 0 if one.backwards else -1] for one in ours.passes]
    assert (torch.stack(ends) - (last[0] if kind == "lstm" else last)).abs().max() < 1e-6
    if kind == "lstm":
        memory = [one.memory[:, 0 if one.backwards else -1] for one in ours.passes]
        assert (torch.stack(memory) - last[1]).abs().max() < 1e-6


@pytest.mark.parametrize("dtype", PRECISIONS)
@pytest.mark.parametrize(("layers", "both"), FORMS)
@pytest.mark.parametrize("kind", KINDS)
def test_gradients_are_those_of_torch(kind: str, layers: int, both: bool, dtype: torch.dtype) -> None:
    """By the inputs and by every weight, of a mean that weighs every state differently."""
    cell, inputs = cell_of(kind, layers, both, dtype), sequence(dtype).requires_grad_()
    width = 10 if both else 5
    share = torch.randn(4, 12, width, generator=torch.Generator().manual_seed(2), dtype=dtype)
    wanted = [inputs, *cell.parameters()]
    theirs = torch.autograd.grad((share * cell(inputs)[0]).mean(), wanted)
    ours = torch.autograd.grad((share * trace(cell, inputs).output).mean(), wanted)
    assert max((a - b).abs().max().item() for a, b in zip(ours, theirs, strict=True)) < 1e-6


def test_vanilla_step_by_hand() -> None:
    cell = nn.RNN(1, 1, batch_first=True)
    with torch.no_grad():
        for weight, value in zip(cell.parameters(), (0.5, -0.3, 0.1, 0.2), strict=True):
            weight.fill_(value)
    states = trace(cell, torch.tensor([[[1.0], [2.0]]])).output.flatten()
    first = torch.tanh(torch.tensor(0.5 * 1 + 0.1 + 0.2))
    assert states[0].item() == pytest.approx(first.item())
    assert states[1].item() == pytest.approx(torch.tanh(0.5 * 2 - 0.3 * first + 0.3).item())


@pytest.mark.parametrize("kind", ["lstm", "gru"])
def test_gates_are_shares_and_candidates_have_signs(kind: str) -> None:
    only = trace(cell_of(kind), sequence()).passes[0]
    assert only.gates.shape == (4, 12, len(only.names), 5)
    for name in only.names:
        low = -1 if name == "candidate" else 0
        assert ((only.gate(name) > low) & (only.gate(name) < 1)).all()
    assert (only.gate("candidate") < 0).any()


def test_open_forget_gate_and_closed_input_gate_keep_the_memory() -> None:
    cell = cell_of("lstm")
    with torch.no_grad():
        for bias in (cell.bias_ih_l0, cell.bias_hh_l0):
            bias.fill_(0)
        cell.bias_ih_l0[:5], cell.bias_ih_l0[5:10] = -50.0, 50.0  # input, forget
    only = trace(cell, sequence()).passes[0]
    assert only.gate("input").max() < 1e-9
    assert only.gate("forget").min() > 1 - 1e-9
    assert only.memory.abs().max() < 1e-9  # nothing came in, so nothing is kept


def test_update_gate_near_one_keeps_the_state_of_a_gru() -> None:
    cell = cell_of("gru")
    with torch.no_grad():
        cell.bias_ih_l0[5:10] = 50.0
    assert trace(cell, sequence()).output.abs().max() < 1e-9


def test_gates_stand_in_the_order_of_the_weights() -> None:
    """Torch: W_ii|W_if|W_ig|W_io and W_ir|W_iz|W_in. On the first day the bias of a block moves the gate of its name alone."""
    for kind, mode in (("lstm", "LSTM"), ("gru", "GRU")):
        for place, name in enumerate(GATES[mode]):
            cell = cell_of(kind)
            nn.init.zeros_(cell.bias_hh_l0)  # so that a reset of nothing is nothing
            before = trace(cell, sequence(days=1)).passes[0]
            with torch.no_grad():
                cell.bias_ih_l0[5 * place : 5 * place + 5] += 3
            after = trace(cell, sequence(days=1)).passes[0]
            moved = [other for other in GATES[mode] if not torch.equal(before.gate(other), after.gate(other))]
            assert moved == [name]


@pytest.mark.parametrize("kind", ["tanh", "relu"])
def test_vanilla_cells_have_no_gates(kind: str) -> None:
    only = trace(cell_of(kind), sequence()).passes[0]
    assert only.names == ()
    assert only.gates.shape == (4, 12, 0, 5)
    assert torch.equal(only.states, only.memory)
