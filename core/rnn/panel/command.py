"""`panel` on the command line: one model for many tickers. Slow imports are inside the command, so that --help is fast."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import click

from core.errors import InvalidRequest
from core.rnn.models import CLASSICAL, NETWORKS
from core.rnn.prices.command import (
    as_they_are_option,
    bars_option,
    column_option,
    prices_of,
    say_notes,
    source_option,
    store_prices,
)
from core.rnn.prices.sources import symbols_in
from core.runs.lab import lab
from core.shell import as_json, comma_separated, do, names_option, say, summary
from core.system.files import LARGEST_LIST, read_file

if TYPE_CHECKING:
    from core.rnn.panel.result import PanelResult
    from core.rnn.panel.risk.worth import PanelWorth
    from core.rnn.prices.prices import Prices


@click.command()
@click.argument("tickers", nargs=-1)
@click.option("--tickers", "file", type=click.Path(path_type=Path), help="A file with more tickers, between commas or lines.")
@source_option
@column_option
@bars_option
@click.option("--start", type=click.DateTime(["%Y-%m-%d"]), help="First day to use.")
@click.option("--end", type=click.DateTime(["%Y-%m-%d"]), help="Last day to use.")
@names_option("--target", "core.rnn.dataset.target:TARGETS", default="volatility", help="Of the next day: {names}.")
@names_option(
    "--measure", "core.rnn.dataset.target:TARGETS", default="absolute", help="How volatility is measured: {names}.", place=1
)
@click.option("--test-days", type=int, help="The last so many days are scored once.  [default: a quarter of all, 50 to 1000]")
@click.option("--market/--no-market", default=True, show_default=True, help="Whether pooled models read the market's moves.")
@click.option("--own-series", is_flag=True, help="Train the pooled networks without the market, too.")
@click.option("--cells", default="rnn,birnn,lstm,gru", show_default=True, help=f"Of pooled networks: {', '.join(NETWORKS)}.")
@click.option(
    "--recipes", type=click.Choice(["one", "nine"]), default="one", show_default=True,
    help="nine: also a fixed set of nine recipes, and their committee.",
)  # fmt: skip
@click.option("--per-ticker", default="", help="Cells of networks that learn one ticker alone.")
@click.option("--classical", help=f"Each on its own ticker, of {', '.join(CLASSICAL)}.  [default: those that are quick]")
@click.option("--linear/--no-linear", default=True, show_default=True, help="Pooled HAR, with and without the market.")
@click.option("--trees/--no-trees", default=True, show_default=True, help="Gradient-boosted trees for all tickers.")
@click.option("--unseen", is_flag=True, help="Forecast every ticker by a network that never saw it, too.")
@click.option(
    "--seeds", default=5, show_default=True, help="Networks trained per variant and recipe; their mean is the forecast."
)
@click.option("--seed", default=0, show_default=True, help="Of the first network of each variant and recipe.")
@click.option("--hidden", type=int, help="Units of every network.  [default: the recipe's]")
@click.option("--steps", type=int, help="Training steps, at most.  [default: the recipe's]")
@click.option("--cost-bp", default=5.0, show_default=True, help="Cost of a trade in basis points; changes no forecast.")
@click.option("--workers", default=1, show_default=True, type=click.IntRange(1, 64), help="So many parts at a time.")
@as_they_are_option
@as_json
def panel(
    tickers: tuple[str, ...],
    file: Path | None,
    source: str,
    column: int | None,
    bar_size: str,
    workers: int,
    cost_bp: float,
    as_they_are: bool,
    as_json: bool,
    **options: Any,
) -> None:
    """Train one model for many TICKERS, and test it on all of them at once.

    Without TICKERS the companies of the sample source. TICKERS may be paths of CSV files.
    """
    from core.rnn.panel.request import panel_request
    from core.rnn.panel.risk.worth import worth_of
    from core.rnn.prices.quality.breaks import taken_as_they_are
    from core.rnn.prices.reader import reader_of
    from core.rnn.worth.accounts import MOST_COST

    if not 0 <= cost_bp <= MOST_COST:
        raise InvalidRequest(f"the cost in basis points is {cost_bp:g}; choose between 0 and {MOST_COST:g}")
    symbols = _symbols(tickers, file) or reader_of(source).panel
    if not symbols:
        raise InvalidRequest("name two or more tickers, or a file of tickers with --tickers")
    settings = _settings(options)
    series: list[Prices] = []

    def fetch(symbol: str) -> Prices:
        prices = prices_of(source, symbol, bar_size, column)
        taken_as_they_are(prices, prices.symbol, settings.get("start"), settings.get("end"), as_they_are)
        series.append(prices)
        return prices

    request = panel_request(symbols, fetch, store_prices, settings)
    run, cached = do(request, workers)
    result = cast("PanelResult", lab().corrected(run))
    worth = worth_of(result.at_cost(cost_bp))
    say_notes(series, settings.get("start"), settings.get("end"))
    say(as_json, summary(run, cached) | answer(result, worth), in_words(result, worth), run, cached)


def _symbols(tickers: tuple[str, ...], file: Path | None) -> tuple[str, ...]:
    paths = tuple(ticker for ticker in tickers if Path(ticker).suffix and Path(ticker).is_file())
    text = read_file(file, LARGEST_LIST).decode("utf-8", "replace") if file else ""
    return paths + symbols_in("\n".join([*(ticker for ticker in tickers if ticker not in paths), text]))


def _settings(options: dict[str, Any]) -> dict[str, Any]:
    """The fields of the request, from the options that were given."""
    fields = {name: value for name, value in options.items() if value is not None}
    fields |= {name: fields[name].date() for name in ("start", "end") if name in fields}
    return fields | {name: comma_separated(fields[name]) for name in ("cells", "classical", "per_ticker") if name in fields}


def answer(result: PanelResult, worth: PanelWorth) -> dict[str, Any]:
    """What `panel --json` prints besides the run's summary."""
    from core.rnn.prices.notes import in_plain_words
    from core.runs.result import rows_of

    return {
        "verdict": result.verdict.model_dump(mode="json"),
        "comparisons": rows_of(result.comparisons),
        "rows": rows_of(result.tickers),
        "regimes": rows_of(result.regimes),
        "unseen": rows_of(result.unseen),
        "models": rows_of(result.models),
        "worth": worth.plain,
        "tails": rows_of(result.tails),
        "notes": list(in_plain_words(result.notes)),
        "not_converged": result.not_converged,
        "failed": result.failed,
    }


def in_words(result: PanelResult, worth: PanelWorth) -> str:
    """The verdict, then a line a model, best first, what trading on them gained, and what could not be done."""
    from core.rnn.panel.models import panel_model
    from core.rnn.prices.notes import in_plain_words
    from core.rnn.words import say_p, say_percent
    from core.runs.result import rows_of

    verdict = result.verdict
    table = result.comparisons
    mine = table[(table["reference"] == verdict.reference) & (table["loss"] == verdict.loss)]
    reference = panel_model(verdict.reference).in_sentence
    lines = [verdict.in_words(len(result.dates) - result.first_test)]
    for row in rows_of(mine.sort_values("skill", ascending=False)):
        tested = f"{say_p(row['p'] or float('nan'))}, better on {row['better_on']} of {row['tickers']}"
        lines.append(f"{panel_model(row['model']).title}: skill {say_percent(row['skill'])} against {reference} ({tested})")
    lines.append(worth.gained)
    failed = [f"{name}: {reason}" for name, reason in result.failed.items()]
    return "\n".join(filter(None, [*lines, result.convergence, *in_plain_words(result.notes), *failed]))
