"""The section of docs/RESULTS.md on registration."""

from __future__ import annotations

from typing import Any

TITLE = "Registration of two pictures"
_HEAD = """{pairs} pairs made from the eight shipped photos (turned by up to ±20°, scaled by ±15 %, shifted by ±10 % of each
side, in another light), 384 pixels; mean error of the four corners in pixels. Right: at most 2 pixels. Seconds of the processor
on one thread, the belief included in ours. Written by `python -m benchmarks register`.
"""


def lines_of(figures: dict[str, Any]) -> list[str]:
    ours, strangers = figures["ours"], figures["different"]
    columns = ("way", "median", "90 %", "worst", "right", "seconds", "most")
    lines = [_HEAD.format(**figures), f"| {' | '.join(columns)} |", "|---" * len(columns) + "|"]
    lines += [_row("**register** (similarity, correlation)", ours)]
    lines += [_row(f"{title} ({row['pairs']} pairs)", row) for title, row in figures["beside"].items()]
    lines += [
        "",
        f"Believed are {ours['believed']:.0%} of these pairs, {ours['wrong_among_believed']:.0%} of them wrongly, and of",
        f"{strangers['pairs']} pairs of different photos {strangers['believed']:.0%}; the highest belief in one of these is",
        f"{strangers['highest']:.2f}. The belief was calibrated on other pictures, with similarities.",
        "With splines (tps) it is too high: it speaks of where both pictures are, and a spline knows nothing of the corners",
        "that one of them does not show.",
        "",
        f"Other families, pairs made by the same family, and other measures, {figures['fewer']} pairs each:",
        "",
        "| | median | 90 % | worst | right | seconds | most | believed | wrong among these |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for name, row in (figures["families"] | figures["measures"]).items():
        lines += [f"{_row(name, row)} {row['believed']:.0%} | {row['wrong_among_believed']:.0%} |"]
    return lines


def _row(title: str, row: dict[str, float]) -> str:
    pixels = " | ".join(f"{row[name]:.2f}" for name in ("median_px", "p90_px", "worst_px"))
    return f"| {title} | {pixels} | {row['right']:.0%} | {row['seconds']:.2f} | {row['most_seconds']:.2f} |"
