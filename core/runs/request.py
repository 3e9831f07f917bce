"""The three nouns of every experiment: Request, Progress, Result.

A request says everything about one experiment and runs as a generator that yields Progress and returns a Result.
To cancel is to stop iterating. Nothing here knows Dask, the disk or the screen.
"""

from __future__ import annotations

import hashlib
import json
import math
from abc import abstractmethod
from collections.abc import Generator, Mapping
from enum import StrEnum
from pkgutil import resolve_name
from typing import Any, ClassVar, Literal

import numpy as np
import pandas as pd
from pydantic import BaseModel, ConfigDict, ValidationError

from core.errors import InvalidRequest
from core.runs.result import Result


def rows_of(table: pd.DataFrame) -> list[dict[str, Any]]:
    """A table as JSON knows it: one dict a row, None where there is no number."""
    return [{str(name): _plain(value) for name, value in row.items()} for row in table.to_dict(orient="records")]


def _plain(value: Any) -> Any:
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value.item() if isinstance(value, np.generic) else value


FORMAT = 1  # part of every key: raise it when old results must not answer new questions
EXPERIMENTS = {  # kind -> where its request lives; names only, so that the floor imports no room
    "rectify": "core.stn.straighten.request:RectifyRequest",
    "align": "core.stn.align.request:AlignRequest",
    "classify": "core.stn.classify.request:ClassifyRequest",
    "locate": "core.stn.locate.request:LocateRequest",
    "add": "core.stn.add.request:AddRequest",
    "compare": "core.rnn.compare.request:CompareRequest",
    "sweep": "core.rnn.sweep.request:SweepRequest",
    "traps": "core.rnn.traps.request:TrapsRequest",
}
Inputs = Mapping[str, bytes]  # digest -> content


class Wish(StrEnum):
    """What people want of a run that is alive."""

    STOP = "stop"  # learn no further; test and keep what has been learned
    CANCEL = "cancel"  # end at once and leave nothing


class Progress(BaseModel):
    """How far a run is: a phase in words, a step of a total, the latest numbers and small pictures (encoded PNG or JPEG)."""

    model_config = ConfigDict(frozen=True)

    phase: str
    step: int = 0
    total: int = 0
    numbers: dict[str, float] = {}
    pictures: dict[str, bytes] = {}
    seconds_left: float | None = None
    note: str = ""  # a sentence about how it goes
    checkpoint: bytes | None = None  # what another run could start from, should this one not come to its end

    @property
    def fraction(self) -> float:
        """Share of the work done, 0 to 1; 0 while the total is unknown."""
        return min(1.0, self.step / self.total) if self.total else 0.0


class Request(BaseModel):
    """One experiment, whole. Big inputs are named by the digest of their content."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    bench: ClassVar[Literal["spatial", "recurrent"]]
    result: ClassVar[type[Result]]
    stoppable: ClassVar[bool] = False  # whether it can be told to learn no further and to keep what it has learned
    kind: str

    @property
    @abstractmethod
    def title(self) -> str:
        """A short readable name, for lists of runs."""

    @property
    def inputs(self) -> tuple[str, ...]:
        """Digests of the inputs that `run` will read."""
        return ()

    def check(self, inputs: Inputs) -> None:
        """Look at the inputs before the run is queued; raise a readable error for what could only fail."""

    def continued(self, start: str) -> Request | None:
        """The same experiment from a checkpoint in the store, by its digest, on; None for a kind that always begins anew."""
        return None

    @abstractmethod
    def run(self, inputs: Inputs) -> Generator[Progress, Any, Result]:
        """Do the experiment. A worker iterates; to cancel is to stop iterating.

        What its iterator sends is a Wish or None: Wish.STOP, from when it was wished, to a kind that is stoppable.
        """


def key_of(request: Request) -> str:
    """The run's id: a hash of the request's canonical JSON (input digests included) and the format number."""
    canonical = json.dumps(request.model_dump(mode="json"), sort_keys=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(f"{FORMAT}:{canonical}".encode()).hexdigest()[:16]


def experiment(kind: str) -> type[Request]:
    """The request class of a kind of experiment."""
    if kind not in EXPERIMENTS:
        raise InvalidRequest(f"there is no experiment called {kind!r}; known are {', '.join(EXPERIMENTS)}")
    return resolve_name(EXPERIMENTS[kind])


def parse_request(text: str) -> Request:
    """A request from its JSON, as exported or stored."""
    try:
        fields = json.loads(text)
        return experiment(fields["kind"]).model_validate(fields)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"])) or "it"
        raise InvalidRequest(f"this is not a request: {where} is {first['input']!r:.80}, {first['msg']}") from error
    except (ValueError, KeyError, TypeError) as error:
        raise InvalidRequest(f"this is not a request: {error}") from error
