from __future__ import annotations

from typing import Any

import numpy as np

from core.runs.result import Result


class CountResult(Result):
    total: int
    squares: np.ndarray

    @property
    def scores(self) -> Any:
        return {"total": self.total}

    @property
    def headline(self) -> str:
        return f"counted to {self.total}"
