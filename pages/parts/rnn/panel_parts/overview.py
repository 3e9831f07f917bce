"""The group Skill: every model over all tickers, with the loss and the rival that the visitor chooses."""

from __future__ import annotations

import streamlit as st

from core.rnn.evaluation.loss_functions import LOSS_FUNCTIONS, LossFunction
from core.rnn.panel.models import panel_model
from core.rnn.panel.overview_figures import skill_chart
from core.rnn.panel.result import PanelResult
from core.rnn.panel.tables import standing_table
from core.rnn.panel.views import recipes_inside, standings
from core.runs.registry import Run
from pages.parts import controls
from pages.parts.layout import explain, mode, plain, table
from pages.parts.rnn.panel_parts.shared import MODEL, as_file, chosen_loss, chosen_reference, draw

COLUMNS = {
    "Model": st.column_config.TextColumn(width=MODEL),
    "Skill (%)": st.column_config.NumberColumn(format="%+.2f"),
    "95 % interval": st.column_config.TextColumn(alignment="right", help="By the panel test, one day one observation"),
    "p": st.column_config.TextColumn(alignment="right", help="Of the panel test, two-sided"),
    "p, corrected": st.column_config.TextColumn(
        alignment="right", help="For the number of models in this table (Holm) and for other tests on these days (Šidák)"
    ),
    "Better on": st.column_config.TextColumn(alignment="right", help="Tickers with a lower mean loss"),
}
TEST = r"""
**The test.** On one day the errors of all tickers move together, so twenty tickers are not twenty times as many observations.
The panel test therefore takes one number a day, the mean over the $N$ tickers of that day's loss difference,

$$
d_t = \frac{1}{N}\sum_{i=1}^{N}\big(L^{\,\mathrm{ref}}_{it} - L^{\,\mathrm{model}}_{it}\big),
$$

and asks whether its mean $\bar d$ over the $T$ test days differs from 0: $\bar d / \sqrt{\hat v / T}$ is compared with
Student's $t_{T-1}$, with the long-run variance

$$
\hat v = \hat\gamma_0 + 2\sum_{k=1}^{K}\Big(1 - \tfrac{k}{K+1}\Big)\hat\gamma_k
$$

of $K = \lceil T^{1/3} \rceil$ lags, as Diebold and Mariano (1995) do for one series. The line through a mark is the
95 % interval of the same test. Corrected p allow for the number of models (Holm) and for other tests on these days (Šidák).
"""
QLIKE = r"""
**QLIKE.** $L(y, f) = \log f + y / f$, with $y$ the size of the day's move and $f$ its forecast, both in units of the ticker's
training days. A volatility is never observed, only one move drawn from it; QLIKE ranks forecasts of it rightly all the same
(Patton 2011), and a calm day counts as much as a wild one. Skill is the difference of the mean losses, times 100.
"""
RATIO = r"""
**Skill** is $1 - \bar L^{\,\mathrm{model}} / \bar L^{\,\mathrm{reference}}$: the share of the reference's loss that a
model saves.
"""


def show(run: Run, result: PanelResult) -> None:
    with st.container(horizontal=True, gap="medium"):
        loss = chosen_loss(result)
        reference = chosen_reference(result)
    alt = f"Skill of every model against {panel_model(reference).title} over all tickers, with 95 % intervals, best on top"
    draw(run, skill_chart(result, reference, loss, mode()), alt, "skill")
    st.caption(_how_to_read(result))
    if result.not_converged:
        st.caption(plain(result.convergence))
    with controls.fold("Every model as a table", key="table") as unfolded:
        if unfolded:
            table(standing_table(result, reference, loss), f"standings-{run.id}", COLUMNS)
            as_file(run, standings(result, reference, loss), "skill")
    explain(explanation(LOSS_FUNCTIONS[loss]))


def _how_to_read(result: PanelResult) -> str:
    recipes = " Small marks: the recipes inside the committee." if recipes_inside(result) else ""
    return (
        "Mark: skill over all tickers and test days; line: 95 % interval. Right: on how many tickers the model is better; in "
        "ink where the gain is sure after correction for the number of models and other tests. Recurrent networks in bold."
        f"{recipes}"
    )


def explanation(loss: LossFunction) -> str:
    of_loss = f"**{loss.title}**: {loss.help}.\n" if "QLIKE" not in loss.title else QLIKE
    choice = (
        "\n**What is fair.** All models forecast the same days from the days before. Which network and which rival the "
        "sentence on top speaks of was chosen on the validation days, so the test was used once. A network's row is its "
        "committee: the mean forecast of its seeds. Not investment advice."
    )
    return TEST + of_loss + ("" if "QLIKE" in loss.title else RATIO) + choice
