"""Figures of the priority states."""

from typing import Any

import pandas as pd
from matplotlib.axes import Axes

from analysis.modelling.result import Note
from analysis.reporting.figures.frame import mark_time, new_axes, new_panels, styled, zero_based
from analysis.reporting.figures.priority_areas import draw_counts
from analysis.reporting.style import LIGHT
from analysis.reporting.text import translate as _

SOURCE_MARKERS = {"inegi": (Note("INEGI deaths"), "s"), "sesnsp": (Note("SESNSP victims"), "o")}


@styled
def plot_state_months(months: pd.DataFrame, *, ax: Axes | None = None) -> Axes:
    """Draw SESNSP's victims of intentional homicide by month, one panel a state.

    Parameters
    ----------
    months : pandas.DataFrame
        From `analysis.select_state_months`. Hollow months are preliminary.

    Examples
    --------
    >>> from analysis import load_panel, select_state_months
    >>> plot_state_months(select_state_months(load_panel())).child_axes[0].get_ylabel()
    'victims a month'
    """
    ax = new_axes(ax, height=6.4)
    names = list(dict.fromkeys(months["state"]))
    for panel, name in zip(new_panels(ax, len(names), 1, gap=(0, 0.2)), names, strict=True):
        rows = months[months["state"] == name]
        counts = rows["homicides_sesnsp"].astype("float64")
        hollow = rows["flags"].str.contains("preliminary")
        draw_counts(panel, rows["month"], counts, hollow, name)
        zero_based(panel, room=1.25)
        mark_time(panel, rows["month"].min(), rows["month"].max())
        panel.set_ylabel(_("victims a month"))
        panel.set_title(name, fontweight="bold", pad=20)
    return ax


@styled
def plot_state_rates(rates: pd.DataFrame, *, ax: Axes | None = None) -> Axes:
    """Draw yearly rates with intervals, one panel a state, a marker and colour a source.

    Parameters
    ----------
    rates : pandas.DataFrame
        From `analysis.select_state_rates`. Hollow years are provisional.

    Examples
    --------
    >>> from analysis import load_panel, select_state_rates
    >>> plot_state_rates(select_state_rates(load_panel())).child_axes[0].get_ylabel()
    'per 100,000 person-years'
    """
    ax = new_axes(ax, height=4.0)
    names = list(dict.fromkeys(rates["state"]))
    for panel, name in zip(new_panels(ax, len(names), 2, gap=(0.1, 0)), names, strict=True):
        full = []
        for source, (label, marker) in SOURCE_MARKERS.items():
            rows = rates[(rates["state"] == name) & (rates["source"] == source)]
            color = LIGHT[source]
            panel.vlines(rows["year"], rows["conf_low"], rows["conf_high"], color=color, lw=1.3)
            for marked, face in ((False, color), (True, LIGHT["paper"])):
                some = rows[rows["marked"] == marked]
                style: dict[str, Any] = {"facecolor": face, "edgecolor": color, "s": 24}
                style |= {"marker": marker, "linewidth": 1.2, "zorder": 3, "label": _(label)}
                dots = panel.scatter(some["year"], some["rate"], **style)
                full += [] if marked else [dots]
        zero_based(panel)
        panel.set_title(name, fontweight="bold")
        panel.set_xticks(range(2000, 2026, 5))
        if name == names[0]:
            panel.set_ylabel(_("per 100,000 person-years"))
            panel.legend(handles=full, loc="upper left", fontsize=9.5)
    return ax
