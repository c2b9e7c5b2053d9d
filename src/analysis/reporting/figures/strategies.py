"""Figures of the Guard's roles and of the dates of the strategies."""

from typing import Any

import pandas as pd
from matplotlib.axes import Axes

from analysis.calendar import PRESIDENTS
from analysis.modelling.result import Note
from analysis.reporting.figures.frame import new_axes, styled
from analysis.reporting.style import LIGHT
from analysis.reporting.text import given, number
from analysis.reporting.text import translate as _
from analysis.reporting.values import tell

# What an event is, with its marker.
EVENT_KINDS = {
    "office": (Note("office"), "|"),
    "strategy": (Note("strategy"), "*"),
    "plan": (Note("plan"), "P"),
    "law": (Note("law or accord"), "s"),
    "court": (Note("court ruling"), "X"),
    "force": (Note("force"), "^"),
    "document": (Note("audited document"), "D"),
}


@styled
def plot_guard_roles(roles: pd.DataFrame, *, ax: Axes | None = None) -> Axes:
    """Draw the Guard's roles by their level of priority.

    Parameters
    ----------
    roles : pandas.DataFrame
        From `analysis.select_guard_roles`. Diamonds are roles to be strengthened.
    ax : matplotlib.axes.Axes, optional
        Where to draw; without it, axes of a new figure.

    Examples
    --------
    >>> from analysis import load_table, select_guard_roles
    >>> ax = plot_guard_roles(select_guard_roles(load_table("guard_roles")))
    >>> ax.get_yticklabels()[0].get_text()
    'prevention: 10'
    """
    ax = new_axes(ax, height=6.0)
    rows = roles.reset_index(drop=True)
    ax.hlines(rows.index, 0, rows["level"], color=LIGHT["grid"], linewidth=2)
    for wanted, marker, face, words in (
        ("no", "o", LIGHT["guard"], _("role")),
        ("yes", "D", LIGHT["paper"], _("role to be strengthened")),
    ):
        some = rows[rows["to_strengthen"] == wanted]
        style: dict[str, Any] = {"facecolor": face, "edgecolor": LIGHT["guard"], "s": 46}
        style |= {"marker": marker, "linewidth": 1.8, "zorder": 3}
        dots = ax.scatter(some["level"], some.index, label=words, **style)
        tell(dots, some["level"], along=some["role"], beside=True)
    # The level stands beside the name too: on a narrow screen the markers are out of sight.
    names = [f"{given(row.role)}: {number(row.level)}" for row in rows.itertuples()]
    ax.set_yticks(rows.index, names, fontsize=9.5)
    ax.set_ylim(len(rows) - 0.4, -0.6)
    ax.set_xlim(0, 10.5)
    ax.set_xticks(range(1, 11))
    ax.grid(visible=False, axis="y")
    ax.set_xlabel(_("level of priority, 10 is the highest"))
    ax.legend(loc="lower left", ncols=2, bbox_to_anchor=(0, 1))
    return ax


@styled
def plot_strategy_dates(dates: pd.DataFrame, *, ax: Axes | None = None) -> Axes:
    """Draw dated events of the strategies, a row an event, a lane an administration.

    Parameters
    ----------
    dates : pandas.DataFrame
        From `analysis.select_strategy_dates`.
    ax : matplotlib.axes.Axes, optional
        Where to draw; without it, axes of a new figure.

    Examples
    --------
    >>> from analysis import load_table, select_strategy_dates
    >>> ax = plot_strategy_dates(select_strategy_dates(load_table("strategy_timeline")))
    >>> ax.get_legend_handles_labels()[1]
    ['office', 'strategy', 'plan', 'law or accord', 'court ruling', 'force', 'audited document']
    """
    ax = new_axes(ax, height=7.6)
    rows = dates.sort_values("day", kind="stable", ignore_index=True)
    for lane, (term, some) in enumerate(rows.groupby("term", sort=False)):
        low, high = some.index.min() - 0.5, some.index.max() + 0.5
        if lane % 2 == 0:
            ax.axhspan(low, high, color=LIGHT["band"], linewidth=0, zorder=0)
        ax.annotate(
            PRESIDENTS[term],
            (-0.01, (low + high) / 2),
            xycoords=ax.get_yaxis_transform(),
            ha="right",
            va="center",
            fontsize=10.5,
            fontweight="bold",
        )
    for kind, (name, marker) in EVENT_KINDS.items():
        some = rows[rows["kind"] == kind]
        color = LIGHT["guard"] if kind == "force" else LIGHT["ink"]
        ax.scatter(some["day"], some.index, marker=marker, color=color, s=44, label=_(name))
    late = rows["day"] > rows["day"].min() + (rows["day"].max() - rows["day"].min()) / 2
    for place, row in rows.iterrows():
        ax.annotate(
            given(row["label"]),
            (row["day"], place),
            xytext=(-8, 0) if late[place] else (8, 0),
            textcoords="offset points",
            ha="right" if late[place] else "left",
            va="center",
            fontsize=9.5,
        )
    ax.set_yticks([])
    ax.set_ylim(len(rows) - 0.5, -0.5)
    ax.grid(visible=False, axis="y")
    ax.legend(loc="lower left", ncols=4, bbox_to_anchor=(-0.1, 1), fontsize=9.5, columnspacing=1.2)
    return ax
