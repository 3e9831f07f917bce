"""One unit term by term, and the unrolled network, against torch's own modules."""

from __future__ import annotations

import re
from functools import cache
from xml.etree import ElementTree

import numpy as np
import pytest
import torch
from torch import nn

from core.errors import InvalidRequest
from core.rnn.dataset.target import target_of
from core.rnn.memory.equations import layers_of
from core.rnn.memory.trace import Part, Trace, Tracer, trace
from core.rnn.memory.unrolled import worked
from core.rnn.memory.unrolled.columns import LAST, unrolled
from core.rnn.memory.unrolled.drawing import SHOWN, Chosen, Names, drawing
from core.rnn.memory.unrolled.unit_terms import output_terms, unit_terms
from core.rnn.networks.architecture import Architecture
from core.rnn.networks.network import Network
from tests.rnn.memory.networks import fitted, name_of, possible
from tests.rnn.series import as_series, garch

DAYS = 300
SERIES = as_series(garch(DAYS), target_of("volatility"))
MODULES = {"RNN_TANH": nn.RNNCell, "RNN_RELU": nn.RNNCell, "LSTM": nn.LSTMCell, "GRU": nn.GRUCell}


def cell_like(part: Part) -> nn.Module:
    """torch's cell of one step, with the weights of a part."""
    assert part.layer is not None
    more = {"nonlinearity": "relu"} if part.mode == "RNN_RELU" else {}
    cell = MODULES[part.mode](part.layer.from_input.shape[1], part.layer.units, **more).double()
    own = {"weight_ih": part.layer.from_input, "weight_hh": part.layer.from_state,
           "bias_ih": part.layer.input_bias, "bias_hh": part.layer.state_bias}  # fmt: skip
    cell.load_state_dict({name: torch.from_numpy(value) for name, value in own.items()})
    return cell


@cache
def trace_of(architecture: Architecture) -> tuple[Network, Trace]:
    network = fitted(architecture, SERIES)
    return network, trace(network, SERIES, DAYS - 1)


@pytest.mark.parametrize("architecture", possible(), ids=name_of)
def test_the_terms_of_every_unit_make_what_torch_computes_in_that_step(architecture: Architecture) -> None:
    _, traced = trace_of(architecture)
    for part in traced.parts:
        for step in sorted({0, len(part.steps) // 2, len(part.steps) - 1}):
            for unit in (0, part.held["h"].shape[1] - 1):
                for terms in unit_terms(part, step, unit):
                    name = "h" if terms.name == "h" else terms.name
                    assert terms.value == pytest.approx(part.held[name][step, unit], abs=1e-9)
            if part.mode not in MODULES:
                continue
            before = {name: torch.from_numpy(value)[None] for name, value in part.before(step).items()}
            state = (before["h"], before["c"]) if part.mode == "LSTM" else before["h"]
            with torch.no_grad():
                after = cell_like(part)(torch.from_numpy(part.x[step])[None], state)
            h = after[0] if part.mode == "LSTM" else after
            assert part.held["h"][step] == pytest.approx(h[0].numpy(), abs=1e-9)


@pytest.mark.parametrize("architecture", possible(), ids=name_of)
def test_the_output_is_the_heads_weights_times_the_states_it_reads(architecture: Architecture) -> None:
    network, traced = trace_of(architecture)
    head = network.model.head.linear
    with torch.no_grad():
        expected = head.double()(torch.from_numpy(traced.states)).numpy()
    assert traced.y == pytest.approx(expected, abs=1e-9)
    terms = output_terms(head.weight.detach().numpy(), head.bias.detach().numpy(), traced.states[-1])
    assert terms.total == pytest.approx(expected[-1, 0], abs=1e-9)


def test_the_terms_of_a_gru_are_those_of_its_gates_before_the_activation() -> None:
    """The pre-activations of torch's GRU: W·x + b and V·h + d, taken from its weights in the order r, z, n."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(1)
        cell = nn.GRU(2, 3, batch_first=True).double()
    [[layer]] = layers_of(cell, {name: value.detach().numpy() for name, value in cell.named_parameters()})
    x = np.random.default_rng(0).standard_normal((4, 2))
    part = Part("layer 1", np.arange(4), x, layer.read(x), "GRU", layer)
    before = cell(torch.from_numpy(x[None, :3]))[1][0]  # h after three days
    with torch.no_grad():
        of_x = nn.functional.linear(torch.from_numpy(x[3]), cell.weight_ih_l0, cell.bias_ih_l0)
        of_h = nn.functional.linear(before[0], cell.weight_hh_l0, cell.bias_hh_l0)
    for unit in range(3):
        r, z, n = unit_terms(part, 3, unit)
        assert r.total == pytest.approx(float(of_x[unit] + of_h[unit]))
        assert z.total == pytest.approx(float(of_x[3 + unit] + of_h[3 + unit]))
        assert n.total == pytest.approx(float(of_x[6 + unit] + torch.sigmoid(torch.tensor(r.total)) * of_h[6 + unit]))


def test_a_unit_that_is_not_there_is_refused() -> None:
    _, traced = trace_of(Architecture("gru", target_of("volatility"), hidden=4))
    with pytest.raises(InvalidRequest, match="unit 5 of 4"):
        unit_terms(traced.parts[0], 0, 4)


@pytest.mark.parametrize("cell", ["rnn", "lstm", "gru"])
def test_a_day_traced_among_all_days_is_the_day_traced_alone(cell: str) -> None:
    network = fitted(Architecture(cell, target_of("volatility"), hidden=4, layers=2), SERIES)
    tracer = Tracer.of(network, SERIES)
    for origin in (0, 57, DAYS - 1):
        ours, alone = tracer.until(origin), trace(network, SERIES, origin)
        assert ours.y == pytest.approx(alone.y, abs=1e-12)
        assert ours.states == pytest.approx(alone.states, abs=1e-12)
        assert ours.forecast == pytest.approx(alone.forecast, rel=1e-12)
        assert ours.parts[-1].held["h"] == pytest.approx(alone.parts[-1].held["h"], abs=1e-12)


@pytest.mark.parametrize("architecture", possible(), ids=name_of)
def test_the_unrolled_network_has_a_box_for_every_layer_and_step(architecture: Architecture) -> None:
    _, traced = trace_of(architecture)
    columns = unrolled(traced, architecture.inputs)
    boxes = [(box.part, box.step) for column in columns for box in column.boxes]
    expected = {(n, step) for n, part in enumerate(traced.parts) for step in range(len(part.steps))[-LAST:]}
    assert len(boxes) == len(expected)
    assert set(boxes) == expected
    assert [column.position for column in columns] == sorted(column.position for column in columns)
    outputs = [column.output for column in columns if column.output is not None]
    assert outputs == list(range(len(traced.y)))[-LAST:]
    for column in columns:
        if column.output is not None:
            assert np.array_equal(column.y, traced.y[column.output])
    assert columns[-1].y is not None


@pytest.mark.parametrize("architecture", possible(), ids=name_of)
def test_the_drawing_holds_the_numbers_of_the_unit(architecture: Architecture) -> None:
    _, traced = trace_of(architecture)
    columns = unrolled(traced, architecture.inputs)
    inputs = [f"x{n}" for n in range(max(len(column.x) for column in columns))]
    names = Names([f"day {n}" for n in range(len(columns))], inputs)
    chosen = Chosen(len(columns) - 1, 0, 0)
    drawn = ElementTree.fromstring(drawing(columns, traced.parts, chosen, names))
    words = [element.text or "" for element in drawn.iter() if element.tag.endswith("text")]
    box = columns[-1].boxes[0]
    part = traced.parts[box.part]
    assert f"h {part.held['h'][box.step, 0]:.3f}".replace("-", "−").replace("−0.000", "0.000") in words
    assert f"y {traced.y[-1, 0]:.3f}".replace("-", "−").replace("−0.000", "0.000") in words
    assert sum(word.startswith("day ") for word in words) == min(SHOWN, len(columns))
    squares = [
        element for element in drawn.iter() if element.get("data-unit") and element.get("data-column") == str(len(columns) - 1)
    ]
    assert len(squares) == sum(traced.parts[one.part].held["h"].shape[1] for one in columns[-1].boxes)


def test_the_formulas_of_an_lstm_hold_its_numbers() -> None:
    _, traced = trace_of(Architecture("lstm", target_of("volatility"), hidden=4))
    part, step = traced.parts[0], DAYS - 1
    gates = [worked.gate(one) for one in unit_terms(part, step, 2)]
    cell, state = worked.states(part, step, 2)
    i, f, g, o, c, h = (part.held[name][step, 2] for name in ("input", "forget", "candidate", "output", "c", "h"))
    for formula, value in zip([*gates, cell, state], [i, f, g, o, c, h], strict=True):
        shown = float(re.findall(r"-?\d+\.\d+", formula)[-1])
        assert shown == pytest.approx(value, abs=6e-4)
    assert c == pytest.approx(f * part.held["c"][step - 1, 2] + i * g)
    assert h == pytest.approx(o * np.tanh(c))
    assert r"W_f\,[x_t, h_{t-1}] + b_f" in gates[1]
