"""What a finished comparison has to show."""

from __future__ import annotations

import streamlit as st

from core.rnn.compare import CompareResult
from core.rnn.figures import forecast_chart, loss_curves, price_chart, ranking_table, skill_chart
from core.runs.registry import Run
from pages.parts.layout import chart, mode

COLUMNS = {
    "skill": st.column_config.NumberColumn("Skill", format="%.2f %%", help="1 − MSE / MSE of the random walk"),
    "mase": st.column_config.NumberColumn("MASE", format="%.3f", help="MAE / in-sample MAE of the random walk"),
    "p": st.column_config.NumberColumn(
        "p", format="%.3f", help="Diebold–Mariano with the Harvey correction, against the random walk"
    ),
}


def show(run: Run, result: CompareResult) -> None:
    """The verdict, the ranking, then what is behind it."""
    verdict(result)
    ranking, skills = st.columns([3, 2], gap="large")
    with ranking:
        st.subheader("Ranking", anchor=False)
        st.dataframe(ranking_table(result), hide_index=True, column_config=COLUMNS, key=f"ranking-{run.id}")
        st.caption(f"Scored once on {result.test_days:,} days never seen before. {result.refit_policy}")
    with skills:
        skill(run, result, key="skill")
    st.subheader("Forecasts against actual", anchor=False)
    chart(forecast_chart(result, mode()), "Forecasts and actual values over the test period", f"forecasts-{run.id}")
    prices, losses = st.columns(2, gap="large")
    with prices:
        st.subheader("Prices and periods", anchor=False)
        chart(
            price_chart(result.days, result.close, result.splits, mode()),
            "Prices with training, validation and test",
            f"p-{run.id}",
        )
        st.caption(result.caption)
    with losses:
        st.subheader("Training and validation loss", anchor=False)
        chart(loss_curves(result, mode()), "Loss by training step for every variant and seed", f"curves-{run.id}")


def verdict(result: CompareResult) -> None:
    st.markdown(f"#### {result.verdict.text}")


def skill(run: Run, result: CompareResult, key: str) -> None:
    st.subheader("Skill against the random walk", anchor=False)
    chart(skill_chart(result, mode()), "Skill of every model with its spread over seeds", f"{key}-{run.id}")
