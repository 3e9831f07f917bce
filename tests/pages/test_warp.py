from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from streamlit.testing.v1 import AppTest

from core.stn.datasets.images import read_image, to_png
from core.stn.datasets.samples import sample
from core.stn.geometry.families import FAMILIES, FamilyName
from core.stn.geometry.kinds import in_frame
from core.stn.geometry.point_pairs import through_pairs
from core.stn.geometry.theta import parse_theta
from core.stn.geometry.warping import Sampling, laid_on
from core.stn.warp.command import warp as command
from core.stn.warp.controls import identity_of, nearest_in
from core.stn.warp.corners import points_of
from core.stn.warp.step_figures import STAGES
from core.stn.warp.training_step import training_step
from pages.parts.warp import corner_points, corners_panel, stage
from pages.parts.warp.in_words import warp_in_words
from pages.parts.warp.step_panel import RATE
from tests.pages.conftest import OpenPage

SECTIONS = ("Theta", "Corners", "Pixel", "Gradients", "Step", "Resampling", "Aliasing")
READING = ("Theta", "Pixel", "Gradients", "Resampling", "Aliasing")  # those that read the kernel in their own way
PIXELS = np.random.default_rng(0).integers(0, 256, (20, 30, 3), dtype=np.uint8)


def unpacked(message: bytes) -> tuple[dict, bytes]:
    length = int.from_bytes(message[:4], "little")
    return json.loads(message[4 : 4 + length]), message[4 + length :]


def scene(**changed: object) -> stage.Scene:
    fields = {"name": "cat", "source": PIXELS, "output": PIXELS[::-1], "theta": identity_of("affine"), "family": "affine",
              "words": "", "mode": "light"}  # fmt: skip
    return stage.Scene(**(fields | changed))  # type: ignore[arg-type]


def move(**changed: object) -> stage.Move:
    fields = {"dials": {}, "points": {}, "places": {}, "pixel": None, "settled": True, "turn": 3, "have": ""}
    return stage.Move(**(fields | changed))  # type: ignore[arg-type]


def test_the_matrix_shows_the_theta_of_the_address(open_page: OpenPage) -> None:
    app = open_page("warp", theta="0.5 0 0.1 0 0.5 -0.2", numbers="true")
    assert not app.exception
    assert [cell.value for cell in app.number_input] == [0.5, 0, 0.1, 0, 0.5, -0.2]


def test_a_typed_number_changes_theta_in_the_address(open_page: OpenPage) -> None:
    app = open_page("warp", theta="1 0 0 0 1 0", numbers="true")
    app.number_input[2].set_value(0.25).run()
    assert app.query_params["theta"] == "1 0 0.25 0 1 0"
    assert not app.warning


def test_a_number_beyond_the_range_is_said_to_be_clipped(open_page: OpenPage) -> None:
    app = open_page("warp", theta="1 0 0 0 1 0", numbers="true")
    for typed, used in ((12.0, "9"), (-50.0, "-9")):
        app.number_input[2].set_value(typed).run()
        assert app.query_params["theta"] == f"1 0 {used} 0 1 0"
        assert [warning.value for warning in app.warning] == [f"{typed:g} is beyond ±9 and became {used}."]
    app.number_input[2].set_value(0.0).run()
    assert not app.warning


@pytest.mark.parametrize("theta", ["1.1 2.2 0 0.3 0.6 0", "0.1 0.3 0.2 -0.7 -2.1 0"])
def test_a_singular_matrix_is_called_that_and_neither_mirrored_nor_sheared(open_page: OpenPage, theta: str) -> None:
    app = open_page("warp", theta=theta, show="Theta")
    [words] = [text.value for text in app.markdown if text.value.startswith("**In parts**")]
    assert "singular" in words
    assert "neither mirrored nor not" in words
    assert "e+" not in words
    bent = parse_theta(theta)
    said = warp_in_words(laid_on(bent, 20, 30), Sampling())
    assert "singular" in said
    assert "mirrored" not in said
    plane = np.vstack([bent, [[0, 0, 1]]])  # as its corners have it, and as the same seen from another side
    for homography in (plane, plane @ np.array([[1, 0, 0], [0, 1, 0], [0.1, 0.2, 1]])):
        assert warp_in_words(laid_on(homography, 20, 30), Sampling()) == said
    header, _ = unpacked(stage._message(scene(theta=bent), move()))
    dials = {dial["name"]: dial["value"] for dial in header["dials"]}
    assert (dials["scale_y"], dials["shear"]) == (0, 0)


def test_identity_is_one_press_away(open_page: OpenPage) -> None:
    app = open_page("warp", theta="0.5 0 0 0 0.5 0", numbers="true")
    app.button[0].click().run()
    assert [cell.value for cell in app.number_input] == [1, 0, 0, 0, 1, 0]


@pytest.mark.parametrize(
    "theta", ["", "1 2 3", "nan 0 0 0 1 0", "<script>", "0 0 0 0 0 0", "1 0 0 0 1 0 0 0 0", "1e300 0 0 0 1 0"]
)
@pytest.mark.parametrize("show", ["Theta", "Pixel"])
def test_an_odd_theta_in_the_address_does_no_harm(open_page: OpenPage, theta: str, show: str) -> None:
    app = open_page("warp", theta=theta, show=show, pixel="x 1")
    assert not app.exception
    said = {
        "1 2 3": "3 finite numbers",
        "nan 0 0 0 1 0": "5 finite",
        "<script>": "not all numbers",
        "1 0 0 0 1 0 0 0 0": "behind the camera",
        "1e300 0 0 0 1 0": "1e",
    }
    warned = [warning.value for warning in app.warning if "is not used" in warning.value]
    assert len(warned) == (theta in said)
    assert all(said[theta] in sentence for sentence in warned)


@pytest.mark.parametrize(
    ("show", "kernel"), [*((show, "integer") for show in SECTIONS), *((show, "gaussian") for show in READING)]
)
def test_every_section_opens_from_its_address(open_page: OpenPage, show: str, kernel: str) -> None:
    app = open_page("warp", show=show, kernel=kernel, padding="zeros", theta="1.5 0.2 0.1 -0.1 1.4 0", image="coins")
    assert not app.exception
    assert not app.error


@pytest.mark.parametrize("family", FAMILIES)
def test_every_family_opens_from_its_address(open_page: OpenPage, family: str) -> None:
    app = open_page("warp", family=family)
    assert not app.exception
    assert any(FAMILIES[family].title in text.value for text in app.caption)  # type: ignore[index]


def test_a_link_with_nine_numbers_opens_as_a_homography(open_page: OpenPage) -> None:
    app = open_page("warp", theta="1 0 0 0 1 0 0.2 0 1", numbers="true")
    assert [cell.value for cell in app.number_input] == [1, 0, 0, 0, 1, 0, 0.2, 0, 1]


def test_the_written_out_sum_is_the_output_pixel(open_page: OpenPage) -> None:
    app = open_page("warp", show="Pixel", theta="0.7 0.1 0 -0.1 0.8 0.1", pixel="70 90", image="coins")
    text = next(text.value for text in app.markdown if text.value.startswith("The sum is"))
    exact, written = (float(number) for number in re.findall(r"\*\*([\d.]+)\*\*", text))
    assert abs(exact - written) <= 0.51
    formula, sum_ = (text.value for text in app.latex)
    assert r"\sum_n \sum_m U_{nm}" in formula
    assert f"= {exact:.1f}" in sum_


def test_the_chosen_pixel_stands_in_the_address(open_page: OpenPage) -> None:
    app = open_page("warp", show="Pixel", pixel="70 90")
    assert [cell.value for cell in app.number_input] == [70, 90]
    app.number_input[0].set_value(71).run()
    assert "71 90" in app.query_params["pixel"]


def test_a_settled_output_is_exact_and_a_moving_one_small() -> None:
    large = np.kron(PIXELS, np.ones((8, 8, 1), np.uint8))
    for settled, kind in ((True, "image/png"), (False, "image/jpeg")):
        header, files = unpacked(stage._message(scene(source=large, output=large), move(settled=settled)))
        file = header["output"]
        assert file["type"] == kind
        error = read_image("output", files[file["start"] : file["end"]]).pixels.astype(int) - large
        assert bool(error.any()) is not settled
        assert header["turn"] == 3


def test_the_input_is_sent_once() -> None:
    first, files = unpacked(stage._message(scene(), move()))
    assert np.array_equal(read_image("input", files[first["source"]["start"] : first["source"]["end"]]).pixels, PIXELS)
    again, fewer = unpacked(stage._message(scene(), move(have=first["digest"])))
    assert again["source"] is None
    assert len(fewer) == again["output"]["end"] < len(files)


def test_handles_of_a_spline_stand_in_the_coordinates_of_the_frame() -> None:
    header, _ = unpacked(stage._message(scene(theta=identity_of("tps"), family="tps"), move()))
    assert header["handles"][0] == pytest.approx([-1 / 1.5, -1])
    assert header["dials"] == []


def test_dials_show_theta() -> None:
    theta = np.array([[0.5, 0, 0.25], [0, 9.0, 0]])
    header, _ = unpacked(stage._message(scene(theta=theta), move()))
    assert {dial["name"]: dial["value"] for dial in header["dials"]} == {
        "rotation_deg": 0, "scale_x": 0.5, "scale_y": 9, "shear": 0, "shift_x": 0.25, "shift_y": 0,
    }  # fmt: skip


def test_a_link_that_names_a_dial_is_told_where_its_number_belongs(open_page: OpenPage) -> None:
    assert not open_page("warp", family="similarity").warning
    [told] = open_page("warp", family="similarity", rotation="5").warning
    assert told.value == "rotation in this link is not used: what the dials say stands in its theta."


def test_a_link_of_an_earlier_version_opens_the_same(open_page: OpenPage) -> None:
    app = open_page("warp", look="Pixel", show="outside", kernel="lanczos")
    assert not app.exception
    assert app.button_group(key="show").value == "Pixel"
    assert app.button_group(key="marks").value == ["outside"]
    assert app.selectbox(key="kernel").value == "lanczos"
    assert dict(app.query_params) == {"show": "Pixel", "marks": "outside", "kernel": "lanczos"}


CORNERS = {"show": "Corners", "image": "coins", "points": "20,15 85,20 75,85 10,80"}


@pytest.mark.parametrize("many", [False, True], ids=["a rectangle", "places"])
def test_corners_of_the_address_are_put_right_and_the_file_is_that_of_the_shell(
    open_page: OpenPage, tmp_path: Path, many: bool
) -> None:
    to = "10,10 90,10 90,90 10,90 50,50"
    points = f"{CORNERS['points']} 50,50" if many else CORNERS["points"]
    query = {"bring": "Places that I drag", "points": points, "places": to} if many else {}
    app = open_page("warp", **CORNERS | query)
    assert not app.exception
    assert any(text.value.startswith("5 pairs are missed" if many else "Four corners are met") for text in app.markdown)
    picture = sample("coins")
    corners, places = (points_of(text, (1, 1), "") / 50 - 1 for text in (points, to))
    file = corners_panel.put_right_file(picture, corner_points.Pairs(corners, places), Sampling(), not many, "a.png")
    (tmp_path / "coins.png").write_bytes(to_png(picture.pixels))
    options = ["--corners", percent(points), *(["--to", percent(to)] if many else []), "--out", str(tmp_path / "a.png")]
    CliRunner().invoke(command, [str(tmp_path / "coins.png"), *options], catch_exceptions=False)
    made, expected = (read_image("", content, None).pixels for content in (file, (tmp_path / "a.png").read_bytes()))
    assert made.shape == expected.shape
    assert np.abs(made.astype(int) - expected).max() <= 1  # of 255: rounding


def percent(points: str) -> str:
    return " ".join(f"{word.replace(',', '%,')}%" for word in points.split())


def test_points_that_determine_nothing_are_told_and_one_is_added_and_removed(open_page: OpenPage) -> None:
    app = open_page("warp", **CORNERS | {"points": "20,15 50,15 80,15 10,80"})
    assert [error.value for error in app.error] == ["Points 1, 2 and 3 lie on a line; move one of them off it."]
    app = open_page("warp", bring="Places that I drag", **CORNERS)
    app.button(key="add_point").click().run()
    assert len(app.query_params["points"].split()) == len(app.query_params["places"].split()) == 5
    app.button(key="remove_point").click().run()
    assert app.query_params["points"] == "20.00,15.00 85.00,20.00 75.00,85.00 10.00,80.00"
    app.button_group(key="show").set_value("Theta").run()  # the homography of the points stays
    bent = parse_theta(app.query_params["theta"])
    corners = points_of(CORNERS["points"], (1, 1), "") / 50 - 1
    assert np.allclose(in_frame(bent, *sample("coins").pixels.shape[1::-1]), put_right_theta(corners), atol=0.01)


def put_right_theta(corners: np.ndarray) -> np.ndarray:
    return through_pairs(np.array([[-1.0, -1], [1, -1], [1, 1], [-1, 1]]), corners).theta


def test_a_step_is_walked_forward_and_back_and_taken(open_page: OpenPage) -> None:
    app = open_page("warp", show="Step", theta="1 0.1 0 -0.1 1 0.05", image="coins")
    assert not app.exception
    shown = []
    for _ in STAGES:
        shown.append(app.select_slider(key="walk").value)
        if not app.button(key="walk_right").disabled:
            app.button(key="walk_right").click().run()
            assert not app.exception
    assert shown == list(STAGES)
    before, after = losses_of(app)
    assert after < before
    theta = app.query_params["theta"]
    app.button(key="take_step").click().run()
    assert app.query_params["theta"] != theta
    assert losses_of(app)[0] == pytest.approx(after, rel=0.01)
    assert f"**1 step taken**: loss {before:.5f} → {after:.5f}." in beside_the_button(app)
    app.button(key="walk_left").click().run()
    assert app.select_slider(key="walk").value == "∂L/∂θ"


def test_steps_taken_at_the_input_are_counted_and_lead_to_where_both_thetas_are_seen(open_page: OpenPage) -> None:
    app = open_page("warp", show="Step", theta="1 0.1 0 -0.1 1 0.05", image="coins")
    assert beside_the_button(app).startswith("This step: loss ")
    for steps in (1, 2):
        app.button(key="take_step").click().run()
        assert app.select_slider(key="walk").value == list(STAGES)[-1]
        assert f"**{steps} step{'s' if steps > 1 else ''} taken**" in beside_the_button(app)
    app.select_slider(key="eta").set_value("10").run()
    app.button(key="take_step").click().run()
    assert "**3 steps taken**" in beside_the_button(app)
    assert "the last one **rose**" in beside_the_button(app)
    app.button(key="identity").click().run()
    assert "taken" not in beside_the_button(app)


def test_the_first_picture_turned_by_5_degrees_arrives_at_the_usual_rate_without_a_rise() -> None:
    losses: list[float] = []
    theta = np.array([[np.cos(np.pi / 36), -np.sin(np.pi / 36), 0], [np.sin(np.pi / 36), np.cos(np.pi / 36), 0]])
    for _ in range(40):
        step = training_step(sample("astronaut").pixels, theta, "affine", Sampling(), float(RATE))
        theta = step.new_theta
        losses += [step.loss]
    assert losses == sorted(losses, reverse=True)
    assert np.allclose(theta, np.eye(2, 3), atol=1e-3)


def beside_the_button(app: AppTest) -> str:
    return next(text.value for text in app.markdown if "loss 0." in text.value)


def losses_of(app: AppTest) -> tuple[float, ...]:
    """The loss before and after the step, as the last stage says them."""
    text = next(text.value for text in app.markdown if text.value.startswith("The loss"))
    return tuple(float(number) for number in re.findall(r"\d\.\d+", text))


LOOKED_AT = {
    "scale 2, beyond what is shown": "2 0 0 0 2 0",
    "singular": "1 2 0 0.5 1 0",
    "singular, in sight": "0.4 0.8 0 0.2 0.4 0",
    "a point": "0 0 0.3 0 0 0.1",
    "shift 0.5": "1 0 0.5 0 1 0",
    "20° and scale 2": "1.87939 -0.68404 0 0.68404 1.87939 0",
    "mirrored": "-0.8 0.1 0 0 0.7 0.1",
    "homography": "1 0.1 0 0 1.2 0 0.5 0.2 1",
    "spline": " ".join(f"{number:g}" for number in identity_of("tps").round(3).ravel() * 0.9),
}


@pytest.mark.parametrize("bring", [corners_panel.RECTANGLE, corners_panel.PLACES])
@pytest.mark.parametrize("theta", LOOKED_AT.values(), ids=LOOKED_AT)
def test_to_look_at_the_corners_changes_neither_theta_nor_its_family(open_page: OpenPage, theta: str, bring: str) -> None:
    app = open_page("warp", theta=theta, image="coins", bring=bring)
    before = app.session_state["theta"].copy()
    family = app.button_group(key="family").value
    for show in ("Corners", "Pixel", "Corners", "Theta"):
        app.button_group(key="show").set_value(show).run()
        assert not app.exception
        assert app.query_params["theta"] == theta
    assert np.array_equal(app.session_state["theta"], before)
    assert app.button_group(key="family").value == family


def test_a_link_to_the_corners_of_a_theta_keeps_it_too(open_page: OpenPage) -> None:
    app = open_page("warp", theta="2 0 0 0 2 0", show="Corners", image="coins")
    app.button_group(key="show").set_value("Theta").run()
    assert app.query_params["theta"] == "2 0 0 0 2 0"
    assert app.button_group(key="family").value == "affine"


def test_the_start_is_kept_by_a_look_at_its_corners(open_page: OpenPage) -> None:
    app = open_page("warp", image="coins")
    before = app.session_state["theta"].copy()
    for show in ("Corners", "Theta"):
        app.button_group(key="show").set_value(show).run()
    assert np.allclose(app.session_state["theta"], before, atol=1e-5)
    assert app.button_group(key="family").value == "affine"


@pytest.mark.parametrize(("theta", "said"), [("2 0 0 0 2 0", True), ("1 0 0.4 0 1 0", True), ("0.9 0 0 0 0.9 0", False)])
def test_corners_beyond_what_is_shown_are_told(open_page: OpenPage, theta: str, said: bool) -> None:
    app = open_page("warp", theta=theta, show="Corners", image="coins")
    assert [info.value for info in app.info] == [corners_panel.BEYOND] * said
    assert any(text.value.startswith("Four corners are met") for text in app.markdown) is not said


@pytest.mark.parametrize("family", ["affine", "projective"])
def test_a_singular_theta_stays_singular_in_wider_families(family: FamilyName) -> None:
    bent = parse_theta("1 2 0 0.5 1 0")
    widened = nearest_in(family, bent)
    assert np.array_equal(widened[:2], bent)


@pytest.mark.parametrize(("theta", "area", "sign"), [("0.5 0 0 0 -0.65 0", "0.325", "−"), ("0.5 0 0 0 0.65 0", "0.325", "")])
def test_a_negative_determinant_is_an_area_and_a_mirror(open_page: OpenPage, theta: str, area: str, sign: str) -> None:
    app = open_page("warp", theta=theta, image="coins")
    [words] = [text.value for text in app.markdown if text.value.startswith("**In parts**")]
    assert f"Determinant **{sign}{area}**: the grid covers **{area}** times its own area" in words
    assert ("the picture is **mirrored**" in words) is bool(sign)
    assert ("not mirrored" in words) is not bool(sign)


def test_the_sampling_grid_is_the_regular_grid_moved_by_theta(open_page: OpenPage) -> None:
    app = open_page("warp", show="Step", walk="Grid T_θ(G)", theta="1 0.1 0 -0.1 1 0", image="coins")
    assert app.select_slider(key="walk").value == "Grid T_θ(G)"
    assert any(text.value.startswith("**The sampling grid** $T_\\theta(G)$: $G$ is the regular grid") for text in app.markdown)
    assert "G = T" not in " ".join(text.value for text in [*app.markdown, *app.latex])


def test_the_source_of_a_pixel_has_one_name(open_page: OpenPage) -> None:
    app = open_page("warp", show="Pixel", theta="0.7 0.1 0 -0.1 0.8 0.1", image="coins")
    [sentence] = [text.value for text in app.markdown if text.value.startswith("Output pixel")]
    assert "x_i^s =" in sentence
    assert "k(x_i^s - m" in app.latex[0].value
    assert not re.search(r"x_s\b|x_i\b(?!\^s)", " ".join([sentence, *(text.value for text in app.latex)]))
