"""Export formats of a comparison; scores are corrected for all trials on its ticker in this lab, as on screens."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

import pandas as pd

from core.rnn.compare.error_figures import (
    LAGS_IN_WORDS,
    RELIABILITY_IN_WORDS,
    coverage_chart,
    lag_chart,
    quantile_chart,
    reliability_chart,
    residual_chart,
    residual_lag_chart,
)
from core.rnn.compare.forecast_figures import fold_chart, forecast_chart, horizon_chart
from core.rnn.compare.overview_figures import equity_chart, loss_curves, price_chart, skill_chart
from core.rnn.compare.result import CompareResult
from core.rnn.compare.tables import ADVICE, ahead_table, provenance_table, ranking_table
from core.rnn.compare.trials import valued_in
from core.rnn.compare.valued_result import seeds_in_words, speaking_of, trials_in_words, worth_of
from core.rnn.evaluation.diagnostics import following
from core.rnn.models import TITLES, capitalised_title
from core.rnn.worth.performance import RULES
from core.rnn.worth.sentences import terms_in_words
from core.runs.export import TABLES, Files, Format, as_csv
from core.runs.lab import lab
from core.runs.registry import Run
from core.runs.report.parts import Report, Shown, heading


def _csv(run: Run, result: CompareResult) -> Files:
    valued = valued_in(lab(), run, result)
    return as_csv(run.request.bench, valued.tables | worth_of(valued).tables)


def _json(run: Run, result: CompareResult) -> Files:
    valued = valued_in(lab(), run, result)
    scores = {
        "run": run.id,
        "title": run.title,
        "seconds": run.seconds,
        "scores": valued.scores,
        "verdict": valued.verdict.model_dump(mode="json"),
        "chosen": valued.chosen,
        "validation_losses": valued.validation_losses,
        "trading": valued.trading,
        "worth": worth_of(valued).plain,
        "valuation": valued.valuation.model_dump(mode="json"),
    }
    return {"request.json": run.request_json.encode(), "scores.json": json.dumps(scores, indent=2).encode()}


def _shown(result: CompareResult) -> Iterator[Shown]:
    model, bar = speaking_of(result), result.bar
    title = TITLES[model]
    against = result.words["reference"]
    copied = f"{following(result.forecasts, model).text(capitalised_title(model), bar)} {LAGS_IN_WORDS}"
    yield Shown(f"Skill against {against}", skill_chart(result), f"By {result.words['loss']}; with the spread over seeds.")
    yield Shown(f"Forecasts of the {title} and what came", forecast_chart(result, model))
    if result.target_row.is_probability:
        yield Shown("Reliability diagram", reliability_chart(result, model), RELIABILITY_IN_WORDS)
    yield Shown("Quarter by quarter", fold_chart(result))
    if result.horizon > 1:
        yield Shown(f"Error by {bar}s ahead", horizon_chart(result))
    yield Shown(f"Residuals of the {title}", residual_chart(result, model))
    yield Shown(
        "Autocorrelation of its errors", residual_lag_chart(result, model), "The pale band holds 95 % of chance correlations."
    )
    yield Shown(f"Is it a copy of the {bar} before?", lag_chart(result, model), copied)
    yield Shown("Quantiles of its errors over normal ones", quantile_chart(result, model))
    if len(result.bands):
        yield Shown("Coverage of its 90 % interval", coverage_chart(result, model))
    for rule in result.target_row.rules if len(result.equity) else ():
        terms = terms_in_words(rule, result.valuation.cost_bp)
        yield Shown(f"{RULES[rule].title}, beside buy-and-hold", equity_chart(result, rule), terms)
    given = result.provenance
    drawn = price_chart(result.days, result.close, result.splits, basis=given.basis, currency=given.currency)
    yield Shown("Prices and periods", drawn)
    if len(result.curves):
        yield Shown("Training and validation loss", loss_curves(result))


def _tables(result: CompareResult) -> Mapping[str, pd.DataFrame]:
    tables = {
        f"Ranking by {result.words['loss']}": ranking_table(result),
        f"The {result.bar}s ahead, by the {TITLES[speaking_of(result)]}": ahead_table(result, speaking_of(result)),
        "Provenance": provenance_table(result),
    }
    return {title: table for title, table in tables.items() if len(table)}


STEP = """\
import torch
from core.rnn.compare import dataset_of, untrained
from core.rnn.dataset.features import Scaler
from core.rnn.networks.learning import mean_loss

dataset = dataset_of(request, lab().inputs_of(request))
series, train_end = dataset.series, dataset.splits.train_end
forecaster = untrained(request, request.cells[-1], request.seed, series.extras.shape[1])
forecaster.scaler = Scaler.fit(series.sizes, train_end)  # sees the training days alone
features, labels = forecaster.features(series)[None, :train_end], forecaster.labels(series)[None, :train_end]
features, labels = features[:, -400:-request.horizon], labels[:, -400:-request.horizon]
optimizer = torch.optim.Adam(forecaster.model.parameters(), lr=forecaster.recipe.lr)
loss = mean_loss(forecaster.loss, forecaster.model(features), labels)  # forward: a state a day, a forecast a state
loss.backward()  # back through time: the gradient of the loss by every weight
optimizer.step()  # each weight a little against its gradient
again = mean_loss(forecaster.loss, forecaster.model(features), labels)
print(f"{request.cells[-1]}: loss {loss.item():.4f} -> {again.item():.4f}")
"""


def _worth(result: CompareResult) -> Mapping[str, tuple[str, ...]]:
    """What the forecasts were worth, as the group Worth of the screen says it."""
    if not (result.target_row.rules and len(result.performance)):
        return {}
    at = f"A trade costs {result.valuation.cost_bp:g} basis points of what is traded."
    return {"What the forecasts were worth": (*worth_of(result).sentences, at)}


REPORT = Report(
    _shown,
    _tables,
    limits=(
        ADVICE,
        "The test days were looked at once for each run on them in this lab; p values allow for all of these that were made "
        "until this one ended, not for tests made elsewhere.",
        "The sample prices are of companies that are known today: that they survived is in them.",
    ),
    words=lambda result: "\n".join(
        filter(None, [heading(result.verdict.text, ": "), seeds_in_words(result), trials_in_words(result)])
    ),
    said=_worth,
    versions=lambda result: result.provenance.libraries,
    step=lambda request: STEP if request.cells else "",
    valued=lambda run, result: valued_in(lab(), run, result),
)


FORMATS = {
    "csv": Format("Tables (CSV)", _csv, TABLES),
    "json": Format("Request and scores (JSON)", _json, "starts the same run again, here or in another lab; with its inputs"),
}
