"""A finished registration: one picture over the other, the film of its descent with each ∂L/∂θ, and the loss around the end."""

from __future__ import annotations

import shlex

import streamlit as st

from core.runs.registry import Run
from core.stn.register.figures import loss_around, loss_on_the_way
from core.stn.register.measures import MEASURES
from core.stn.register.result import RegisterResult
from core.stn.register.views import checkerboard, difference, flicker
from pages.parts import controls
from pages.parts.layout import chart, mode, picture, side_by_side, table
from pages.parts.runs.conclusion import concluded
from pages.parts.serving.fragments import fragment
from pages.parts.stages import chosen_stage

VIEWS = ("Checkerboard", "Flicker", "Difference", "One over the other")
BY = {"Details of a level": "details", "Level": "level", "Kernel": "kernel"}


def show(run: Run, result: RegisterResult) -> None:
    concluded(run, result, shown=both)
    in_words(result)
    ways(result)
    film(run, result)
    around(run, result)


def in_words(result: RegisterResult) -> None:
    """The error where the truth is known, and what share of the fixed picture is covered."""
    words = "Percent of the short side; turned as it is seen. " if result.moved else ""
    words += f"It covers **{100 * result.overlap:.0f} %** of the picture that it is laid over. "
    if errors := result.errors:
        rest = ", ".join(f"{way} {error:.1f}" for way, error in list(errors.items())[1:])
        words += f"Its corners lie **{next(iter(errors.values())):.2f} pixels** from where they belong ({rest}). "
    st.markdown(words)


@fragment
def both(run: Run, result: RegisterResult) -> None:
    """One over the other, in the view that is chosen, beside the two."""
    st.subheader("One over the other", anchor=False)
    view = controls.segmented_control("View", VIEWS, default=VIEWS[0], key="register_view", required=True) or VIEWS[0]
    wide, narrow = side_by_side(2, 1)
    with wide:
        _view(run, result, view)
    with narrow:
        picture(result.moving, "The picture that moves", "The picture that moves", f"register-{run.id}-moving")
        picture(result.fixed, "The picture that it is laid over", "… is laid over this one", f"register-{run.id}-fixed")


def _view(run: Run, result: RegisterResult, view: str) -> None:
    name = f"register-{run.id}-{view.lower().replace(' ', '-')}"
    if view == "Flicker":
        shown = flicker(result.laid, result.fixed, result.inside)
        st.image(shown, caption="Both in turn: what stands still lies right", alt="Both pictures in turn", width="stretch")
    elif view == "Difference":
        shown = difference(result.laid, result.fixed, result.inside)
        picture(shown, "The difference of both, grey where they agree", "Grey where both agree, or one ends", name)
    elif view == "Checkerboard":
        shown = checkerboard(result.laid, result.fixed)
        picture(shown, "Both in the squares of a checkerboard", "Where edges go on from square to square, it lies right", name)
    else:
        picture(result.laid, "The picture as it lies over the other", "The first picture in the frame of the second", name)


def ways(result: RegisterResult) -> None:
    """Descent, phase correlation and doing nothing; and theta as the command takes it."""
    st.subheader("Compared with phase correlation and doing nothing", anchor=False)
    columns = {
        "way": "way",
        "corner_error": st.column_config.NumberColumn("pixels at the corners", format="%.2f", help="where the truth is known"),
        "unlikeness": st.column_config.NumberColumn("1 − correlation", format="%.3f", help="where both pictures are"),
        "seconds": st.column_config.NumberColumn("seconds", format="%.2f"),
    }
    table(result.ways, columns=columns)
    numbers = " ".join(f"{number:.6g}" for number in result.frame_theta.ravel())
    st.caption("θ from the second picture to the first; this bends the first so that it lies over the second:")
    st.code(f"python -m core warp PICTURE --theta {shlex.quote(numbers)} --out laid.png", language="shell", wrap_lines=True)


@fragment
def film(run: Run, result: RegisterResult) -> None:
    """The picture at every stage, and the numbers of theta with their derivatives."""
    st.subheader("Gradient descent by pyramid level", anchor=False)
    measure = MEASURES[result.measure]
    about = f"$L = {measure.formula}$, $m$ the mask of where both pictures are."
    st.markdown(f"{about} Change of light that it survives: {measure.survives}.")
    moments = zip(result.film_levels, result.film_steps, strict=True)
    names = [f"{side} pixels, step {step}" for side, step in moments]
    stage = chosen_stage(names)
    shown, numbers = side_by_side(1, 1)
    with shown:
        seen = result.film[stage]
        picture(seen, f"The picture at {names[stage]}", names[stage], f"register-{run.id}-film-{stage}")
    with numbers:
        own = result.slopes[result.slopes.stage == stage].drop(columns="stage")
        columns = {
            "number": "number of θ",
            "value": st.column_config.NumberColumn("value", format="%.4f"),
            "slope": st.column_config.NumberColumn("∂L/∂θ", format="%.3g"),
        }
        table(own, columns=columns)
        st.caption(f"The loss is {result.film_losses[stage]:.4f} here. The next step goes against each derivative.")
    chart(loss_on_the_way(result, mode()), "The loss at every stage, a line a level", f"register-way-{run.id}", f"way-{run.id}")


@fragment
def around(run: Run, result: RegisterResult) -> None:
    """The loss by angle and by shift, with the basins in which a gradient leads back."""
    st.subheader("Why a gradient is local, and what a pyramid does", anchor=False)
    chosen = controls.segmented_control("By", list(BY), default=next(iter(BY)), key="register_by", required=True)
    by = BY[chosen or next(iter(BY))]
    for column, axis in zip(side_by_side(1, 1), ("angle", "shift"), strict=True):
        with column:
            alt = f"The loss by {axis}, thick where its derivative leads back to the end"
            chart(loss_around(result, axis, by, mode()), alt, f"register-{axis}-{by}-{run.id}", f"{axis}-{by}-{run.id}")
    st.caption(
        "Thick: the basin, where the derivative through the sampler leads back. What only a fine level shows leads back from a "
        "few pixels away, what a coarse one shows from afar. A kernel that is flat between its jumps has a loss, but no "
        "derivative: no basin."
    )
    own = result.basins[result.basins.by == by]
    basins = own.pivot(index="what", columns="axis", values="width").loc[own.what.unique()].reset_index()
    columns = {
        "what": chosen or "",
        "angle": st.column_config.NumberColumn("basin of the angle", format="%.0f°"),
        "shift": st.column_config.NumberColumn("basin of the shift", format="%.2f", help="in half short sides"),
    }
    table(basins, columns=columns)
