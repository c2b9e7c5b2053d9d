"""Figures of when the rate changed: events, placebo dates, the month that fits best."""

from typing import Any

import pandas as pd
from matplotlib.axes import Axes

from analysis.modelling.joinpoint import DROP
from analysis.reporting.figures.frame import label_ends, mark_time, new_axes, styled, zero_based
from analysis.reporting.figures.homicides import SOURCE_NAMES
from analysis.reporting.figures.smooth import draw_months, line_color
from analysis.reporting.style import LIGHT
from analysis.reporting.text import number
from analysis.reporting.text import translate as _

# How many months the line without the event is drawn: a straight line may not be carried far.
CARRIED = 24


@styled
def plot_interruption(months: pd.DataFrame, *, ax: Axes | None = None) -> Axes:
    """Draw monthly rates, the fitted line without season, and what it would be without the events.

    Parameters
    ----------
    months : pandas.DataFrame
        One row a month, from `select_continuation`: ``month, observed, fitted, continued,
        conf_low, conf_high`` per 100,000 person-years, ``segment, source, flags``. The line
        without the events is drawn for two years.
    ax : matplotlib.axes.Axes, optional
        Where to draw; without it, axes of a new figure.

    Examples
    --------
    >>> from analysis import fit_interruption, load_table, select_continuation
    >>> interruption = fit_interruption(load_table("national_month"), start="2017-01")
    >>> plot_interruption(select_continuation(interruption)).get_ylabel()
    'per 100,000 person-years'
    """
    ax, color = new_axes(ax), line_color(months)
    draw_months(ax, months)
    for __, rows in months.groupby("segment"):
        ax.plot(rows["month"], rows["fitted"], color=color, label=_("fitted"))
    after = months[months["segment"] > 0].iloc[:CARRIED]
    low, high = after["conf_low"], after["conf_high"]
    ax.fill_between(after["month"], low, high, color=LIGHT["unclear"], alpha=0.16, linewidth=0)
    words = _("straight on")
    style: dict[str, Any] = {"color": LIGHT["muted"], "linestyle": (0, (4, 2)), "label": words}
    ax.plot(after["month"], after["continued"], **style)
    zero_based(ax)
    mark_time(ax, months["month"].min(), months["month"].max())
    end, last = after.iloc[-1], months.iloc[-1]
    ax.text(end["month"], end["continued"], f" {words}", color=LIGHT["muted"], va="center")
    label_ends(ax, [(last["month"], last["fitted"], _("fitted"), color)])
    ax.set_ylabel(_("per 100,000 person-years"))
    return ax


@styled
def plot_placebos(placebos: pd.DataFrame, *, ax: Axes | None = None) -> Axes:
    """Draw the change of level at every placebo date, and at the event, with intervals.

    Parameters
    ----------
    placebos : pandas.DataFrame
        From `select_placebos`: ``change, date, placebo, estimate, conf_low, conf_high, p_value``;
        only levels are drawn. A dot is full where p < 0.05.
    ax : matplotlib.axes.Axes, optional
        Where to draw; without it, axes of a new figure.

    Examples
    --------
    >>> from analysis import fit_interruption, load_table, select_placebos
    >>> interruption = fit_interruption(load_table("national_month"), start="2017-01")
    >>> plot_placebos(select_placebos(interruption)).get_ylabel()
    'level after over before'
    """
    ax = new_axes(ax, height=3.6)
    levels = placebos[placebos["change"] == "level"]
    for placebo, color, marker in ((True, "unclear", "o"), (False, "guard", "D")):
        rows = levels[levels["placebo"] == placebo]
        ax.vlines(rows["date"], rows["conf_low"], rows["conf_high"], LIGHT[color], linewidth=1.8)
        sure = rows["p_value"] < 0.05
        for some, face in ((rows[sure], LIGHT[color]), (rows[~sure], LIGHT["paper"])):
            style: dict[str, Any] = {
                "marker": marker,
                "edgecolor": LIGHT[color],
                "s": 28,
                "zorder": 3,
            }
            ax.scatter(some["date"], some["estimate"], facecolor=face, **style)
    ax.axhline(1, color=LIGHT["muted"], linewidth=1)
    month = pd.DateOffset(months=2)
    ax.grid(visible=False, axis="x")
    ax.margins(y=0.12)
    mark_time(ax, levels["date"].min() - month, levels["date"].max() + 4 * month)
    ax.yaxis.set_major_formatter(lambda value, place: number(value, 2))
    ax.set_ylabel(_("level after over before"))
    return ax


@styled
def plot_breaks(profile: pd.DataFrame, *, ax: Axes | None = None) -> Axes:
    """Draw how much worse the trend fits when it is made to bend in another month.

    Parameters
    ----------
    profile : pandas.DataFrame
        From `select_profile`: ``source, month, scaled, inside, forced``. The band is the 95 %
        interval of each source, the cross the month that is forced.
    ax : matplotlib.axes.Axes, optional
        Where to draw; without it, axes of a new figure.

    Examples
    --------
    >>> from analysis import fit_breaks, load_table, select_profile
    >>> breaks = fit_breaks(load_table("national_month"), start="2017-01")
    >>> plot_breaks(select_profile(breaks)).get_ylabel()
    'scaled deviance above the best'
    """
    ax, marked = new_axes(ax, height=3.6), profile[profile["forced"]]
    top = max(1.2 * marked["scaled"].max(), 6 * DROP)
    near = profile[profile["scaled"] <= top]
    for source, rows in near.groupby("source", sort=False):
        color, inside = LIGHT[str(source)], rows[rows["inside"]]
        half = pd.DateOffset(days=15)
        ax.axvspan(
            inside["month"].min() - half, inside["month"].max() + half, color=color, alpha=0.16
        )
        ax.plot(rows["month"], rows["scaled"], color=color, label=_(SOURCE_NAMES[str(source)]))
    for row in marked.itertuples():
        ax.plot(row.month, row.scaled, "X", color=LIGHT[row.source], ms=8)
        words = number(row.scaled, 1)
        ax.annotate(words, (row.month, row.scaled), (7, -4), textcoords="offset points")
    ax.axhline(DROP, color=LIGHT["ink"], linewidth=1, linestyle=(0, (2, 2)))
    # Room above the curves for the names of events.
    ax.set_ylim(0, 1.3 * top)
    beside = pd.DateOffset(months=3)
    mark_time(ax, near["month"].min() - beside, near["month"].max() + beside)
    label_ends(ax, [(near["month"].max(), DROP, _("95% limit"), LIGHT["ink"])])
    ax.grid(visible=False, axis="x")
    ax.set_ylabel(_("scaled deviance above the best"))
    ax.legend(loc="lower left", bbox_to_anchor=(0, 1.06), ncols=2)
    return ax
