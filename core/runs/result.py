"""Result: what came out of a run."""

from __future__ import annotations

from abc import abstractmethod
from typing import Any

import pandas as pd

from core.runs.value import StoredValue


class Result(StoredValue):
    """What a run found out, saved as one safetensors file."""

    @property
    @abstractmethod
    def scores(self) -> Any:
        """The figures of the experiment, ready for JSON."""

    @property
    @abstractmethod
    def headline(self) -> str:
        """The outcome in a few words, for lists of runs."""

    @property
    def tables(self) -> dict[str, pd.DataFrame]:
        """Every data frame of the result by the name of its field: what a CSV export writes."""
        values = {name: getattr(self, name) for name in type(self).model_fields}
        return {name: value for name, value in values.items() if isinstance(value, pd.DataFrame)}
