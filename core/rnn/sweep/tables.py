"""The tables of a sweep: by variant, and by ticker and model."""

from __future__ import annotations

import pandas as pd

from core.made_once import made_once
from core.rnn.models import capitalised_title
from core.rnn.sweep.result import SweepResult
from core.rnn.words import p_in_words


@made_once
def variant_table(result: SweepResult) -> pd.DataFrame:
    """The models, without the reference, formatted for the screen."""
    variants = result.variants[result.variants["model"] != result.reference]
    return pd.DataFrame(
        {
            "Model": [capitalised_title(model) for model in variants["model"]],
            "Median skill (%)": (100 * variants["median_skill"]).round(2),
            "Beats": variants["wins"],
            "Beats after FDR control": variants["wins_controlled"],
            "Beats classical": [str(wins) if network else "" for wins, network in _wins_of_networks(variants)],
            "Ranked first": variants["first"],
        }
    )


def _wins_of_networks(variants: pd.DataFrame) -> list[tuple[int, bool]]:
    return list(zip(variants["wins_classical"], variants["network"], strict=True))


@made_once
def row_table(result: SweepResult) -> pd.DataFrame:
    """Every ticker and model, the highest skill first, formatted for the screen."""
    rows = result.rows[result.rows["model"] != result.reference].sort_values("skill", ascending=False, kind="stable")
    over = {"Skill over best classical (%)": (100 * rows["skill_classical"]).round(2)} if "skill_classical" in rows else {}
    return pd.DataFrame(
        {
            "Ticker": rows["symbol"],
            "Model": [capitalised_title(model) for model in rows["model"]],
            "Skill (%)": (100 * rows["skill"]).round(2),
            **over,  # earlier versions lack it
            "p": [p_in_words(p) for p in rows["dm_p"]],
            "p, controlled": [p_in_words(p) for p in rows["dm_p_bh"]],
            "Beats": ["after control" if sure else "before" if beats else "" for beats, sure in _beats(rows)],
        }
    ).reset_index(drop=True)


def _beats(rows: pd.DataFrame) -> list[tuple[bool, bool]]:
    return list(zip(rows["beats"], rows["beats_controlled"], strict=True))
