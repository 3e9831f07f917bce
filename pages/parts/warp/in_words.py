"""What a warp does to the picture, in words below the stage."""

from __future__ import annotations

from core.stn.geometry.kernels import PADDINGS
from core.stn.geometry.warping import Bend, Sampling


def percent(share: float) -> str:
    return "Less than 1 %" if 0 < share < 0.01 else f"{100 * share:.0f} %"


def warp_in_words(bend: Bend, sampling: Sampling) -> str:
    """The warp in words."""
    words = f"{percent(bend.outside.mean())} of the grid lies outside the image (red); there {PADDINGS[sampling.padding]}."
    if bend.squeezed:
        return f"{words} The whole output looks at one line or one point: the Jacobian's determinant is 0 (θ is singular)."
    if bend.folded.all():
        return f"{words} The whole output is mirrored: the Jacobian's determinant is below 0."
    if bend.folded.any():
        words += (
            f" {percent(bend.folded.mean())} of the output is folded over (amber stripes): there the Jacobian's determinant is "
        )
        words += "not above 0, and what is seen is seen mirrored, a second time."
    return words
