"""Downloaded prices on disk: one parquet file a ticker and bar size."""

from __future__ import annotations

import io
import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

import pyarrow as pa
import pyarrow.parquet as pq
from filelock import FileLock

from core.errors import StoreError
from core.rnn.prices.yahoo_history import COLUMNS, About, History
from core.runs.store import write_atomically
from core.system.events import event
from core.system.files import private_folder


class PriceCache:
    """The saved histories below one folder; safe for several threads and processes at once."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def path_of(self, symbol: str) -> Path:
        return self.folder / f"{quote(symbol, safe='')}.parquet"

    @contextmanager
    def lock(self, symbol: str) -> Iterator[None]:
        """One thread or process at a time fetches a ticker; the others then read it here. StoreError when that cannot be."""
        lock = FileLock(self.folder / f".{quote(symbol, safe='')}.lock")
        try:
            private_folder(self.folder)
            lock.acquire()
        except OSError as error:
            raise StoreError(f"cannot keep prices: {error.strerror or error}") from error
        try:
            yield
        finally:
            lock.release()

    def get(self, symbol: str) -> History | None:
        """What was saved for a ticker; None when nothing was, or when the file is damaged."""
        try:
            path = self.path_of(symbol)
            table = pq.read_table(io.BytesIO(path.read_bytes()))
            os.utime(path)  # what was used last is cleared last
            about = About.model_validate_json(table.schema.metadata[b"gridcast"])
            return History(about, table.to_pandas().set_index("Date")[COLUMNS])
        except FileNotFoundError:
            return None
        except (OSError, pa.ArrowException, ValueError, LookupError, TypeError) as error:
            event("saved prices unreadable", {"symbol": symbol, "reason": type(error).__name__}, logging.WARNING)
            return None

    def put(self, history: History) -> None:
        """Keep a history in place of the one before. StoreError when the folder cannot be written."""
        table = pa.Table.from_pandas(history.bars.reset_index(names="Date"), preserve_index=False)
        metadata = {**(table.schema.metadata or {}), b"gridcast": history.about.model_dump_json().encode()}
        content = io.BytesIO()
        pq.write_table(table.replace_schema_metadata(metadata), content)
        write_atomically(self.path_of(history.about.symbol), content.getvalue(), private=True)
