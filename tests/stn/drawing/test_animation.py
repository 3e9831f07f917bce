from __future__ import annotations

import io

import numpy as np
from PIL import Image

from core.stn.drawing.animation import BAR, animated


def test_a_film_shows_its_pictures_above_their_captions() -> None:
    plain = [np.full((40, 60, 3), level, np.uint8) for level in (0, 120, 255)]
    film = Image.open(io.BytesIO(animated(plain, ["a", "b", "c"])))
    assert film.size == (60, 40 + BAR)
    for number, frame in enumerate(plain):
        film.seek(number)
        shown = np.asarray(film.convert("RGB"))
        assert np.abs(shown[:40].astype(int) - frame).max() <= 4
        assert shown[40:].min() < 100 < 200 < shown[40:].max()  # ink on paper


def test_a_film_that_would_be_too_large_is_made_smaller() -> None:
    noise = list(np.random.default_rng(1).integers(0, 255, (6, 200, 200, 3)).astype(np.uint8))
    words = ["noise"] * 6
    small = animated(noise, words, limit=100_000)
    assert len(small) <= 100_000 < len(animated(noise, words))
    assert Image.open(io.BytesIO(small)).n_frames == 6
