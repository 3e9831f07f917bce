"""The tree of errors.

GridcastError
├── InvalidRequest          the question cannot be asked like this
├── ImageError              an upload is not an image that can be used
├── PriceError              no usable prices
│   ├── UnknownTicker       the source lists no such ticker
│   ├── RateLimited         the source asks us to wait
│   ├── SourceUnavailable   no connection, or an answer without prices
│   ├── NoData              nothing in the period asked for
│   ├── SeriesTooShort      fewer days than the experiment needs
│   └── DoubtfulPrices      moves that look like no returns, and nobody has said that they are right
├── TrainingDiverged        loss or weights are no longer finite
├── ExportDiffers           an exported network does not do the same as its run
├── RunFailed               a run ended without a result
│   └── RunInterrupted      the lab was stopped while it ran
└── StoreError              the lab's own folder cannot be read or written
    ├── Damaged             a stored file is not what was written
    ├── Missing             a stored file is not there
    └── Away                what keeps them does not answer now
        └── DatabaseError   so the lab's database

Inside the packages a message states the fact with the value received; where the user reads it (request, screen, command line)
it says what was asked for and what to change.
"""

from __future__ import annotations

from datetime import datetime


class GridcastError(Exception):
    """Anything the user or the lab can name; its text is one readable sentence."""


class InvalidRequest(GridcastError):
    """The question cannot be asked like this."""


class ImageError(GridcastError):
    """An upload is not an image that can be used."""


class PriceError(GridcastError):
    """There are no usable prices."""


class UnknownTicker(PriceError):
    """The source lists no such ticker; `suggestions` are tickers that may be meant, the likeliest first."""

    def __init__(self, message: str, suggestions: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.suggestions = suggestions


class RateLimited(PriceError):
    """The source asks us to wait; `retry_at` is when the next try makes sense."""

    def __init__(self, message: str, retry_at: datetime | None = None) -> None:
        super().__init__(message)
        self.retry_at = retry_at


class SourceUnavailable(PriceError):
    """There is no connection to the source, or its answer held no prices."""


class NoData(PriceError):
    """The source has nothing in the period asked for."""


class SeriesTooShort(PriceError):
    """Fewer days than the experiment needs."""


class DoubtfulPrices(PriceError):
    """The prices of `symbol` hold moves that look like no returns, and nobody has said that they are right."""

    def __init__(self, message: str, symbol: str) -> None:
        super().__init__(message)
        self.symbol = symbol


class TrainingDiverged(GridcastError):
    """Loss or weights are no longer finite."""


class ExportDiffers(GridcastError):
    """An exported network does not do the same as its run."""


class RunFailed(GridcastError):
    """A run ended without a result."""


class RunInterrupted(RunFailed):
    """The lab was stopped while it ran; it can be run again."""


class StoreError(GridcastError):
    """The lab's own folder cannot be read or written."""


class Damaged(StoreError):
    """A stored file is not what was written."""


class Missing(StoreError):
    """A stored file is not there: it was cleared, deleted or never written."""


class Away(StoreError):
    """What keeps the lab's files does not answer. What was asked of it may be asked again."""


class DatabaseError(Away):
    """The lab's database does not answer: it is locked, full, damaged or away. What was asked of it may be asked again."""
