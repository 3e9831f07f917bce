"""The types of networks, from one-to-one to encoder-decoder, a row each. Rows name their class and load no torch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

TypeName = Literal["auto", "one-to-one", "one-to-many", "many-to-one", "many-to-many", "encoder-decoder"]


@dataclass(frozen=True)
class NetworkType:
    """One type."""

    words: str
    module: str  # the class in `modules`
    reads: Literal["one day", "a window", "every day"] = (
        "a window"  # before a forecast; "every day": the whole series, with a forecast after each day
    )
    needs_state: bool = True  # whether something has to be carried from day to day
    backwards_refused: str = (
        ""  # why it is impossible for a bidirectional cell, and what to choose instead; empty: it is possible
    )


ROWS: dict[TypeName, NetworkType] = {
    "one-to-one": NetworkType("today to the days ahead, without memory", "ManyToOne", "one day", needs_state=False),
    "one-to-many": NetworkType(
        "one day, unrolled into a path of days",
        "OneToMany",
        "one day",
        backwards_refused=(
            "it cannot unroll one day into a path, for it would have to read days not yet written; choose encoder-decoder"
        ),
    ),
    "many-to-one": NetworkType("a window to the days ahead, read at its end", "ManyToOne", needs_state=False),
    "many-to-many": NetworkType(
        "every day of the sequence forecasts its next days",
        "ManyToMany",
        "every day",
        backwards_refused=(
            "read many-to-many it would see the future, for its state of a day has read the days after it; "
            "choose many-to-one or encoder-decoder, where the window ends at the last known day"
        ),
    ),
    "encoder-decoder": NetworkType("a window is read, then a path of days is written", "EncoderDecoder"),
}
TYPES: dict[TypeName, str] = {
    "auto": "many-to-many for cells that read forwards, many-to-one for the others",
    **{name: row.words for name, row in ROWS.items()},
}
