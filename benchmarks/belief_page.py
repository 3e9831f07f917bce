"""The page docs/BELIEF.md and its figure, from what `benchmarks.belief` measured."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from core.theme import PALETTES

DOCS = Path(__file__).parents[1] / "docs"
PAGE, FIGURE = DOCS / "BELIEF.md", DOCS / "belief.svg"
SIDE, LEFT, TOP = 320, 60, 20  # pixels of the figure: its square, and what is beside and above it
NORMAL = 1.96  # standard errors of an interval at 95 %
_HEAD = """# When an answer is believed, is it right?

Measured on {day} by `python -m benchmarks belief`, which writes this page. Each network learned for a minute, but
where its row says otherwise, and was asked about {trials} new tilts of its own photos and {trials} distorted pictures of other
kinds: textures, cells, the moon, a retina, boards, a page, landscapes, cut-outs of photos without faces. None of them is among
the pictures by which a run calibrates its belief. *Right* is off by less than 2°; *believed* is a belief of 80 % or more;
errors are medians.

| network | steps | own photos: error | right | believed | others: error | believed | wrong among the believed |
|---|---|---|---|---|---|---|---|
"""
_CURVE = """
## The calibration curve

All {answers:,} answers of these networks by their belief; intervals at 95 % (Wilson). Most answers lie at the ends.

![Share of right answers against belief, with the diagonal on which both are the same](belief.svg)

| belief | answers | mean belief | right |
|---|---|---|---|
"""


def write_page(figures: dict[str, Any]) -> None:
    """Write docs/BELIEF.md and docs/belief.svg."""
    networks = list(figures["networks"].values())
    page = _HEAD.format(day=datetime.now(UTC).date(), trials=figures["trials_each"])
    page += "\n".join(map(_row, [*networks, {"title": "together", "steps": "", **figures["together"]}])) + "\n"
    page += _CURVE.format(answers=sum(at["answers"] for at in figures["curve"]))
    page += "\n".join(map(_bin, figures["curve"])) + "\n"
    PAGE.write_text(page, encoding="utf-8")
    FIGURE.write_text("\n".join(drawn(figures["curve"])) + "\n", encoding="utf-8")


def _percent(share: float | None, digits: int = 1) -> str:
    return "nothing is believed" if share is None else f"{share:.{digits}%}".replace("%", " %")


def _row(network: dict[str, Any]) -> str:
    errors = [f"{network[f'{kind}_median_error_deg']:.2g}°" for kind in ("own", "others")]
    own, others = (_percent(network[f"{kind}_believed"]) for kind in ("own", "others"))
    cells = [network["title"], network["steps"], errors[0], _percent(network["own_right"]), own, errors[1], others]
    return f"| {' | '.join(map(str, cells))} | {_percent(network['wrong_among_believed'])} |"


def _bin(at: dict[str, float]) -> str:
    bounds = f"{max(0.0, at['from']):.0%} to {at['to']:.0%}".replace("%", " %")
    return f"| {bounds} | {at['answers']:,} | {_percent(at['belief'])} | {_percent(at['right'])} |"


def _interval(share: float, count: int) -> tuple[float, float]:
    """Wilson's, at 95 %."""
    square = NORMAL**2 / count
    middle = (share + square / 2) / (1 + square)
    half = NORMAL / (1 + square) * math.sqrt(share * (1 - share) / count + square / (4 * count))
    return middle - half, middle + half


def drawn(curve: Sequence[dict[str, float]]) -> Iterator[str]:
    """The curve as the lines of an SVG: a disc a bin, its area by the number of answers."""
    palette, bottom = PALETTES["light"], TOP + SIDE
    width, height = LEFT + SIDE + 20, bottom + 50
    yield f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" font-family="sans-serif" font-size="12">'
    yield f'<rect width="{width}" height="{height}" fill="{palette.paper}"/>'
    for share in (0.0, 0.2, 0.4, 0.6, 0.8, 1.0):
        x, y = _at(share, share)
        yield f'<path d="M{LEFT} {y}h{SIDE}M{x} {TOP}v{SIDE}" stroke="{palette.rule}"/>'
        yield f'<text x="{LEFT - 8}" y="{y + 4}" text-anchor="end" fill="{palette.muted}">{share:.0%}</text>'
        yield f'<text x="{x}" y="{bottom + 18}" text-anchor="middle" fill="{palette.muted}">{share:.0%}</text>'
    yield f'<path d="M{LEFT} {bottom}L{LEFT + SIDE} {TOP}" stroke="{palette.muted}" stroke-dasharray="5 4"/>'
    for at in curve:
        x, y = _at(at["belief"], at["right"])
        low, high = (_at(0, share)[1] for share in _interval(at["right"], int(at["answers"])))
        yield f'<path d="M{x} {low}V{high}" stroke="{palette.spatial}" stroke-width="1.5"/>'
        yield f'<circle cx="{x}" cy="{y}" r="{_radius(at["answers"])}" fill="{palette.spatial}" fill-opacity="0.7"/>'
    yield f'<text x="{LEFT + SIDE / 2}" y="{bottom + 40}" text-anchor="middle" fill="{palette.ink}">mean belief</text>'
    yield (
        f'<text transform="translate(14 {TOP + SIDE / 2}) rotate(-90)" text-anchor="middle" fill="{palette.ink}">'
        "off by less than 2°</text>"
    )
    yield "</svg>"


def _at(belief: float, right: float) -> tuple[float, float]:
    return round(LEFT + SIDE * belief, 1), round(TOP + SIDE * (1 - right), 1)


def _radius(answers: float) -> float:
    return round(2 + math.sqrt(answers) / 4, 1)
