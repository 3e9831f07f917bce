"""The experiment panel: one model for many tickers at once, networks, trees and regressions, judged day by day over all."""
