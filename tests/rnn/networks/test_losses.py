from __future__ import annotations

import numpy as np
import pytest
import torch
from scipy import stats
from torch import Tensor
from torch.distributions import Exponential, StudentT
from torch.nn import functional

from core.rnn.dataset.target import LossName, first_measures, target_of
from core.rnn.forecaster import LEVELS
from core.rnn.memory.unrolled.forecast_terms import LINKS
from core.rnn.networks import losses
from core.rnn.networks.losses import Loss

ALL: list[tuple[str, LossName]] = [(target.name, loss) for target in first_measures() for loss in target.losses]
STATED = [(target, loss) for target, loss in ALL if loss in ("student-t", "quantile")]


def loss_of(target: str, name: LossName) -> Loss:
    return losses.loss_of(target_of(target), name)


def raw_of(width: int, rows: int = 6) -> Tensor:
    return torch.randn(rows, width, generator=torch.Generator().manual_seed(0), dtype=torch.float64)


def labels_of(target: str, rows: int = 6) -> Tensor:
    values = torch.randn(rows, generator=torch.Generator().manual_seed(1), dtype=torch.float64).numpy()
    return torch.from_numpy(target_of(target).values_of(values, np.abs(values)))


@pytest.mark.parametrize(("target", "name"), ALL)
def test_gradients_are_right(target: str, name: LossName) -> None:
    loss, labels = loss_of(target, name), labels_of(target)
    raw = raw_of(len(loss.start)).requires_grad_()
    assert torch.autograd.gradcheck(lambda numbers: loss.of(loss.activation(numbers), labels), raw)


@pytest.mark.parametrize(("target", "name"), ALL)
def test_the_forecast_is_the_sum_of_the_linked_numbers_that_are_read(target: str, name: LossName) -> None:
    loss = loss_of(target, name)
    raw = raw_of(len(loss.start))
    by_formula = LINKS[loss.link](raw.numpy()[:, list(loss.read)]).sum(-1)
    assert loss.point(loss.activation(raw)).numpy() == pytest.approx(by_formula, abs=1e-12)


def test_student_t_is_that_of_torch() -> None:
    loss, labels = loss_of("return", "student-t"), labels_of("return")
    outputs = loss.activation(raw_of(3))
    location, scale, degrees = outputs.unbind(-1)
    torch.testing.assert_close(loss.of(outputs, labels), -StudentT(degrees, location, scale).log_prob(labels))
    assert (degrees > 2).all()


def test_volatility_is_judged_by_the_exponential_likelihood() -> None:
    loss, labels = loss_of("volatility", "auto"), labels_of("volatility")
    outputs = loss.activation(raw_of(1))
    torch.testing.assert_close(loss.of(outputs, labels), -Exponential(1 / outputs[..., 0]).log_prob(labels))


def test_direction_is_judged_by_cross_entropy() -> None:
    loss, labels, raw = loss_of("direction", "auto"), labels_of("direction"), raw_of(1)
    expected = functional.binary_cross_entropy_with_logits(raw[..., 0], labels, reduction="none")
    torch.testing.assert_close(loss.of(loss.activation(raw), labels), expected)


def test_a_day_that_did_not_move_teaches_nothing_about_the_direction() -> None:
    loss, raw = loss_of("direction", "auto"), torch.randn(6, 1, requires_grad=True)
    losses = loss.of(loss.activation(raw), torch.tensor([1.0, 0.5, 0.0, 0.5, 0.5, 1.0]))
    losses.sum().backward()
    assert (losses == 0).tolist() == [False, True, False, True, True, False]
    assert raw.grad is not None
    assert (raw.grad[:, 0] == 0).tolist() == [False, True, False, True, True, False]


def test_squared_and_absolute_by_hand() -> None:
    outputs, labels = torch.tensor([[1.0], [3.0]]), torch.tensor([2.0, -1.0])
    assert loss_of("return", "squared").of(outputs, labels).tolist() == [1, 16]
    assert loss_of("return", "absolute").of(outputs, labels).tolist() == [1, 4]


def test_pinball_is_least_at_the_quantiles() -> None:
    """Of a normal sample: the empirical quantiles beat the same ones moved either way."""
    labels = torch.from_numpy(np.random.default_rng(0).standard_normal(4001))
    best = torch.from_numpy(np.quantile(labels.numpy(), LEVELS)).expand(4001, -1)
    of = loss_of("return", "quantile").of
    assert of(best, labels).mean() < min(of(best + 0.05, labels).mean(), of(best - 0.05, labels).mean())


def test_pinball_over_all_levels_is_about_the_crps() -> None:
    """A normal forecast of normal values has a CRPS of 1 / √π (Gneiting & Raftery 2007)."""
    labels = torch.from_numpy(stats.norm.ppf((np.arange(2000) + 0.5) / 2000))
    stated = torch.from_numpy(stats.norm.ppf(LEVELS)).expand(2000, -1)
    assert loss_of("return", "quantile").of(stated, labels).mean().item() == pytest.approx(1 / np.sqrt(np.pi), rel=0.06)


@pytest.mark.parametrize(("target", "name"), STATED)
def test_quantiles_rise(target: str, name: LossName) -> None:
    loss = loss_of(target, name)
    assert loss.quantiles is not None
    stated = loss.quantiles(loss.activation(3 * raw_of(len(loss.start), rows=200)))
    assert stated.shape == (200, len(LEVELS))
    assert (stated.diff(dim=-1) > 0).all()
    assert target == "return" or (stated > 0).all()


@pytest.mark.parametrize(("target", "name"), STATED)
def test_a_network_that_knows_nothing_states_a_move_of_the_usual_size(target: str, name: LossName) -> None:
    """Half of all moves are within 0.85 levels of 0, whose mean size is 1 level, where they are normal."""
    loss = loss_of(target, name)
    assert loss.quantiles is not None
    stated = loss.quantiles(loss.activation(torch.tensor(loss.start)))
    middle = stats.norm.ppf(0.75) * np.sqrt(np.pi / 2)
    median = float(stated[9])
    assert median == pytest.approx(0 if target == "return" else middle, abs=0.01)
    if target == "return":
        assert float(stated[14]) == pytest.approx(middle, rel=0.1)  # 75 %


@pytest.mark.parametrize("target", ["return", "volatility"])
def test_forecast_of_the_quantile_loss_is_its_median(target: str) -> None:
    loss = loss_of(target, "quantile")
    outputs = loss.activation(raw_of(19))
    assert loss.quantiles is not None
    assert torch.equal(loss.point(outputs), loss.quantiles(outputs)[..., 9])


def test_student_quantiles_are_those_of_scipy() -> None:
    loss = loss_of("return", "student-t")
    stated = loss.quantiles(torch.tensor([[0.5, 2.0, 5.0]], dtype=torch.float64)) if loss.quantiles else None
    assert stated is not None
    np.testing.assert_allclose(stated[0].numpy(), stats.t(5, 0.5, 2).ppf(LEVELS))


@pytest.mark.parametrize(("target", "name"), [(target, loss) for target, loss in ALL if (target, loss) not in STATED])
def test_other_losses_state_no_distribution(target: str, name: LossName) -> None:
    assert loss_of(target, name).quantiles is None
