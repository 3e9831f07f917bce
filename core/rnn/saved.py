"""Yahoo's daily bars of one ticker as they are kept on disk: one parquet file a ticker, replaced whole or not at all.

The file holds the bars as Yahoo gave them: closes split-adjusted, `Adj Close` also dividend-adjusted, NaN where Yahoo had no
price. `History.prices` makes of them what an experiment learns from. Nothing here asks the network.
"""

from __future__ import annotations

import io
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import quote

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from filelock import FileLock
from pydantic import BaseModel, ConfigDict

from core.errors import StoreError
from core.rnn.prices import ADJUSTED, LEVEL, Prices
from core.runs.store import write_atomically

log = logging.getLogger(__name__)

COLUMNS = ["Open", "High", "Low", "Close", "Adj Close", "Volume", "Dividends", "Stock Splits"]
TERMS = "Yahoo's prices are unofficial and for personal use"
SETTLING = timedelta(minutes=30)  # Yahoo corrects closes for a while after the session
WOBBLE = 1e-6  # relative: the same adjusted close comes out this much differently from one call to the next


class About(BaseModel):
    """What Yahoo says about a ticker, and when it said so."""

    model_config = ConfigDict(frozen=True)

    symbol: str
    name: str = ""
    currency: str | None = None
    kind: str = ""  # EQUITY, ETF, INDEX, …
    exchange: str = ""
    zone: str = ""  # the exchange's, by its IANA name
    fetched_at: datetime  # UTC
    session_end: datetime  # UTC, of the latest session at that time


@dataclass(frozen=True)
class History:
    """All settled daily bars of one ticker. `bars` has `COLUMNS` and is indexed by the exchange's day."""

    about: About
    bars: pd.DataFrame

    @property
    def due(self) -> datetime:
        """When there will be a new bar: half an hour after the next end of a session, as if there were one every day."""
        settled = self.about.session_end + SETTLING
        days = max(0, (self.about.fetched_at - settled) // timedelta(days=1) + 1)
        return settled + timedelta(days=days)

    @property
    def _known(self) -> pd.DataFrame:
        """The bars with a price."""
        return self.bars.dropna(subset=["Close", "Adj Close"])

    def prices(self, *fetch_notes: str) -> Prices:
        """The prices in these bars; days without one become `gaps`. PriceError when they cannot be used."""
        known = self._known
        return Prices(
            symbol=self.about.symbol,
            name=self.about.name,
            source="yahoo",
            currency=self.about.currency,
            basis=LEVEL if self.about.kind == "INDEX" else ADJUSTED,
            dates=_days(known),
            close=known["Adj Close"].to_numpy(),
            volume=_volume(known),
            gaps=np.setdiff1d(_days(self.bars), _days(known)),
            facts=(TERMS,),
            fetch_notes=fetch_notes,
            fetched_at=self.about.fetched_at,
            **_ranges(known),
        )

    def missing_in(self, other: History) -> np.ndarray:
        """The days that have a price here but none there, datetime64[D]."""
        return np.setdiff1d(_days(self._known), _days(other._known))

    def like(self, old: History) -> History:
        """This history with the adjusted closes of `old` where both differ only by Yahoo's wobble: equal data, equal bytes."""
        before = old.bars["Adj Close"].reindex(self.bars.index)
        same = np.isclose(before, self.bars["Adj Close"], rtol=WOBBLE, atol=0)
        return replace(self, bars=self.bars.assign(**{"Adj Close": self.bars["Adj Close"].mask(same, before)}))


class Shelf:
    """The saved histories below one folder; safe for several threads and processes at once."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def path_of(self, symbol: str) -> Path:
        return self.folder / f"{quote(symbol, safe='')}.parquet"

    @contextmanager
    def lock(self, symbol: str) -> Iterator[None]:
        """One at a time asks for a ticker; the others then find it here. StoreError when the folder cannot be written."""
        lock = FileLock(self.folder / f".{quote(symbol, safe='')}.lock")
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            lock.acquire()
        except OSError as error:
            raise StoreError(f"cannot write to {self.folder}: {error.strerror or error}") from error
        try:
            yield
        finally:
            lock.release()

    def get(self, symbol: str) -> History | None:
        """What was saved for a ticker; None when nothing was, or when the file is damaged."""
        try:
            table = pq.read_table(io.BytesIO(self.path_of(symbol).read_bytes()))
            about = About.model_validate_json(table.schema.metadata[b"gridcast"])
            return History(about, table.to_pandas().set_index("Date")[COLUMNS])
        except FileNotFoundError:
            return None
        except (OSError, pa.ArrowException, ValueError, LookupError, TypeError) as error:
            log.warning("saved prices of %s cannot be read and are fetched anew: %s", symbol, error)
            return None

    def put(self, history: History) -> None:
        """Keep a history in place of the one before. StoreError when the folder cannot be written."""
        table = pa.Table.from_pandas(history.bars.reset_index(names="Date"), preserve_index=False)
        kept = {**(table.schema.metadata or {}), b"gridcast": history.about.model_dump_json().encode()}
        content = io.BytesIO()
        pq.write_table(table.replace_schema_metadata(kept), content)
        write_atomically(self.path_of(history.about.symbol), content.getvalue())


def _days(bars: pd.DataFrame) -> np.ndarray:
    return bars.index.to_numpy().astype("datetime64[D]")


def _ranges(known: pd.DataFrame) -> dict[str, np.ndarray]:
    """Open, high and low, adjusted like the close; nothing when every high is its low. NaN where Yahoo has none or zero."""
    if (known["High"] == known["Low"]).all():
        return {}
    factor = known["Adj Close"] / known["Close"]
    return {name.lower(): (known[name].where(known[name] > 0) * factor).to_numpy() for name in ("Open", "High", "Low")}


def _volume(known: pd.DataFrame) -> np.ndarray:
    """Shares a day; empty when Yahoo has none, which its client writes as zeros."""
    volume = known["Volume"].to_numpy(np.float64)
    return volume if volume.any() else volume[:0]
