"""What Dask is told by the lab, see `dask.yaml`: by its own processes, and by those of a cluster that somebody else starts."""

from __future__ import annotations

from pathlib import Path

import dask

CONFIG = Path(__file__).with_name("dask.yaml")
RUN = "run"  # the prefix of all task keys, by which Dask groups them


def use_lab_config() -> None:
    """In this process; Dask's own variables (DASK_…) go before it."""
    dask.config.refresh(paths=[*dask.config.paths, str(CONFIG)])
    dask.config.set({"distributed.logging.distributed": "error"})
