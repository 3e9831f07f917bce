"""`compare` and `forecast` on the command line. Slow imports are inside the commands, so that --help is fast."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import click

from core.rnn.models import CLASSICAL, NETWORKS
from core.rnn.networks.types import TYPES
from core.rnn.prices.command import (
    as_they_are_option,
    bars_option,
    column_option,
    prices_of,
    say_notes,
    source_option,
    store_prices,
)
from core.rnn.prices.sources import SOURCES
from core.runs.lab import lab
from core.shell import as_json, comma_separated, do, find, names_option, request_of, say, summary

if TYPE_CHECKING:
    from core.rnn.compare.result import CompareResult


@click.command()
@click.argument("ticker")
@source_option
@column_option
@bars_option
@click.option(
    "--start",
    type=click.DateTime(["%Y-%m-%d"]),
    help="First day to use.  [default: 2010-01-01, as on the screen; of a file, and of bars within a day, all]",
)
@click.option("--end", type=click.DateTime(["%Y-%m-%d"]), help="Last day to use.")
@names_option("--target", "core.rnn.dataset.target:TARGETS", default="volatility", help="Of the next days: {names}.")
@names_option(
    "--measure", "core.rnn.dataset.target:TARGETS", default="absolute", help="How volatility is measured: {names}.", place=1
)
@click.option("--horizon", default=1, show_default=True, help="Days ahead, 1 to 20; all of them are forecast.")
@click.option("--type", "network_type", default="auto", show_default=True, help=f"of the networks: {', '.join(TYPES)}")
@click.option("--cells", default="rnn,birnn,lstm,gru", show_default=True, help=f"of {', '.join(NETWORKS)}")
@click.option(
    "--classical",
    default=None,
    help=f"of {', '.join(CLASSICAL)}; the random walk and the target's reference always are  [default: those that are quick]",
)
@names_option(
    "--extras",
    "core.rnn.dataset.features:EXTRAS",
    default="",
    help="What networks, trees and the linear models AR-X and HAR-X read beside the ticker's own moves, of {names}.",
)
@click.option("--beside", help="Another ticker of the same source, read beside the ticker's own moves.")
@click.option(
    "--test-days",
    type=int,
    help="The last so many days are scored once and never trained on.  [default: 500, as on the screen; of other bars 150]",
)
@click.option("--refit-days", default=0, show_default=True, help="Fit again after every so many test days; 0: never.")
@click.option("--seeds", default=5, show_default=True, help="Networks trained per variant.")
@click.option("--hidden", default=32, show_default=True, help="Units of a layer.")
@click.option("--seed", default=0, show_default=True, help="Of the first network of each variant.")
@click.option("--layers", default=1, show_default=True)
@click.option("--dropout", default=0.0, show_default=True)
@click.option("--lr", type=float, help="Learning rate.")
@click.option("--loss", default="auto", show_default=True, help="auto, squared, absolute, student-t or quantile")
@names_option(
    "--score",
    "core.rnn.evaluation.loss_functions:LOSS_FUNCTIONS",
    default="",
    help="Loss that forecasts are ranked and tested by, of {names}; changes no forecast.  [default: the target's first]",
)
@click.option("--against", default="", help="Model that skill is measured against.  [default: the target's reference]")
@click.option("--cost-bp", default=5.0, show_default=True, help="Cost of a trade in basis points; changes no forecast.")
@as_they_are_option
@as_json
def compare(
    ticker: str,
    source: str,
    column: int | None,
    bar_size: str,
    beside: str | None,
    as_they_are: bool,
    as_json: bool,
    **options: Any,
) -> None:
    """Compare recurrent variants and classical models on TICKER."""
    from core.rnn.compare.request import CompareRequest
    from core.rnn.compare.trials import valued_in
    from core.rnn.compare.valuation import Valuation
    from core.rnn.dataset.splits import USUAL_START, usual_test

    valuation = Valuation(**{name: options.pop(option) for name, option in _VALUED.items()})
    prices = prices_of(source, ticker, bar_size, column)
    fields = {name: value for name, value in options.items() if value is not None}
    for name in ("cells", "classical", "extras"):
        if name in fields:
            fields[name] = comma_separated(fields[name])
    for name in ("start", "end"):
        if name in fields:
            fields[name] = fields[name].date()
    if prices.bar in ("day", "week") and not SOURCES[prices.source].from_file:
        fields = {"start": USUAL_START} | fields
    fields = {"test_days": usual_test(prices.bar)} | fields
    if beside:
        fields |= {"beside": store_prices(prices_of(source, beside, bar_size)), "extras": (*fields["extras"], "ticker")}
    named = {"symbol": prices.symbol, "source": prices.source, "prices": store_prices(prices)}
    run, cached = do(request_of(CompareRequest, named | fields), as_they_are=as_they_are)
    result = valued_in(lab(), run, cast("CompareResult", lab().result(run)), valuation)
    say_notes([prices], fields.get("start"), fields.get("end"))
    text = "\n".join(filter(None, [result.verdict.text, result.provenance.convergence]))
    say(as_json, summary(run, cached) | answers(result), text, run, cached)


_VALUED = {"loss": "score", "reference": "against", "cost_bp": "cost_bp"}  # fields of a valuation, by option


def answers(result: CompareResult) -> dict[str, Any]:
    """What `compare --json` prints of a valued comparison: the scores, too, are under its loss, reference and trials."""
    from core.rnn.compare.valued_result import worth_of

    return {
        "scores": result.scores,
        "verdict": result.verdict.model_dump(mode="json"),
        "chosen": result.chosen,
        "validation_losses": result.validation_losses,
        "trading": result.trading,
        "worth": worth_of(result).plain,
        "valuation": result.valuation.model_dump(mode="json"),
        "provenance": result.provenance.model_dump(mode="json"),
    }


@click.command()
@click.argument("run")
@click.option("--days", type=int, help="How many trading days; at most as many as RUN looks ahead.  [default: all of these]")
@click.option("--model", help="Whose forecast.  [default: the one judged, the best network on the validation days of RUN]")
@as_json
def forecast(run: str, days: int | None, model: str | None, as_json: bool) -> None:
    """Forecast the next trading days with the models that RUN has fitted, from the latest prices."""
    from core.rnn.compare.look_ahead import look_ahead

    finished = find(run)
    forecasts = look_ahead(finished, lab(), days, model)
    say_notes([forecasts.prices])
    say(as_json, {"run": finished.id} | forecasts.plain, forecasts.text)
