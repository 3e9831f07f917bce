"""Settings, read once from GRIDCAST_* environment variables."""

from __future__ import annotations

import os
import re
from functools import cache
from pathlib import Path
from typing import Literal
from urllib.parse import SplitResult, urlsplit

from platformdirs import user_data_path
from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from core.errors import InvalidRequest

SHORTEST_KEY = 8  # characters
DATABASES = ("postgresql", "postgres", "sqlite")  # the schemes of a database URL
SCHEDULERS = ("tcp", "tls", "ws", "wss")
LEAST_MEMORY = 400_000_000  # bytes: a worker with its libraries loaded needs 250 MB, and Dask gives it no work above 80 %
_UNITS = {"": 1, "b": 1} | {f"{unit}{b}": 1000**n for n, unit in enumerate("kmgt", 1) for b in ("", "b")}
_UNITS |= {f"{unit}{b}": 1024**n for n, unit in enumerate("kmgt", 1) for b in ("i", "ib")}
SECRET = frozenset({"key", "database", "store"})  # settings whose values are never repeated
ONE_THREAD = {"OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}


class Settings(BaseSettings):
    """Where the lab keeps its files and how much of the machine it may use."""

    model_config = SettingsConfigDict(env_prefix="GRIDCAST_", frozen=True, allow_inf_nan=False, env_ignore_empty=True)

    home: Path = Field(default_factory=lambda: user_data_path("gridcast", appauthor=False))
    database: SecretStr | None = None  # a database URL, which may hold a password; default: SQLite inside `home`
    scheduler: str | None = None  # tcp://host:8786 of a Dask cluster; default: an embedded one
    workers: int = Field(
        default_factory=lambda: min(max(os.cpu_count() or 1, 2), 8), ge=1, le=512
    )  # of two one is for short runs
    worker_memory: str = "2GiB"  # a worker above this is ended by its nanny
    runs_per_visitor: int = Field(default=4, ge=1)  # of a visitor's runs, so many may wait or run at once
    run_minutes: float = Field(default=60.0, gt=0, le=1e6)  # a run that has had a worker for so long is stopped, or ended
    store: str | None = None  # a folder, or a URL of fsspec such as s3://bucket/prefix; default: a folder inside `home`
    store_gb: float = Field(default=5.0, gt=0, le=1e6)  # least recently used files beyond this are cleared
    log: Literal["debug", "info", "warning", "error"] = "info"  # from which level on the server writes events
    warm: bool = True  # server and workers load torch after their start; if not, the first screen or run that needs it does
    undo_minutes: float = Field(default=10.0, ge=0, le=1e6)  # for which deleted runs can be brought back
    private: bool = False  # nobody's runs stand in the lists of others
    key: SecretStr | None = None  # a lecturer's, who may cancel, delete and pin any run
    sign_in: Literal["optional", "required"] = "optional"  # where secrets.toml says with whom; required: no run without
    mnist_url: str = "https://ossci-datasets.s3.amazonaws.com/mnist/"  # where the four files of MNIST are fetched from

    @field_validator("key")
    @classmethod
    def _long_enough(cls, key: SecretStr | None) -> SecretStr | None:
        if key is not None and len(key.get_secret_value()) < SHORTEST_KEY:
            raise ValueError(f"a key has at least {SHORTEST_KEY} characters")
        return key

    @field_validator("home")
    @classmethod
    def _somewhere(cls, home: Path) -> Path:
        if not home.parts:
            raise ValueError("give a folder")
        return home.expanduser()

    @field_validator("database")
    @classmethod
    def _usable(cls, database: SecretStr | None) -> SecretStr | None:
        url = _parts(database.get_secret_value() if database else "")
        usable = (
            url is not None and url.scheme in DATABASES and url.path.strip("/") and not (url.scheme == "sqlite" and url.query)
        )
        if database is not None and not usable:
            raise ValueError(
                "give postgresql://user:password@host/name or sqlite:////folder/file.db, with % codes for : / @ in a password"
            )
        return database

    @field_validator("scheduler")
    @classmethod
    def _reachable(cls, scheduler: str | None) -> str | None:
        url = _parts(scheduler or "")
        if scheduler is not None and (url is None or url.scheme not in SCHEDULERS or not (url.hostname and url.port)):
            raise ValueError("give the address of a Dask scheduler, such as tcp://host:8786")
        return scheduler

    @field_validator("store")
    @classmethod
    def _kept_without_password(cls, store: str | None) -> str | None:
        if store is not None and "://" in store:
            url = _parts(store)
            if url is None or not re.fullmatch(r"[a-z][a-z0-9+.-]*", url.scheme) or not (url.netloc or url.path.strip("/")):
                raise ValueError("give a folder, or an object store such as s3://bucket/prefix")
            if "@" in url.netloc:
                raise ValueError("leave out the password: it is read from variables, that of S3 from AWS_SECRET_ACCESS_KEY")
        return store

    @field_validator("worker_memory")
    @classmethod
    def _enough(cls, worker_memory: str) -> str:
        amount = re.fullmatch(r"\s*(\d{1,15}(?:\.\d+)?)\s*([a-z]*)\s*", worker_memory.lower())
        if amount is None or amount[2] not in _UNITS:
            raise ValueError("give an amount of memory, such as 2GiB or 800MB")
        if float(amount[1]) * _UNITS[amount[2]] < LEAST_MEMORY:
            raise ValueError(f"a worker needs at least {LEAST_MEMORY // 1_000_000}MB")
        return worker_memory

    @field_validator("mnist_url")
    @classmethod
    def _fetchable(cls, mnist_url: str) -> str:
        url = _parts(mnist_url)
        if url is None or url.scheme not in ("http", "https") or not url.hostname:
            raise ValueError("give an address that begins with https://")
        return mnist_url

    @property
    def database_url(self) -> str | None:
        return self.database.get_secret_value() if self.database else None


def _parts(url: str) -> SplitResult | None:
    """The parts of a URL; None where it is none, such as one with a port that is no number."""
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        return None
    return parts


@cache
def settings() -> Settings:
    """The settings of this process; InvalidRequest names the variable whose value is not valid."""
    try:
        return Settings()
    except ValidationError as error:
        first = error.errors()[0]
        name = str(first["loc"][0])
        value = "not valid" if name in SECRET else f"{first['input']!r:.80}"
        raise InvalidRequest(f"GRIDCAST_{name.upper()} is {value}: {first['msg'].removeprefix('Value error, ')}") from None
