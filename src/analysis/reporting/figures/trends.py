"""Figures of trends by state, coloured by the evidence of change."""

from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from analysis.geography import State, find_state, states
from analysis.reporting.figures.frame import (
    label_ends,
    mark_time,
    name_rows,
    new_axes,
    styled,
    zero_based,
)
from analysis.reporting.style import LIGHT
from analysis.reporting.text import change, number
from analysis.reporting.text import translate as _
from analysis.reporting.values import tell

ARROWS = {"rising": "▲", "falling": "▼", "unclear": "•"}
DIRECTIONS = {"rising": "rising", "falling": "falling", "unclear": "unclear"}


def _tile(ax: Axes, state: State, color: str, drawn: float, text: str) -> None:
    corner = (state.tile_col + 0.04, -state.tile_row - 0.96)
    style: dict[str, Any] = {"facecolor": "none", "edgecolor": color, "linewidth": 1.8}
    tile = ax.add_patch(Rectangle(corner, 0.92, 0.92, label=state.name, **style))
    tell(tile, [drawn], along=[state.cve_ent])
    lines = [state.abbreviation, text]
    for place, text in zip((0.28, 0.68), lines, strict=True):
        ax.text(
            state.tile_col + 0.5,
            -state.tile_row - place,
            text,
            ha="center",
            va="center",
            fontsize=10 if place < 0.5 else 9.5,
            fontweight="bold" if place < 0.5 else "normal",
            color=LIGHT["ink"] if place < 0.5 else color,
        )


@styled
def plot_trend_map(trends: pd.DataFrame, *, ax: Axes | None = None) -> Axes:
    """Draw the states' trends on the tile grid: sign, percent a year, and how clear it is.

    Parameters
    ----------
    trends : pandas.DataFrame
        One row a state: ``cve_ent, estimate`` (% a year), ``direction``.
    ax : matplotlib.axes.Axes, optional
        Where to draw; without it, axes of a new figure.

    Examples
    --------
    >>> from analysis import fit_state_trend, load_panel
    >>> ax = plot_trend_map(fit_state_trend(load_panel()).tidy())
    >>> [text.get_text() for text in ax.texts][:2]
    ['AGS', '• +5%']
    """
    ax = new_axes(ax, height=5.4)
    rows = trends.dropna(subset=["cve_ent"]).set_index("cve_ent")
    for state in states():
        row = rows.loc[state.cve_ent]
        text = f"{ARROWS[row['direction']]} {change(row['estimate'], 0)}"
        _tile(ax, state, LIGHT[row["direction"]], row["estimate"], text)
    for place, direction in enumerate(DIRECTIONS):
        words = f"{ARROWS[direction]} {_(DIRECTIONS[direction])}"
        ax.text(7.2, -0.4 - 0.42 * place, words, color=LIGHT[direction], fontsize=11)
    ax.set_xlim(0, 10)
    ax.set_ylim(-6, 0)
    ax.axis("off")
    return ax


@styled
def plot_trends(
    trends: pd.DataFrame, *, highlight: str | None = None, ax: Axes | None = None
) -> Axes:
    """Draw every state's trend with its interval, and the pooled trend with its prediction.

    Parameters
    ----------
    trends : pandas.DataFrame
        Rows of `fit_state_trend`: ``term, cve_ent, estimate, conf_low, conf_high`` (% a year),
        ``direction``, ``predict_low, predict_high`` in the pooled row.
    highlight : str, optional
        A state written in bold.
    ax : matplotlib.axes.Axes, optional
        Where to draw; without it, axes of a new figure.

    Examples
    --------
    >>> from analysis import fit_state_trend, load_panel
    >>> panel = load_panel()
    >>> some = [fit_state_trend(panel, state=name).tidy() for name in ("COL", "JAL", "MICH")]
    >>> ax = plot_trends(pd.concat(some), highlight="Colima")
    >>> [text.get_text() for text in ax.texts]
    ['Michoacán', 'Jalisco', 'Colima']
    """
    ax = new_axes(ax, height=7.2)
    rows = trends[trends["term"] != "pooled"].sort_values("estimate", ignore_index=True)
    colors = rows["direction"].map(LIGHT)
    ax.hlines(rows.index, rows["conf_low"], rows["conf_high"], color=colors, linewidth=1.8)
    for direction, marker in (("rising", "^"), ("falling", "v"), ("unclear", "o")):
        some = rows[rows["direction"] == direction]
        style: dict[str, Any] = {"marker": marker, "color": LIGHT[direction], "s": 30, "zorder": 3}
        ax.scatter(some["estimate"], some.index, label=_(DIRECTIONS[direction]), **style)
    names = dict(zip(rows.index, (find_state(code).name for code in rows["cve_ent"]), strict=True))
    pooled = trends[trends["term"] == "pooled"]
    if len(pooled):
        row = pooled.iloc[0]
        ax.hlines(-1.6, row["predict_low"], row["predict_high"], color=LIGHT["grid"], linewidth=7)
        ax.hlines(-1.6, row["conf_low"], row["conf_high"], color=LIGHT["ink"], linewidth=2.6)
        ax.plot(row["estimate"], -1.6, "D", color=LIGHT["ink"], ms=6)
        names[-1.6] = _("pooled (grey: prediction interval)")
    name_rows(ax, names, names.values(), bold=find_state(highlight).name if highlight else "")
    ax.axvline(0, color=LIGHT["muted"], linewidth=1)
    ax.set_ylim(-2.4, len(rows) - 0.3)
    ax.grid(visible=False, axis="y")
    ax.set_xlabel(_("% a year, with 95% interval"))
    ax.legend(loc="lower left", ncols=3, bbox_to_anchor=(0, 1))
    return ax


@styled
def plot_trend_line(line: pd.DataFrame, *, ax: Axes | None = None) -> Axes:
    """Draw one state's monthly rates and its fitted trend with the interval of the mean.

    Parameters
    ----------
    line : pandas.DataFrame
        One row a month: ``month, observed, fitted, conf_low, conf_high`` per 100,000
        person-years.
    ax : matplotlib.axes.Axes, optional
        Where to draw; without it, axes of a new figure.

    Examples
    --------
    >>> from analysis import fit_state_trend, load_panel, select_trend_line
    >>> trend = fit_state_trend(load_panel(), state="Colima")
    >>> plot_trend_line(select_trend_line(trend, "Colima")).get_ylabel()
    'per 100,000 person-years'
    """
    ax = new_axes(ax)
    style: dict[str, Any] = {"color": LIGHT["unclear"], "label": _("observed")}
    ax.scatter(line["month"], line["observed"], s=12, linewidth=0, **style)
    low, high = line["conf_low"], line["conf_high"]
    ax.fill_between(line["month"], low, high, color=LIGHT["sesnsp"], alpha=0.2, linewidth=0)
    ax.plot(line["month"], line["fitted"], color=LIGHT["sesnsp"], label=_("trend"))
    zero_based(ax)
    mark_time(ax, line["month"].min(), line["month"].max())
    last = line.iloc[-1]
    label_ends(ax, [(last["month"], last["fitted"], _("trend"), LIGHT["sesnsp"])])
    ax.set_ylabel(_("per 100,000 person-years"))
    return ax


@styled
def plot_neighbours(rates: pd.DataFrame, *, highlight: str, ax: Axes | None = None) -> Axes:
    """Draw a state and the states around it on the tile grid, rate and evidence of change.

    Parameters
    ----------
    rates : pandas.DataFrame
        One row a state: ``cve_ent, rate`` per 100,000 person-years, ``direction``.
    highlight : str
        The state in the middle.
    ax : matplotlib.axes.Axes, optional
        Where to draw; without it, axes of a new figure.

    Examples
    --------
    >>> from analysis import load_panel, select_recent_rates
    >>> rates = select_recent_rates(load_panel()).query("state in ['Colima', 'Jalisco']")
    >>> ax = plot_neighbours(rates.assign(direction="unclear"), highlight="Colima")
    >>> [text.get_text() for text in ax.texts][:2]
    ['COL', '• 94.0']
    """
    ax = new_axes(ax, height=3.6)
    centre = find_state(highlight)
    for row in rates.itertuples():
        state = find_state(row.cve_ent)
        text = f"{ARROWS[row.direction]} {number(row.rate, 1)}"
        _tile(ax, state, LIGHT[row.direction], row.rate, text)
        if state == centre:
            corner = (state.tile_col + 0.04, -state.tile_row - 0.96)
            ax.add_patch(Rectangle(corner, 0.92, 0.92, facecolor=LIGHT["band"], zorder=0))
    ax.set_xlim(centre.tile_col - 2.6, centre.tile_col + 3.6)
    ax.set_ylim(-centre.tile_row - 2.1, -centre.tile_row + 1.1)
    ax.axis("off")
    return ax
