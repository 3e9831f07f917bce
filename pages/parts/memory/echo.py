"""Feed-forward against recurrent: which network learns the echo of k days ago, trained live; it needs no comparison."""

from __future__ import annotations

import streamlit as st

from core.rnn.echo.figures import CAPTION, LAG_CAPTION, curve_chart, lag_chart, skill_chart
from core.rnn.echo.request import EchoRequest
from core.rnn.echo.result import EchoResult
from core.runs.lab import lab
from core.runs.queue.words import about
from core.runs.registry import Run, State
from core.runs.request import key_of
from pages.parts import controls
from pages.parts.follow import follow, run_in_url, submit
from pages.parts.layout import chart, explain, mistakes_shown, mode, plain, side_by_side
from pages.parts.rnn.echo import EXPLANATION
from pages.parts.runs import again
from pages.parts.task import report
from pages.parts.visitors.me import my_id
from pages.parts.wait import wait_shown

KEY = "echo"  # the parameter of the URL that names the run
MOST = 40  # days
KEPT = 32  # sets of results that stay in memory


def show() -> None:
    request = _chosen()
    running = run_in_url("echo", KEY)
    if running is not None and running.alive:
        follow(running, KEY)
        return
    finished = same_settings(request)
    run = next((one for one in finished if request.lags[0] in one.request.lags), None)
    if run is None:
        _offer(request)
        if running is not None and key_of(request) == running.id:
            follow(running, KEY)  # says why there is no result
    else:
        result = lab().result(run)
        if result.unfinished:
            st.info(result.unfinished, icon=":material/flag:")
        if wanted := again.offered(run, bool(result.unfinished)):
            with mistakes_shown():
                submit(wanted, KEY)
            st.rerun()
        _of_lag(result, request.lags[0])
    if finished:
        _all(tuple(one.id for one in finished))
    explain(EXPLANATION)


def _chosen() -> EchoRequest:
    """The task that the sliders make."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        lag = controls.slider("The echo comes after k days", 1, MOST, 7, key="lag", width=420)
        strength = controls.select_slider(
            "Strength a", [0.5, 0.6, 0.7, 0.8, 0.9], 0.9, key="strength", width=240,
            help="Of the variance the share a² can be forecast; the rest is noise.",
        )  # fmt: skip
    return EchoRequest(lags=(lag,), strength=strength)


def same_settings(request: EchoRequest) -> list[Run]:
    """The finished runs of this lab whose settings are those of a request, whatever their lags."""
    fields = request.model_dump(exclude={"lags"})
    done = (
        run for run in lab().runs("recurrent", parts=False, seen_by=my_id()) if run.kind == "echo" and run.state is State.DONE
    )
    return [run for run in done if run.request.model_dump(exclude={"lags"}) == fields]


def _offer(request: EchoRequest) -> None:
    left, right = st.columns([2, 3], vertical_alignment="center")
    count = len(request.cells)
    with left:
        pressed = controls.button(
            f"Train {count} networks on it", type="primary", icon=":material/play_arrow:", width="stretch", key="go"
        )
    if pressed:
        with mistakes_shown():
            submit(request, KEY)
        st.rerun()
    with right:
        took = about(lab().line.expected(request))
        st.caption(f"{request.days:,} days, {request.steps} steps at most, {took}.")
        wait_shown("echo", request.size)


def _of_lag(result: EchoResult, lag: int) -> None:
    own = result.model_copy(update={"scores_by_lag": result.scores_by_lag[result.scores_by_lag["lag"] == lag]})
    learned = [model for model in own.models if own.learned(model, lag)]
    report({"lag": lag, "learned": learned, "failed": [model for model in own.models if model not in learned]})
    st.markdown(f"**{plain(own.text)}**")
    skills, curves = side_by_side(1, 1)
    with skills:
        chart(
            lag_chart(own, lag, mode()), f"Skill of every network at the echo of {lag} days", "echo-lag", f"gridcast-echo-{lag}"
        )
    with curves:
        if len(result.curves):
            alt = f"Validation loss of every network while it learned the echo of {lag} days"
            chart(curve_chart(result, lag, mode()), alt, "echo-curves", f"gridcast-echo-{lag}-curves")
    st.caption(LAG_CAPTION)


def _all(run_ids: tuple[str, ...]) -> None:
    """Every lag that this lab has measured with these settings."""
    together = _together(run_ids)
    lags = together.scores_by_lag["lag"].nunique()
    if lags > 1:
        st.subheader("As k grows", anchor=False)
        chart(skill_chart(together, mode()), CAPTION, "echo-all", "gridcast-echo")
        st.caption(f"{CAPTION} All {lags} lags that this lab has trained on with this strength.")


@st.cache_data(max_entries=KEPT, show_spinner=False)
def _together(run_ids: tuple[str, ...]) -> EchoResult:
    runs = [run for run in map(lab().look, run_ids) if run is not None]
    return EchoResult.together([lab().result(run) for run in runs])
