"""What the transformers of a network look at, in words: which cue each follows, or whether it is one part in all pictures."""

from __future__ import annotations

from typing import Any

import pandas as pd

from core.runs.standing import SURE


def follows(row: Any, count: int) -> bool:
    """Whether a transformer holds a cue in surely more of `count` scenes than a box that never moves could."""
    se = (max(row.held * (1 - row.held), 0.25 / count) / count) ** 0.5
    return bool(row.held - row.still > SURE * se)


def of_cues(table: pd.DataFrame, count: int, side: int, every: float | None) -> tuple[str, ...]:
    """Sentences without their full stop: of a network's rows of `boxes.table_of_cues`, on `count` scenes of `side` pixels.

    `every` is the share of the scenes, 0 to 1, in which each cue is in some box.
    """
    words = []
    for number, own in table.groupby("transformer"):
        best = own.iloc[int(own.held.argmax())]
        spread = f"its place on the cue varies by ±{best.offset_sd * side / 2:.0f} pixels"
        held = f"the {best.cue} in {100 * best.held:.0f} % of the scenes "
        held += f"(a box that never moves: at most {100 * best.still:.0f} %; {spread})"
        words.append(f"transformer {number} {'follows' if follows(best, count) else 'follows no cue: it has'} {held}")
    both = (f"Both cues are in some box in {100 * every:.0f} %",) if every is not None and len(words) > 1 else ()
    return _sentence(words), *both


def of_places(table: pd.DataFrame, side: int) -> tuple[str, ...]:
    """Sentences without their full stop: of a network's rows of `PartsResult.parts`, where nobody knows the cues."""
    words = []
    for _, row in table.iterrows():
        spread = f"its box moves by ±{row.place_sd * side / 2:.0f} of {side} pixels"
        alike = f"its crops are {'' if row.sure else 'not surely '}more alike than those of a box that stays"
        words.append(f"transformer {row.transformer}: {spread}, {alike} (correlation {row.alike:.2f}, {row.alike_still:.2f})")
    return _sentence(words), "Whether that is a part of the object is not known here: look at the crops"


def _sentence(words: list[str]) -> str:
    first = "; ".join(words)
    return f"{first[:1].upper()}{first[1:]}"
