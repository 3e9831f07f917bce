"""The power of a test: the smallest true gain that it shows in 4 of 5 cases.

Let a forecast without noise of its own move its rival a little, and let it be right to do so. It gains Δ in mean loss, and the
variance of the loss difference of a day is `noise` times Δ: where a squared error gains E g², its difference g² + 2ge varies by
about 4 E g² times the mean squared error; the noise of other losses stands beside them (`LossFunction.noise`). Over n origins
the Diebold–Mariano statistic is then about √(n Δ / noise). It reaches z = z_level + 0.84, power 80 %, when n Δ = noise · z². A
model that adds noise of its own needs more, and that its losses show (`DieboldMariano.detectable`).
"""

from __future__ import annotations

from core.rnn.evaluation.significance import ALPHA, POWER_Z


def detectable_gain(noise: float, origins: float, level: float = ALPHA) -> float:
    """The smallest mean loss difference that shows in 4 of 5 cases at a two-sided level, without noise of the model's own."""
    from scipy.special import ndtri  # here: it loads for a quarter of a second

    if origins <= 0:
        raise ValueError(f"{origins} origins: want 1 or more")
    return noise * float(POWER_Z - ndtri(level / 2)) ** 2 / origins
