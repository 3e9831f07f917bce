"""Result: what came out of a run."""

from __future__ import annotations

import math
from abc import abstractmethod
from collections.abc import Mapping
from typing import Any, Self

import numpy as np
import pandas as pd
from pydantic import BaseModel, ConfigDict

from core.runs.conclusion import BY_WORD, Conclusion, NextStep
from core.runs.standing import Standing
from core.runs.value import StoredValue


def _plain(value: Any) -> Any:
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value.item() if isinstance(value, np.generic) else value


def rows_of(table: pd.DataFrame) -> list[dict[str, Any]]:
    """A table for JSON: one dict a row, None in place of NaN and infinity."""
    return [{str(name): _plain(value) for name, value in row.items()} for row in table.to_dict(orient="records")]


class Origin(BaseModel):
    """The run whose weights another one begins with: its id and its title."""

    model_config = ConfigDict(frozen=True)

    run: str
    title: str

    @property
    def name(self) -> str:
        """ "Straighten coins by turn, ±45° (run 4304491b)" """
        return f"{self.title} (run {self.run[:8]})"


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
    def standing(self) -> Standing | None:
        """Its error beside a baseline, and its health; None for what is only a part of another result."""
        return None

    @property
    def origins(self) -> Mapping[str, Origin]:
        """The runs that made what it began with, by the digest of that input."""
        return {}

    @property
    def course(self) -> Mapping[str, str]:
        """How its training went, in words by what they are about ("steps": "75"): what no request says."""
        return {}

    def corrected_for(self, others: int) -> Self:
        """The same result, its tests corrected for so many others that had been made on its data; for one that tests nothing on
        shared data: itself."""
        return self

    @property
    def next_step(self) -> NextStep | None:
        """What would tell more; None: nothing that a button could do."""
        return None

    @property
    def conclusion(self) -> Conclusion:
        """What to take from it: by default its headline, with what its standing says of it."""
        standing = self.standing
        return Conclusion(BY_WORD[standing.health] if standing else "measured", self.headline, (), self.next_step)

    @property
    def unfinished(self) -> str:
        """In a sentence what there is of a run that was stopped before it had done all; empty where that is told elsewhere."""
        return ""

    @property
    def tested_data(self) -> tuple[str, ...]:
        """Digests of the data that it tested something on, such as of each month; results that share one are about the same."""
        return ()

    @property
    def tables(self) -> dict[str, pd.DataFrame]:
        """Every data frame of the result by the name of its field: what a CSV export writes."""
        values = {name: getattr(self, name) for name in type(self).model_fields}
        return {name: value for name, value in values.items() if isinstance(value, pd.DataFrame) and len(value.columns)}
