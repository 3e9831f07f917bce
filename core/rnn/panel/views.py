"""What figures and tables of a panel are made of: rows of its stored tests with intervals, and losses summed over the days."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from core.made_once import made_once
from core.rnn.evaluation.significance import ALPHA
from core.rnn.models import REFERENCE
from core.rnn.panel.comparisons import CALM, WILD
from core.rnn.panel.models import RECIPES_MEAN, panel_model
from core.rnn.panel.result import PanelResult

FAR = 3.0  # a model is far worse where it is so many times as far below the median as the best is above
TOGETHER = 4  # models in a figure of lines


@made_once
def references(result: PanelResult) -> list[str]:
    """What models are compared with, the target's reference first, the random walk last."""
    names = list(dict.fromkeys(result.comparisons["reference"]))
    return sorted(names, key=lambda name: (name != result.verdict.reference, name == REFERENCE))


@made_once
def losses_of(result: PanelResult) -> list[str]:
    """The losses that the stored forecasts were judged by, the leading one first."""
    return list(dict.fromkeys(result.comparisons["loss"]))


@made_once
def recipes_inside(result: PanelResult) -> tuple[str, ...]:
    """The recipes that figures draw inside the row of their committee: all but the base of each cell and the best one."""
    members = result.models.loc[result.models["model"] == RECIPES_MEAN, "members"]
    names = members.iloc[0].split(", ") if len(members) else []
    cells = {panel_model(name).source for name in names}
    bases = [next(name for name in names if panel_model(name).source == cell) for cell in cells]
    return tuple(name for name in names if name not in (*bases, result.verdict.best_network))


@made_once
def standings(result: PanelResult, reference: str, loss: str) -> pd.DataFrame:
    """Every model against one reference by one loss over all tickers, best first.

    Columns of `COMPARISONS`, the 95 % interval of the skill (`low`, `high`), and whether it is better after Holm's correction.
    """
    table = result.comparisons
    rows = table[(table["reference"] == reference) & (table["loss"] == loss)].dropna(subset="skill")
    better = (rows["skill"] > 0) & (rows["p_holm"] < ALPHA)
    return with_interval(rows).assign(better=better).sort_values("skill", ascending=False, ignore_index=True)


def by_regime(result: PanelResult, reference: str, models: list[str]) -> dict[str, pd.DataFrame]:
    """The rows of calm and of wild days, in the order of `models`, with intervals."""
    table = with_interval(result.regimes[result.regimes["reference"] == reference])
    return {name: table[table["regime"] == name].set_index("model").reindex(models).dropna() for name in (CALM, WILD)}


def on_tickers(result: PanelResult, reference: str) -> pd.DataFrame:
    """`comparisons.TICKERS` against one reference, with intervals."""
    table = result.tickers[result.tickers["reference"] == reference]
    days = np.isfinite(result.actual[result.test]).sum(axis=0)
    return with_interval(table.assign(days=table["symbol"].map(dict(zip(result.symbols, days, strict=True)))))


def ticker_references(result: PanelResult) -> list[str]:
    """What models are compared with ticker by ticker."""
    return list(dict.fromkeys(result.tickers["reference"]))


def with_interval(rows: pd.DataFrame) -> pd.DataFrame:
    """Rows of tests with `skill`, `p` and `days`, and the 95 % interval of the skill: 0 lies outside where p < 0.05."""
    from scipy.special import stdtrit  # here: it loads for a quarter of a second

    freedom = rows["days"].to_numpy(float) - 1
    p = rows["p"].to_numpy(float)
    statistic = np.abs(stdtrit(freedom, np.maximum(p, np.finfo(float).tiny) / 2))
    with np.errstate(divide="ignore", invalid="ignore"):
        half = np.abs(rows["skill"].to_numpy(float)) * np.abs(stdtrit(freedom, ALPHA / 2)) / statistic
    return rows.assign(low=rows["skill"] - half, high=rows["skill"] + half)


def ends_shown(table: pd.DataFrame) -> tuple[float, float]:
    """Where an axis of skills begins and ends: around 0 and all intervals but those of models that are far worse."""
    middle, best = float(table["skill"].median()), float(table["skill"].max())
    near = table[table["skill"] >= middle - FAR * (best - middle)]
    return min(0.0, float(near["low"].min())), max(0.0, float(near["high"].max()))


def drawn_together(result: PanelResult, reference: str) -> list[str]:
    """The models of a figure of lines: the best of the validation days of each group, and the committee of recipes."""
    verdict = result.verdict
    committee = RECIPES_MEAN if RECIPES_MEAN in result.points else ""
    names = (verdict.best_network, committee, verdict.best_without_recurrence, verdict.best_classical)
    return [name for name in dict.fromkeys(names) if name and name != reference][:TOGETHER]


@dataclass(frozen=True)
class Gains:
    """The gain of models over a reference, summed over the D test days: mean over the tickers of each day's loss difference."""

    days: np.ndarray  # (D,) datetime64[s]
    sums: dict[str, np.ndarray]  # model -> (D,)
    wild: np.ndarray  # (D,)

    def table(self) -> pd.DataFrame:
        return pd.DataFrame({"date": self.days, "wild": self.wild.astype(int), **self.sums})


def gains(result: PanelResult, models: list[str], reference: str, loss: str) -> Gains:
    """The gain of some models, day by day."""
    losses = result.evidence.losses(loss)
    sums = {model: np.cumsum(np.nanmean(losses[reference] - losses[model], axis=1)) for model in models}
    return Gains(result.dates[result.first_test :], sums, result.wild)


def track(result: PanelResult, symbol: str, models: list[str]) -> pd.DataFrame:
    """What happened to one ticker on its test days, and what models forecast the day before: date, actual, a column a model."""
    column = result.symbols.index(symbol)
    points = {model: result.points[model][result.test, column] for model in models}
    table = pd.DataFrame({"date": result.dates[result.test], "actual": result.actual[result.test, column], **points})
    return table[np.isfinite(table["actual"])].reset_index(drop=True)


def unseen_skills(result: PanelResult) -> pd.DataFrame:
    """By ticker the skill of a network that learned from it (`seen`), and of one that did not (`unseen`)."""
    loss = result.evidence.losses(result.verdict.loss).loss
    rows = result.unseen
    skills = {
        name: [loss.skill(one, other) for one, other in zip(rows[name], rows["reference"], strict=True)]
        for name in ("seen", "unseen")
    }
    return pd.DataFrame({"symbol": rows["symbol"], "model": rows["model"], **skills}).sort_values("unseen", ignore_index=True)


def committees(result: PanelResult) -> pd.DataFrame:
    """The networks of several seeds: skill of one seed (the mean over them) and of the committee, best first."""
    verdict = result.verdict
    rows = result.models[result.models["seeds"] > 1]
    skills = standings(result, verdict.reference, verdict.loss).set_index("model")["skill"]
    table = rows[["model", "seeds", "one_seed"]].assign(committee=rows["model"].map(skills)).dropna()
    return table.sort_values("committee", ascending=False, ignore_index=True)
