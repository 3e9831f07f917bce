import numpy as np
import pytest
import torch
from torch import nn

from core.stn.datasets.digits import shipped
from core.stn.datasets.labelled import Labelled
from core.stn.learning.recipe import HARD, HardPasses, Passes, answers, cross_entropy, distorted, half_is_fast, learn
from core.stn.networks.classifiers import build
from core.stn.networks.spec import Spec


@pytest.fixture(scope="module")
def digits() -> Labelled:
    return Labelled.of(shipped().train)[torch.arange(600)]


def passes(count: int, batch: int, seed: int = 0) -> Passes:
    return Passes(count, batch, torch.Generator().manual_seed(seed))


def test_every_pass_takes_every_image_once(digits: Labelled) -> None:
    few = Labelled(digits.images[:40], torch.arange(40))
    batches = distorted(few, "R", passes(40, 10))
    first, second = ([label for _ in range(4) for label in next(batches)[1].tolist()] for _ in range(2))
    assert sorted(first) == sorted(second) == list(range(40))
    assert first != second


@pytest.mark.parametrize("taken", [0, 1, 4, 6])
def test_a_pass_goes_on_where_it_was(taken: int) -> None:
    whole, other = passes(40, 10), passes(40, 10, seed=1)
    for _ in range(taken):
        whole.next()
    other.set_state(torch.from_numpy(whole.get_state().numpy()))
    assert [other.next().tolist() for _ in range(7)] == [whole.next().tolist() for _ in range(7)]


def hard_passes(count: int, batch: int, seed: int = 0) -> HardPasses:
    return HardPasses(count, batch, torch.Generator().manual_seed(seed), torch.device("cpu"))


def logits_for(chosen: torch.Tensor, wrong: set[int]) -> torch.Tensor:
    """Answers about images of class 0: sure, and right but for some images."""
    return 10.0 * torch.eye(2)[[int(int(index) in wrong) for index in chosen]]


def test_images_that_the_network_is_wrong_about_come_more_often() -> None:
    hard, counts = hard_passes(200, 20), torch.zeros(200)
    first = [hard.next() for _ in range(10)]
    assert sorted(torch.cat(first).tolist()) == list(range(200))  # a pass over all comes first
    for chosen in first:
        hard.note(chosen, torch.zeros(20, dtype=torch.long), logits_for(chosen, wrong={3, 77}))
    for _ in range(500):
        counts += torch.bincount(hard.next(), minlength=200)
    rest = np.delete(counts.numpy(), [3, 77])
    weight = (1 + 1) / 2 / (2 * (1 + 1) / 2 + 198 * (1 + 0.05) / 2)  # all began at 1, and the last look counts half
    expected = 500 * 20 * ((1 - HARD) / 200 + HARD * weight)
    assert counts[[3, 77]].numpy() == pytest.approx(expected, rel=0.3)
    assert rest.min() >= 500 * 20 * (1 - HARD) // 200  # all others are still passed over
    assert counts[[3, 77]].min() > 1.3 * rest.mean()


@pytest.mark.parametrize("taken", [0, 1, 4, 9])
def test_hard_passes_go_on_where_they_were(taken: int) -> None:
    whole, other = hard_passes(40, 10), hard_passes(40, 10, seed=1)

    def go_on(passes: HardPasses) -> list[int]:
        chosen = passes.next()
        passes.note(chosen, torch.zeros(10, dtype=torch.long), logits_for(chosen, wrong=set(range(9))))
        return chosen.tolist()

    for _ in range(taken):
        go_on(whole)
    other.set_state(torch.from_numpy(whole.get_state().numpy()))
    assert [go_on(other) for _ in range(7)] == [go_on(whole) for _ in range(7)]


def test_batches_lie_on_the_canvas_in_0_to_1(digits: Labelled) -> None:
    images, labels, chosen = next(distorted(digits, "RTS", passes(len(digits), 16)))
    assert images.shape == (16, 1, 42, 42)
    assert torch.equal(labels, digits.labels[chosen])
    assert images.min() >= 0
    assert images.max() <= 1 + 1e-6


def test_the_loss_in_half_precision_is_that_in_full(digits: Labelled) -> None:
    model = build(Spec("st-cnn", width=16))
    batch = next(distorted(digits, "R", passes(len(digits), 64)))[:2]
    full = nn.functional.cross_entropy(model(batch[0]), batch[1], label_smoothing=0.1)
    assert cross_entropy(model, batch).item() == pytest.approx(full.item(), rel=0.01)
    assert isinstance(half_is_fast("cpu"), bool)


@pytest.mark.parametrize("model", ["fcn", "st-cnn"])
def test_a_classifier_learns_digits_far_better_than_chance(model: str, digits: Labelled) -> None:
    network = build(Spec(model, width=16))
    for _ in learn(network, digits, "R", epochs=16, seed=1):
        pass
    assert not network.training
    wrong = (answers(network, digits, "R", 2, 99) != digits.labels.numpy()).mean()
    assert wrong < 0.6  # chance: 0.9


def test_equal_seeds_give_equal_networks_and_equal_tests(digits: Labelled) -> None:
    first, second = (build(Spec("st-cnn", width=8), 3) for _ in range(2))
    for network in (first, second):
        for _ in learn(network, digits, "P", epochs=0.5, seed=4):
            pass
    assert np.array_equal(answers(first, digits, "P", 2, 7), answers(second, digits, "P", 2, 7))


def test_draws_are_different_distortions_of_the_same_images(digits: Labelled) -> None:
    given = answers(build(Spec("cnn", width=8), 0), digits, "R", 2, 5)
    assert given.shape == (2, len(digits))
    assert not np.array_equal(given[0], given[1])
