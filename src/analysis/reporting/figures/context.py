"""Figures of perception and of disappeared persons."""

from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from analysis.modelling.harms import date_register
from analysis.modelling.result import Note
from analysis.reporting.figures.frame import draw_places, new_axes, styled, zero_based
from analysis.reporting.style import LIGHT
from analysis.reporting.text import month
from analysis.reporting.text import translate as _

# Name, colour of the outline, colour inside.
CATEGORIES = {
    "missing": (Note("still missing"), "rising", "rising"),
    "found_dead": (Note("found dead"), "ink", "ink"),
    "found_alive": (Note("found alive"), "falling", "paper"),
}


@styled
def plot_perception(years: pd.DataFrame, *, ax: Axes | None = None) -> Axes:
    """Draw the share of adults who feel unsafe in their state, state and nation.

    Parameters
    ----------
    years : pandas.DataFrame
        One row a place and year: ``place`` (``state`` or ``nation``), ``name, year, unsafe`` in
        % of adults.
    ax : matplotlib.axes.Axes, optional
        Where to draw; without it, axes of a new figure.

    Examples
    --------
    >>> from analysis import load_table, select_perception
    >>> ax = plot_perception(select_perception(load_table("envipe_state_perception"), "Zacatecas"))
    >>> [line.get_label() for line in ax.get_lines()], ax.get_ylabel()
    (['Mexico', 'Zacatecas'], '% of adults')
    """
    ax = new_axes(ax, height=3.4)
    draw_places(ax, years, "unsafe")
    ax.set_ylabel(_("% of adults"))
    return ax


@styled
def plot_disappeared(years: pd.DataFrame, *, ax: Axes | None = None) -> Axes:
    """Draw registered disappeared persons by year of the facts and what became of them.

    The bar of the year in which the register was consulted is a part of a year: hatched and named.

    Parameters
    ----------
    years : pandas.DataFrame
        One row a year and category: ``year, category, persons``; rows without a year are left
        out of the drawing. ``consulted`` is the month of consultation; without it, that of the
        table by state.
    ax : matplotlib.axes.Axes, optional
        Where to draw; without it, axes of a new figure.

    Examples
    --------
    >>> from analysis import load_table, select_disappeared
    >>> rows = select_disappeared(load_table("disappeared_state_year"), "Tamaulipas")
    >>> plot_disappeared(rows).get_legend_handles_labels()[1]
    ['still missing', 'found dead', 'found alive']
    """
    ax = new_axes(ax, height=3.6)
    dated = years.assign(year=pd.to_numeric(years["year"], errors="coerce")).dropna(subset="year")
    wide = dated.pivot_table(index="year", columns="category", values="persons", aggfunc="sum")
    wide = wide.reindex(columns=list(CATEGORIES)).astype("float64").fillna(0.0)
    consulted = years["consulted"].iloc[0] if "consulted" in years else date_register()
    base = pd.Series(0.0, index=wide.index)
    for category, (name, color, face) in CATEGORIES.items():
        style: dict[str, Any] = {
            "color": LIGHT[face],
            "edgecolor": LIGHT[color],
            "linewidth": 1,
            "width": 0.75,
        }
        bars = ax.bar(wide.index, wide[category], bottom=base, label=_(name), **style)
        base += wide[category]
        for year, bar in zip(wide.index, bars, strict=True):
            if year == consulted.year:
                bar.set(hatch="////", facecolor=LIGHT["paper"])
    if consulted.year in base.index:
        _name_part(ax, consulted, base[consulted.year])
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    zero_based(ax)
    ax.grid(visible=False, axis="x")
    ax.set_ylabel(_("persons"))
    ax.legend(loc="lower left", ncols=3, bbox_to_anchor=(0, 1))
    return ax


def _name_part(ax: Axes, until: pd.Timestamp, height: float) -> None:
    """Write upright over the bar of a year in course how far it goes."""
    style: dict[str, Any] = {
        "xytext": (0, 5),
        "textcoords": "offset points",
        "ha": "center",
        "va": "bottom",
        "rotation": 90,
        "fontsize": 9.5,
        "color": LIGHT["muted"],
    }
    ax.annotate(_("to {date}").format(date=month(until)), (until.year, height), **style)
