"""One thread per process, before torch is imported: two threads on busy cores cost a factor of ten."""

from __future__ import annotations

import gc
import os

for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ.setdefault(name, "1")

from hypothesis import settings  # noqa: E402

settings.register_profile("any machine", deadline=None)  # a busy one takes its time
settings.load_profile("any machine")


def pytest_collection_finish() -> None:
    """What all modules hold stays: every collection of garbage would look through it again, for most of a second."""
    gc.collect()
    gc.freeze()
