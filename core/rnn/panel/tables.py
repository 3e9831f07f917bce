"""The tables of a panel as screens show them: titles, percent, rounded numbers."""

from __future__ import annotations

import pandas as pd

from core.rnn.panel.comparisons import CALM, WILD
from core.rnn.panel.models import panel_model
from core.rnn.panel.result import PanelResult
from core.rnn.words import p_in_words


def comparison_table(result: PanelResult, reference: str = "", loss: str = "") -> pd.DataFrame:
    """Every model against a reference by a loss, the highest skill first; by default those of the verdict."""
    against, by = reference or result.verdict.reference, loss or result.verdict.loss
    table = result.comparisons
    mine = table[(table["reference"] == against) & (table["loss"] == by)].sort_values("skill", ascending=False)
    about = result.models.set_index("model")
    return pd.DataFrame(
        {
            "Model": [panel_model(name).title for name in mine["model"]],
            "Skill (%)": (100 * mine["skill"]).round(2),
            "One seed (%)": (100 * about["one_seed"].loc[mine["model"]]).round(2).to_numpy(),
            "p": [p_in_words(p) for p in mine["p"]],
            "p, corrected": [p_in_words(p) for p in mine["p_holm"]],
            "Better on": [f"{count} of {total}" for count, total in zip(mine["better_on"], mine["tickers"], strict=True)],
            "Causal": ["yes" if causal else "no" for causal in about["causal"].loc[mine["model"]]],
        }
    ).reset_index(drop=True)


def regime_table(result: PanelResult, reference: str = "") -> pd.DataFrame:
    """Every model against a reference on calm and on wild days; the market's level before the day tells them apart."""
    against = reference or result.verdict.reference
    table = result.regimes[result.regimes["reference"] == against]
    models = list(dict.fromkeys(table["model"]))
    columns = {"Model": [panel_model(name).title for name in models]}
    for regime in (CALM, WILD):
        rows = table[table["regime"] == regime].set_index("model")
        columns[f"Skill on {regime} days (%)"] = (100 * rows["skill"].loc[models]).round(2).tolist()
        columns[f"p, {regime}"] = [p_in_words(p) for p in rows["p"].loc[models]]
    return pd.DataFrame(columns)
