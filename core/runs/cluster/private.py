"""A cluster on this machine that takes work from nobody but the process that has started it.

Whoever may send Dask a task may run anything as this account. So scheduler and workers ask everybody for a key, which is made
when they start and told to nobody else, and serve no pages: Dask's own listen even where no address is given for them.
"""

from __future__ import annotations

import logging
from typing import Any

from distributed import Nanny, Scheduler, Security, SpecCluster, Worker

from core.runs.cluster.address import Address

HOST = "127.0.0.1"


class _Pageless:
    """What a Scheduler and a Worker do without: their HTTP servers."""

    def start_http_server(self, *_: Any, **__: Any) -> None:
        """Dask's own would listen on a port."""


class PagelessScheduler(_Pageless, Scheduler):
    """Serves no page."""


class PagelessWorker(_Pageless, Worker):
    """Serves no page."""


def private_cluster(memory: str) -> SpecCluster:
    """Without workers yet; each will have one thread and may use so much memory."""
    security = Security.temporary()
    common = {"host": HOST, "protocol": "tls://", "security": security, "dashboard": False}
    quiet = {"silence_logs": logging.ERROR}
    workers = {"nthreads": 1, "memory_limit": memory, "worker_class": PagelessWorker}
    return SpecCluster(
        scheduler={"cls": PagelessScheduler, "options": common},
        worker={"cls": Nanny, "options": common | workers | quiet},
        security=security,
        **quiet,
    )


def address_of(cluster: SpecCluster) -> Address:
    """With the key of a private cluster."""
    security: Any = cluster.security
    return Address(cluster.scheduler_address, security.tls_client_cert, security.tls_client_key)
