"""A small stand-in for Yahoo's HTTP API: the real yfinance client runs against it, with our shipped samples as prices.

It is an HTTPS proxy that *is* Yahoo: it accepts CONNECT for *.yahoo.com, ends the TLS itself with a throw-away certificate and
refuses every other host, so that nothing strays onto the internet. No Python is patched; two environment variables do it:

    with YahooServer() as server:                  # in this process: monkeypatch.setenv for each of server.env
        subprocess.run(…, env={**os.environ, **server.env})
    python -m tests.yahoo_server --port 0          # by hand: prints the two exports

What it answers is in `tests/yahoo_answers.py`; here is how, and what can go wrong on the way.
"""

from __future__ import annotations

import html
import json
import socket
import ssl
import struct
import subprocess
import sys
import tempfile
import threading
from contextlib import suppress
from datetime import UTC, date, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Self
from urllib.parse import parse_qsl, quote, unquote, urlsplit

import click

from tests.yahoo_answers import Problem, chart, evening, search, without_zone

CRUMB = "StandIn.Crumb"
ABOUT_A_TICKER = ("/v8/finance/chart/", "/v10/finance/quoteSummary/")
FAULTS = {
    "rate_limit": "429 Too Many Requests",
    "unknown": "404, symbol may be delisted",
    "server_error": "500 with a JSON error",
    "down": "503, a page that says it will be right back",
    "consent": "200, a consent page in place of JSON",
    "consent_form": "302 to a consent form; the data come once it is accepted",
    "empty": "200, what is known of the ticker but no prices",
    "null_result": "200, nothing at all",
    "nulls": "200, every tenth bar without a price",
    "nan_last": "200, the last bar without a price but with its volume",
    "duplicate_last": "200, the last day twice",
    "unadjusted": "200, AAPL's split listed and not applied to earlier prices",
    "negative": "200, the close of 20 April 2020 below zero, as that of oil futures was",
    "pence": "200, twenty days in pounds among days in pence",
    "tz_missing": "200, no time zone",
    "truncated": "200, half of the JSON",
    "short_body": "200, the connection ends in the middle of the body",
    "bad_crumb": "401 Invalid Crumb",
    "reset": "the connection is cut",
    "slow": "an answer after 30 seconds",
    "no_tunnel": "the proxy has no way to Yahoo",
}
CONSENT = """<!doctype html><html><body><h1>Yahoo is part of the Yahoo family of brands</h1>
<form method="post" action="/v2/collectConsent?sessionId=s"><input type="hidden" name="csrfToken" value="t"/>
<input type="hidden" name="sessionId" value="s"/><input type="hidden" name="originalDoneUrl" value="{done}"/>
<input type="hidden" name="namespace" value="yahoo"/><button type="submit" name="agree" value="agree">Accept all</button></form>
</body></html>"""
DOWN = "<!doctype html><html><body><h1>Will be right back...</h1></body></html>"
HTML = {"Content-Type": "text/html"}


def cookie(name: str) -> dict[str, str]:
    return {"Set-Cookie": f"{name}=standin; Max-Age=31536000; Domain=.yahoo.com; Path=/; Secure"}


class Handler(BaseHTTPRequestHandler):
    """One connection: the proxy's CONNECT, then Yahoo's answers inside the tunnel."""

    protocol_version = "HTTP/1.1"
    server: Listener
    host = form = ""

    def log_message(self, *args: object) -> None:
        pass

    def do_CONNECT(self) -> None:
        self.host = self.path.rpartition(":")[0]
        if not self.host.endswith(".yahoo.com") or self.server.take("CONNECT"):
            self.close_connection = True
            return self.send_error(502, "stand-in: only *.yahoo.com")
        self.wfile.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        self.connection = self.server.tls.wrap_socket(self.connection, server_side=True)
        self.rfile, self.wfile = self.connection.makefile("rb"), self.connection.makefile("wb", 0)
        self.close_connection = False
        return None

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        path, query = unquote(parts.path), dict(parse_qsl(parts.query))
        self.form = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
        fault = self.server.take(path)
        self.server.log.append(path)
        if fault == "reset":
            return self.cut()
        if fault == "slow":
            self.server.stopping.wait(30)
        status, body, headers = self.answer(path, query, fault)
        content = body.encode() if isinstance(body, str) else json.dumps(body).encode()
        if fault == "truncated":
            content = content[: len(content) // 2]
        sent = content[: len(content) // 2] if fault == "short_body" else content
        self.close_connection |= fault == "short_body"
        with suppress(OSError):  # the client may have given up
            self.send_response(status)
            for name, value in {**headers, "Content-Length": str(len(content))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(sent)
        return None

    do_POST = do_GET

    def answer(self, path: str, query: dict[str, str], fault: str) -> tuple[int, Any, dict[str, str]]:
        here = f"https://{self.host}{self.path}"
        if fault == "rate_limit":
            return 429, "Too Many Requests\r\n", {}
        if fault == "consent":
            return 200, CONSENT.format(done=""), HTML
        if fault == "down":
            return 503, DOWN, HTML
        if fault == "consent_form" and "EuConsent" not in (self.headers.get("Cookie") or ""):
            return 302, "", {"Location": f"https://consent.yahoo.com/v2/collectConsent?done={quote(here, safe='')}"}
        if self.host in ("consent.yahoo.com", "guce.yahoo.com"):
            return self.consented(query)
        if self.host == "fc.yahoo.com":
            return 404, "", cookie("A3")
        if path == "/v1/test/getcrumb":
            return 200, CRUMB, {"Content-Type": "text/plain"}
        try:
            return 200, self.data(path, query, fault), {"Content-Type": "application/json"}
        except Problem as problem:
            status, description = problem.args
            error = {"result": None, "error": {"code": description, "description": description}}
            return status, {"chart": error, "quoteSummary": error, "finance": error}, {"Content-Type": "application/json"}

    def consented(self, query: dict[str, str]) -> tuple[int, Any, dict[str, str]]:
        """The form, and the way back once it was sent."""
        if self.command == "POST":
            done = dict(parse_qsl(self.form)).get("originalDoneUrl", "https://finance.yahoo.com/")
            return 302, "", {"Location": done, **cookie("EuConsent")}
        return 200, CONSENT.format(done=html.escape(query.get("done", ""))), HTML

    def data(self, path: str, query: dict[str, str], fault: str) -> dict[str, Any]:
        symbol = path.rpartition("/")[2].upper()
        if fault == "server_error":
            raise Problem(500, "Internal Server Error")
        if fault == "bad_crumb":
            raise Problem(401, "Invalid Crumb")
        if path.startswith("/v8/finance/chart/") and fault != "unknown":
            body = chart(symbol, query, self.server.now, fault)
            return without_zone(body) if fault == "tz_missing" else body
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
        self.now = evening(date(2022, 12, 28))  # the last shipped day
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
        self.listener.faults[("CONNECT",) if name == "no_tunnel" else on] = name

    def reset(self) -> None:
        """No faults, the evening of the last shipped day, an empty log."""
        self.listener.clear()

    def clock(self, now: datetime) -> None:
        """Set Yahoo's clock."""
        self.listener.now = now if now.tzinfo else now.replace(tzinfo=UTC)

    @property
    def paths(self) -> list[str]:
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
