"""The figure of a smooth trend, and the months behind a curve."""

from typing import Any

import pandas as pd
from matplotlib.axes import Axes

from analysis.reporting.figures.frame import label_ends, mark_time, new_axes, styled, zero_based
from analysis.reporting.figures.homicides import MARKED
from analysis.reporting.figures.trends import ARROWS, DIRECTIONS
from analysis.reporting.style import LIGHT
from analysis.reporting.text import translate as _


def line_color(rows: pd.DataFrame) -> str:
    """Give the colour of the source the rows are of."""
    return LIGHT[rows["source"].iloc[0] or "sesnsp"]


def draw_months(ax: Axes, rows: pd.DataFrame) -> None:
    """Draw what was observed as dots, hollow where a month has a flag of its source."""
    rows = rows.dropna(subset=["observed"])
    source = rows["source"].iloc[0]
    flags = rows["flags"] if "flags" in rows else pd.Series("", index=rows.index)
    hollow = flags.str.contains(MARKED[source]) if source else flags.ne("")
    full, open_, color = rows[~hollow], rows[hollow], LIGHT["unclear"]
    style: dict[str, Any] = {"edgecolor": color, "label": _("observed")}
    ax.scatter(full["month"], full["observed"], s=12, facecolor=color, linewidth=0, **style)
    ax.scatter(open_["month"], open_["observed"], s=14, facecolor="none", lw=0.8, **style)


@styled
def plot_smooth(smooth: pd.DataFrame, *, ax: Axes | None = None) -> Axes:
    """Draw monthly rates, their smooth trend with its band, and the direction at its end.

    Parameters
    ----------
    smooth : pandas.DataFrame
        One row a month, from `select_smooth`: ``month, observed, rate, conf_low, conf_high`` per
        100,000 person-years, ``direction, source``, ``flags`` where known. Months with a flag
        are drawn hollow.
    ax : matplotlib.axes.Axes, optional
        Where to draw; without it, axes of a new figure.

    Examples
    --------
    >>> from analysis import fit_smooth_trend, load_panel, load_table, select_smooth
    >>> smooth = fit_smooth_trend(load_panel(), load_table("national_month"), state="Colima")
    >>> plot_smooth(select_smooth(smooth)).texts[-1].get_text().strip()
    '• unclear'
    """
    ax, color = new_axes(ax), line_color(smooth)
    draw_months(ax, smooth)
    low, high = smooth["conf_low"], smooth["conf_high"]
    ax.fill_between(smooth["month"], low, high, color=color, alpha=0.2, linewidth=0)
    ax.plot(smooth["month"], smooth["rate"], color=color, label=_("trend"))
    zero_based(ax)
    mark_time(ax, smooth["month"].min(), smooth["month"].max())
    last = smooth.iloc[-1]
    direction = last["direction"]
    words = f"{ARROWS[direction]} {_(DIRECTIONS[direction])}"
    label_ends(ax, [(last["month"], last["rate"], words, LIGHT[direction])])
    ax.set_ylabel(_("per 100,000 person-years"))
    return ax
