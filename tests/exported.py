"""Exported tables as `core` names them: what stands in columns.csv is enough for the way back."""

from __future__ import annotations

import io
from collections.abc import Mapping

import pandas as pd

from core.runs.export import COLUMNS
from core.runs.report.columns import words_of
from core.runs.request import Bench


def tables_of(files: Mapping[str, bytes], bench: Bench, cells: Mapping[str, set[str]] | None = None) -> dict[str, pd.DataFrame]:
    """The tables of an export by name. `cells` are the names, by column, that its texts may stand for."""
    rows = pd.read_csv(io.BytesIO(files[COLUMNS]), keep_default_na=False)
    tables = {}
    for file, columns in rows.groupby("File"):
        table = pd.read_csv(io.BytesIO(files[str(file)]))
        assert list(table) == columns["Column"].tolist()
        tables[str(file).removesuffix(".csv")] = table.set_axis(columns["Name in core"].tolist(), axis=1)
    for name, say in words_of(bench).cells.items():
        back = {say(one): one for one in (cells or {}).get(name, ())}
        for table in tables.values():
            if name in table and back:
                table[name] = table[name].map(lambda one, back=back: back.get(one, one))
    return tables
