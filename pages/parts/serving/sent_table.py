"""Tables as Streamlit sends them, made once: bytes of Arrow, and beside numbers below zero texts with a minus sign.

Streamlit writes the texts of a `Styler` anew for every visitor, which takes 13 ms for 20 rows of 8 numbers, and 2 from here.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd
import pyarrow as pa

from core.made_once import made_once
from core.rnn.words import true_minus


@made_once
def arrow(shown: pd.DataFrame) -> pa.Table:
    """The table as it is."""
    return pa.Table.from_pandas(shown)


class _Written(pd.DataFrame):
    """A table whose texts are written already: Streamlit asks for them by `astype(str)`."""

    _metadata = ["texts"]  # noqa: RUF012  an attribute, for pandas

    def astype(self, dtype: Any, *args: Any, **named: Any) -> Any:  # type: ignore[misc]
        return self.texts.copy() if dtype is str else super().astype(dtype, *args, **named)


@made_once
def signed(shown: pd.DataFrame, formats: tuple[tuple[str, str], ...]) -> Any:
    """A Styler of the table with texts beside the numbers of these columns (name, printf format), which still sort as numbers.

    Other columns of numbers with a point, and those with the format "", show up to four digits after it.
    """
    plain = shown.reset_index(drop=True)
    styler: Any = plain.style
    texts = plain.astype(str)
    for name, form in (dict.fromkeys(plain.select_dtypes("float"), "") | dict(formats)).items():
        texts[name] = [_text(number, form) for number in plain[name]]
    styler.data = _Written(plain)
    styler.data.texts = texts
    nothing: Mapping[str, Any] = {"body": []}  # every text is written, no cell has a colour
    styler._compute = lambda: styler
    styler._translate = lambda *_: nothing
    return styler


def _text(number: float, form: str) -> str:
    if pd.isna(number):
        return ""
    return true_minus(form % number if form else f"{number:,.4f}".rstrip("0").rstrip("."))
