"""Figures of a classification: errors, confusions, robustness, where the transformers look. From a stored result alone."""

from __future__ import annotations

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from core.figures.cells import label_cells
from core.figures.decades import log_axis
from core.made_once import made_once
from core.stn.classify.result import ClassifyResult
from core.stn.datasets.distortions import DISTORTIONS
from core.stn.datasets.perturbations import PERTURBATIONS, PerturbationName
from core.stn.drawing.sheets import before_and_after
from core.stn.networks.lines import LINES
from core.stn.networks.spec import ModelName
from core.theme import PALETTES, Mode, figure

HEIGHT = 340
_DASHES = ("solid", "dash", "dot")  # of the first, second and third transformer
MOST_LABELLED = 12  # classes whose counts are written into the confusion matrix
READINGS = {  # columns of `thetas`: their words
    "rotation_deg": "rotation (°)",
    "scale": "scale",
    "shift_x": "shift x (half sides)",
    "shift_y": "shift y (half sides)",
}


def before_and_after_of(result: ClassifyResult, model: ModelName, most: int) -> dict[str, np.ndarray]:
    """By class, at most so many examples above what the transformers of a network make of them: (rows, N, C, side, side).

    Without the classes of which no test image was looked at.
    """
    outputs, counts = result.example_outputs[model], _looked_at(result, model)
    shown = [slice(min(most, count)) for count in counts]
    return {
        name: before_and_after(given[part], made[part])
        for name, given, made, part in zip(result.classes, result.examples, outputs, shown, strict=False)
        if part.stop
    }


def means_before_and_after(result: ClassifyResult, model: ModelName) -> dict[str, np.ndarray]:
    """By class, the mean image above that of what the transformers make of its images: (rows, 1, C, side, side)."""
    means, counts = result.mean_outputs[model], _looked_at(result, model)
    return {
        name: before_and_after(given[None], made[None])
        for name, given, made, count in zip(result.classes, result.means, means, counts, strict=False)
        if count
    }


def _looked_at(result: ClassifyResult, model: ModelName) -> list[int]:
    """By class, how many test images a network's transformers were looked at with."""
    of_model = result.thetas[(result.thetas.model == model) & (result.thetas.transformer == 1)]
    return [int((of_model["class"] == name).sum()) for name in result.classes]


def _channels(colour: str) -> tuple[int, ...]:
    return tuple(int(colour[place : place + 2], 16) for place in (1, 3, 5))


def _faint(colour: str, share: float) -> str:
    """A colour "#RRGGBB" with so much opacity."""
    red, green, blue = _channels(colour)
    return f"rgba({red},{green},{blue},{share})"


def _mixed(paper: str, colour: str, share: float) -> str:
    """So much of a colour on paper: opaque, so that the words upon it are drawn dark or light as they must be."""
    red, green, blue = (
        round((1 - share) * below + share * above) for below, above in zip(_channels(paper), _channels(colour), strict=True)
    )
    return f"rgb({red},{green},{blue})"


@made_once
def errors(result: ClassifyResult, mode: Mode = "light") -> go.Figure:
    """Every model's error with its 95 % interval."""
    drawn = figure(mode, 110 + 44 * len(result.models))
    for name in result.models:
        line, measured = LINES[name], result.accuracy_of(name)
        error, low, high = 100 * measured.error, 100 * (1 - measured.high), 100 * (1 - measured.low)
        drawn.add_scatter(
            name=line.name,
            x=[error],
            y=[line.name],
            error_x={
                "array": [high - error],
                "arrayminus": [error - low],
                "thickness": 2,
                "width": 5,
            },
            mode="markers",
            marker={"color": line.colour(mode), "symbol": line.symbol, "size": 11},
            hovertemplate=f"{line.name}: {error:.2f} %, 95 % interval {low:.2f} to {high:.2f} %<extra></extra>",
            showlegend=False,
        )
    drawn.update_xaxes(title_text=f"error on {len(result.truth):,} images (%), with 95 % interval", rangemode="tozero")
    drawn.update_yaxes(autorange="reversed", showgrid=False)
    drawn.update_layout(hovermode="closest")
    return drawn


@made_once
def confusion_map(result: ClassifyResult, model: ModelName, mode: Mode = "light") -> go.Figure:
    """How often a class (row) was taken for another (column), in % of the row."""
    counts = result.confusion_of(model)
    shares = 100 * counts / np.maximum(1, counts.sum(axis=1, keepdims=True))
    palette, names = PALETTES[mode], list(result.classes)
    labels = [[f"{share:.0f}" if share >= 0.5 else "" for share in row] for row in shares]
    drawn = figure(mode, HEIGHT + 60)
    drawn.add_heatmap(
        z=shares,
        x=names,
        y=names,
        colorscale=[[0, palette.paper], [0.02, _mixed(palette.paper, palette.spatial, 0.15)], [1, palette.spatial]],
        zmin=0,
        zmax=100,
        showscale=False,
        xgap=1,
        ygap=1,
        hovertemplate="%{y} taken for %{x}: %{z:.1f} %<extra></extra>",
    )
    if len(names) <= MOST_LABELLED:
        label_cells(drawn, labels)
    drawn.update_xaxes(title_text="predicted", type="category", showgrid=False, constrain="domain")
    drawn.update_yaxes(title_text="actual", type="category", autorange="reversed", showgrid=False)
    drawn.update_layout(hovermode="closest")
    return drawn


def _curve(drawn: go.Figure, name: str, rows: pd.DataFrame, mode: Mode) -> None:
    """One model's line on its band."""
    line, x = LINES[name], rows.amount.tolist()
    drawn.add_scatter(
        x=[*x, *x[::-1]],
        y=[*(100 * rows.high), *(100 * rows.low)[::-1]],
        name=f"{name}, spread",
        mode="lines",
        fill="toself",
        fillcolor=_faint(line.colour(mode), 0.15),
        line={"width": 0},
        hoverinfo="skip",
        showlegend=False,
    )
    drawn.add_scatter(
        x=x,
        y=100 * rows.accuracy,
        mode="lines+markers",
        name=line.name,
        line={"color": line.colour(mode), "dash": line.dash, "width": 2},
        marker={"symbol": line.symbol, "size": 7},
        hovertemplate=f"{line.name} %{{y:.1f}} %<extra></extra>",
    )


def about_robustness(result: ClassifyResult) -> str:
    """How many images the curves of a run are of, where it says so; a sentence."""
    if result.robustness.empty or "images" not in result.robustness:
        return ""
    count, folds = int(result.robustness["images"].iloc[0]), result.folds
    which = f", those of the first of {folds} folds, by the network that did not learn from them" if folds > 1 else ""
    return f"Every point is of {count:,} test images{which}; the band is a 95 % interval."


@made_once
def robustness(result: ClassifyResult, kind: PerturbationName, mode: Mode = "light") -> go.Figure:
    """Accuracy of every model against one kind of distortion, with 95 % bands; what training has practised is shaded."""
    palette, rows = PALETTES[mode], result.robustness[result.robustness.kind == kind]
    drawn = figure(mode, HEIGHT)
    practised = DISTORTIONS[result.distortion].most.get(kind)
    if practised:
        span = {"fillcolor": palette.rule, "opacity": 0.5, "line_width": 0, "layer": "below"}
        drawn.add_vrect(x0=0, x1=min(practised, rows.amount.max()), **span, annotation_text="practised")
    for name in result.models:
        _curve(drawn, name, rows[rows.model == name], mode)
    guess = 100 / len(result.classes)
    drawn.add_hline(
        y=guess,
        line={"color": palette.muted, "width": 1, "dash": "dot"},
        annotation_text="guessing",
        annotation_position="bottom left",
    )
    drawn.update_xaxes(title_text=PERTURBATIONS[kind].axis)
    drawn.update_yaxes(title_text="accuracy (%)", range=[0, 101])
    return drawn


@made_once
def readings(result: ClassifyResult, model: ModelName, reading: str, mode: Mode = "light") -> go.Figure:
    """What theta says of each class's images: a distribution a class, read off rotation, scale or shift."""
    rows = result.thetas[result.thetas.model == model]
    classes = [name for name in result.classes if name in set(rows["class"])]
    drawn = figure(mode, 90 + 34 * max(4, len(classes)))
    for name in reversed(classes):
        drawn.add_violin(
            x=rows[rows["class"] == name][reading],
            name=name,
            orientation="h",
            side="positive",
            width=1.6,
            points=False,
            line={"color": LINES[model].colour(mode), "width": 1.5},
            meanline={"visible": True},
            hoveron="kde",
            showlegend=False,
        )
    drawn.update_xaxes(title_text=READINGS[reading], zeroline=True, zerolinecolor=PALETTES[mode].muted)
    drawn.update_yaxes(type="category", showgrid=False)
    drawn.update_layout(hovermode="closest")
    return drawn


@made_once
def losses(result: ClassifyResult, mode: Mode = "light") -> go.Figure:
    """The loss of every model by training step, the first fold strong and the others faint."""
    drawn = figure(mode, HEIGHT)
    for (name, fold), rows in result.losses.groupby(["model", "fold"], sort=False):
        line = LINES[str(name)]
        drawn.add_scatter(
            x=rows.step,
            y=rows.loss,
            mode="lines",
            name=line.name,
            opacity=1 if fold == 1 else 0.3,
            line={"color": line.colour(mode), "dash": line.dash, "width": 2},
            hovertemplate=f"{line.name} %{{y:.3f}}<extra></extra>",
            showlegend=bool(fold == 1),
        )
    drawn.update_xaxes(title_text="training step", rangemode="tozero")
    drawn.update_yaxes(title_text="cross-entropy", **log_axis(result.losses.loss))
    return drawn


def _band(drawn: go.Figure, name: str, part: pd.DataFrame, colour: str) -> None:
    high, low = part["mean"] + part.sd, part["mean"] - part.sd
    drawn.add_scatter(
        x=[*part.step, *part.step[::-1]],
        y=[*high, *low[::-1]],
        name=f"{name}, spread",
        mode="lines",
        fill="toself",
        fillcolor=_faint(colour, 0.12),
        line={"width": 0},
        hoverinfo="skip",
        showlegend=False,
    )


@made_once
def path(result: ClassifyResult, model: ModelName, stage: int, mode: Mode = "light") -> go.Figure:
    """Mean and spread of every predicted parameter over fixed test images, stage by stage; the chosen stage is marked."""
    palette, rows = PALETTES[mode], result.path[result.path.model == model]
    other = [LINES[name].colour(mode) for name in ("cnn", "modern-cnn")]
    colours = [palette.spatial, palette.warn, palette.recurrent, palette.muted, *other]
    drawn = figure(mode, HEIGHT)
    names = rows.parameter.unique()
    few = len(names) <= len(colours)
    for number, ((count, name), part) in enumerate(rows.groupby(["transformer", "parameter"], sort=False)):
        colour = colours[number % len(colours)]
        if few:
            _band(drawn, str(name), part, colour)
        drawn.add_scatter(
            x=part.step,
            y=part["mean"],
            mode="lines",
            name=name if result.transformers == 1 else f"{name}, transformer {count}",
            line={"color": colour, "width": 1.5, "dash": _DASHES[number // len(names)]},
            hovertemplate=f"{name} %{{y:.2f}}<extra></extra>",
            showlegend=few,
        )
    drawn.add_vline(x=result.path_steps[model][stage], line={"color": palette.ink, "width": 1})
    drawn.update_xaxes(title_text="training step")
    drawn.update_yaxes(title_text="parameters of θ, mean ± sd")
    return drawn
