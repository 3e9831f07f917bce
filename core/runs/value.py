"""A value that saves itself as one safetensors file: arrays as tensors, everything else as JSON in the header.

Nothing is pickled.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, ClassVar, Self

import numpy as np
import pandas as pd
from pydantic import BaseModel, ConfigDict
from safetensors import SafetensorError
from safetensors.numpy import load as load_tensors
from safetensors.numpy import save as save_tensors

from core.errors import StoreError
from core.system.unreadable import readable

_DAY = 86_400  # seconds


def _read_tensors(content: bytes) -> tuple[dict[str, np.ndarray], dict[str, Any]]:
    try:
        tensors = load_tensors(content)
    except SafetensorError as error:
        raise ValueError(str(error)) from error
    length = int.from_bytes(content[:8], "little")
    header = json.loads(content[8 : 8 + length])
    return tensors, json.loads(header["__metadata__"]["result"])


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


class StoredValue(BaseModel):
    """Frozen. Fields may be numbers, text, pydantic models, numpy arrays, dicts of arrays, or data frames."""

    model_config = ConfigDict(frozen=True, arbitrary_types_allowed=True)

    old_names: ClassVar[Mapping[str, str]] = {}  # field -> its name in files written before it was renamed

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
        with readable(f"a stored {cls.__name__} cannot be read: {{reason}}", StoreError):
            tensors, plain = _read_tensors(content)
            plain |= {name: plain[old] for name, old in cls.old_names.items() if old in plain}
            values: dict[str, Any] = {}
            for name, field in cls.model_fields.items():
                if name in tensors:
                    values[name] = tensors[name]
                elif field.annotation is pd.DataFrame and name in plain:
                    values[name] = _join_table(name, plain[name], tensors)
                elif name in plain:
                    values[name] = plain[name]
                elif entries := {k.removeprefix(f"{name}/"): v for k, v in tensors.items() if k.startswith(f"{name}/")}:
                    values[name] = entries
            return cls.model_validate(values)
