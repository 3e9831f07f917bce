"""What is asked of an experiment, and how far it is: Request, Progress, Wish.

A request says everything about one experiment; its kind's `run` (see `kinds`) yields Progress and returns a Result.
To cancel is to stop iterating. Nothing here knows Dask, the disk or the screen.
"""

from __future__ import annotations

import hashlib
import json
from abc import abstractmethod
from collections.abc import Iterator, Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Any, ClassVar, Literal, Self

from pydantic import BaseModel, ConfigDict, model_validator

from core.errors import InvalidRequest

FORMAT = 2  # part of every key: raise it when stored results must not be used for new requests

LONGEST_TEXT = 2_000  # letters: names of files, tickers and classes stand in the lists of all visitors

Bench = Literal["spatial", "recurrent"]
Inputs = Mapping[str, bytes]  # digest -> content


class Wish(StrEnum):
    """What people want of a run that is alive."""

    STOP = "stop"  # learn no further; test and keep what has been learned
    CANCEL = "cancel"  # end at once and leave nothing


class Progress(BaseModel):
    """How far a run is: a phase in words, a step of a total, the latest numbers and small pictures (PNG, JPEG or WebP), or
    what else a screen shows the latest of, by name."""

    model_config = ConfigDict(frozen=True)

    phase: str
    step: int = 0
    total: int = 0
    numbers: dict[str, float] = {}
    pictures: dict[str, bytes] = {}
    seconds_left: float | None = None
    note: str = ""  # a sentence about the state of the training
    checkpoint: bytes | None = None  # from which the run can go on, should it be interrupted; see `core.checkpoints`

    @property
    def fraction(self) -> float:
        """Share of the work done, 0 to 1; 0 while the total is unknown."""
        return min(1.0, self.step / self.total) if self.total else 0.0


def _texts_in(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, tuple | list):
        for one in value:
            yield from _texts_in(one)
    elif isinstance(value, Mapping):
        yield from _texts_in([*value, *value.values()])
    elif isinstance(value, BaseModel) and not isinstance(value, Request):  # a request has looked at its own
        yield from _texts_in([one for _, one in value])


class Request(BaseModel):
    """One experiment, whole: a value. Big inputs are named by the digest of their content. Its `run` is found by `kinds`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    bench: ClassVar[Bench]
    stoppable: ClassVar[bool] = False  # whether Wish.STOP can be sent to it
    joint: ClassVar[bool] = False  # whether it is made of others, each with a worker of its own, and needs none itself
    timed: ClassVar[bool] = False  # whether its size is seconds that it is given, as many on a slow machine as on a fast one
    checkpoint_seconds: ClassVar[float] = 5.0  # least time between two checkpoints of a run of it
    called: ClassVar[Mapping[Any, str]] = MappingProxyType({})  # what people call values of its fields, such as models
    kind: str

    @model_validator(mode="after")
    def _check_texts(self) -> Self:
        for _, value in self:
            for text in _texts_in(value):
                if len(text) > LONGEST_TEXT:
                    raise InvalidRequest(
                        f"{text[:40]!r} and so on has {len(text):,} letters; a name has at most {LONGEST_TEXT}, so shorten it"
                    )
        return self

    @property
    @abstractmethod
    def title(self) -> str:
        """A short readable name, for lists of runs."""

    @property
    def inputs(self) -> tuple[str, ...]:
        """Digests of the inputs that a run of it will read."""
        return ()

    @property
    def tests(self) -> tuple[str, ...]:
        """What it tests, a text for each model and setting, the same for the same: what the ledger counts. None by default."""
        return ()

    @property
    def subjects(self) -> tuple[str, ...]:
        """What its data is called, such as a ticker."""
        return ()

    def confirmed(self, symbol: str) -> Self:
        """The same, after somebody has said that what it reads of this name is right, though it looks wrong (see
        `core.errors.DoubtfulPrices`). Most requests ask nobody."""
        return self

    @property
    def size(self) -> float:
        """How much work it is, in units of its kind (see `Kind.seconds`): the seconds that it is given, networks to train."""
        return 1.0


def check_seed(seed: int) -> None:
    """InvalidRequest where a number cannot be the seed of every generator: numpy's, torch's, that of boosted trees."""
    if not 0 <= seed < 2**31:
        raise InvalidRequest(f"the seed is {seed}; choose a whole number from 0 to 2,147,483,647")


def trial_of(model: str, settings: Mapping[str, Any]) -> str:
    """A model with the settings that its forecasts depend on, as an entry of `Request.tests`: "gru 0123456789abcdef"."""
    return f"{model} {hashlib.sha256(json.dumps(settings, sort_keys=True).encode()).hexdigest()[:16]}"


def key_of(request: Request) -> str:
    """The run's id: a hash of the request's canonical JSON (input digests included) and the format number.

    Fields that have their default are left out, so that a field that comes later changes no id of a run that does not use it.

    >>> from core.rnn.echo.request import EchoRequest
    >>> from core.runs.request import key_of
    >>> key_of(EchoRequest(lags=(1, 3))) == key_of(EchoRequest(lags=(1, 3)).model_copy())
    True
    >>> len(key_of(EchoRequest(lags=(1, 3))))
    16
    """
    fields = {"kind": request.kind} | request.model_dump(mode="json", exclude_defaults=True)
    canonical = json.dumps(fields, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(f"{FORMAT}:{canonical}".encode()).hexdigest()[:16]
