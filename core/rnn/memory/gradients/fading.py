"""How fast a gradient through time vanishes or explodes, in a sentence."""

from __future__ import annotations

import numpy as np

STEADY = 0.02  # a change a day below which it is said to stay as it is


def rate_a_day(sizes: np.ndarray) -> float:
    """The factor by which sizes (K,), k days before, change a day: the geometric mean while they are above 0; NaN of none."""
    reached = np.flatnonzero(sizes > 0)
    if len(reached) < 2 or reached[0] != 0:
        return np.nan
    last = int(reached[-1])
    return float((sizes[last] / sizes[0]) ** (1 / last))


def fading_in_words(sizes: np.ndarray, network: str) -> str:
    """What becomes of the gradient of a network on its way back."""
    rate, back = rate_a_day(sizes), len(sizes) - 1
    if np.isnan(rate):
        return f"No gradient reaches the states of the {network}."
    share = sizes[-1] / sizes[0]
    said = f"{back} days back the gradient of the {network} is {_times(share)} what it is on the last day"
    if abs(rate - 1) <= STEADY:
        return f"{said}: it neither vanishes nor explodes."
    if rate < 1:
        return f"{said}: it vanishes, by {100 * (1 - rate):.0f} % a day."
    return f"{said}: it explodes, by {100 * (rate - 1):.0f} % a day."


def _times(share: float) -> str:
    if 0.01 <= share < 100:
        return f"{share:.2g} times"
    if share == 0:
        return "0 times"
    mantissa, exponent = f"{share:.0e}".split("e")
    return rf"${mantissa} \cdot 10^{{{int(exponent)}}}$ times"
