"""One unit term by term, and the unrolled network, against torch's own modules."""

from __future__ import annotations

import re
from copy import deepcopy
from functools import cache
from xml.etree import ElementTree

import numpy as np
import pytest
import torch
from torch import nn

from core.errors import InvalidRequest
from core.rnn.dataset.target import TARGETS, LossName, Target, target_of
from core.rnn.memory.equations import layers_of
from core.rnn.memory.trace import Part, Trace, Tracer, trace
from core.rnn.memory.unrolled import worked
from core.rnn.memory.unrolled.columns import LAST, unrolled
from core.rnn.memory.unrolled.drawing import SHOWN, Chosen, Names, drawing
from core.rnn.memory.unrolled.forecast_terms import ForecastTerms, forecast_in_words
from core.rnn.memory.unrolled.unit_terms import output_terms, unit_terms
from core.rnn.networks.architecture import Architecture
from core.rnn.networks.losses import loss_of
from core.rnn.networks.network import Network
from core.rnn.networks.types import TypeName
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
        expected = deepcopy(head).double()(torch.from_numpy(traced.states)).numpy()
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


def shown_forecast(network: Network, traced: Trace, output: int) -> str:
    return worked.forecast(ForecastTerms.of(network.loss, traced, output))


def last_number(formula: str) -> str:
    return re.findall(r"-?\d+\.\d+", formula)[-1]


@pytest.mark.parametrize("architecture", possible(), ids=name_of)
def test_the_last_formula_ends_in_the_forecast_of_the_network(architecture: Architecture) -> None:
    network, traced = trace_of(architecture)
    forecast = network.forecast(SERIES, DAYS)[-1]
    for day, output in enumerate(range(len(traced.y)) if traced.writes else [len(traced.y) - 1]):
        shown = last_number(shown_forecast(network, traced, output))
        assert float(shown) == pytest.approx(100 * forecast[day], abs=6e-4)


@pytest.mark.parametrize(("target", "loss"), [(row, loss) for row in TARGETS.values() for loss in row.losses],
                         ids=lambda one: one.title if isinstance(one, Target) else one)  # fmt: skip
@pytest.mark.parametrize(("cell", "type"), [("lstm", "many-to-many"), ("mlp", "many-to-one"), ("gru", "encoder-decoder")])
def test_every_target_and_loss_has_its_last_formula(target: Target, loss: LossName, cell: str, type: TypeName) -> None:
    series = as_series(garch(DAYS), target)
    network = fitted(Architecture(cell, target, type, horizon=2, hidden=4, loss=loss), series)
    traced = trace(network, series, DAYS - 1)
    output = 0 if traced.writes else -1
    formula, forecast = shown_forecast(network, traced, output), float(network.forecast(series, DAYS)[-1, 0])
    digits = 1 if target.is_probability else 3
    assert last_number(formula) == f"{100 * forecast:.{digits}f}".replace("-0.000", "0.000")
    lines = formula.splitlines()[0].split(r" \\ ")
    if target.is_probability:
        assert float(re.findall(r"\d\.\d{3}", lines[-1])[-1]) == pytest.approx(forecast, abs=6e-4)
        assert r"\hat y_{t+1} &= \sigma(y_t)" in formula or r"\hat y_t &= \sigma(y_t)" in formula
        return
    level, factor, product = (float(one) for one in re.findall(r"-?\d+\.\d+", lines[-1]))
    assert level == pytest.approx(100 * network.units(series)[DAYS], abs=6e-5)
    assert product == pytest.approx(level * factor, abs=5.1e-4 + (level + abs(factor)) * 5e-5)


def test_each_day_that_is_read_has_the_level_after_it() -> None:
    network, traced = trace_of(Architecture("lstm", target_of("volatility"), hidden=4))
    for day in (120, DAYS - 1):
        expected = network.forecast(SERIES.until(day + 1), day + 1)[-1, 0]
        assert float(last_number(shown_forecast(network, traced, day))) == pytest.approx(100 * expected, abs=6e-4)


def test_the_last_formula_in_words_is_that_of_the_target() -> None:
    def words(target: str, loss: LossName = "auto", writes: bool = False) -> str:
        return forecast_in_words(loss_of(target_of(target), loss), writes)

    assert r"$\hat y_{t+1} = s_t\,y_t$. $s$ is the running level after the day" in words("return")
    assert r"$\hat y_t = s\,y_t$. $s$ is the running level after the last known day" in words("return", writes=True)
    assert r"$\hat y_{t+1} = s_t \ln(1 + e^{y_t})$, and the logarithm keeps it above zero" in words("volatility")
    assert r"s_t = 0.94\,s_{t-1} + 0.06\,v_t$, but never below 5 % of" in words("volatility")
    assert words("direction").endswith(r"$\hat y_{t+1} = \sigma(y_t)$, a probability, which has no unit.")
    assert r"s_t\,y_{t,10}$, where number 10 of 19 outputs is the centre" in words("return", "quantile")
    assert r"s_t\,y_{t,1}$, where number 1 of 3 outputs is the centre" in words("return", "student-t")
    assert r"\sum_{k=1}^{10} \ln(1 + e^{y_{t,k}})$, where each of 19 outputs" in words("volatility", "quantile")


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
