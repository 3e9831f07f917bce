"""A price file that somebody has uploaded, read in a process whose memory and time are bounded."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict

from core.errors import PriceError
from core.rnn.prices.bar_sizes import BarSize
from core.rnn.prices.csv_file import Layout, Preview, preview_csv
from core.rnn.prices.prices import Prices
from core.rnn.prices.table.text import LIMIT
from core.system.bounded import reading
from core.system.bounded.reading import Files, Step
from core.system.unpacking import GZIP
from core.system.unreadable import printable

_NEED = 40  # bytes of memory for one of text: two short cells a row


def steps(files: Files, layout: dict[str, str | int | bool | None], symbol: str, bar_size: BarSize) -> Iterator[Step]:
    """The reader: how the table is read as JSON, then its prices, where it has some."""
    [(name, content)] = files
    yield _NEED * (LIMIT if content.startswith(GZIP) else len(content))
    preview = preview_csv(name, content, symbol, Layout(**layout), bar_size)  # type: ignore[arg-type]
    about = asdict(preview, dict_factory=lambda pairs: {key: value for key, value in pairs if key != "prices"})
    yield json.dumps(about).encode()
    if preview.prices is not None:
        yield preview.prices.to_bytes()


def preview_bounded(name: str, content: bytes, layout: Layout, symbol: str = "", bar_size: BarSize = "1d") -> Preview:
    """As `preview_csv`, in a process of its own."""
    files = [(printable(name), content)]
    about, *prices = reading.read(steps, files, asdict(layout), symbol, bar_size, error=PriceError)
    fields = json.loads(about)
    return Preview(
        columns=tuple(fields["columns"]),
        head=tuple(map(tuple, fields["head"])),
        layout=Layout(**fields["layout"]),
        prices=Prices.from_bytes(bytes(prices[0])) if prices else None,
        problem=fields["problem"],
        tickers=tuple(fields["tickers"]),
    )
