"""Where a Dask scheduler is reached, with the keys that it asks for, and how a client gets in.

An address behind which there is no scheduler is found out before Dask's client is made, which would wait for minutes.
"""

from __future__ import annotations

import asyncio
import json
import socket
import ssl
from dataclasses import asdict, dataclass, field
from typing import Any
from urllib.parse import urlsplit

from distributed import Client, Security, rpc

from core.errors import RunFailed

SECONDS = 10.0  # for which a scheduler may be silent


@dataclass(frozen=True)
class Address:
    """Of a scheduler. One that has a certificate takes only those in who have it, too; else Dask's own settings count."""

    url: str
    certificate: str = field(default="", repr=False)  # PEM, both of them
    key: str = field(default="", repr=False)

    @property
    def security(self) -> Security:
        if not self.certificate:
            return Security()
        return Security(
            tls_ca_file=self.certificate,
            tls_client_cert=self.certificate,
            tls_client_key=self.key,
            require_encryption=True,
        )

    def to_json(self) -> str:
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> Address:
        return cls(**json.loads(text))


def client_at(address: Address, name: str, seconds: float = SECONDS) -> Client:
    """A client of the scheduler there; RunFailed with a sentence about `name` where there is none. Can be interrupted."""
    try:
        answer = asyncio.run(_identity(address, seconds))
    except Exception as error:  # what is not Dask may answer anything, and Dask reads it as lengths of frames
        raise RunFailed(_sentence(error, name, address.url)) from error
    if not str(answer.get("type")).endswith("Scheduler"):
        raise RunFailed(f"{name} is one of a worker of Dask; give its scheduler's")
    try:
        return Client(address.url, set_as_default=False, timeout=seconds, security=address.security)
    except (OSError, TimeoutError, ValueError) as error:
        raise RunFailed(f"{name} has stopped answering; start it again") from error


async def _identity(address: Address, seconds: float) -> dict[str, Any]:
    arguments = address.security.get_connection_args("client")
    async with asyncio.timeout(1.5 * seconds):  # Dask's own limit comes first, because it says why
        async with rpc(address.url, connection_args=arguments, timeout=seconds) as scheduler:
            answer: dict[str, Any] = await scheduler.identity()
            return answer


def _is_refused(url: str) -> bool:
    """Whether nobody listens there; Dask tries again until its time is over, and then may only say that it is."""
    where = urlsplit(url)
    try:
        socket.create_connection((where.hostname or "", where.port or 0), timeout=2).close()
    except ConnectionRefusedError:
        return True
    except (OSError, ValueError):
        return False
    return False


def _speaks_tls(url: str) -> bool:
    """Whether it is TLS that is spoken where we have not."""
    where, context = urlsplit(url), ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    try:
        with socket.create_connection((where.hostname or "", where.port or 0), timeout=2) as plain:
            return context.wrap_socket(plain).version() is not None
    except OSError:
        return False


def _sentence(error: BaseException | None, name: str, url: str) -> str:
    causes = []
    while error is not None:
        causes.append(f"{type(error).__name__} {error}".lower())
        error = error.__cause__ or error.__context__
    said = " ".join(causes)
    if "filenotfounderror" in said or "permissionerror" in said:
        return f"a file of keys that Dask's TLS settings name cannot be read; correct them (see docs/DEPLOY.md) to reach {name}"
    if "ssl" in said or "certificate" in said or "tls" in said or ("reset by peer" in said and _speaks_tls(url)):
        return f"{name} asks for a key that this lab does not have; give it Dask's TLS settings (see docs/DEPLOY.md)"
    unreachable = any(words in said for words in ("refused", "unreachable", "no route", "name or service"))
    if unreachable or _is_refused(url):
        return f"nobody answers at {name}; start a scheduler there, or correct the address"
    return f"no Dask scheduler answers at {name}: what is there is something else, or hangs; correct the address"
