"""What a finished comparison has to show."""

from __future__ import annotations

import streamlit as st

from core.rnn.compare import CompareResult
from core.rnn.figures import forecast_chart, loss_curves, price_chart, ranking_table, skill_chart
from core.runs.registry import Run
from pages.parts.layout import chart, mode

REFIT = "Every forecast uses the days up to the one before it; parameters are fitted once, before the test."
COLUMNS = {
    "model": st.column_config.TextColumn("Model", width="medium"),
    "skill": st.column_config.NumberColumn("Skill", format="%.2f %%", help="1 − MSE / MSE of the random walk", width="small"),
    "mase": st.column_config.NumberColumn("MASE", format="%.3f", help="MAE / in-sample MAE of the random walk", width="small"),
    "p": st.column_config.NumberColumn("p", format="%.3f", help="Diebold–Mariano against the random walk", width="small"),
    "p (Holm)": st.column_config.NumberColumn(format="%.3f", help="corrected for all models tried", width="small"),
    "MAE (%)": st.column_config.NumberColumn("MAE", format="%.3f %%", width="small"),
    "RMSE (%)": st.column_config.NumberColumn("RMSE", format="%.3f %%", width="small"),
    "seeds": st.column_config.NumberColumn("Seeds", width="small"),
}


def show(run: Run, result: CompareResult) -> None:
    """The verdict, the ranking, then what is behind it."""
    st.markdown(f"#### {result.verdict.text}")
    ranking, skills = st.columns([3, 2], gap="large")
    with ranking:
        st.subheader("Ranking", anchor=False)
        st.dataframe(ranking_table(result), hide_index=True, column_config=COLUMNS, key=f"ranking-{run.id}")
        st.caption(f"{result.splits.test.days:,} test days, scored once. {REFIT}")
    with skills:
        st.subheader("Skill against the random walk", anchor=False)
        skill(run, result, "skill")
    st.subheader("Forecasts against actual", anchor=False)
    named = f"forecasts-{run.id}"
    chart(forecast_chart(result, mode()), "Forecasts and actual values over the test period", named, named)
    prices, losses = st.columns(2, gap="large")
    with prices:
        st.subheader("Prices and periods", anchor=False)
        drawn = price_chart(result.days, result.close, result.splits, mode())
        chart(drawn, f"Prices of {result.symbol} with training, validation and test marked", f"prices-{run.id}")
        st.caption(result.provenance.source)
    with losses:
        st.subheader("Training and validation loss", anchor=False)
        named = f"losses-{run.id}"
        chart(loss_curves(result, mode()), "Loss by training step for every variant and seed", named, named)


def skill(run: Run, result: CompareResult, key: str) -> None:
    chart(skill_chart(result, mode()), "Skill of every model with its spread over seeds", f"{key}-{run.id}", f"skill-{run.id}")
