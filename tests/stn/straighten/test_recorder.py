from __future__ import annotations

import numpy as np
import pytest

from core.stn.datasets.distortions import Distortions
from core.stn.datasets.images import from_png
from core.stn.geometry.families import FAMILIES, FamilyName
from core.stn.geometry.pixels import SIDE
from core.stn.straighten.evaluation import grid_error
from core.stn.straighten.recorder import STAGES, Film
from core.stn.straighten.run import untrained
from core.training import History


@pytest.fixture
def film(photo: np.ndarray) -> Film:
    return Film(photo, Distortions(), seconds=10)


def test_film_of_an_untrained_network_stands_still(film: Film) -> None:
    film.finish(untrained("similarity", 0), History())
    assert np.abs(film.shots[0].straight.image.astype(int) - film.distorted).max() <= 1
    assert film.path.iloc[0].tolist() == pytest.approx([0, 0, 1, 0, 0], abs=1e-5)


def test_film_has_at_most_24_stages_and_begins_closely(film: Film) -> None:
    model = untrained("similarity", 0)
    for tenth in range(101):
        film.observe(model, History(seconds=tenth / 10))
    film.finish(model, History(seconds=10.1))
    times = [shot.seconds for shot in film.shots]
    assert 20 <= len(times) == len(film.path) <= STAGES
    assert sum(seconds < 5 for seconds in times) > sum(seconds >= 5 for seconds in times)


def test_screen_gets_at_most_two_pictures_a_second(film: Film) -> None:
    model = untrained("similarity", 0)
    shown = [shot for tenth in range(20) if (shot := film.observe(model, History(seconds=tenth / 10)))]
    assert len(shown) == 4
    height, width = film.distorted.shape[:2]
    assert (height, width) == (170, SIDE)
    drawn = from_png(film.picture(shown[0]))
    assert drawn.shape[1] > 2 * width > drawn.shape[0] > height


def test_watching_leaves_the_network_as_it_was(film: Film) -> None:
    model = untrained("similarity", 0).train()
    before = {name: value.clone() for name, value in model.state_dict().items()}
    film.observe(model, History(seconds=1))
    assert model.training
    assert all(value.equal(before[name]) for name, value in model.state_dict().items())


@pytest.mark.parametrize("family", FAMILIES)
def test_the_filmed_photo_is_bent_as_the_family_bends_and_further_than_most(photo: np.ndarray, family: FamilyName) -> None:
    distortions = Distortions.of(family, 45)
    film, again = Film(photo, distortions, 10), Film(photo, distortions, 10)
    assert grid_error(film.bent) > 5
    assert np.array_equal(film.distorted, again.distorted)
    assert film.applied["scale"] == pytest.approx(1, abs=1e-6) or family != "translation"
    film.finish(untrained(family, 0), History())
    assert from_png(film.picture(film.shots[0])).ndim == 3
