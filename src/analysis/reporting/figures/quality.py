"""The figure of faults that the rules find."""

from typing import Any

import pandas as pd
from matplotlib.axes import Axes

from analysis.geography import find_state
from analysis.modelling.result import Note
from analysis.reporting.figures.frame import new_axes, styled
from analysis.reporting.style import LIGHT
from analysis.reporting.text import translate as _
from analysis.reporting.values import tell

# What each rule finds, and its mark.
RULES = {
    "permuted": (Note("figure of another state"), "X"),
    "outlier": (Note("outlier"), "o"),
    "zero": (Note("doubtful zero"), "v"),
    "step": (Note("lasting step"), "^"),
    "repeat": (Note("month repeated in all states"), "s"),
    "block": (Note("month repeated in many states"), "D"),
    "copied year": (Note("months repeated a year later"), "d"),
    "truncated": (Note("last month incomplete"), "<"),
    "incomplete": (Note("year incomplete"), "p"),
    "total": (Note("total off"), "h"),
    "population": (Note("implied population off"), "*"),
}
SURENESS = {"certain": Note("certain"), "likely": Note("likely"), "possible": Note("possible")}
MANY = Note("many states")


@styled
def plot_findings(findings: pd.DataFrame, *, ax: Axes | None = None) -> Axes:
    """Draw where and when the rules found something, hollow where it is only possible.

    Parameters
    ----------
    findings : pandas.DataFrame
        Rows of `fit_quality`: ``term`` (rule), ``cve_ent`` (missing where many states are
        concerned), ``month``, ``sure``.
    ax : matplotlib.axes.Axes, optional
        Where to draw; without it, axes of a new figure.

    Examples
    --------
    >>> from analysis import fit_quality, load_panel, load_table
    >>> names = ["national_year", "inegi_homicides_state_year", "inegi_homicides_state_press"]
    >>> frames = [load_panel(corrections="off"), load_panel(), *map(load_table, names)]
    >>> ax = plot_findings(fit_quality(*frames).tidy())
    >>> ax.get_legend_handles_labels()[1][0]
    'month repeated in many states (likely)'
    """
    names = findings["cve_ent"].map(lambda code: find_state(code).name, na_action="ignore")
    places = [*sorted(names.dropna().unique(), reverse=True), MANY]
    ax = new_axes(ax, height=0.32 * len(places) + 1.4)
    rows = findings.assign(
        place=names.fillna(MANY).map(places.index), month=pd.to_datetime(findings["month"])
    )
    for (rule, sure), some in rows.groupby(["term", "sure"], sort=False):
        words, marker = RULES[str(rule)]
        face = LIGHT["paper"] if sure == "possible" else LIGHT["rising"]
        style: dict[str, Any] = {
            "color": LIGHT["rising"],
            "markerfacecolor": face,
            "linestyle": "none",
        }
        label = f"{_(words)} ({_(SURENESS[str(sure)])})"
        [dots] = ax.plot(some["month"], some["place"], marker, ms=7, label=label, **style)
        tell(dots, some["found"], along=findings.loc[some.index, "month"], beside=True)
    ax.set_yticks(range(len(places)), [_(place) if place == MANY else place for place in places])
    ax.set_ylim(-0.6, len(places) - 0.4)
    ax.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=2, fontsize=9.5)
    return ax
