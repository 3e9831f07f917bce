"""A small stand-in for Yahoo's HTTP API: the real yfinance client runs against it, with our shipped samples as prices.

It is an HTTPS proxy that *is* Yahoo: it accepts CONNECT for *.yahoo.com, ends the TLS itself with a throw-away certificate and
refuses every other host, so that nothing strays onto the internet. No Python is patched; two environment variables do it:

    with YahooServer() as server:                  # in this process: monkeypatch.setenv for each of server.env
        subprocess.run(…, env={**os.environ, **server.env})
    python -m tests.yahoo_server --port 0          # by hand: prints the two exports

Where the samples have only closes, open, high and low repeat them; there are no dividends and no splits.
"""

from __future__ import annotations

import json
import socket
import ssl
import struct
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, date, datetime, time
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Self
from urllib.parse import parse_qsl, unquote, urlsplit
from zoneinfo import ZoneInfo

import click
import numpy as np

from core.rnn import samples
from core.rnn.prices import Prices

NEW_YORK = ZoneInfo("America/New_York")
OPEN, CLOSE = time(9, 30), time(16)
CRUMB = "StandIn.Crumb"
ABOUT_A_TICKER = ("/v8/finance/chart/", "/v10/finance/quoteSummary/")
FAULTS = {
    "rate_limit": "429 Too Many Requests",
    "unknown": "404, symbol may be delisted",
    "server_error": "500 with a JSON error",
    "consent": "200, a consent page in place of JSON",
    "empty": "200, what is known of the ticker but no prices",
    "nulls": "200, every tenth day without a price",
    "reset": "the connection is cut",
    "slow": "an answer after 30 seconds",
}
CONSENT = "<!doctype html><html><body><h1>Yahoo is part of the Yahoo family of brands</h1></body></html>"
KINDS = {**dict.fromkeys(samples.INDICES, "INDEX"), **dict.fromkeys(samples.FUNDS, "ETF")}


class Problem(Exception):
    """An answer that is an error: HTTP status and description."""


def stamp(day: date, clock: time) -> int:
    """A time in New York as seconds since 1970."""
    return int(datetime.combine(day, clock, NEW_YORK).timestamp())


@cache
def opening_stamps(symbol: str) -> np.ndarray:
    return np.array([stamp(day, OPEN) for day in samples.fetch(symbol).days.tolist()])


def known(symbol: str) -> Prices:
    if symbol not in samples.tickers():
        raise Problem(404, "No data found, symbol may be delisted")
    return samples.fetch(symbol)


def chart(symbol: str, query: Mapping[str, str], now: datetime, fault: str) -> dict[str, Any]:
    """The answer of v8/finance/chart with daily bars of the asked window, as far as `now` knows them."""
    prices, stamps = known(symbol), opening_stamps(symbol)
    seen = stamps[stamps <= now.timestamp()]
    first = int(query["period1"]) if "period1" in query else seen[-5]
    rows = np.flatnonzero((stamps >= first) & (stamps <= min(int(query.get("period2", 2**40)), now.timestamp())))
    result: dict[str, Any] = {"meta": meta(prices, int(seen[0]), int(seen[-1]), now), "indicators": {"quote": [{}]}}
    if fault != "empty" and rows.size:
        holes = set(rows[5::10].tolist()) if fault == "nulls" else set()
        bars = {name: column(prices, name, rows, holes) for name in ("open", "high", "low", "close", "volume")}
        result["timestamp"] = stamps[rows].tolist()
        result["indicators"] = {"quote": [bars], "adjclose": [{"adjclose": bars["close"]}]}
    return {"chart": {"result": [result], "error": None}}


def column(prices: Prices, name: str, rows: np.ndarray, holes: set[int]) -> list[float | None]:
    values = getattr(prices, name)
    if not values.size:
        values = np.full(len(prices.dates), np.nan) if name == "volume" else prices.close
    if name in ("open", "high", "low"):
        values = np.where(np.isnan(values), prices.close, values)
    return [None if row in holes or np.isnan(values[row]) else float(values[row]) for row in rows.tolist()]


def meta(prices: Prices, first: int, last: int, now: datetime) -> dict[str, Any]:
    """What Yahoo says about a ticker: among it the latest session, and the time of the last trade by its own clock."""
    day = datetime.fromtimestamp(last, NEW_YORK).date()
    session = {"timezone": "EST", "gmtoffset": -18000, "start": last, "end": stamp(day, CLOSE)}
    return {
        "symbol": prices.symbol, "currency": "USD", "instrumentType": KINDS.get(prices.symbol, "EQUITY"),
        "longName": prices.name, "shortName": prices.name, "exchangeName": "NYQ", "fullExchangeName": "NYSE",
        "exchangeTimezoneName": NEW_YORK.key, "timezone": "EST", "gmtoffset": -18000, "firstTradeDate": first,
        "regularMarketTime": min(int(now.timestamp()), session["end"] + 1), "priceHint": 2, "dataGranularity": "1d",
        "currentTradingPeriod": {name: dict(session) for name in ("pre", "regular", "post")}, "range": "",
        "validRanges": ["1d", "5d", "1mo", "1y", "max"],
    }  # fmt: skip


def search(words: str) -> dict[str, Any]:
    """The answer of v1/finance/search."""
    wanted = words.lower()
    hits = [(s, n) for s, n in samples.tickers().items() if s.lower().startswith(wanted) or wanted in n.lower()]
    return {"quotes": [{"symbol": s, "longname": n, "quoteType": KINDS.get(s, "EQUITY")} for s, n in hits], "news": []}


class Handler(BaseHTTPRequestHandler):
    """One connection: the proxy's CONNECT, then Yahoo's answers inside the tunnel."""

    protocol_version = "HTTP/1.1"
    server: Listener
    host = ""

    def log_message(self, *args: object) -> None:
        pass

    def do_CONNECT(self) -> None:
        self.host = self.path.rpartition(":")[0]
        if not self.host.endswith(".yahoo.com"):
            return self.send_error(502, "stand-in: only *.yahoo.com")
        self.wfile.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        self.connection = self.server.tls.wrap_socket(self.connection, server_side=True)
        self.rfile, self.wfile = self.connection.makefile("rb"), self.connection.makefile("wb", 0)
        self.close_connection = False
        return None

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        path, query = unquote(parts.path), dict(parse_qsl(parts.query))
        fault = self.server.take(path)
        self.server.log.append(path)
        if fault == "reset":
            return self.cut()
        if fault == "slow":
            self.server.stopping.wait(30)
        status, body, headers = self.answer(path, query, fault)
        content = body.encode() if isinstance(body, str) else json.dumps(body).encode()
        with suppress(OSError):  # the client may have given up
            self.send_response(status)
            for name, value in {**headers, "Content-Length": str(len(content))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)
        return None

    do_POST = do_GET

    def answer(self, path: str, query: dict[str, str], fault: str) -> tuple[int, Any, dict[str, str]]:
        if fault == "rate_limit":
            return 429, "Too Many Requests\r\n", {}
        if fault == "consent":
            return 200, CONSENT, {}
        if self.host == "fc.yahoo.com":
            return 404, "", {"Set-Cookie": "A3=standin; Max-Age=31536000; Domain=.yahoo.com; Path=/; Secure"}
        if path == "/v1/test/getcrumb":
            return 200, CRUMB, {"Content-Type": "text/plain"}
        try:
            return 200, self.data(path, query, fault), {"Content-Type": "application/json"}
        except Problem as problem:
            status, description = problem.args
            error = {"result": None, "error": {"code": description, "description": description}}
            return status, {"chart": error, "quoteSummary": error}, {"Content-Type": "application/json"}

    def data(self, path: str, query: dict[str, str], fault: str) -> dict[str, Any]:
        symbol = path.rpartition("/")[2].upper()
        if fault == "server_error":
            raise Problem(500, "Internal Server Error")
        if path.startswith("/v8/finance/chart/") and fault != "unknown":
            return chart(symbol, query, self.server.now, fault)
        if path == "/v1/finance/search":
            return search(query["q"])
        raise Problem(404, "No data found, symbol may be delisted")

    def cut(self) -> None:
        self.close_connection = True
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        socket.close(self.connection.detach())

    def finish(self) -> None:
        with suppress(OSError, ValueError):
            super().finish()
            self.connection.close()


class Listener(ThreadingHTTPServer):
    """The socket, and everything the answers depend on: Yahoo's clock, the faults, the log of paths."""

    daemon_threads = True

    def __init__(self, port: int, tls: ssl.SSLContext) -> None:
        super().__init__(("127.0.0.1", port), Handler)
        self.tls = tls
        self.stopping = threading.Event()
        self.clear()

    def clear(self) -> None:
        self.now = datetime(2022, 12, 28, 18, tzinfo=NEW_YORK)  # the evening of the last shipped day
        self.faults: dict[tuple[str, ...], str] = {}  # beginnings of a path -> fault
        self.log: list[str] = []

    def take(self, path: str) -> str:
        return next((fault for starts, fault in self.faults.items() if path.startswith(starts)), "")

    def handle_error(self, request: object, client_address: object) -> None:
        if not isinstance(sys.exc_info()[1], OSError):  # closed sockets are not news
            super().handle_error(request, client_address)  # type: ignore[arg-type]


class YahooServer:
    """The stand-in in a thread of this process; `env` points yfinance at it, in this process or another."""

    def __init__(self, port: int = 0) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="yahoo-stand-in-")
        certificate, key = make_certificate(Path(self._folder.name))
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(certificate, key)
        self.listener = Listener(port, tls)
        base = f"http://127.0.0.1:{self.listener.server_port}"
        proxy, bundle = dict.fromkeys(("HTTPS_PROXY", "https_proxy"), base), str(certificate)
        self.env = {**proxy, "NO_PROXY": "", "no_proxy": "", "REQUESTS_CA_BUNDLE": bundle, "CURL_CA_BUNDLE": bundle}
        self._thread = threading.Thread(target=self.listener.serve_forever, args=(0.05,), daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self.listener.stopping.set()
        self.listener.shutdown()
        self.listener.server_close()
        self._folder.cleanup()

    def fault(self, name: str, on: tuple[str, ...] = ABOUT_A_TICKER) -> None:
        """From now on, requests whose path begins with one of `on` end in this fault."""
        if name not in FAULTS:
            raise ValueError(f"unknown fault {name!r}; known: {', '.join(FAULTS)}")
        self.listener.faults[on] = name

    def reset(self) -> None:
        """No faults, the evening of the last shipped day, an empty log."""
        self.listener.clear()

    def clock(self, now: datetime) -> None:
        """Set Yahoo's clock."""
        self.listener.now = now if now.tzinfo else now.replace(tzinfo=UTC)

    @property
    def asked(self) -> list[str]:
        """The paths of all requests since the last reset."""
        return self.listener.log


def make_certificate(folder: Path) -> tuple[Path, Path]:
    """A throw-away certificate for *.yahoo.com that only processes which are given the file will trust."""
    certificate, key = folder / "ca.pem", folder / "key.pem"
    how = [
        "-x509",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:prime256v1",
        "-nodes",
        "-days",
        "2",
        "-subj",
        "/CN=stand-in",
    ]
    names = ["-addext", "subjectAltName=DNS:*.yahoo.com,DNS:*.finance.yahoo.com"]
    subprocess.run(["openssl", "req", *how, *names, "-keyout", key, "-out", certificate], check=True, capture_output=True)
    return certificate, key


@click.command()
@click.option("--port", default=0, help="0 picks a free one")
@click.option("--fault", type=click.Choice(list(FAULTS)), help="every request for prices ends in this")
def main(port: int, fault: str | None) -> None:
    """Serve until interrupted."""
    with YahooServer(port) as server:
        if fault:
            server.fault(fault)
        for name in ("HTTPS_PROXY", "REQUESTS_CA_BUNDLE"):
            click.echo(f"export {name}={server.env[name]}")
        with suppress(KeyboardInterrupt):
            threading.Event().wait()


if __name__ == "__main__":
    main()
