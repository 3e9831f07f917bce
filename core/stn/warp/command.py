"""`warp` on the command line: one image at its full size under a given theta. Heavy modules are imported when it runs."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from core.errors import InvalidRequest
from core.runs.store import write_atomically
from core.shell import as_json, names_option, say
from core.stn.shell import brighten_option
from core.system.files import read_file

if TYPE_CHECKING:
    import numpy as np

    from core.stn.geometry.warping import Sampling
    from core.stn.warp.corners import PutRight, Size

FLAT = 1e-6  # a grid that covers so small a share of the picture is a line or a point
SINGULAR = "theta is singular: the whole output looks at one line or one point of the photo"
_PARTS = {
    "rotation": "Degrees, positive where the picture appears turned counter-clockwise.",
    "scale": "Both scales at once; above 1 the picture appears smaller.",
    "scale-x": "Instead of --scale.",
    "scale-y": "Instead of --scale; below 0 mirrors.",
    "shear": "Of the x axis.",
    "shift-x": "In half short sides.",
    "shift-y": "In half short sides.",
}


def _part_options(command: Callable[..., None]) -> Callable[..., None]:
    for name, text in reversed(_PARTS.items()):
        command = click.option(f"--{name}", type=float, help=text)(command)
    return command


def _sampling(kernel: str, padding: str, phi: float | None, antialias: bool) -> Sampling:
    from core.stn.geometry.kernels import BROADEST, KERNELS, PADDINGS, SHARPEST
    from core.stn.geometry.warping import Sampling

    for option, name, choices in (("kernel", kernel, tuple(KERNELS)), ("padding", padding, tuple(PADDINGS))):
        if name not in choices:
            raise InvalidRequest(f"--{option} {name!r} is not known; choose one of {', '.join(choices)}")
    if phi is not None and not KERNELS[kernel].width:
        wide = " or ".join(row.name for row in KERNELS.values() if row.width)
        raise InvalidRequest(f"--phi {phi:g} is not read by the {kernel} kernel; add --kernel {wide}")
    if phi is not None and not 0 < phi <= BROADEST:
        raise InvalidRequest(f"--phi {phi:g} will not do; give a width in pixels above 0 and up to {BROADEST:g}")
    return Sampling(kernel, padding, SHARPEST if phi is None else phi, antialias)


def _in_family(family: str | None, theta: np.ndarray) -> np.ndarray:
    from core.stn.geometry.families import FAMILIES
    from core.stn.warp.controls import nearest_in

    if family is None:
        return theta
    if family not in FAMILIES:
        raise InvalidRequest(f"--family {family!r} is not known; choose one of {', '.join(FAMILIES)}")
    return nearest_in(family, theta)


def _facts(theta: np.ndarray, width: int, height: int, isotropic: np.ndarray | None = None) -> dict[str, Any]:
    """What can be said about a warp: its parts in square coordinates, the shares (0 to 1) outside and folded, a note.

    `isotropic` is the theta between square coordinates on both sides, where the output has other proportions than the picture.
    """
    from core.stn.geometry.theta import parts
    from core.stn.geometry.warping import laid_on

    bend, named = laid_on(theta, height, width), parts(theta if isotropic is None else isotropic)
    derived = {"determinant": named.determinant, "condition": named.condition}
    numbers = {name: value if math.isfinite(value) else None for name, value in (vars(named) | derived).items()}
    return {
        "parts": numbers | {"mirrored": named.mirrored},
        "outside": float(bend.outside.mean()),
        "folded": float(bend.folded.mean()),
        "note": SINGULAR if abs(named.determinant) < FLAT else "",
    }


def _through_points(corners: str, to: str | None, picture: Size, output: Size | None) -> PutRight:
    """What --corners and --to ask for, of a picture of this size."""
    from core.stn.warp.corners import points_of, put_right

    places = points_of(to, output or picture, "--to") if to is not None else None
    return put_right(points_of(corners, picture, "--corners"), picture, places, output)


def _facts_of_points(right: PutRight) -> dict[str, Any]:
    """The homography through points and how well they determine it, in pixels."""
    return {
        "size": list(right.size),
        "homography": right.pixel_theta.tolist(),
        "inverse": right.pixel_inverse.tolist(),
        "condition": right.fit.condition,
        "equations_condition": right.fit.equations_condition,
        "equations_condition_unscaled": right.pixel_equations_condition,
        "residuals": right.residuals.tolist(),
        "rms": right.rms,
    }


def _facts_of_step(
    pixels: np.ndarray, theta: np.ndarray, family: str | None, sampling: Sampling, rate: float
) -> dict[str, Any]:
    """One step of gradient descent on a photo, its theta in square coordinates."""
    from core.stn.geometry.kinds import in_frame
    from core.stn.warp.controls import family_of
    from core.stn.warp.training_step import training_step

    if not 0 < rate < math.inf:
        raise InvalidRequest(f"--step {rate:g} is no learning rate; give a number above 0, such as 0.3")
    step = training_step(pixels, theta, family or family_of(theta), sampling, rate)
    return {
        "loss": step.loss,
        "numbers": dict(zip(step.names, step.numbers.tolist(), strict=True)),
        "gradient": dict(zip(step.names, step.by_numbers.tolist(), strict=True)),
        "gradient_by_differences": dict(zip(step.names, step.by_difference.tolist(), strict=True)),
        "rate": rate,
        "theta": in_frame(step.new_theta, *pixels.shape[1::-1]).tolist(),
        "loss_after": step.new_loss,
    }


def _theta(text: str | None, given: dict[str, float], width: int, height: int) -> np.ndarray:
    """The given theta, in square coordinates."""
    from core.stn.geometry.kinds import in_square
    from core.stn.geometry.theta import Parts, check_size, parse_theta, theta_of

    if (text is None) == (not given):
        raise InvalidRequest(
            'a warp needs either --theta, such as --theta "1 0 0 0 1 0", or parts, such as --rotation 20, or --corners'
        )
    if text is None:
        if not all(math.isfinite(value) for value in given.values()):
            raise InvalidRequest(f"the parts are {given}; give finite numbers")
        for name, value in given.items():
            check_size(f"--{name.replace('_', '-')}", [value])
            if value == 0 and name.startswith("scale"):
                raise InvalidRequest(f"--{name.replace('_', '-')} 0 makes one point or line of the photo; give another scale")
        scale = given.pop("scale", 1.0)
        angle = given.pop("rotation", 0.0)
        return theta_of(Parts(**{"rotation_deg": angle, "scale_x": scale, "scale_y": scale} | given)).numpy()
    return in_square(parse_theta(text), width, height)


def _check_without_corners(theta: str | None, to: str | None, size: str | None) -> None:
    """InvalidRequest for options that are not read without --corners."""
    if to is not None:
        raise InvalidRequest("--to says where --corners belong; add --corners, or leave it out")
    if size is not None and theta is None:
        raise InvalidRequest("--size is read with --corners or --theta; add one of them, or leave it out")


def _check_points_alone(theta: str | None, given: dict[str, float], family: str | None) -> None:
    """InvalidRequest for --corners beside what else says how to bend."""
    if theta is not None or given or family is not None:
        raise InvalidRequest("--corners alone says how the image is bent; leave out --theta, its parts and --family")


@click.command()
@click.argument("photo", type=click.Path(path_type=Path))
@click.option(
    "--theta",
    help="Output to input: 6 numbers (A_θ) or 9 (a homography) in the photo's normalised coordinates, "
    "or 32 (a spline's source points) in square ones.",
)
@_part_options
@click.option(
    "--corners",
    help='Instead of a theta: the corners of a page, clockwise from its top left, such as "12,20 300,15 310,400 8,390", in '
    "pixels or percent; the page becomes a rectangle. With --to, four or more points.",
)
@click.option("--to", help="Where the --corners belong on the output, as many points; more than four by least squares.")
@click.option("--size", help="With --corners or --theta: width x height of the output, such as 600x800.")
@names_option(
    "--family", "core.stn.geometry.families:FAMILIES", help="Bend by the nearest theta of this family: one of {names}."
)
@names_option("--kernel", "core.stn.geometry.kernels:KERNELS", default="bilinear")
@names_option("--padding", "core.stn.geometry.kernels:PADDINGS", default="border")
@click.option("--phi", type=float, help="The Gaussian's standard deviation in pixels.")
@click.option("--antialias", is_flag=True, help="Where the grid zooms out, read a smoothed copy.")
@brighten_option
@click.option(
    "--step", type=float, help="Also one step of gradient descent with this learning rate, the photo itself being the target."
)
@click.option("--out", required=True, type=click.Path(path_type=Path), help="Where to write the image (PNG keeps it exact).")
@as_json
def warp(
    photo: Path, theta: str | None, corners: str | None, to: str | None, size: str | None, family: str | None, kernel: str,
    padding: str, phi: float | None, antialias: bool, brighten: bool, step: float | None, out: Path, as_json: bool,
    **parts: float | None,
) -> None:  # fmt: skip
    """Bend one image, at its full size, by --theta, by its parts, or by --corners that are put right."""
    from core.stn.datasets.images import read_image
    from core.stn.datasets.picture_files import bent, file_of
    from core.stn.geometry.kinds import in_frame
    from core.stn.warp.corners import size_of

    sampling = _sampling(kernel, padding, phi, antialias)
    given = {name: value for name, value in parts.items() if value is not None}
    picture = read_image(photo.name, read_file(photo), longest=None, brighten=brighten)
    height, width = picture.pixels.shape[:2]
    output = size_of(size) if size is not None else None
    if corners is None:
        _check_without_corners(theta, to, size)
        width, height = output or (width, height)
        square = _in_family(family, _theta(theta, given, width, height))
        about = _facts(square, width, height)
    else:
        _check_points_alone(theta, given, family)
        right = _through_points(corners, to, (width, height), output)
        square, (width, height) = right.theta, right.size
        about = _facts(square, width, height, right.fit.theta) | _facts_of_points(right)
        about["note"] = "; ".join(filter(None, [right.note, about["note"]]))
    if step is not None:
        if (height, width) != picture.pixels.shape[:2]:
            raise InvalidRequest("--step compares the output with the photo; leave out --size, and --corners without --to")
        about["step"] = _facts_of_step(picture.pixels, square, family, sampling, step)
    file = file_of(out.name, bent(picture, square, sampling, (height, width)))
    write_atomically(out, file.content)
    answer = {"out": str(out), "theta": in_frame(square, width, height).tolist(), "dropped": list(file.dropped)} | about
    notes = [f"without {', '.join(file.dropped)}"] if file.dropped else []
    notes += (
        ["nearly black, since it uses few of its levels: --brighten shows it brighter"] if picture.dark and not brighten else []
    )
    if step is not None:
        notes.append(
            f"one step of {step:g} takes the loss from {about['step']['loss']:.5f} to {about['step']['loss_after']:.5f}"
        )
    say(as_json, answer, "; ".join(filter(None, [f"wrote {out}", *notes, about["note"]])))
