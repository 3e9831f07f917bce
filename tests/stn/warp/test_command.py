from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from click.testing import CliRunner
from PIL import Image

from core.errors import InvalidRequest
from core.stn.datasets.images import read_image
from core.stn.export.theta_table import theta_table
from core.stn.geometry.families import FAMILIES, FamilyName
from core.stn.geometry.kernels import KERNELS, PADDINGS, KernelName, Padding
from core.stn.geometry.theta import Parts, for_frame, parse_theta, theta_of
from core.stn.geometry.warping import Sampling
from core.stn.geometry.warping import warp as seen_through
from core.stn.warp.command import warp
from tests.stn.datasets.test_images import SRGB


@pytest.fixture
def picture(photo: np.ndarray, tmp_path: Path) -> Path:
    path = tmp_path / "cat.png"
    Image.fromarray(photo[:100, :160]).save(path)
    return path


def bent(picture: Path, *options: str) -> tuple[dict, np.ndarray]:
    out = picture.parent / "bent.png"
    invoked = CliRunner().invoke(warp, [str(picture), "--out", str(out), "--json", *options], catch_exceptions=False)
    return json.loads(invoked.stdout), read_image("bent", out.read_bytes()).pixels


def test_parts_are_square_and_theta_is_framed(picture: Path, photo: np.ndarray) -> None:
    answer, pixels = bent(picture, "--rotation", "30", "--scale", "0.8", "--shift-x", "0.2")
    framed = for_frame(theta_of(Parts(30, 0.8, 0.8, 0, 0.2))[None], 160, 100)[0].numpy()
    assert np.allclose(answer["theta"], framed)
    assert answer["parts"]["rotation_deg"] == pytest.approx(30)
    assert answer["parts"]["determinant"] == pytest.approx(0.64)
    assert not answer["parts"]["mirrored"]
    assert np.array_equal(pixels, seen_through(photo[:100, :160], theta_of(Parts(30, 0.8, 0.8, 0, 0.2))))
    again, same = bent(picture, "--theta", " ".join(str(number) for number in np.ravel(answer["theta"])))
    assert np.array_equal(same, pixels)
    assert again["parts"] == pytest.approx(answer["parts"])


def test_kernel_padding_phi_and_care_are_those_asked_for(picture: Path, photo: np.ndarray) -> None:
    options = ("--kernel", "gaussian", "--phi", "1.5", "--padding", "zeros", "--antialias")
    answer, pixels = bent(picture, "--scale", "2", *options)
    sampling = Sampling("gaussian", "zeros", 1.5, antialias=True)
    expected = seen_through(photo[:100, :160], theta_of(Parts(scale_x=2, scale_y=2)), sampling)
    assert np.array_equal(pixels, expected)
    assert answer["outside"] == pytest.approx(0.75, abs=0.01)


def test_a_family_is_the_nearest_theta_of_it(picture: Path) -> None:
    answer, _ = bent(picture, "--rotation", "60", "--family", "attention")
    assert answer["parts"]["rotation_deg"] == pytest.approx(0)
    assert answer["parts"]["scale_x"] == pytest.approx(0.5)
    spline, _ = bent(picture, "--rotation", "60", "--family", "tps")
    assert np.shape(spline["theta"]) == (16, 2)


def test_what_folds_is_told(picture: Path) -> None:
    assert bent(picture, "--scale-y", "-1")[0]["folded"] == 1
    assert bent(picture, "--theta", "1 0 0 0 1 0 0.4 0 1")[0]["folded"] == 0
    singular = bent(picture, "--theta", "0 0 0 0 0 0")[0]
    assert singular["parts"]["condition"] is None  # JSON knows no infinity
    assert singular["folded"] == 1
    assert "theta is singular" in singular["note"]


@pytest.mark.parametrize("to", [(), ("--to", "10,10 150,20 140,90 20,80 80,50")], ids=["a rectangle", "places"])
def test_corners_are_put_right_and_theta_with_size_gives_the_same(picture: Path, to: tuple[str, ...]) -> None:
    corners = "20,10 150,25 130,90 5,70" + (" 70,45" if to else "")
    answer, pixels = bent(picture, "--corners", corners, *to)
    assert [*pixels.shape[1::-1]] == answer["size"]
    assert (answer["size"] == [160, 100]) is bool(to)
    assert (answer["rms"] > 0.1) is bool(to)
    assert len(answer["residuals"]) == 4 + bool(to)
    assert answer["equations_condition"] < 20 < 1e4 < answer["equations_condition_unscaled"]
    given = " ".join(str(number) for number in np.ravel(answer["theta"]))
    _, same = bent(picture, "--theta", given, "--size", "{}x{}".format(*answer["size"]))
    assert np.abs(same.astype(int) - pixels).max() <= 1  # of 255: rounding


def test_a_step_leads_back_and_its_theta_can_be_given(picture: Path) -> None:
    answer, _ = bent(picture, "--rotation", "4", "--step", "0.1")
    step = answer["step"]
    assert step["loss_after"] < step["loss"]
    assert np.allclose([*step["gradient"].values()], [*step["gradient_by_differences"].values()], atol=1e-3)
    theta = " ".join(str(number) for number in np.ravel(step["theta"]))
    again, _ = bent(picture, "--theta", theta, "--family", "affine", "--step", "0.1")
    assert again["step"]["loss"] == pytest.approx(step["loss_after"], rel=1e-6)


WRONG = {
    "a number that no grid can hold": (("--theta", "1e300 0 0 0 1e300 0"), "theta has the number 1e.300, which no grid"),
    "a part that no grid can hold": (("--shift-x", "-1e25"), "--shift-x has the number -1e.25, which no grid"),
    "no scale": (("--scale", "0"), "--scale 0 makes one point or line of the photo"),
    "no scale along y": (("--scale-y", "0"), "--scale-y 0 makes one point or line of the photo"),
    "neither theta nor parts": ((), "either --theta"),
    "both": (("--theta", "1 0 0 0 1 0", "--shear", "1"), "either --theta"),
    "five numbers": (("--theta", "1 0 0 0 1"), "give 6"),
    "a kernel nobody knows": (("--rotation", "1", "--kernel", "sinc"), "bilinear"),
    "a padding nobody knows": (("--rotation", "1", "--padding", "wrap"), "reflection"),
    "a family nobody knows": (("--rotation", "1", "--family", "cpab"), "tps"),
    "a width for the wrong kernel": (("--rotation", "1", "--phi", "2"), "--kernel gaussian"),
    "a width of nothing": (("--rotation", "1", "--phi", "0", "--kernel", "gaussian"), "above 0"),
    "a part that is no number": (("--rotation", "nan"), "finite"),
    "a step of nothing": (("--rotation", "1", "--step", "0"), "--step 0 is no learning rate"),
    "a step elsewhere": (("--corners", "0,0 90,0 80,80 0,80", "--step", "1"), "compares the output with the photo"),
    "corners and theta": (("--corners", "0,0 9,0 9,9 0,9", "--theta", "1 0 0 0 1 0"), "--corners alone says"),
    "places for no corners": (("--rotation", "1", "--to", "0,0 9,0 9,9 0,9"), "add --corners"),
    "a size for parts": (("--rotation", "1", "--size", "9x9"), "--corners or --theta"),
    "corners on a line": (("--corners", "0,0 5,5 9,9 0,9"), "points 1, 2 and 3 lie on a line"),
    "corners that cross": (("--corners", "0,0 90,0 0,80 90,80"), "cross; put them in the order"),
    "corners that are none": (("--corners", "0,0 90;0 0,80 90,80"), "'90;0', which is no point"),
}


@pytest.mark.parametrize(("options", "words"), WRONG.values(), ids=WRONG.keys())
def test_what_cannot_be_bent_is_one_sentence(picture: Path, options: tuple[str, ...], words: str) -> None:
    with pytest.raises(InvalidRequest, match=words):
        bent(picture, *options)


@pytest.mark.parametrize("padding", PADDINGS)
@pytest.mark.parametrize("kernel", KERNELS)
@pytest.mark.parametrize("theta", ["1e6 0 1e6 0 1e6 -1e6", "1 0 0 0 1 0 1e6 -1e6 1", "1 0 1e-320 0 1 0"])
@pytest.mark.filterwarnings("error")
def test_every_kernel_and_padding_shows_the_greatest_numbers(kernel: KernelName, padding: Padding, theta: str) -> None:
    pixels = np.full((9, 12, 3), 200, np.uint8)
    shown = seen_through(pixels, parse_theta(theta), Sampling(kernel, padding))
    assert shown.shape == pixels.shape
    assert padding == "zeros" or (np.abs(shown.astype(int) - 200) <= 1).all()


def test_transparency_and_profile_are_kept_or_said_to_be_dropped(tmp_path: Path) -> None:
    photo, content = tmp_path / "logo.png", np.full((40, 60, 4), 200, np.uint8)
    content[:, 30:, 3] = 0
    Image.fromarray(content).save(photo, icc_profile=SRGB)
    for name, mode, dropped in (("a.png", "RGBA", []), ("a.jpg", "RGB", ["transparency (laid onto white)"])):
        out = tmp_path / name
        invoked = CliRunner().invoke(warp, [str(photo), "--shift-x", "0.1", "--out", str(out)], catch_exceptions=False)
        assert invoked.stdout.strip() == "; ".join([f"wrote {out}", *(f"without {what}" for what in dropped)])
        with Image.open(out) as image:
            assert (image.mode, image.info["icc_profile"]) == (mode, SRGB)


@pytest.mark.parametrize("family", ["affine", "projective", "tps"])
@pytest.mark.parametrize("size", [(160, 100), (60, 100)], ids=["wide", "tall"])
def test_a_row_of_the_table_of_thetas_is_what_theta_takes(
    family: FamilyName, size: tuple[int, int], photo: np.ndarray, tmp_path: Path
) -> None:
    width, height = size
    Image.fromarray(photo[:height, :width]).save(path := tmp_path / "cut.png")
    random = torch.Generator().manual_seed(3)
    thetas = FAMILIES[family].theta(0.1 * torch.randn(1, len(FAMILIES[family].parameters), generator=random)).numpy()
    row = theta_table(["cut.png"], thetas, [size]).filter(like="theta_").iloc[0]
    answer, pixels = bent(path, "--theta", " ".join(map(str, row)))
    expected = seen_through(photo[:height, :width], thetas[0])
    assert np.abs(pixels.astype(int) - expected).max() <= 1  # of 255: rounding
    assert np.allclose(np.ravel(answer["theta"]), row)
