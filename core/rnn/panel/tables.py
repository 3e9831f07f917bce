"""The tables of a panel as screens show them, and its answer in a sentence."""

from __future__ import annotations

import numpy as np
import pandas as pd

from core.made_once import made_once
from core.rnn.evaluation.loss_functions import LOSS_FUNCTIONS, by_which
from core.rnn.panel.models import panel_model
from core.rnn.panel.result import PanelResult, some_of
from core.rnn.panel.risk.worth import PanelWorth
from core.rnn.panel.verdict import Verdict
from core.rnn.panel.views import standings
from core.rnn.words import p_in_words, true_minus
from core.rnn.worth.accounts import HOLD
from core.rnn.worth.many_tickers import TickersWorth
from core.rnn.worth.performance import PERFORMANCE_METRICS
from core.rnn.worth.readable import beside_holding, readable
from core.system.dates import say_day

ADVICE = "Not investment advice."
TRADING_DAYS = 252  # of a year
_GROUPS = {
    "recurrent": "recurrent",
    "without recurrence": "no recurrence",
    "classical": "statistical",
    "combination": "mean of several",
}


def trials_in_words(verdict: Verdict) -> str:
    """For how many other tests a verdict is corrected, and where these were made; empty where there were none."""
    return f"Allows for {verdict.trials:,} other tests in this lab on returns of these tickers." if verdict.trials else ""


def answer(verdict: Verdict) -> str:
    """Whether recurrent networks win, in one short sentence; how surely and by how much says `Verdict.text`."""
    if not verdict.best_network:
        return "No recurrent network took part."
    by = f", {by_which(verdict.beating_by_loss, 'they do')}" if len(verdict.beating_by_loss) > 1 else ""
    rivals = {verdict.best_classical: f"the best classical model before the test{by}"} if verdict.best_classical else {}
    if verdict.best_without_recurrence not in rivals:
        rivals[verdict.best_without_recurrence] = "the best model without recurrence before the test"
    duels = {duel.reference: duel for duel in verdict.comparisons if duel.model == verdict.best_network}
    beaten = [words for name, words in rivals.items() if duels[name].better]
    others = [words for name, words in rivals.items() if not duels[name].better]
    apart = verdict.reference not in rivals and verdict.best_network not in verdict.winners
    weak = f", but not the reference, {panel_model(verdict.reference).in_sentence}" if apart else ""
    if not others:
        return f"Recurrent networks beat {' and '.join(beaten)}{weak}."
    if beaten:
        return f"Recurrent networks beat {beaten[0]}{weak}; whether they beat {others[0].removesuffix(by)} is not sure."
    return f"Recurrent networks do not surely beat {' or '.join(others)}."


@made_once
def standing_table(result: PanelResult, reference: str, loss: str) -> pd.DataFrame:
    """Every model against one reference by one loss, best first, formatted."""
    rows = standings(result, reference, loss)
    return pd.DataFrame(
        {
            "Model": [_title(result, model) for model in rows["model"]],
            "Skill (%)": (100 * rows["skill"]).round(2),
            "95 % interval": [_between(low, high) for low, high in zip(rows["low"], rows["high"], strict=True)],
            "p": [p_in_words(p) for p in rows["p"]],
            "p, corrected": [p_in_words(p) for p in rows["p_holm"]],
            "Better on": [f"{better} of {tickers}" for better, tickers in zip(rows["better_on"], rows["tickers"], strict=True)],
            "Kind": [_GROUPS[panel_model(model).group] for model in rows["model"]],
        }
    )


def _title(result: PanelResult, model: str) -> str:
    unfit = result.not_converged.get(model, ())
    title = panel_model(model).capitalised_title
    return f"{title} (not converged on {some_of(unfit, len(result.symbols))})" if unfit else title


def _between(low: float, high: float) -> str:
    return "" if np.isnan(low) else true_minus(f"{100 * low:+.2f} to {100 * high:+.2f}")


def ahead_table(result: PanelResult, model: str) -> pd.DataFrame:
    """One model's forecasts of every ticker's next day, which is to come; sizes also as volatility a year."""
    rows, target = result.ahead, result.target_row
    rows = rows[rows["model"] == model]
    axis = f"{target.axis[:1].upper()}{target.axis[1:]}"
    signed = "+.2f" if target.is_signed else ".2f"
    table = pd.DataFrame(
        {
            "Ticker": rows["symbol"],
            "Last day": [say_day(day.date()) for day in rows["cutoff"]],
            axis: [true_minus(f"{100 * one:{signed}}") for one in rows["forecast"]],
        }
    )
    sigma = rows["symbol"].map(dict(zip(result.symbols, result.sigmas, strict=True)))
    if np.isfinite(sigma).all():
        yearly = 100 * np.sqrt(TRADING_DAYS) * sigma * rows["forecast"]
        table["Volatility a year (%)"] = [f"{one:.0f}" for one in yearly]
    return table.reset_index(drop=True)


def model_table(result: PanelResult) -> pd.DataFrame:
    """The models: what each learned from, its validation loss, by which the best were chosen, and the causality check."""
    rows = result.models.sort_values("validation", ignore_index=True)
    models = [panel_model(name) for name in rows["model"]]
    learned = ["all tickers" if row.pooled else "one ticker alone" for row in models]
    return pd.DataFrame(
        {
            "Model": [_title(result, row.name) for row in models],
            "Learns from": [
                f"{words}, market" if row.reads_market else words for words, row in zip(learned, models, strict=True)
            ],
            "Validation loss": rows["validation"].round(4),
            "Seeds": [str(seeds) if seeds else "" for seeds in rows["seeds"]],
            "Seconds": [f"{one:.1f}" if one >= 0.05 else "" for one in rows["seconds"]],
            "Causal": ["yes" if causal else "no" for causal in rows["causal"]],
        }
    )


def provenance_table(result: PanelResult, sources: str) -> pd.DataFrame:
    """A row a fact: tickers, days, the causality check. `sources` are where prices come from."""
    splits = (f"{span.name} {span.days:,} ({say_day(span.first)} to {say_day(span.last)})" for span in result.splits.spans)
    leaky = [panel_model(name).title for name in result.models.loc[~result.models["causal"].astype(bool), "model"]]
    facts = {
        "Tickers": f"{len(result.symbols)}: {', '.join(result.symbols)}",
        "Prices": sources,
        "Days": ", ".join(splits),
        "Losses": f"judged by {', '.join(LOSS_FUNCTIONS[name].title for name in result.target_row.scores)}",
        "Convergence": result.convergence,
        "Causality": f"failed by {', '.join(leaky)}" if leaky else "passed by all models: no forecast changed with later days",
    }
    return pd.DataFrame([{"": name, "What": fact} for name, fact in facts.items() if fact])


def performance_table(worth: PanelWorth, rule: str) -> pd.DataFrame:
    """What one rule would have earned in equal parts of all tickers, after costs, beside holding them; highest Sharpe ratio
    first."""
    return readable(beside_holding(worth.performance, rule), PERFORMANCE_METRICS, _account)


def _account(model: str) -> str:
    return model.capitalize() if model == HOLD else panel_model(model).capitalised_title


def targeting_table(worth: TickersWorth) -> pd.DataFrame:
    """Volatility targeting by every model, highest risk utility first, formatted."""
    rows = worth.targeting.sort_values("risk_utility", ascending=False, ignore_index=True)
    return pd.DataFrame(
        {
            "Model": [panel_model(model).capitalised_title for model in rows["model"]],
            "Annualised volatility (%)": (100 * rows["volatility"]).round(1),
            "Volatility of volatility (%)": (100 * rows["variation"]).round(0),
            "Of a fixed position (%)": (100 * rows["fixed_variation"]).round(0),
            "Sharpe over fixed": rows["sharpe_gain"].round(2),
            "Utility gain (%)": (100 * rows["utility_gain"]).round(1),
            "Risk utility (%)": (100 * rows["risk_utility"]).round(2),
            **_gains(rows, 100, 2),
        }
    )


def tail_risk_table(worth: TickersWorth, level: float) -> pd.DataFrame:
    """Value at risk and expected shortfall at a level by every model, lowest loss first, formatted."""
    rows = worth.tail[worth.tail["level"] == level].sort_values("loss", ignore_index=True)
    rows.loc[rows["model"] == worth.reference, ["gain", "p", "better_on"]] = np.nan
    rejected = zip(rows["rejected"], rows["tickers"], strict=True)
    return pd.DataFrame(
        {
            "Model": [panel_model(model).capitalised_title for model in rows["model"]],
            "Exceeded (%)": (100 * rows["exceeded"]).round(2),
            "Rejected on": [f"{some} of {tickers}" for some, tickers in rejected],
            "FZ loss": rows["loss"].round(3),
            **_gains(rows, 1, 3),
        }
    )


def _gains(rows: pd.DataFrame, scale: float, digits: int) -> dict[str, list[str]]:
    """What the reference lacks, its p, and on how many tickers; empty of the reference itself."""
    better = zip(rows["better_on"], rows["tickers"], strict=True)
    return {
        "Gain (%)" if scale == 100 else "Gain": [
            "" if np.isnan(gain) else true_minus(f"{scale * gain:+.{digits}f}") for gain in rows["gain"]
        ],
        "p": [p_in_words(p) for p in rows["p"]],
        "Better on": ["" if np.isnan(count) else f"{count:.0f} of {tickers}" for count, tickers in better],
    }
