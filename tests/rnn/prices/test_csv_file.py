from __future__ import annotations

import gzip
import re
import time
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import InvalidRequest, PriceError
from core.rnn.prices import samples
from core.rnn.prices.csv_file import LIMIT, CsvFile, Layout, Preview, preview_csv, read_csv
from core.rnn.prices.notes import caption_of, notes_of
from core.rnn.prices.prices import ADJUSTED, Prices
from core.rnn.prices.reader import reader_of
from core.rnn.prices.weeks import weekly

JANUARY = ["2022-01-03", "2022-01-04"]


def read(text: str, name: str = "aapl.csv", symbol: str | None = None) -> Prices:
    return read_csv(name, text.encode(), symbol)


def days(prices: Prices) -> list[str]:
    return prices.days.astype(str).tolist()


def test_a_plain_file_is_read_and_named_after_itself() -> None:
    prices = read("Date,Close\n2022-01-03,1.5\n2022-01-04,2\n")
    assert (prices.symbol, prices.source, days(prices), prices.close.tolist()) == ("AAPL", "csv", JANUARY, [1.5, 2.0])
    assert caption_of(prices) == "AAPL · aapl.csv · 3 Jan 2022 to 4 Jan 2022 · closes as in column 'Close'"


def test_the_adjusted_close_comes_before_the_close_and_scales_the_bars() -> None:
    prices = read("Date,Open,High,Low,Close,Adj Close,Volume\n2022-01-03,1,4,1,2,1,70\n2022-01-04,2,3,1,2,2,\n")
    assert prices.basis == ADJUSTED
    assert prices.close.tolist() == [1.0, 2.0]
    assert prices.high.tolist() == [2.0, 3.0]
    assert np.array_equal(prices.volume, [70.0, np.nan], equal_nan=True)


@pytest.mark.parametrize(
    "text",
    [
        "Datum;Schlusskurs\n03.01.2022;1.234,56\n04.01.2022;1.200,5",
        "Date\tPrice\n2022/01/03\t1234.56\n2022/01/04\t1200.5",
        'Date,Close/Last\n01/04/2022,"$1,200.50"\n01/03/2022,"$1,234.56"\n01/25/2022,7',
        "Timestamp;Last\n2022-01-03 00:00:00-05:00;1234.56\n2022-01-04 00:00:00-05:00;1200.5",
        '"Date","Price","Change %"\n"Jan 04, 2022","1,200.50","-1%"\n"Jan 03, 2022","1,234.56","1%"',
        "sep=;\nDate;Close\n20220103;1234,56\n20220104;1200,5",
        "timestamp,close\n1641220200,1234.56\n1641306600,1200.5",
        ",x\n2022-01-03,1234.56\n2022-01-04,1200.5",
        "Price,Close,High\nTicker,AAPL,AAPL\nDate,,\n2022-01-03,1234.56,1300\n2022-01-04,1200.5,1300",
    ],
)
def test_many_ways_of_writing_say_the_same(text: str) -> None:
    prices = read(text)
    assert days(prices)[:2] == JANUARY
    assert prices.close[:2].tolist() == [1234.56, 1200.5]


@pytest.mark.parametrize(
    ("cells", "first"), [(("03/01/2022", "25/01/2022"), "2022-01-03"), (("03/01/2022", "03/25/2022"), "2022-03-01")]
)
def test_the_whole_column_decides_whether_the_day_comes_first(cells: tuple[str, str], first: str) -> None:
    assert days(read(f"Date,Close\n{cells[0]},1\n{cells[1]},2"))[0] == first


def test_the_order_of_rows_can_decide_whether_the_day_comes_first() -> None:
    rows = "".join(f"{day}/{month:02}/2022,1\n" for month in (1, 2) for day in ("05", "06", "07"))
    assert days(read(f"Date,Close\n{rows}"))[0] == "2022-01-05"


def test_volumes_follow_the_decimal_mark_of_the_prices() -> None:
    assert read("Datum;Schluss;Volumen\n03.01.2022;1,5;1.000\n").volume.tolist() == [1000.0]
    assert read('Date,Close,Vol.\n2022-01-03,1.5,"1,000"\n').volume.tolist() == [1000.0]
    assert read("Date,Close,Vol.\n2022-01-03,1.5,115.79M\n").volume.tolist() == [115_790_000.0]


def test_a_table_of_many_tickers_gives_the_one_asked_for() -> None:
    table = "Date,AAPL,MSFT\n2022-01-03,1,2\n2022-01-04,2,3\n"
    assert read(table, symbol="msft").close.tolist() == [2.0, 3.0]
    with pytest.raises(PriceError, match=r"no price column; the columns are AAPL, MSFT\. Name the one with the prices Close"):
        read(table, name="table.csv")


def test_rows_of_several_tickers_are_never_mixed() -> None:
    table = "Date,Symbol,Close\n2022-01-03,AAPL,1\n2022-01-04,AAPL,2\n2022-01-05,MSFT,300\n"
    assert read(table, symbol="msft").close.tolist() == [300.0]
    with pytest.raises(PriceError, match=r"it has the prices of several tickers \(AAPL, MSFT\); ask for one of them"):
        read(table, name="many.csv")


def test_rows_are_sorted_and_repeated_rows_merged() -> None:
    prices = read("Date,Close\n2022-01-04,2\n2022-01-03,1\n2022-01-04,2\n")
    assert (days(prices), prices.close.tolist()) == (JANUARY, [1.0, 2.0])
    assert "1 repeated row merged" in notes_of(prices)


def test_weekly_prices_are_told() -> None:
    assert "weekly prices, 52.2 a year" in notes_of(read("Date,Close\n2022-01-03,1\n2022-01-10,2\n2022-01-17,3\n"))


def test_an_unreadable_extra_is_left_out_and_told() -> None:
    prices = read("Date,Close,High\n2022-01-03,1,up\n")
    assert not prices.has_ranges
    assert "high left out (row 2, column 'High': 'up' is not a number)" in notes_of(prices)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (
            "Date,Close\n2022-01-03,1\n2022-01-04,\n2022-01-05,2",
            "row 3, column 'Close': the price is missing, as in 1 of 3 rows",
        ),
        ("Date,Close\n2022-01-03,1\n\n2022-01-04,NaN\n2022-01-05,2", "row 4, column 'Close': the price is missing"),
        ("Date,Close\n2022-01-03,\n2022-01-04,", "column 'Close' has not one price"),
        ("Date,Close\n2022-01-03,1\n2022-01-04,abc", "row 3, column 'Close': 'abc' is not a number"),
        ("Date,Close\n2022-01-03,1\n2022-01-04,0", "row 3, column 'Close': the price is 0, it must be above zero"),
        ("Date,Close\n2022-01-03,-3", "row 2, column 'Close': the price is -3"),
        ("Date,Close\n2022-01-03,1\n2022-02-31,1", "row 3, column 'Date': '2022-02-31' is not a date"),
        ("Date,Close\n01/03/2022,1\n01/04/2022,2", "'01/03/2022' may have the day or the month first; write dates"),
        ("Date;Close\n2022-01-03;1,5\n2022-01-04;2.5", "row 3, column 'Close': '2.5' and '1,5' use different decimal marks"),
        ("Date;Close\n2022-01-03;1,500", "the ',' of '1,500' may part decimals or thousands"),
        ("Date;Close\n2022-01-03;998\n2022-01-04;1.004", "the '.' of '1.004' may part decimals or thousands"),
        ("Date,Close\n2022-01-03,1,5", "row 2 has 3 values, the header names 2 columns"),
        ("Date,Close\n2022-01-03", "row 2 has 1 values, the header names 2 columns"),
        ("Date,Close\n2022-01-03,2\n2022-01-03,3", "3 Jan 2022 is there twice, with close 2 and 3; keep one row a day"),
        ("Date,Close\n²123456789,1", "row 2, column 'Date': '²123456789' is not a date"),
        ("Date,Close\n1641220200,1\n²123456789,2", "row 3, column 'Date': '²123456789' is not a time of 10 digits"),
        ("Date,Close\n1641220200,1\n1641306600000,2", "'1641306600000' is not a time of 10 digits like '1641220200'; write"),
        ("Date,Close\n1641220200000,1\n1641306600,2", "row 3, column 'Date': '1641306600' is not a time of 13 digits"),
        (f"Date,Close\n2022-01-03,1\n2022-01-04,{'1' * 65}", "row 3, column 'Close': the cell has more than 64 characters"),
        ("a,b\n1,2", "no date column; the columns are a, b. Name the one with the days Date"),
        ("Date,Close\n", "no rows below its header"),
        ("", "no rows below its header"),
    ],
)
def test_a_doubt_is_refused_with_the_row_and_a_remedy(text: str, sentence: str) -> None:
    with pytest.raises(PriceError, match=rf"aapl\.csv: .*{re.escape(sentence)}"):
        read(text)


@pytest.mark.parametrize("rubble", [f"1{' ' * 130_000}1", "1,." * 40_000, f"2022-01-03{' ' * 130_000}x", "9" * 130_000])
@pytest.mark.parametrize(
    ("text", "column"), [('Date,Close\n"{}",1', "Date"), ('Date,Close\n2022-01-03,"{}"', "Close"), ('a,b\n"{}",1', "")]
)
def test_long_cells_are_refused_at_once(text: str, column: str, rubble: str) -> None:
    began = time.process_time()
    sentence = f"row 2, column {column!r}: the cell has more than 64" if column else "there is no date column"
    with pytest.raises(PriceError, match=sentence):
        read(text.format(rubble))
    assert time.process_time() - began < 0.5  # minutes, where a regular expression meets such a cell


def test_a_long_cell_of_an_extra_leaves_that_column_out() -> None:
    prices = read(f"Date,Close,High\n2022-01-03,1,{'1.' * 1000}")
    assert "high left out (row 2, column 'High': the cell has" in " ".join(notes_of(prices))


def test_a_century_of_plain_rows_is_read_at_once() -> None:
    days_told = np.arange("1900-01-01", "2020-01-01", dtype="datetime64[D]").astype(str)
    closes = [f"{10 + at % 90}.{at % 100:02}" for at in range(len(days_told))]
    text = "Date,Close\n" + "".join(f"{day},{close}\n" for day, close in zip(days_told, closes, strict=True))
    began = time.process_time()
    prices = read(text)
    assert time.process_time() - began < 1  # 0.2 s are usual
    assert (days(prices), prices.close.tolist()) == (days_told.tolist(), [float(close) for close in closes])


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"PK\x03\x04", "a spreadsheet or an archive; save the sheet as CSV"),
        (b"\x89PNG\0\0", "not a text file"),
        (b"\x1f\x8bnonsense", "the gzip file is damaged"),
        (gzip.compress(b"Date,Close\n2022-01-03,1\n", mtime=0)[:-4], "the gzip file is damaged"),
        (b"x" * (LIMIT + 1), "larger than 20 MB"),
        (gzip.compress(b"x" * (LIMIT + 1), mtime=0), "larger than 20 MB"),
    ],
)
def test_files_that_are_no_csv_are_told(content: bytes, sentence: str) -> None:
    with pytest.raises(PriceError, match=sentence):
        read_csv("file.csv", content)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_encodings_are_recognised(encoding: str) -> None:
    prices = read_csv("a.csv", "Datum;Eröffnung;Schluss\n03.01.2022;1,25;1,5\n".encode(encoding))
    assert (prices.open.tolist(), prices.close.tolist()) == ([1.25], [1.5])


def test_a_packed_file_is_a_source(tmp_path: Path) -> None:
    path = tmp_path / "msft.csv.gz"
    path.write_bytes(gzip.compress(b"Date,Close\n2022-01-03,1\n"))
    source = reader_of(str(path))
    assert isinstance(source, CsvFile)
    assert (source.fetch("").symbol, source.fetch("X").symbol) == ("MSFT", "X")


def test_a_file_that_is_gone_is_told(tmp_path: Path) -> None:
    with pytest.raises(InvalidRequest, match="no price source"):
        reader_of(str(tmp_path / "gone.csv"))
    with pytest.raises(PriceError, match="cannot be read: No such file"):
        CsvFile(tmp_path / "gone.csv").fetch("AAPL")


def look(text: str, **how: object) -> Preview:
    return preview_csv("aapl.csv", text.encode(), None, Layout(**how))  # type: ignore[arg-type]


def test_what_was_found_is_told_with_all_columns_and_the_first_rows() -> None:
    preview = look("Datum;Eröffnung;Schluss\n03.01.2022;1,25;1,5\n04.01.2022;1,5;2\n")
    assert preview.columns == ("1 · Datum", "2 · Eröffnung", "3 · Schluss")
    assert preview.layout == Layout(0, 2, ",", None)
    assert preview.head == (("03.01.2022", "1,25", "1,5"), ("04.01.2022", "1,5", "2"))
    assert preview.problem == ""
    assert preview.prices is not None
    assert preview.prices.close.tolist() == [1.5, 2.0]


def test_what_was_found_reads_the_file_the_same_way_again() -> None:
    text = "Date,Open,Close\n25/01/2022,1.25,1.5\n26/01/2022,1.5,2\n"
    layout = look(text).layout
    assert layout == Layout(0, 2, ".", True)
    assert read_csv("a.csv", text.encode(), None, layout).to_bytes() == read_csv("a.csv", text.encode()).to_bytes()


def test_a_column_that_was_found_can_be_corrected() -> None:
    text = "Date,Close,Mid,Settled\n2022-01-03,1,5,2022-01-05\n2022-01-04,2,6,2022-01-06\n"
    assert look(text, price_column=2).prices.close.tolist() == [5.0, 6.0]  # type: ignore[union-attr]
    settled = look(text, date_column=3).prices
    assert settled is not None
    assert days(settled) == ["2022-01-05", "2022-01-06"]
    assert settled.basis == "closes as in column 'Close'"


def test_the_order_of_day_and_month_can_be_corrected() -> None:
    text = "Date,Close\n01/03/2022,1\n01/04/2022,2\n"
    doubt = look(text)
    assert doubt.prices is None
    assert "'01/03/2022' may have the day or the month first" in doubt.problem
    assert (doubt.layout.date_column, doubt.layout.price_column) == (0, 1)
    assert days(look(text, day_first=True).prices)[0] == "2022-03-01"  # type: ignore[arg-type]
    assert days(look(text, day_first=False).prices)[0] == "2022-01-03"  # type: ignore[arg-type]


def test_the_decimal_mark_can_be_corrected() -> None:
    text = "Date;Close\n2022-01-03;1,500\n2022-01-04;1,600\n"
    assert "the ',' of '1,500' may part decimals or thousands" in look(text).problem
    assert look(text, decimal=",").prices.close.tolist() == [1.5, 1.6]  # type: ignore[union-attr]
    assert look(text, decimal=".").prices.close.tolist() == [1500.0, 1600.0]  # type: ignore[union-attr]


def test_a_column_that_is_not_there_is_told_with_those_that_are() -> None:
    text = "Date,Close,High\n2022-01-03,1,2\n"
    assert look(text, price_column=7).problem.endswith("there is no column 8; the columns are Date, Close, High")
    assert look(text, date_column=3).problem.endswith("there is no column 4; the columns are Date, Close, High")
    assert look("a,b\n1,2\n").problem.endswith("there is no date column; the columns are a, b. Name the one with the days Date")


def test_a_wrong_correction_names_the_row() -> None:
    text = "Date,Close,Note\n2022-01-03,1,ok\n2022-01-04,2,late\n"
    assert look(text, price_column=2).problem == "aapl.csv: row 2, column 'Note': 'ok' is not a number"
    assert (
        "row 3, column 'Date': '25/01/2022' is not a date"
        in look("Date,Close\n03/01/2022,1\n25/01/2022,2\n", day_first=False).problem
    )


def table(dates: np.ndarray, close: np.ndarray | list[float]) -> str:
    return "Date,Close\n" + "".join(f"{day},{price}\n" for day, price in zip(dates, close, strict=True))


CALENDAR_DAYS = np.arange("2022-01-03", "2022-03-07", dtype="datetime64[D]")  # nine weeks


def test_weekends_that_repeat_friday_are_left_out_and_told() -> None:
    friday = CALENDAR_DAYS - (CALENDAR_DAYS.astype(int) + 3) % 7 + np.minimum((CALENDAR_DAYS.astype(int) + 3) % 7, 4)
    prices = read(table(CALENDAR_DAYS, 10 + friday.astype(int) % 11))
    assert np.is_busday(prices.days).all()
    assert len(prices.dates) == 45
    assert "18 weekend rows left out: they repeat the price before them, as if filled in" in notes_of(prices)


def test_a_few_weekend_prices_of_their_own_stay_and_are_told() -> None:
    dates = np.union1d(CALENDAR_DAYS[np.is_busday(CALENDAR_DAYS)], np.array(["2022-01-08"], "datetime64[D]"))
    prices = read(table(dates, 10.0 + np.arange(len(dates)) % 7))
    assert len(prices.dates) == 46
    assert "1 price of a weekend, the first of 8 Jan 2022: stocks do not trade then" in notes_of(prices)


def test_prices_of_all_seven_days_stay_as_they_are() -> None:
    prices = read(table(CALENDAR_DAYS, 10.0 + np.arange(len(CALENDAR_DAYS)) % 7))
    assert len(prices.dates) == len(CALENDAR_DAYS)
    assert not any("weekend" in note for note in notes_of(prices))


def test_bad_input_is_handled_or_told_never_filled() -> None:
    weekdays = np.busday_offset("1983-01-03", np.arange(40 * 261)).astype("datetime64[D]")
    forty_years = read(table(weekdays, 10.0 + np.arange(len(weekdays)) % 7))
    assert len(forty_years.dates) == len(weekdays)
    thirty = read(table(weekdays[:30], 10.0 + np.arange(30) % 7))
    assert len(thirty.dates) == 30
    constant = read(table(weekdays[:300], [12.5] * 300))
    assert "every price is 12.5: there is nothing to forecast" in notes_of(constant)
    halved = read(table(weekdays[:300], [100.0 + at % 3 for at in range(150)] + [40.0 + at % 2 for at in range(150)]))
    assert "the price moves by -61 % on 1 Aug 1983, like a split of 5:2 that is not adjusted" in notes_of(halved)
    kept = np.r_[0:60, 210:300]
    holed = read(table(weekdays[kept], 10.0 + kept % 7))
    assert any(note.startswith("no price for 213 days, from 25 Mar 1983 to 24 Oct 1983") for note in notes_of(holed))
    assert len(holed.dates) == 150


def test_a_file_gives_weeks_and_refuses_hours(tmp_path: Path) -> None:
    ko = samples.fetch("KO").between(end=None)
    path = tmp_path / "ko.csv"
    path.write_text(table(ko.days, ko.close))
    assert np.array_equal(CsvFile(path).fetch("KO", "1wk").close, weekly(ko).close)
    with pytest.raises(PriceError, match=r"ko\.csv: the file has daily prices, not hourly ones; choose 1d or 1wk"):
        CsvFile(path).fetch("KO", "1h")


@settings(max_examples=30, deadline=None)
@given(st.text(alphabet="0123456789,;.-/\"'\n\t NaTKeE$€\0", max_size=60))
def test_whatever_stands_in_a_file_ends_in_prices_or_a_price_error(rubble: str) -> None:
    for text in (rubble, f"Date,Close\n2022-01-03,{rubble}", f"Date;Close;High\n{rubble};1,5;2\n"):
        with suppress(PriceError):
            assert len(read(text).dates) > 0
        with suppress(PriceError):
            preview = look(text)
            assert (preview.prices is None) == bool(preview.problem)
