from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import InvalidRequest
from core.stn.geometry.families import FAMILIES, FamilyName
from core.stn.geometry.theta import Parts, theta_of
from core.stn.warp.controls import REACH, SHAPES, family_of, identity_of, moved, nearest_in, readings, start, turned

DIALLED = [family for family in FAMILIES if FAMILIES[family].dials]


@pytest.mark.parametrize("family", FAMILIES)
def test_the_identity_reads_as_doing_nothing(family: FamilyName) -> None:
    theta = identity_of(family)
    named = readings(theta, family)
    neutral = vars(Parts()) | {"p1": 0.0, "p2": 0.0}
    assert named == pytest.approx({name: neutral[name] for name in named})
    assert np.array_equal(nearest_in(family, theta), theta)


@pytest.mark.parametrize("family", DIALLED)
@given(data=st.data())
@settings(deadline=None)
def test_a_dial_reads_what_it_was_turned_to(family: FamilyName, data: st.DataObject) -> None:
    dial = data.draw(st.sampled_from(FAMILIES[family].dials))
    value = data.draw(st.floats(dial.low, dial.high))
    before = start(family)
    after = readings(turned(before, family, {dial.name: value}), family)
    assert after[dial.name] == pytest.approx(value, abs=1e-6)
    others = [other.name for other in FAMILIES[family].dials if other.name != dial.name]
    assert [after[name] for name in others] == pytest.approx([readings(before, family)[name] for name in others], abs=1e-6)


@pytest.mark.parametrize("family", DIALLED)
def test_a_turned_theta_stays_in_its_family(family: FamilyName) -> None:
    theta = turned(start(family), family, {dial.name: dial.high for dial in FAMILIES[family].dials})
    assert np.allclose(nearest_in(family, theta), theta, atol=1e-9)


def test_a_dial_is_held_within_its_range() -> None:
    assert readings(turned(identity_of("affine"), "affine", {"shift_x": 99.0}), "affine")["shift_x"] == 1.5
    assert readings(turned(identity_of("affine"), "affine", {"scale_x": float("nan")}), "affine")["scale_x"] == 0.2


def test_a_singular_theta_can_be_turned_back() -> None:
    flat = np.array([[1.0, 0, 0], [0, 0, 0]])
    assert readings(turned(flat, "affine", {"scale_y": 1.0}), "affine")["scale_y"] == 1.0


def test_wider_families_hold_the_narrower_exactly() -> None:
    theta = theta_of(Parts(30, 0.8, 0.8, 0, 0.2, -0.1)).numpy()
    for family in ("similarity", "affine", "projective", "tps"):
        there = nearest_in(family, theta)
        assert family_of(there) == (family if family != "similarity" else "affine")
        assert np.allclose(nearest_in("affine", there), theta, atol=1e-7)


def test_the_nearest_translation_of_a_turn_about_the_centre_is_none() -> None:
    assert np.allclose(nearest_in("translation", theta_of(Parts(40)).numpy()), np.eye(2, 3), atol=1e-9)


def test_a_centre_behind_the_camera_is_refused() -> None:
    with pytest.raises(InvalidRequest, match="behind the camera"):
        nearest_in("projective", np.array([[1.0, 0, 0], [0, 1, 0], [0, 0, 0]]))


def test_one_source_point_moves_and_the_others_stay() -> None:
    theta = identity_of("tps")
    bent = moved(theta, {5: (0.1, -0.2)})
    assert bent[5].tolist() == [0.1, -0.2]
    assert np.array_equal(np.delete(bent, 5, 0), np.delete(theta, 5, 0))
    assert moved(theta, {0: (1e9, float("nan"))})[0].tolist() == [REACH, 0]
    with pytest.raises(InvalidRequest, match="no point 16"):
        moved(theta, {16: (0, 0)})


@pytest.mark.parametrize("name", SHAPES)
def test_every_shape_is_a_spline_and_moves_something(name: str) -> None:
    shape = SHAPES[name]()
    assert shape.shape == (16, 2)
    assert np.abs(shape - identity_of("tps")).max() > 0.1
