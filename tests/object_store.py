"""A stand-in for S3 on this machine: moto's server, in a thread of this process, which keeps what is stored until it ends."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

KEYS = {"AWS_ACCESS_KEY_ID": "stand-in", "AWS_SECRET_ACCESS_KEY": "stand-in", "AWS_DEFAULT_REGION": "us-east-1"}
KEYS["AWS_EC2_METADATA_DISABLED"] = "true"  # without keys nobody is asked for some


class ObjectStore:
    """One server, on one port."""

    def __init__(self) -> None:
        logging.getLogger("werkzeug").setLevel(logging.ERROR)
        self._port, self._server = 0, None
        self.start()
        self.url = f"http://127.0.0.1:{self._port}"

    def start(self) -> None:
        from moto.server import ThreadedMotoServer

        server: Any = ThreadedMotoServer(ip_address="127.0.0.1", port=self._port, verbose=False)
        server.start()
        self._port = server.get_host_and_port()[1]
        self._server = server

    def stop(self) -> None:
        if self._server is not None:
            self._server.stop()
        self._server = None


@contextmanager
def object_store(bucket: str = "lab") -> Iterator[ObjectStore]:
    """With a bucket, and the variables by which it is found."""
    import s3fs

    store = ObjectStore()
    with pytest.MonkeyPatch.context() as patch:
        for name, value in (KEYS | {"AWS_ENDPOINT_URL": store.url}).items():
            patch.setenv(name, value)
        s3fs.S3FileSystem(skip_instance_cache=True).makedirs(bucket, exist_ok=True)
        yield store
    store.stop()
