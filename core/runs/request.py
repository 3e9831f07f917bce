"""The three nouns of every experiment: Request, Progress, Result.

A request says everything about one experiment and runs as a generator that yields Progress and returns a Result.
To cancel is to stop iterating. Nothing here knows Dask, the disk or the screen.
"""

from __future__ import annotations

import hashlib
import json
from abc import abstractmethod
from collections.abc import Generator, Mapping
from enum import StrEnum
from pkgutil import resolve_name
from typing import TYPE_CHECKING, Any, ClassVar, Literal, Self

import numpy as np
import pandas as pd
from pydantic import BaseModel, ConfigDict, ValidationError
from safetensors import SafetensorError
from safetensors.numpy import load as load_tensors
from safetensors.numpy import save as save_tensors

from core.errors import InvalidRequest, StoreError

if TYPE_CHECKING:
    from core.runs.export import Format

FORMAT = 1  # part of every key: raise it when old results must not answer new questions
_DAY = 86_400  # seconds
EXPERIMENTS = {  # kind -> where its request lives; names only, so that the floor imports no room
    "rectify": "core.stn.rectify:RectifyRequest",
    "align": "core.stn.align:AlignRequest",
    "classify": "core.stn.classify:ClassifyRequest",
    "locate": "core.stn.locate:LocateRequest",
    "add": "core.stn.add:AddRequest",
    "compare": "core.rnn.compare:CompareRequest",
    "sweep": "core.rnn.sweep:SweepRequest",
    "traps": "core.rnn.traps:TrapsRequest",
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


class Result(BaseModel):
    """What a run found out. Fields may be numbers, text, pydantic models, numpy arrays, dicts of arrays, or data frames.

    Saved as one safetensors file: arrays as tensors, everything else as JSON in the header. Nothing is pickled.
    """

    model_config = ConfigDict(frozen=True, arbitrary_types_allowed=True)

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

    @property
    def exports(self) -> dict[str, Format]:
        """What this kind of result can be taken away as besides what every result has, by the format's name."""
        return {}

    def to_bytes(self) -> bytes:
        tensors: dict[str, np.ndarray] = {}
        tables: dict[str, Any] = {}
        plain: set[str] = set()
        for name in type(self).model_fields:
            value = getattr(self, name)
            if isinstance(value, np.ndarray):
                tensors[name] = np.ascontiguousarray(value)
            elif isinstance(value, pd.DataFrame):
                tables[name] = _split_table(name, value, tensors)
            elif isinstance(value, dict) and value and all(isinstance(v, np.ndarray) for v in value.values()):
                tensors |= {f"{name}/{key}": np.ascontiguousarray(v) for key, v in value.items()}
            else:
                plain.add(name)
        header = json.dumps(self.model_dump(mode="json", include=plain) | tables)
        return save_tensors(tensors, metadata={"result": header})

    @classmethod
    def from_bytes(cls, content: bytes) -> Self:
        """Read back what `to_bytes` wrote; StoreError when the content is not such a file.

        A field that came later than the file takes its default.
        """
        try:
            tensors, plain = _read_tensors(content)
            values: dict[str, Any] = {}
            for name, field in cls.model_fields.items():
                if name in tensors:
                    values[name] = tensors[name]
                elif field.annotation is pd.DataFrame:
                    values[name] = _join_table(name, plain[name], tensors)
                elif name in plain:
                    values[name] = plain[name]
                elif entries := {k.removeprefix(f"{name}/"): v for k, v in tensors.items() if k.startswith(f"{name}/")}:
                    values[name] = entries
            return cls.model_validate(values)
        except (SafetensorError, ValueError, KeyError) as error:
            raise StoreError(f"a stored {cls.__name__} cannot be read: {error}") from error


def _read_tensors(content: bytes) -> tuple[dict[str, np.ndarray], dict[str, Any]]:
    length = int.from_bytes(content[:8], "little")
    header = json.loads(content[8 : 8 + length])
    return load_tensors(content), json.loads(header["__metadata__"]["result"])


def _split_table(name: str, table: pd.DataFrame, tensors: dict[str, np.ndarray]) -> dict[str, Any]:
    """Move numeric and date columns of a table into tensors; return the rest, with the column order, as JSON values."""
    columns: dict[str, Any] = {}
    for column in table.columns:
        values = table[column]
        if pd.api.types.is_datetime64_any_dtype(values):
            seconds = values.to_numpy("datetime64[s]").astype(np.int64)
            whole = not (seconds % _DAY).any()
            tensors[f"{name}#{column}"] = seconds // _DAY if whole else seconds
            columns[column] = "date" if whole else "time"
        elif pd.api.types.is_bool_dtype(values) or pd.api.types.is_numeric_dtype(values):
            tensors[f"{name}#{column}"] = np.ascontiguousarray(values.to_numpy())
            columns[column] = "tensor"
        else:
            columns[column] = values.tolist()
    return {"columns": columns, "rows": len(table)}


def _join_table(name: str, plain: dict[str, Any], tensors: dict[str, np.ndarray]) -> pd.DataFrame:
    def column(key: str, kept: Any) -> Any:
        if kept == "date":
            return tensors[f"{name}#{key}"].astype("datetime64[D]").astype("datetime64[s]")
        if kept == "time":
            return tensors[f"{name}#{key}"].astype("datetime64[s]")
        return tensors[f"{name}#{key}"] if kept == "tensor" else kept

    columns = {key: column(key, kept) for key, kept in plain["columns"].items()}
    return pd.DataFrame(columns, index=range(plain["rows"]))


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


def digest_of(content: bytes) -> str:
    """SHA-256 of some content, in hex: the name it has in the store."""
    return hashlib.sha256(content).hexdigest()


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
