"""Figures of how firm an estimate is: inferences, lags, power, the specification curve."""

from typing import Any

import pandas as pd
from matplotlib.axes import Axes

from analysis.modelling.result import Note
from analysis.reporting.figures.frame import draw_intervals, new_axes, styled
from analysis.reporting.style import LIGHT
from analysis.reporting.text import translate as _
from analysis.reporting.values import tell

INFERENCES = {
    "crv1": Note("clustered by state"),
    "crv3": Note("jackknife by state"),
    "score_wild": Note("wild score bootstrap"),
    "permutation": Note("states swap their guards"),
    "leave_one_out": Note("range without one state"),
}
VARIANTS = {
    "main": (Note("intentional homicide"), "sesnsp", "o"),
    "control": (Note("negligent homicide (control)"), "inegi", "s"),
    "trend": (Note("with a trend for each state"), "muted", "D"),
    "reverse": (Note("guards on earlier homicides"), "guard", "^"),
}
EFFECT_SETS = {
    "state+month": (Note("state and month effects"), "sesnsp"),
    "state+month+trend": (Note("and state trends"), "guard"),
    "month": (Note("month effects: between states"), "inegi"),
}
CHOICE_NAMES = {
    **{name: words for name, (words, __) in EFFECT_SETS.items()},
    "sesnsp": Note("SESNSP victims"),
    "inegi": Note("INEGI deaths"),
    "sesnsp_femicide": Note("SESNSP victims and femicides"),
    "log_per_100k": Note("log guards per 100,000"),
    "log_guards": Note("log guards"),
    "per_100k": Note("guards per 100,000"),
    "0": Note("same month"),
    "1": Note("guards 1 month before"),
    "3": Note("guards 3 months before"),
    "6": Note("guards 6 months before"),
    "all": Note("all states and months"),
    "without_09": Note("without Ciudad de México"),
    "without_11": Note("without Guanajuato"),
    "fresh": Note("without repeated months"),
    "to_2020": Note("guards to December 2020"),
    "ppml": Note("Poisson"),
    "ols": Note("least squares, log rate"),
}


@styled
def plot_inferences(rows: pd.DataFrame, *, ax: Axes | None = None) -> Axes:
    """Draw one elasticity with its interval by every inference, and its range without one state.

    Parameters
    ----------
    rows : pandas.DataFrame
        Rows of `fit_guard_elasticity`: ``inference, estimate, conf_low, conf_high``.
    ax : matplotlib.axes.Axes, optional
        Where to draw; without it, axes of a new figure.

    Examples
    --------
    >>> rows = pd.DataFrame({"inference": ["crv1", "crv3"], "estimate": [-0.05, -0.05],
    ...                      "conf_low": [-0.2, -0.25], "conf_high": [0.1, 0.15]})
    >>> [label.get_text() for label in plot_inferences(rows).get_yticklabels()]
    ['clustered by state', 'jackknife by state']
    """
    ax = new_axes(ax, height=2.9)
    for place, row in enumerate(rows.itertuples()):
        is_range = row.inference == "leave_one_out"
        style: dict[str, Any] = {"linestyle": (0, (2, 2))} if is_range else {}
        ax.hlines(place, row.conf_low, row.conf_high, LIGHT["guard"], linewidth=2.2, **style)
        [dot] = ax.plot(row.estimate, place, "o", color=LIGHT["guard"], ms=7)
        tell(dot, [row.estimate], along=[row.inference])
    ax.set_yticks(range(len(rows)), [_(INFERENCES[name]) for name in rows["inference"]])
    ax.set_ylim(len(rows) - 0.4, -0.6)
    ax.axvline(0, color=LIGHT["muted"], linewidth=1)
    ax.grid(visible=False, axis="y")
    ax.set_xlabel(_("elasticity, with 95% interval (dashed: a range, not an interval)"))
    return ax


@styled
def plot_dynamics(rows: pd.DataFrame, *, beside: str, ax: Axes | None = None) -> Axes:
    """Draw the elasticity at every lag and lead, another variant beside it.

    Parameters
    ----------
    rows : pandas.DataFrame
        Rows of `fit_guard_dynamics`: ``variant, lag`` (months), ``estimate, conf_low, conf_high``.
    beside : str
        The variant drawn beside ``main``: ``control`` or ``trend``.
    ax : matplotlib.axes.Axes, optional
        Where to draw; without it, axes of a new figure.

    Examples
    --------
    >>> rows = pd.DataFrame({"variant": ["main", "main", "control", "control"],
    ...                      "lag": [0, 1, 0, 1], "estimate": [-0.05, -0.06, 0.02, 0.01]})
    >>> rows = rows.assign(conf_low=rows["estimate"] - 0.2, conf_high=rows["estimate"] + 0.2)
    >>> plot_dynamics(rows, beside="control").get_legend_handles_labels()[1]
    ['intentional homicide', 'negligent homicide (control)']
    """
    ax = new_axes(ax, height=4.0)
    for shift, variant in ((-0.16, "main"), (0.16, beside)):
        name, color, marker = VARIANTS[variant]
        some = rows[rows["variant"] == variant].dropna(subset=["lag"]).sort_values("lag")
        x = some["lag"].to_numpy("float64") + shift
        low, high = some["conf_low"], some["conf_high"]
        draw_intervals(ax, x, low, high, color=LIGHT[color], linewidth=1.5)
        face = LIGHT[color] if variant == "main" else LIGHT["paper"]
        style: dict[str, Any] = {"color": LIGHT[color], "mfc": face, "ms": 5, "label": _(name)}
        [dots] = ax.plot(x, some["estimate"], marker, **style)
        tell(dots, some["estimate"], along=some["lag"])
    first = float(rows["lag"].min()) - 0.7
    ax.axvspan(first, -0.5, color=LIGHT["band"], zorder=0, linewidth=0)
    words: dict[str, Any] = {"transform": ax.get_xaxis_transform(), "va": "top"}
    words["color"] = LIGHT["muted"]
    ax.text(first + 0.2, 0.98, _("placebo: guards come later"), fontsize=10, **words)
    ax.axhline(0, color=LIGHT["muted"], linewidth=1)
    ax.set_xlim(first, float(rows["lag"].max()) + 0.7)
    ax.set_xticks(range(-12, 19, 3))
    ax.grid(visible=False, axis="x")
    ax.set_xlabel(_("months from guards to homicides"))
    ax.set_ylabel(_("elasticity, with 95% interval"))
    ax.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=2)
    return ax


@styled
def plot_power(curve: pd.DataFrame, *, ax: Axes | None = None) -> Axes:
    """Draw how often each test finds an elasticity of a given size.

    Parameters
    ----------
    curve : pandas.DataFrame
        From `select_power_curve`: ``elasticity, crv1, crv3`` (shares of one).
    ax : matplotlib.axes.Axes, optional
        Where to draw; without it, axes of a new figure.

    Examples
    --------
    >>> curve = pd.DataFrame({"elasticity": [0.0, 0.2, 0.4], "crv1": [0.06, 0.5, 0.95],
    ...                       "crv3": [0.05, 0.45, 0.93]})
    >>> plot_power(curve).get_legend_handles_labels()[1]
    ['clustered by state', 'jackknife by state']
    """
    ax = new_axes(ax, height=3.4)
    for name, style in (("crv1", "-"), ("crv3", "--")):
        label = _(INFERENCES[name])
        ax.plot(curve["elasticity"], 100 * curve[name], style, color=LIGHT["guard"], label=label)
    ax.axhline(80, color=LIGHT["muted"], linewidth=1, linestyle=(0, (4, 3)))
    ax.axhline(5, color=LIGHT["muted"], linewidth=1, linestyle=(0, (1, 2)))
    ax.set_ylim(0, 103)
    ax.set_xlim(0, curve["elasticity"].max())
    ax.set_xlabel(_("true elasticity, up or down"))
    ax.set_ylabel(_("found at 5%, % of placebo panels"))
    ax.legend(loc="lower right")
    return ax


@styled
def plot_curve(curve: pd.DataFrame, *, ax: Axes | None = None) -> Axes:
    """Draw every specification's elasticity in order, with the envelope of joint permutations.

    Parameters
    ----------
    curve : pandas.DataFrame
        From `select_curve`: ``effects, rank, estimate, conf_low, conf_high, envelope_low,
        envelope_high``; a block of the axis for each set of effects.
    ax : matplotlib.axes.Axes, optional
        Where to draw; without it, axes of a new figure.

    Examples
    --------
    >>> curve = pd.DataFrame({"effects": ["state+month", "state+month+trend", "month"], "rank": 1,
    ...                       "term": ["1", "2", "3"], "estimate": [-0.05, -0.02, 0.3],
    ...                       "conf_low": [-0.2, -0.2, 0.1], "conf_high": [0.1, 0.15, 0.5],
    ...                       "envelope_low": -0.3, "envelope_high": 0.3})
    >>> [text.get_text() for text in plot_curve(curve).texts]
    ['state and month effects', 'and state trends', 'month effects: between states']
    """
    ax, start = new_axes(ax, height=4.6), 0
    top = ax.get_xaxis_transform()
    for effects, (name, color) in EFFECT_SETS.items():
        some = curve[curve["effects"] == effects]
        if some.empty:
            continue
        x = start + some["rank"].to_numpy("float64")
        few = some.iloc[[*range(0, len(some) - 1, 10), -1]]
        low, high = few["envelope_low"], few["envelope_high"]
        ax.fill_between(start + few["rank"], low, high, color=LIGHT["grid"], linewidth=0)
        low, high = some["conf_low"], some["conf_high"]
        draw_intervals(ax, x, low, high, color=LIGHT[color], linewidth=0.4, alpha=0.5)
        for edge in (few["envelope_low"], few["envelope_high"]):
            [line] = ax.plot(start + few["rank"], edge, color=LIGHT["ink"], lw=0.8, linestyle=":")
            line.set_label(_("95% of joint permutations"))
        [line] = ax.plot(x, some["estimate"], color=LIGHT[color], linewidth=3)
        tell(line, some["estimate"], along=some["term"])
        ax.text(start + len(some) / 2, 1.02, _(name), transform=top, ha="center", fontsize=10)
        start += round(1.1 * len(some))
    ax.axhline(0, color=LIGHT["muted"], linewidth=1)
    ax.set_xticks([])
    ax.set_xlim(0, start)
    ax.set_ylim(-1.1, 2.1)
    ax.set_xlabel(_("specifications in order of their estimate, by set of effects"))
    ax.set_ylabel(_("elasticity, with 95% interval"))
    return ax


@styled
def plot_choices(choices: pd.DataFrame, *, ax: Axes | None = None) -> Axes:
    """Draw what each choice does to the estimate: median and the middle 90 % of specifications.

    Parameters
    ----------
    choices : pandas.DataFrame
        From `select_choices`: ``choice, value, median, low, high``.
    ax : matplotlib.axes.Axes, optional
        Where to draw; without it, axes of a new figure.

    Examples
    --------
    >>> choices = pd.DataFrame({"choice": "effects", "value": ["state+month", "month"],
    ...                         "median": [-0.04, 0.3], "low": [-0.2, 0.1], "high": [0.1, 0.6]})
    >>> [label.get_text() for label in plot_choices(choices).get_yticklabels()]
    ['state and month effects', 'month effects: between states']
    """
    ax = new_axes(ax, height=0.29 * len(choices) + 1.0)
    place = choices.index + 0.6 * choices["choice"].ne(choices["choice"].shift()).cumsum()
    ax.hlines(place, choices["low"], choices["high"], LIGHT["guard"], linewidth=2)
    ax.plot(choices["median"], place, "o", color=LIGHT["guard"], ms=6)
    ax.set_yticks(place, [_(CHOICE_NAMES[value]) for value in choices["value"]], fontsize=9.5)
    ax.set_ylim(place.max() + 0.7, place.min() - 0.7)
    ax.axvline(0, color=LIGHT["muted"], linewidth=1)
    ax.grid(visible=False, axis="y")
    ax.set_xlabel(_("elasticity: median and middle 90% of the specifications with this choice"))
    return ax
