"""What a logarithmic axis says: powers of ten, and 1, 2 and 5 times them where it spans few.

Plotly by itself writes a bare "2" or "5" between two powers, which reads as another number.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

FEW = 2.5  # decades: up to here 2 and 5 times them are named too
MOST = 7  # labels
NEARLY = 1e-3  # the same, as a share
PLAIN = range(-4, 6)  # powers of ten that are written out


def log_axis(*values: Iterable[float]) -> dict[str, Any]:
    """The fields of a Plotly axis on a logarithmic scale for numbers of which those above 0 are drawn."""
    every = np.array([number for some in values for number in some], float)
    drawn = every[np.isfinite(every) & (every > 0)]
    if not drawn.size:
        return {"type": "log"}
    ticks = log_ticks(float(drawn.min()), float(drawn.max()))
    return {"type": "log", "tickvals": ticks, "ticktext": [in_words(tick) for tick in ticks]}


def log_ticks(low: float, high: float) -> list[float]:
    """The numbers to name between two numbers above 0: decades; where these are few also 2 and 5 times them; where no two of
    them lie inside, round numbers equally far apart."""
    decades = range(int(np.floor(np.log10(low))), int(np.ceil(np.log10(high))) + 1)
    steps = (1, 2, 5) if np.log10(high / low) <= FEW else (1,)
    inside = [step * 10.0**decade for decade in decades for step in steps if low <= step * 10.0**decade <= high * (1 + 1e-9)]
    if len(inside) < 2:
        return _equally_apart(low, high)
    return inside[:: -(-len(inside) // MOST)] if len(steps) == 1 else inside


def _equally_apart(low: float, high: float) -> list[float]:
    """2 to 6 round numbers between two; the lower end in place of them where both are nearly the same."""
    span = high - low
    if span < NEARLY * high:
        return [float(f"{low:.3g}")]
    power = 10.0 ** np.floor(np.log10(span / 4))
    step = power * next(factor for factor in (1, 2, 5, 10) if span <= 5 * factor * power)
    return [float(f"{step * n:.6g}") for n in range(int(np.ceil(low / step)), int(np.floor(high / step)) + 1)]


def in_words(tick: float) -> str:
    """0.02, 5,000; 10⁻⁶ where that would be long."""
    power = int(np.floor(np.log10(tick) + 1e-9))
    if power in PLAIN:
        return f"{tick:,g}"
    factor = round(tick / 10.0**power, 2)
    return f"{'' if factor == 1 else f'{factor:g} × '}10<sup>{str(power).replace('-', '−')}</sup>"
