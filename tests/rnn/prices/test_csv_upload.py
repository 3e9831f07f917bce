from __future__ import annotations

import gzip
import time

import pytest

from core.errors import PriceError
from core.rnn.prices.csv_file import Layout, preview_csv
from core.rnn.prices.csv_upload import preview_bounded
from core.rnn.prices.table.rows import _EVENT, MOST_COLUMNS, MOST_ROWS

TABLE = "Datum;Schluss;Eröffnung\n03.01.2022;101,5;100\n04.01.2022;102,5;101\n05.01.2022;99,25;102\n".encode()


@pytest.mark.parametrize("content", [TABLE, gzip.compress(TABLE, mtime=0), TABLE.replace(b"102,5", b"much")])
@pytest.mark.parametrize("layout", [Layout(), Layout(price_column=2, decimal=","), Layout(date_column=7)])
def test_a_process_of_its_own_reads_what_this_one_reads(content: bytes, layout: Layout) -> None:
    here, there = preview_csv("kurse.csv", content, layout=layout), preview_bounded("kurse.csv", content, layout)
    assert (here.columns, here.head, here.layout, here.problem) == (there.columns, there.head, there.layout, there.problem)
    assert (here.prices and here.prices.digest) == (there.prices and there.prices.digest)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"1,2\n" * (MOST_ROWS + 1), "b.csv: the file has more than 500,000 rows; cut it"),
        (gzip.compress(b"1\r" * (MOST_ROWS + 1)), "b.csv: the file has more than 500,000 rows; cut it"),
        (b"a," * MOST_COLUMNS + b"b,c\n1", "b.csv: the file has more than 2,000 columns; cut it"),
        (b"PK\x03\x04", "b.csv: this is a spreadsheet or an archive"),
        (b'{"Time Series (Daily)": {"2022-01-03": {"4. close": "1.5"}}}', "b.csv: this is JSON"),
        (b'[\n {"date": "2022-01-03", "close": 1.5}]', "b.csv: this is JSON"),
        (b"<html><table><tr><td>2022-01-03<td>1.5</table>", "b.csv: this is a web page or XML"),
        (b'<?xml version="1.0"?><Workbook/>', "b.csv: this is a web page or XML"),
    ],
)
def test_a_table_that_is_too_large_is_refused_before_it_is_read(content: bytes, sentence: str) -> None:
    with pytest.raises(PriceError, match=sentence):
        preview_bounded("b.csv", content, Layout())


def test_a_heading_of_many_brackets_takes_no_time() -> None:
    began = time.process_time()
    preview_csv("a.csv", b"Date," + b"(" * 130_000 + b"\n2022-01-03,1\n2022-01-04,2\n")
    assert time.process_time() - began < 0.5


def test_cells_that_nearly_tell_of_a_dividend_take_no_time() -> None:
    cells = [f"{'1 ' * 30}{end}" for end in ("s", "for s", "splits or dividends")]
    began = time.process_time()
    assert not any(_EVENT.fullmatch(cell) for cell in cells * 300)
    assert time.process_time() - began < 0.3
    assert all(_EVENT.fullmatch(text) for text in ("0.82 Dividend", "2:1 Stock Splits", "4 for 1 split", "1 to 2 Stock Split"))
