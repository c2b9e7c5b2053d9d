"""Figures of what would have been, and of what may come."""

from typing import Any

import pandas as pd
from matplotlib.axes import Axes

from analysis.modelling.result import Note
from analysis.reporting.figures.frame import (
    label_ends,
    mark_time,
    new_axes,
    styled,
    write_tick,
    zero_based,
)
from analysis.reporting.figures.smooth import draw_months, line_color
from analysis.reporting.style import LIGHT
from analysis.reporting.text import translate as _

MODEL_NAMES = {
    "naive": Note("rate of the last month"),
    "seasonal naive": Note("rate of a year before"),
    "drift": Note("last month and mean step"),
    "ETS": Note("exponential smoothing (ETS)"),
    "SARIMA": Note("seasonal ARIMA"),
    "ARIMA with season": Note("ARIMA with Fourier season"),
    "unobserved components": Note("unobserved components"),
}
# A fan is drawn up to this many times the highest month, else nothing else could be read.
AXIS = 4
# What a difference from the expected says, and the colour of that evidence.
VERDICTS = {"fewer": "falling", "more": "rising", "unclear": "unclear", "uninformative": "unclear"}
FAN = 0.16


def _fan(ax: Axes, rows: pd.DataFrame, ends: list[tuple[str, str]], color: str) -> None:
    for low, high in ends:
        ax.fill_between(rows["month"], rows[low], rows[high], color=color, alpha=FAN, linewidth=0)


@styled
def plot_counterfactual(months: pd.DataFrame, *, ax: Axes | None = None) -> Axes:
    """Draw the counts observed, and those expected after the event with their 80 and 95 % fan.

    Parameters
    ----------
    months : pandas.DataFrame
        One row a month, from `select_counterfactual`: ``month, observed, expected,
        expected_low, expected_high, low_80, high_80, source``, ``flags`` where known.
    ax : matplotlib.axes.Axes, optional
        Where to draw; without it, axes of a new figure.

    Examples
    --------
    >>> from analysis import estimate_counterfactual, select_counterfactual
    >>> months = pd.date_range("2015-01", periods=48, freq="MS")
    >>> frame = pd.DataFrame({"month": months, "deaths": [100, 104, 99, 101] * 9 + [50] * 12})
    >>> names = {"outcome": "deaths", "time": "month", "event": "2018-01"}
    >>> result = estimate_counterfactual(frame, **names, draws=200)
    >>> plot_counterfactual(select_counterfactual(result)).get_ylabel()
    'homicides a month'
    """
    ax, color = new_axes(ax), line_color(months)
    after = months.dropna(subset=["expected"])
    _fan(ax, after, [("expected_low", "expected_high"), ("low_80", "high_80")], LIGHT["unclear"])
    names = {"observed": _("observed"), "expected": _("expected")}
    style: dict[str, Any] = {"color": LIGHT["muted"], "linestyle": (0, (4, 2))}
    ax.plot(after["month"], after["expected"], label=names["expected"], **style)
    ax.plot(months["month"], months["observed"], color=color, lw=1, label=names["observed"])
    draw_months(ax, months)
    zero_based(ax)
    ax.set_ylim(0, min(ax.get_ylim()[1], AXIS * months["observed"].max()))
    ax.axvline(after["month"].iloc[0], color=LIGHT["ink"], linewidth=1)
    mark_time(ax, months["month"].min(), months["month"].max())
    last = after.iloc[-1]
    ends = [
        (last["month"], last["observed"], names["observed"], color),
        (last["month"], last["expected"], names["expected"], LIGHT["muted"]),
    ]
    label_ends(ax, ends)
    ax.set_ylabel(_("homicides a month"))
    return ax


@styled
def plot_cumulative(months: pd.DataFrame, *, verdict: str, ax: Axes | None = None) -> Axes:
    """Draw observed less expected homicides summed from the event on, with the 95 % fan.

    Parameters
    ----------
    months : pandas.DataFrame
        One row a month from the event on, from `select_cumulative`: ``month, cumulative,
        cumulative_low, cumulative_high``.
    verdict : str
        ``fewer, more, unclear`` or ``uninformative``: colours the line by the evidence.
    ax : matplotlib.axes.Axes, optional
        Where to draw; without it, axes of a new figure.

    Examples
    --------
    >>> months = pd.DataFrame({"month": pd.date_range("2019-07", periods=3, freq="MS"),
    ...                        "cumulative": [-40, -95, -160], "cumulative_low": [-90, -190, -310],
    ...                        "cumulative_high": [10, 0, -10]})
    >>> plot_cumulative(months, verdict="fewer").get_ylabel()
    'observed less expected'
    """
    ax, color = new_axes(ax, height=3.2), LIGHT[VERDICTS[verdict]]
    _fan(ax, months, [("cumulative_low", "cumulative_high")], color)
    ax.axhline(0, color=LIGHT["muted"], linewidth=1)
    ax.plot(months["month"], months["cumulative"], color=color)
    ax.yaxis.set_major_formatter(write_tick)
    ax.grid(visible=False, axis="x")
    mark_time(ax, months["month"].min(), months["month"].max())
    ax.set_ylabel(_("observed less expected"))
    return ax


@styled
def plot_forecast(months: pd.DataFrame, *, ax: Axes | None = None) -> Axes:
    """Draw the last months observed and the forecast with its 80 and 95 % fan.

    Parameters
    ----------
    months : pandas.DataFrame
        One row a month, from `select_forecast`: ``month, observed, estimate, conf_low,
        conf_high, low_80, high_80`` per 100,000 person-years, ``source``, ``flags`` where known.
    ax : matplotlib.axes.Axes, optional
        Where to draw; without it, axes of a new figure.

    Examples
    --------
    >>> months = pd.DataFrame({"month": pd.date_range("2025-05", periods=3, freq="MS"),
    ...                        "observed": [19.5, 18.9, None], "estimate": [None, None, 19.0],
    ...                        "low_80": [None, None, 17.5], "high_80": [None, None, 20.6],
    ...                        "conf_low": [None, None, 16.8], "conf_high": [None, None, 21.5]})
    >>> plot_forecast(months.assign(source="sesnsp")).get_ylabel()
    'per 100,000 person-years'
    """
    ax, color = new_axes(ax, height=3.6), line_color(months)
    known, ahead = months.dropna(subset=["observed"]), months.dropna(subset=["estimate"])
    _fan(ax, ahead, [("conf_low", "conf_high"), ("low_80", "high_80")], color)
    ax.plot(known["month"], known["observed"], color=color, linewidth=1, label=_("observed"))
    draw_months(ax, months)
    name = _("forecast")
    ax.plot(ahead["month"], ahead["estimate"], color=color, linestyle=(0, (4, 2)), label=name)
    zero_based(ax, room=1.3)
    mark_time(ax, months["month"].min(), months["month"].max())
    last = ahead.iloc[-1]
    label_ends(ax, [(last["month"], last["estimate"], name, color)])
    ax.set_ylabel(_("per 100,000 person-years"))
    return ax


@styled
def plot_backtest(scores: pd.DataFrame, *, ax: Axes | None = None) -> Axes:
    """Draw each model's score on the past, the best in ink.

    Parameters
    ----------
    scores : pandas.DataFrame
        One row a model, from `select_backtest`: ``term, wis, winner``.
    ax : matplotlib.axes.Axes, optional
        Where to draw; without it, axes of a new figure.

    Examples
    --------
    >>> scores = pd.DataFrame({"term": ["SARIMA", "naive"], "wis": [1.2, 1.9],
    ...                        "winner": [True, False]})
    >>> [label.get_text() for label in plot_backtest(scores).get_yticklabels()]
    ['rate of the last month', 'seasonal ARIMA']
    """
    ax = new_axes(ax, height=3.0)
    rows = scores.sort_values("wis", ascending=False, kind="stable", ignore_index=True)
    colors = [LIGHT["ink"] if won else LIGHT["unclear"] for won in rows["winner"]]
    ax.hlines(rows.index, 0, rows["wis"], color=LIGHT["grid"], linewidth=1.2)
    ax.scatter(rows["wis"], rows.index, color=colors, s=40, zorder=3)
    ax.set_yticks(rows.index, [_(MODEL_NAMES[term]) for term in rows["term"]], fontsize=9.5)
    for label, won in zip(ax.get_yticklabels(), rows["winner"], strict=True):
        label.set_fontweight("bold" if won else "normal")
    ax.set_xlim(0)
    ax.grid(visible=False, axis="y")
    ax.set_xlabel(_("weighted interval score per 100,000 person-years: less is better"))
    return ax
