"""Connection: a client of a scheduler, and a new one where that was lost.

Dask's own way to come back forgets which topics were subscribed to, so a client that has lost its scheduler ends, and the
next is made here.
"""

from __future__ import annotations

import logging

from distributed import Client

from core.errors import RunFailed
from core.runs.cluster.address import SECONDS, Address, client_at
from core.runs.cluster.versions import difference, versions

NAME = "the address of GRIDCAST_SCHEDULER"
SCHEDULER = "the scheduler of GRIDCAST_SCHEDULER"
AGAIN_SECONDS = 2.0  # that a scheduler which has been lost may be silent, at each try


class Connection:
    """Of one engine. `shared`: to a cluster that somebody else has started, which goes on without this process."""

    def __init__(self, client: Client, address: Address | None = None) -> None:
        """`address` of a shared cluster."""
        self.client, self._address = client, address

    @classmethod
    def to(cls, url: str) -> Connection:
        """The shared cluster there. RunFailed with the reason where nothing can be sent there."""
        address = Address(url)
        return cls(_client(address), address)

    @property
    def shared(self) -> bool:
        return self._address is not None

    @property
    def cluster(self) -> str:
        """What a shared one is called: as the setting has it, because a scheduler may move. "" of another."""
        return self._address.url if self._address else ""

    @property
    def lost(self) -> bool:
        return self.client.status != "running"

    def renew(self) -> None:
        """Connect again. RunFailed with the reason where that cannot be done yet."""
        if self._address:
            self.client.close(timeout=2)
            self.client = _client(self._address, AGAIN_SECONDS)


def _client(address: Address, seconds: float = SECONDS) -> Client:
    """Of a scheduler with the same versions as this process."""
    for name in ("distributed", "distributed.client"):
        logging.getLogger(name).setLevel(logging.CRITICAL)  # that it is lost is said by us
    client = client_at(address, NAME, seconds)
    client._timeout = 0  # seconds that Dask itself tries to come back
    try:
        there: object = client.run_on_scheduler(versions)
    except Exception as error:
        client.close(timeout=2)
        problem = f"{NAME} has stopped answering; start it again" if isinstance(error, OSError) else ""
        raise RunFailed(problem or difference(error, {}, SCHEDULER)) from error
    if problem := difference(there, versions(), SCHEDULER):
        client.close(timeout=2)
        raise RunFailed(problem)
    return client
