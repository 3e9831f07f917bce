"""The experiment sweep: the same comparison on many tickers, with false discoveries controlled."""
