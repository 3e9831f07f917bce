"""The ways in which a network makes forecasts of days: one row a type, by names only, so that it loads no torch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

TypeName = Literal["auto", "one-to-one", "one-to-many", "many-to-one", "many-to-many", "encoder-decoder"]


@dataclass(frozen=True)
class NetworkType:
    """One type."""

    words: str
    module: str  # the class in `modules`
    reads: Literal["one day", "a window", "every day"] = "a window"  # before it forecasts; every day: it never starts anew
    needs_state: bool = True  # whether something has to be carried from day to day
    backwards_refused: str = ""  # why a cell that also reads backwards cannot have it, and what to choose


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
