"""Settings, read once from GRIDCAST_* environment variables."""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path
from typing import Literal

from platformdirs import user_data_path
from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from core.errors import InvalidRequest

SHORTEST_KEY = 8  # characters
ONE_THREAD = {"OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}


class Settings(BaseSettings):
    """Where the lab keeps its files and how much of the machine it may use."""

    model_config = SettingsConfigDict(env_prefix="GRIDCAST_", frozen=True)

    home: Path = Field(default_factory=lambda: user_data_path("gridcast", appauthor=False))
    database: str | None = None  # a peewee URL; default: SQLite inside `home`
    scheduler: str | None = None  # tcp://host:8786 of a Dask cluster; default: an embedded one
    workers: int = Field(default_factory=lambda: min(max(os.cpu_count() or 1, 2), 8), ge=1)  # of two one is for short runs
    worker_memory: str = "2GiB"  # a worker above this is ended by its nanny
    runs_per_visitor: int = Field(default=4, ge=1)  # of a visitor's runs, so many may wait or run at once
    run_minutes: float = Field(default=60.0, gt=0)  # a run that has had a worker for so long is stopped, or ended
    store_gb: float = Field(default=5.0, gt=0)  # least recently used files beyond this are cleared
    log: Literal["debug", "info", "warning", "error"] = "info"  # from which level on the server writes events
    warm: bool = True  # the server loads torch after its start; if not, the first screen that computes with it does
    undo_minutes: float = Field(default=10.0, ge=0)  # for which deleted runs can be brought back
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


@cache
def settings() -> Settings:
    """The settings of this process; InvalidRequest names the variable whose value is not valid."""
    try:
        return Settings()
    except ValidationError as error:
        first = error.errors()[0]
        name = str(first["loc"][0])
        value = "not valid" if name == "key" else repr(first["input"])  # a secret is not repeated
        raise InvalidRequest(f"GRIDCAST_{name.upper()} is {value}: {first['msg'].removeprefix('Value error, ')}") from error
