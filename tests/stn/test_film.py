from __future__ import annotations

import numpy as np
import pytest

from core.stn.film import STAGES, Film
from core.stn.images import from_png
from core.stn.rectify import untrained
from core.training import History


@pytest.fixture
def film(photo: np.ndarray) -> Film:
    return Film(photo, max_angle=45, seconds=10)


def test_film_of_an_untrained_network_stands_still(film: Film) -> None:
    film.finish(untrained("similarity", 0), History())
    assert np.abs(film.frames[0].astype(int) - film.distorted).max() <= 1


def test_film_has_at_most_24_stages_and_begins_closely(film: Film) -> None:
    model = untrained("similarity", 0)
    for tenth in range(101):
        film.observe(model, History(seconds=tenth / 10))
    film.finish(model, History(seconds=10.1))
    assert len(film.frames) == len(film.thetas) == len(film.times) <= STAGES
    assert len(film.frames) >= 20
    assert sum(seconds < 5 for seconds in film.times) > sum(seconds >= 5 for seconds in film.times)


def test_screen_gets_at_most_two_pictures_a_second(film: Film) -> None:
    model = untrained("similarity", 0)
    shown = [film.observe(model, History(seconds=tenth / 10)) for tenth in range(20)]
    pictures = [picture for picture in shown if picture]
    assert len(pictures) == 4
    height, width = film.distorted.shape[:2]
    assert from_png(pictures[0]["straightening"]).shape == (height, 2 * width, 3)


def test_watching_leaves_the_network_as_it_was(film: Film) -> None:
    model = untrained("similarity", 0).train()
    before = {name: value.clone() for name, value in model.state_dict().items()}
    film.observe(model, History(seconds=1))
    assert model.training
    assert all(value.equal(before[name]) for name, value in model.state_dict().items())
