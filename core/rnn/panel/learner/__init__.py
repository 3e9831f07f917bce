"""A part of a panel: one or more models, fitted to the panel's tickers, and their forecasts from every origin."""
