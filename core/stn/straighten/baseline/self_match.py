"""Pictures that look the same when turned: nobody can say by how much such a picture was turned, so no network can.

Read as the network reads it, a picture is compared with itself turned by ever more (the correlation inside the disc that every
turn keeps). It matches itself where the correlation comes back after it had fallen (a wheel), or never falls (a disc). What
only resembles itself at small turns, as a slow change of brightness does, keeps falling. A regular pattern may match when it
is moved besides, which a network has to undo as well: a checkerboard turned by 90° and moved by a square.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from core.stn.datasets.canvas import Canvases, canvases_of, read
from core.stn.datasets.canvas_size import CANVAS, EXTENT, VIEW
from core.stn.geometry.frames import in_disc
from core.stn.geometry.theta import Parts, frame_grid, theta_of
from core.stn.straighten.looking.view import views

SMALLEST = 8.0  # degrees: a smaller turn leaves most pictures nearly as they are
STEP = 0.5  # degrees from one turn to the next
ALIKE, COMING_BACK = 0.97, 0.1  # correlations: at least so high, after it was so much lower
NEVER_FALLING = 0.995
OF_PATTERNS = (60.0, 90.0, 120.0, 180.0)  # degrees: the turns that a regular pattern can have (crystallographic restriction)
INNER, REACH = 0.65, 0.35  # square coordinates: the disc that is looked for elsewhere, and how far from its place
MOST_PHOTOS = 30  # are looked at, which takes a second


def _turns(angles: Tensor) -> Tensor:
    return torch.stack([theta_of(Parts(rotation_deg=float(angle))) for angle in angles]).float()


def _correlations(canvas: Canvases, angles: Tensor) -> Tensor:
    """Of the views of one picture, turned by each angle, with the first of them: (angles,)."""
    looks = views(canvas.expand(len(angles)), _turns(angles)).flatten(1)
    return (looks @ looks[0]) / (looks.norm(dim=1) * looks[0].norm()).clamp(min=1e-9)


def _elsewhere(canvas: Canvases, angle: float) -> float:
    """The highest correlation of the middle of a picture, turned, with any place near the middle of it as it is."""
    disc = in_disc(VIEW, VIEW, INNER).float()
    turned = read(canvas, frame_grid(_turns(torch.tensor([angle])), VIEW, VIEW))[0, 0]
    template = (turned - (turned * disc).sum() / disc.sum()) * disc
    picture, size = canvas.pixels[0, 0], (CANVAS + VIEW, CANVAS + VIEW)
    spectra = [torch.fft.rfft2(one, size) for one in (picture, picture.square())]
    kernels = [torch.fft.rfft2(one, size).conj() for one in (template, disc)]
    both, mean, square = (
        torch.fft.irfft2(spectrum * kernel, size)[: CANVAS - VIEW, : CANVAS - VIEW]
        for spectrum, kernel in ((spectra[0], kernels[0]), (spectra[0], kernels[1]), (spectra[1], kernels[1]))
    )
    spread = (square - mean.square() / disc.sum()).clamp(min=1e-6).sqrt()
    middle, far = (CANVAS - VIEW) // 2, round(REACH * CANVAS / (2 * EXTENT))
    near = slice(middle - far, middle + far + 1)
    return float((both / (spread * template.norm().clamp(min=1e-6)))[near, near].max())


@torch.inference_mode()
def self_match_deg(picture: np.ndarray, max_angle: float) -> float | None:
    """The smallest turn above SMALLEST degrees after which a picture (H, W, 3), uint8, looks as before; None where there is
    none that two turns of up to ± `max_angle` degrees can be apart.
    """
    canvas, most = canvases_of([picture]), min(180.0, 2 * max_angle)
    angles = torch.arange(0, most + STEP / 2, STEP)
    alike = _correlations(canvas, angles)
    lowest = alike.cummin(0).values
    far = angles > SMALLEST
    matches = far & (((alike >= ALIKE) & (alike - lowest >= COMING_BACK)) | (lowest[-1] >= NEVER_FALLING))
    if matches.any():
        first = angles[matches][0]
        near = matches & (angles < first + SMALLEST)
        return float(angles[(alike * near).argmax()])
    turns = [angle for angle in OF_PATTERNS if SMALLEST < angle <= most]
    return next((angle for angle in turns if _elsewhere(canvas, angle) >= ALIKE and float(lowest[-1]) < 0.9), None)
