"""Figures of perception and of disappeared persons."""

from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from analysis.reporting.figures.frame import draw_places, new_axes, styled, zero_based
from analysis.reporting.style import LIGHT
from analysis.reporting.text import translate as _

# Name, colour of the outline, colour inside.
CATEGORIES = {
    "missing": ("still missing", "rising", "rising"),
    "found_dead": ("found dead", "ink", "ink"),
    "found_alive": ("found alive", "falling", "paper"),
}


@styled
def plot_perception(years: pd.DataFrame, *, ax: Axes | None = None) -> Axes:
    """Draw the share of adults who feel unsafe in their state, state and nation.

    Parameters
    ----------
    years : pandas.DataFrame
        One row a place and year: ``place`` (``state`` or ``nation``), ``name, year, unsafe`` in
        % of adults.
    """
    ax = new_axes(ax, height=3.4)
    draw_places(ax, years, "unsafe")
    ax.set_ylabel(_("% of adults"))
    return ax


@styled
def plot_disappeared(years: pd.DataFrame, *, ax: Axes | None = None) -> Axes:
    """Draw registered disappeared persons by year of the facts and what became of them.

    Parameters
    ----------
    years : pandas.DataFrame
        One row a year and category: ``year, category, persons``; rows without a year are left
        out of the drawing.
    """
    ax = new_axes(ax, height=3.6)
    dated = years.assign(year=pd.to_numeric(years["year"], errors="coerce")).dropna(subset="year")
    wide = dated.pivot_table(index="year", columns="category", values="persons", aggfunc="sum")
    wide = wide.reindex(columns=list(CATEGORIES)).astype("float64").fillna(0.0)
    base = pd.Series(0.0, index=wide.index)
    for category, (name, color, face) in CATEGORIES.items():
        style: dict[str, Any] = {
            "color": LIGHT[face],
            "edgecolor": LIGHT[color],
            "linewidth": 1,
            "width": 0.75,
        }
        ax.bar(wide.index, wide[category], bottom=base, label=_(name), **style)
        base += wide[category]
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    zero_based(ax)
    ax.grid(visible=False, axis="x")
    ax.set_ylabel(_("persons"))
    ax.legend(loc="lower left", ncols=3, bbox_to_anchor=(0, 1))
    return ax
