"""Tables as their makers write them: columns, rows and holes, through the reader that screens and commands use."""

from __future__ import annotations

import numpy as np
import pytest

from core.errors import PriceError
from core.rnn.prices.csv_file import Layout, preview_csv, read_csv
from core.rnn.prices.notes import notes_of
from core.rnn.prices.prices import ADJUSTED, Prices


def read(text: str, symbol: str | None = None, name: str = "file.csv") -> Prices:
    return read_csv(name, text.encode(), symbol)


def days(prices: Prices) -> list[str]:
    return prices.days.astype(str).tolist()


BY_FIELD = "2022-01-03,1,20,3,40\n2022-01-04,2,30,4,50\n"  # close of AAPL and MSFT, high of AAPL and MSFT
BY_TICKER = "2022-01-03,1,3,20,40\n2022-01-04,2,4,30,50\n"  # close and high of AAPL, of MSFT
TWO_TICKERS = {
    "price above ticker": f"Price,Close,Close,High,High\nTicker,AAPL,MSFT,AAPL,MSFT\nDate,,,,\n{BY_FIELD}",
    "ticker above price": f"Ticker,AAPL,AAPL,MSFT,MSFT\nPrice,Close,High,Close,High\nDate,,,,\n{BY_TICKER}",
    "pandas-datareader": f"Attributes,Close,Close,High,High\nSymbols,AAPL,MSFT,AAPL,MSFT\nDate,,,,\n{BY_FIELD}",
    "merged cells": f"Ticker,AAPL,,MSFT,\nPrice,Close,High,Close,High\nDate,,,,\n{BY_TICKER}",
    "numbered by pandas": f"Price,Close,Close.1,High,High.1\nTicker,AAPL,MSFT,AAPL,MSFT\nDate,,,,\n{BY_FIELD}",
    "tuples": f"Date,\"('Close', 'AAPL')\",\"('High', 'AAPL')\",\"('Close', 'MSFT')\",\"('High', 'MSFT')\"\n{BY_TICKER}",
    "in front": f"Date,AAPL_Close,AAPL_High,MSFT_Close,MSFT_High\n{BY_TICKER}",
    "behind": f"Date,Close AAPL,High AAPL,Close MSFT,High MSFT\n{BY_TICKER}",
    "rows": "Date,Symbol,Close,High\n2022-01-03,AAPL,1,3\n2022-01-03,MSFT,20,40\n2022-01-04,AAPL,2,4\n2022-01-04,MSFT,30,50\n",
}


@pytest.mark.parametrize("text", TWO_TICKERS.values(), ids=list(TWO_TICKERS))
def test_of_several_tickers_the_one_asked_for_is_read_and_none_without_asking(text: str) -> None:
    for symbol, close, high in (("MSFT", [20, 30], [40, 50]), ("aapl", [1, 2], [3, 4])):
        prices = read(text, symbol)
        assert (prices.symbol, prices.close.tolist(), prices.high.tolist()) == (symbol.upper(), close, high)
    with pytest.raises(PriceError, match=r"several tickers \((AAPL, MSFT|MSFT, AAPL)\); ask for one of them"):
        read(text)
    with pytest.raises(PriceError, match=r"it has the prices of (AAPL, MSFT|MSFT, AAPL), not of KO; ask for one that it has"):
        read(text, "KO")
    assert set(preview_csv("file.csv", text.encode()).tickers) == {"AAPL", "MSFT"}


def test_a_file_of_one_ticker_is_never_read_under_another_name() -> None:
    text = "<TICKER>,<PER>,<DATE>,<TIME>,<OPEN>,<HIGH>,<LOW>,<CLOSE>,<VOL>,<OPENINT>\nAAPL.US,D,20220103,000000,1,4,1,2,70,0\n"
    text += "AAPL.US,D,20220104,000000,2,5,2,3,80,0\n"
    prices = read(text)
    assert (prices.symbol, days(prices), prices.close.tolist()) == ("AAPL.US", ["2022-01-03", "2022-01-04"], [2, 3])
    assert (prices.high.tolist(), prices.volume.tolist()) == ([4, 5], [70, 80])
    assert read(text, "AAPL").symbol == "AAPL"
    with pytest.raises(PriceError, match=r"not of AAPL\.DE"):  # the same company, elsewhere and in another currency
        read(text, "AAPL.DE")
    with pytest.raises(PriceError, match=r"it has the prices of AAPL\.US, not of MSFT"):
        read(text, "MSFT")


def test_two_columns_of_one_name_are_a_doubt_that_their_place_settles() -> None:
    text = "Date,Close,Close,High\n2022-01-03,1,20,30\n2022-01-04,2,30,40\n"
    with pytest.raises(
        PriceError, match=r"columns 2, 3 are all called 'Close'; keep one as the price, or choose it by its place"
    ):
        read(text)
    preview = preview_csv("file.csv", text.encode(), None, Layout(price_column=2))
    assert preview.columns == ("1 · Date", "2 · Close", "3 · Close", "4 · High")
    assert preview.prices is not None
    assert preview.prices.close.tolist() == [20, 30]
    assert read(text.replace("20,30\n2022-01-04,2,30", "1,30\n2022-01-04,2,2")).close.tolist() == [1, 2]  # the same twice


def test_a_ticker_may_be_called_like_a_column() -> None:
    assert read("Date,Open,High,Low,Close\n2022-01-03,2,4,1,3\n", "LOW").close.tolist() == [3]
    assert read("Date,LOW,HD\n2022-01-03,2,4\n", "LOW").close.tolist() == [2]


def test_a_value_that_was_observed_is_a_price_and_no_ticker() -> None:
    """As the European Central Bank and the Bundesbank publish exchange rates."""
    rows = "EXR.D,D,2022-01-03,1.5,A\nEXR.D,D,2022-01-04,1.6,A"
    for header in ("KEY,FREQ,TIME_PERIOD,OBS_VALUE,OBS_STATUS", "KEY,FREQ,Time period,Obs value,Obs status"):
        assert read(f"{header}\n{rows}", "EURUSD").close.tolist() == [1.5, 1.6]


def test_holes_as_fred_writes_them_are_left_out_counted_and_named() -> None:
    weekdays = np.busday_offset("2021-01-04", np.arange(40)).astype(str)
    rows = [f"{day},{'' if at == 10 else '.' if at == 20 else 3700 + at}" for at, day in enumerate(weekdays)]
    prices = read("observation_date,SP500\n" + "\n".join(rows))
    assert (len(prices.dates), prices.close[:11].tolist()) == (38, [*map(float, range(3700, 3710)), 3711.0])
    assert "2 days without a price in the file: 18 Jan 2021, 1 Feb 2021" in notes_of(prices)
    empty = "\n".join(f"{day},{'.' if at % 10 == 5 else 3700 + at}" for at, day in enumerate(weekdays))
    with pytest.raises(PriceError, match=r"row 7, column 'SP500': the price is missing, as in 4 of 40 rows"):
        read(f"DATE,SP500\n{empty}")


def test_a_null_row_of_yahoo_and_a_day_told_twice_once_empty_are_no_prices() -> None:
    rows = [f"2022-01-{day:02d},1,4,1,{day},{day},70" for day in (*range(3, 8), *range(10, 15), *range(17, 22), *range(24, 29))]
    rows[3:3] = ["2022-01-05,null,null,null,null,null,null"]
    rows[7] = "2022-01-11,null,null,null,null,null,null"
    prices = read("Date,Open,High,Low,Close,Adj Close,Volume\n" + "\n".join(rows))
    assert (prices.basis, len(prices.dates), prices.close[:3].tolist()) == (ADJUSTED, 19, [3, 4, 5])
    assert "1 day without a price in the file: 11 Jan 2022" in notes_of(prices)


def test_rows_before_a_listing_are_no_holes() -> None:
    table = "Date,Old,New\n" + "".join(f"2022-01-{day:02d},{day},{'' if day < 12 else day}\n" for day in range(3, 15))
    prices = read(table, "NEW")
    assert (days(prices)[0], len(prices.dates)) == ("2022-01-12", 3)
    assert "9 rows before the first or after the last price left out" in notes_of(prices)


def test_lines_above_and_below_a_table_are_left_out_and_told() -> None:
    text = "Apple Inc. (AAPL)\n\nHistorical prices, adjusted\n\nDate,Close\n2022-01-03,1\n2022-01-04,2\nSource: an exchange\n"
    prices = read(text)
    assert prices.close.tolist() == [1, 2]
    assert "2 lines above the table left out, the first row 1: 'Apple Inc. (AAPL)'" in notes_of(prices)
    assert "1 line below the table left out, the first row 8: 'Source: an exchange'" in notes_of(prices)


def test_a_price_may_name_its_currency() -> None:
    prices = read("Date,Close\n2022-01-03,38.26 USD\n2022-01-04,USD 1'038.27\n")
    assert (prices.currency, prices.close.tolist()) == ("USD", [38.26, 1038.27])
    with pytest.raises(PriceError, match="row 3, column 'Close': prices are in USD and in EUR; keep those of one currency"):
        read("Date,Close\n2022-01-03,38.26 USD\n2022-01-04,38.27 EUR\n")


def test_a_table_without_headings_keeps_its_first_day() -> None:
    prices = read("2022-01-03,38.257\n2022-01-04,38.5\n")
    assert (days(prices), prices.close.tolist()) == (["2022-01-03", "2022-01-04"], [38.257, 38.5])
    assert "it has no header: column 1 is read as the dates, column 2 as the price" in notes_of(prices)


def test_without_headings_a_price_among_several_columns_is_chosen_by_its_place_or_by_what_it_must_be() -> None:
    bars = "".join(f"2022.01.{3 + at:02d},00:00,{9 + at},{12 + at},{8 + at},{10 + at},{70 + at}\n" for at in range(12))
    prices = read(bars)
    assert (days(prices)[:2], prices.close[:2].tolist()) == (["2022-01-03", "2022-01-04"], [10, 11])
    assert (prices.open[0], prices.high[0], prices.low[0]) == (9, 12, 8)
    two = "2022-01-03,1,20\n2022-01-04,2,10\n"
    with pytest.raises(
        PriceError, match="it has no header, and any of column 2, column 3 may be the price; write a first line"
    ):
        read(two)
    preview = preview_csv("file.csv", two.encode(), None, Layout(price_column=2))
    assert preview.prices is not None
    assert preview.prices.close.tolist() == [20, 10]


def test_headings_of_web_pages_and_rows_of_dividends() -> None:
    text = (
        "Date\tOpen\tHigh\tLow\tClose Close price adjusted for splits.\t"
        "Adj Close Adjusted close price adjusted for splits and dividend and/or capital gain distributions.\tVolume\n"
        "Feb 12, 2024\t0.25 Dividend\n"
        "Feb 12, 2024\t188\t190\t186\t187\t93.5\t1,000\n"
        "Feb 9, 2024\t10:1 Stock Splits\t\t\t\t\t\n"
        "Feb 9, 2024\t188\t190\t187\t188\t94\t2,000\n"
    )
    prices = read(text)
    assert (prices.basis, prices.close.tolist(), prices.high.tolist()) == (ADJUSTED, [94, 93.5], [95, 95])
    assert "2 rows of dividends and splits left out, the first row 2: 'Feb 12, 2024 0.25 Dividend'" in notes_of(prices)


def test_files_of_metatrader() -> None:
    prices = read(
        "<DATE>\t<OPEN>\t<HIGH>\t<LOW>\t<CLOSE>\t<TICKVOL>\n2022.01.03\t1.1\t1.4\t1.0\t1.2\t7\n2022.01.04\t1.2\t1.3\t1.1\t1.25\t8\n"
    )
    assert (days(prices), prices.close.tolist(), prices.volume.tolist()) == (["2022-01-03", "2022-01-04"], [1.2, 1.25], [7, 8])


def test_a_line_with_a_date_above_the_table_is_no_row_and_a_first_day_without_a_price_is_no_heading() -> None:
    prices = read("Series;EUR;\nUpdated;01.03.2022 16:10:21;\n1999-01-04;1,1789;\n1999-01-05;1,179;\n1999-01-06;1,1743;\n")
    assert (days(prices)[0], prices.close.tolist()) == ("1999-01-04", [1.1789, 1.179, 1.1743])
    prices = read("DATE,DGS10\n2022-01-03,\n2022-01-04,1.5\n2022-01-05,1.6\n")
    assert (days(prices), prices.close.tolist()) == (["2022-01-04", "2022-01-05"], [1.5, 1.6])


def test_the_close_of_the_day_before_is_no_ticker() -> None:
    prices = read("Date ,OPEN ,PREV. CLOSE ,close \n2022-01-03,1,2,3\n2022-01-04,2,3,4\n")
    assert prices.close.tolist() == [3, 4]


def test_the_only_column_is_not_put_under_the_name_of_another_ticker() -> None:
    with pytest.raises(PriceError, match="it has the prices of MSFT, not of AAPL; ask for MSFT"):
        read("Date,MSFT\n2022-01-03,1\n", "AAPL")
    prices = read("observation_date,SP500\n2022-01-03,4796.56\n", "^GSPC")
    assert prices.close.tolist() == [4796.56]
    assert "the prices of column 'SP500' are called ^GSPC, as was asked for" in notes_of(prices)


def test_volumes_are_no_prices() -> None:
    assert read("Date,Mid,Volume\n2022-01-03,1,20\n").close.tolist() == [1]
    with pytest.raises(PriceError, match="there is no price column; the columns are Volume"):
        read("Date,Volume\n2022-01-03,1\n")


def test_a_repeated_heading_is_no_row() -> None:
    prices = read("Date,Close\n2022-01-03,1\nDate,Close\n2022-01-04,2\n")
    assert prices.close.tolist() == [1, 2]
    assert "1 repeated heading left out, the first row 3: 'Date Close'" in notes_of(prices)
