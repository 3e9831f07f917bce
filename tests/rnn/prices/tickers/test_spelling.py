from __future__ import annotations

from pathlib import Path

import pytest

from core.errors import UnknownTicker
from core.rnn.prices.tickers.spelling import spelled
from core.rnn.prices.yahoo import Yahoo

WRITTEN = {
    "BRK.B": "BRK-B", "brk/b": "BRK-B", "BF.B": "BF-B", "BRK B": "BRK-B", "NYSE:BRK.B": "BRK-B", "NASDAQ:AAPL": "AAPL",
    "LON:VOD": "VOD.L", "ETR:SAP": "SAP.DE", "AAPL.US": "AAPL", "AAPL US Equity": "AAPL", "EUR/USD": "EURUSD=X",
    "EURUSD": "EURUSD=X", "usd jpy": "USDJPY=X", "BTC": "BTC-USD", "BTC/USD": "BTC-USD", "BTCUSDT": "BTC-USD", "ETH-EUR": "",
    "ETHEUR": "ETH-EUR", "CL1!": "CL=F", "/ES": "ES=F", "SPX": "^GSPC", "^SPX": "^GSPC", "S&P 500": "", "S&P500": "^GSPC",
    "DAX": "^GDAXI", ".DJI": "^DJI", "VIX": "^VIX", "AAPL": "", "VOD.L": "", "SAP.F": "", "7203.T": "", "BRK-B": "",
    "^GSPC": "",    "EURUSD=X": "", "BTC-USD": "", "CL=F": "", "ABCDEF": "",
}  # fmt: skip


@pytest.mark.parametrize("text", WRITTEN)
def test_a_ticker_as_people_write_it_is_spelled_as_yahoo_does(text: str) -> None:
    assert spelled(text)[:1] == ((WRITTEN[text],) if WRITTEN[text] else ())


@pytest.mark.parametrize(
    ("text", "symbol"), [("BRK.B", "BRK-B"), ("brk/b", "BRK-B"), ("EUR/USD", "EURUSD=X"), ("CL1!", "CL=F")]
)
def test_another_spelling_is_told_without_a_question_to_yahoo(text: str, symbol: str, tmp_path: Path) -> None:
    with pytest.raises(UnknownTicker, match=f"Yahoo writes {text.upper()} as {symbol}; ask for {symbol}") as told:
        Yahoo(tmp_path).fetch(text)
    assert told.value.suggestions[0] == symbol
    assert not list(tmp_path.iterdir())
