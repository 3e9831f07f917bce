"""What Streamlit sends of a table that was made once is what it would send of it anew."""

from __future__ import annotations

import pandas as pd
import pyarrow as pa
from streamlit import dataframe_util
from streamlit.elements.lib.pandas_styler_utils import marshall_styler
from streamlit.proto.ArrowData_pb2 import ArrowData

from pages.parts.serving.sent_table import signed

TABLE = pd.DataFrame({"model": ["a", "b", "c"], "skill": [-1.2345678, 0.5, float("nan")], "share": [-3.25, 2.0, 100.0]})
FORMATS = (("skill", ""), ("share", "%.1f %%"))


def sent(styler: object) -> tuple[pd.DataFrame, pd.DataFrame]:
    """What a browser gets: the numbers, and what it shows in their place."""
    message = ArrowData()
    marshall_styler(message, styler, "table")  # type: ignore[arg-type]
    values = dataframe_util.convert_anything_to_pandas_df(styler, ensure_copy=False)
    return values, pa.ipc.open_stream(message.styler.display_values).read_pandas()


def test_numbers_stay_numbers_and_are_shown_with_a_minus_sign() -> None:
    values, shown = sent(signed(TABLE, FORMATS))
    pd.testing.assert_frame_equal(pd.DataFrame(values), TABLE)
    assert shown["skill"].tolist() == ["−1.2346", "0.5", ""]
    assert shown["share"].tolist() == ["−3.2 %", "2.0 %", "100.0 %"]
    assert signed(TABLE, FORMATS) is signed(TABLE, FORMATS)


def test_it_is_what_streamlit_would_write() -> None:
    anew = TABLE.style.format({"skill": "{:.4f}", "share": "{:.1f} %"}, na_rep="")
    made = signed(TABLE, (("skill", "%.4f"), ("share", "%.1f %%")))
    pd.testing.assert_frame_equal(sent(made)[1].replace("−", "-", regex=True), sent(anew)[1], check_dtype=False)
