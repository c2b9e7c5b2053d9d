"""Figures of the National Guard and of what it goes together with."""

from typing import Any

import pandas as pd
from matplotlib.axes import Axes

from analysis.geography import find_state
from analysis.modelling.result import Note
from analysis.reporting.figures.frame import (
    label_ends,
    mark_time,
    name_rows,
    new_axes,
    styled,
    zero_based,
)
from analysis.reporting.style import LIGHT
from analysis.reporting.text import given
from analysis.reporting.text import translate as _
from analysis.reporting.values import tell

FAMILIES = {
    "force_strength": (Note("total force (Guard)"), "guard", "o"),
    "deployed": (Note("deployed (Guard)"), "sesnsp", "s"),
    "assigned_inegi": (Note("assigned (INEGI)"), "inegi", "^"),
    "planned": (Note("planned, not a count"), "muted", "x"),
}


SPECIFICATION_NAMES = {
    "main": Note("Within states, same month"),
    "other_source": Note("The other source of homicides"),
    "lag": Note("Guards three months earlier"),
    "lead": Note("Placebo: guards three months later"),
    "control": Note("Negative control: negligent homicide"),
    "trend": Note("With a trend for each state"),
    "between": Note("Between states: no state effects"),
    "as_found": Note("Guard figures as found, uncorrected"),
}


@styled
def plot_strength(totals: pd.DataFrame, *, ax: Axes | None = None) -> Axes:
    """Draw dated national totals of the Guard, one line a definition.

    Parameters
    ----------
    totals : pandas.DataFrame
        One row a dated total: ``month`` (datetime), ``concept, guards``.
    ax : matplotlib.axes.Axes, optional
        Where to draw; without it, axes of a new figure.

    Examples
    --------
    >>> from analysis import load_table, select_strength
    >>> ax = plot_strength(select_strength(load_table("guard_strength_national")))
    >>> [line.get_label() for line in ax.get_lines()][:3]
    ['total force (Guard)', 'deployed (Guard)', 'assigned (INEGI)']
    """
    ax = new_axes(ax)
    for concept, (name, color, marker) in FAMILIES.items():
        rows = totals[totals["concept"] == concept].sort_values("month", kind="stable")
        x, y = rows["month"], rows["guards"].astype("float64") / 1000
        [line] = ax.plot(x, y, color=LIGHT[color], marker=marker, ms=6, lw=1.4, label=_(name))
        tell(line, rows["guards"], along=x)
    zero_based(ax)
    mark_time(ax, totals["month"].min(), totals["month"].max() + pd.DateOffset(months=3))
    ax.set_ylabel(_("thousand guards"))
    ax.legend(loc="lower right")
    return ax


@styled
def plot_deployment(months: pd.DataFrame, *, ax: Axes | None = None) -> Axes:
    """Draw guards deployed per 100,000 inhabitants, a state against the nation.

    Parameters
    ----------
    months : pandas.DataFrame
        One row a place and month: ``place`` (``state`` or ``nation``), ``name, month,
        guards_per_100k, flags``. Months repeated from an earlier report are hollow, corrected
        ones are squares.
    ax : matplotlib.axes.Axes, optional
        Where to draw; without it, axes of a new figure.

    Examples
    --------
    >>> from analysis import load_panel, select_deployment
    >>> plot_deployment(select_deployment(load_panel(), "Zacatecas")).get_ylabel()
    'guards per 100,000 inhabitants'
    """
    ax, ends = new_axes(ax, height=3.8), []
    for place, color in (("nation", LIGHT["unclear"]), ("state", LIGHT["guard"])):
        rows = months[months["place"] == place].dropna(subset="guards_per_100k")
        if rows.empty:
            continue
        last = rows.iloc[-1]
        ax.step(rows["month"], rows["guards_per_100k"], color=color, where="mid", lw=1.4)
        stale = rows["flags"].str.contains("guards_stale")
        corrected = rows["flags"].str.contains("guards_corrected")
        for chosen, marker, face in (
            (stale & ~corrected, "o", LIGHT["paper"]),
            (~stale & ~corrected, "o", color),
            (corrected, "s", LIGHT["paper"]),
        ):
            some = rows[chosen]
            style: dict[str, Any] = {"marker": marker, "facecolor": face, "edgecolor": color}
            style |= {"s": 22, "zorder": 3, "label": given(last["name"])}
            ax.scatter(some["month"], some["guards_per_100k"], **style)
        ends.append((last["month"], last["guards_per_100k"], given(last["name"]), color))
    zero_based(ax)
    mark_time(ax, months["month"].min(), months["month"].max())
    label_ends(ax, ends)
    ax.set_ylabel(_("guards per 100,000 inhabitants"))
    return ax


@styled
def plot_correlations(correlations: pd.DataFrame, *, ax: Axes | None = None) -> Axes:
    """Draw the four correlations of year-end guards with the national rate, with intervals.

    Parameters
    ----------
    correlations : pandas.DataFrame
        Rows of `fit_guard_annual`: ``term, estimate, conf_low, conf_high, n``.
    ax : matplotlib.axes.Axes, optional
        Where to draw; without it, axes of a new figure.

    Examples
    --------
    >>> from analysis import fit_guard_annual, load_table
    >>> tables = load_table("national_year"), load_table("guard_strength_national")
    >>> ax = plot_correlations(fit_guard_annual(*tables).tidy())
    >>> [label.get_text() for label in ax.get_yticklabels()][:2]
    ['levels (n = 6)', 'year-to-year differences (n = 5)']
    """
    ax = new_axes(ax, height=2.8)
    names = {
        "levels": _("levels"),
        "differences": _("year-to-year differences"),
        "detrended": _("detrended"),
        "time index": _("bare year, no guards"),
    }
    for place, row in enumerate(correlations.itertuples()):
        color = LIGHT["unclear"] if row.term == "time index" else LIGHT["guard"]
        ax.plot([row.conf_low, row.conf_high], [place, place], color=color, lw=2.2)
        ax.plot(row.estimate, place, "o", color=color, ms=8)
    labels = [f"{names[row.term]} (n = {row.n})" for row in correlations.itertuples()]
    ax.set_yticks(range(len(labels)), labels)
    ax.set_ylim(len(labels) - 0.5, -0.5)
    ax.set_xlim(-1.02, 1.02)
    ax.axvline(0, color=LIGHT["muted"], linewidth=1)
    ax.grid(visible=False, axis="y")
    ax.set_xlabel(_("correlation with the national homicide rate, with 95% interval"))
    return ax


@styled
def plot_elasticities(elasticities: pd.DataFrame, *, ax: Axes | None = None) -> Axes:
    """Draw elasticities of several specifications with intervals and what could be detected.

    Parameters
    ----------
    elasticities : pandas.DataFrame
        One row a specification: ``specification, estimate, conf_low, conf_high, detectable``;
        the grey bar is what could not be told from zero.
    ax : matplotlib.axes.Axes, optional
        Where to draw; without it, axes of a new figure.

    Examples
    --------
    >>> rows = pd.DataFrame({"specification": ["main", "other_source"], "estimate": [-0.05, -0.05],
    ...                      "conf_low": [-0.21, -0.2], "conf_high": [0.11, 0.1],
    ...                      "detectable": [0.22, 0.21]})
    >>> [label.get_text() for label in plot_elasticities(rows).get_yticklabels()]
    ['Within states, same month', 'The other source of homicides']
    """
    ax = new_axes(ax, height=0.42 * len(elasticities) + 1.0)
    for place, row in enumerate(elasticities.itertuples()):
        ax.hlines(place, -row.detectable, row.detectable, color=LIGHT["grid"], linewidth=9)
        ax.hlines(place, row.conf_low, row.conf_high, color=LIGHT["guard"], linewidth=2.2)
        ax.plot(row.estimate, place, "o", color=LIGHT["guard"], ms=7)
    names = [_(SPECIFICATION_NAMES[name]) for name in elasticities["specification"]]
    ax.set_yticks(range(len(names)), names)
    ax.set_ylim(len(elasticities) - 0.4, -0.6)
    ax.axvline(0, color=LIGHT["muted"], linewidth=1)
    ax.grid(visible=False, axis="y")
    ax.set_xlabel(_("elasticity, with 95% interval; grey: smaller than could be detected"))
    return ax


@styled
def plot_leave_one_out(without_one: pd.DataFrame, *, ax: Axes | None = None) -> Axes:
    """Draw the elasticity without each state in turn, with intervals.

    Parameters
    ----------
    without_one : pandas.DataFrame
        One row a state left out: ``cve_ent, estimate, conf_low, conf_high``.
    ax : matplotlib.axes.Axes, optional
        Where to draw; without it, axes of a new figure.

    Examples
    --------
    >>> from analysis import load_panel, select_leave_one_out
    >>> some = load_panel().query("cve_ent < '09'")  # eight states, which is quick
    >>> ax = plot_leave_one_out(select_leave_one_out(some))
    >>> sorted(text.get_text() for text in ax.texts)[:2]
    ['without Aguascalientes', 'without Baja California']
    """
    ax = new_axes(ax, height=6.6)
    rows = without_one.sort_values("estimate", ignore_index=True)
    ax.hlines(rows.index, rows["conf_low"], rows["conf_high"], color=LIGHT["guard"], linewidth=1.6)
    ax.scatter(rows["estimate"], rows.index, color=LIGHT["guard"], s=24, zorder=3)
    names = [_("without {state}").format(state=find_state(c).name) for c in rows["cve_ent"]]
    name_rows(ax, rows.index, names)
    ax.set_ylim(-0.7, len(rows) - 0.3)
    ax.axvline(0, color=LIGHT["muted"], linewidth=1)
    ax.grid(visible=False, axis="y")
    ax.set_xlabel(_("elasticity, with 95% interval"))
    return ax
