"""How people and other sources write tickers."""
