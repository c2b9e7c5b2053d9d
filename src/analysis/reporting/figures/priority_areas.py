"""Figures of the priority cities."""

from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from analysis.modelling.result import Note
from analysis.reporting.figures.frame import new_axes, new_panels, styled, zero_based
from analysis.reporting.figures.trends import DIRECTIONS
from analysis.reporting.style import LIGHT
from analysis.reporting.text import number
from analysis.reporting.text import translate as _

KINDS = {
    "deaths": (Note("INEGI deaths by year"), "inegi"),
    "files": (Note("SESNSP investigation files by month"), "sesnsp"),
    "quoted": (Note("Counts quoted from the press or an office"), "guard"),
}


def _mark_gap(panel: Axes, first: Any, last: Any, text: str) -> None:
    """Shade the time without figures and say so."""
    panel.axvspan(first, last, color=LIGHT["band"], linewidth=0, zorder=0)
    middle = first + (last - first) / 2
    panel.text(
        middle,
        0.5,
        text,
        transform=panel.get_xaxis_transform(),
        rotation=90,
        ha="center",
        va="center",
        fontsize=8.5,
        color=LIGHT["muted"],
    )


@styled
def plot_city_coverage(coverage: pd.DataFrame, *, ax: Axes | None = None) -> Axes:
    """Draw what is held for each city and year, one block of rows a kind of figure.

    Parameters
    ----------
    coverage : pandas.DataFrame
        From `analysis.select_city_coverage`. A full square is a whole year, an open one part of
        it; where a row is a bare line there is nothing.

    Examples
    --------
    >>> from analysis import load_table, select_city_coverage
    >>> ax = plot_city_coverage(select_city_coverage(load_table("homicides_priority_cities")))
    >>> ax.get_yticklabels()[0].get_text()
    'Acapulco'
    """
    ax = new_axes(ax, height=7.6)
    ticks, labels = [], []
    for block, (kind, (name, color)) in enumerate(KINDS.items()):
        rows = coverage[coverage["kind"] == kind]
        cities = sorted(rows["place"].unique())
        base = block * (len(cities) + 2)
        y = rows["place"].map({city: base + place for place, city in enumerate(cities)})
        for held, face in (("year", color), ("part", "paper")):
            some = rows["held"] == held
            style: dict[str, Any] = {"facecolor": LIGHT[face], "edgecolor": LIGHT[color], "s": 42}
            style |= {"marker": "s", "linewidth": 1.3, "zorder": 3, "label": f"{kind} {held}"}
            ax.scatter(rows.loc[some, "year"], y[some], **style)
        ax.text(1989.4, base - 1, _(name), color=LIGHT[color], fontweight="bold", va="center")
        ticks += [base + place for place in range(len(cities))]
        labels += cities
    ax.set_yticks(ticks, labels, fontsize=8.5)
    ax.set_ylim(max(ticks) + 0.8, -1.8)
    ax.set_xlim(1989.2, 2025.8)
    return ax


@styled
def plot_city_deaths(deaths: pd.DataFrame, *, gaps: pd.DataFrame, ax: Axes | None = None) -> Axes:
    """Draw INEGI's homicides of each city by year, each on its own scale.

    Parameters
    ----------
    deaths : pandas.DataFrame
        From `analysis.select_city_deaths`.
    gaps : pandas.DataFrame
        From `analysis.select_city_gaps`: the years without an official figure are shaded.

    Examples
    --------
    >>> from analysis import load_table, select_city_coverage, select_city_deaths, select_city_gaps
    >>> table = load_table("homicides_priority_cities")
    >>> gaps = select_city_gaps(select_city_coverage(table))
    >>> len(plot_city_deaths(select_city_deaths(table), gaps=gaps).child_axes)
    10
    """
    ax = new_axes(ax, height=8.4)
    cities = sorted(deaths["place"].unique())
    for panel, city in zip(new_panels(ax, len(cities), 2, gap=(0.1, 0.075)), cities, strict=True):
        rows = deaths[deaths["place"] == city].sort_values("year")
        style: dict[str, Any] = {"color": LIGHT["inegi"], "marker": "o", "label": city}
        panel.plot(rows["year"], rows["deaths"], ms=2.5, lw=1.3, **style)
        peaks = rows[rows["deaths"] == rows["deaths"].max()]
        peak = peaks.iloc[0]
        years = ", ".join(str(year) for year in peaks["year"])
        panel.annotate(
            f"{number(peak['deaths'])} ({years})",
            (peak["year"], peak["deaths"]),
            xytext=(3, 3),
            textcoords="offset points",
            ha="right",
            fontsize=8.5,
            color=LIGHT["inegi"],
        )
        for gap in gaps[gaps["place"] == city].itertuples():
            _mark_gap(panel, gap.first - 0.5, gap.last + 0.5, _("no data"))
        zero_based(panel, room=1.3)
        panel.set_xlim(1989, 2026)
        _small(panel, city)
        panel.xaxis.set_major_locator(MaxNLocator(4, integer=True))
    return ax


def _small(panel: Axes, title: str) -> None:
    panel.set_title(title, fontsize=9.5, fontweight="bold", pad=3)
    panel.tick_params(labelsize=8.5)
    panel.yaxis.set_major_locator(MaxNLocator(3, integer=True))


@styled
def plot_city_files(files: pd.DataFrame, *, gaps: pd.DataFrame, ax: Axes | None = None) -> Axes:
    """Draw investigation files of each city by month, each on its own scale.

    Parameters
    ----------
    files : pandas.DataFrame
        From `analysis.select_city_files`. Hollow months are preliminary.
    gaps : pandas.DataFrame
        From `analysis.select_city_gaps`: the years without an official figure are shaded.

    Examples
    --------
    >>> from analysis import load_table, select_city_coverage, select_city_files, select_city_gaps
    >>> table = load_table("homicides_priority_cities")
    >>> gaps = select_city_gaps(select_city_coverage(table))
    >>> len(plot_city_files(select_city_files(table), gaps=gaps).child_axes) > 5
    True
    """
    ax = new_axes(ax, height=8.4)
    cities = sorted(files["place"].unique())
    for panel, city in zip(new_panels(ax, len(cities), 2, gap=(0.1, 0.075)), cities, strict=True):
        rows = files[files["place"] == city].sort_values("month")
        draw_counts(panel, rows["month"], rows["files"], rows["status"] == "preliminary", city)
        for gap in gaps[gaps["place"] == city].itertuples():
            first, after = pd.Timestamp(f"{gap.first}"), pd.Timestamp(f"{gap.last + 1}")
            _mark_gap(panel, first, after, _("no data"))
        zero_based(panel)
        panel.set_xlim(pd.Timestamp("2015-12"), pd.Timestamp("2026-01"))
        _small(panel, city)
        years = ["2016", "2018", "2020", "2022", "2024"]
        panel.set_xticks([pd.Timestamp(year) for year in years], years)
    return ax


def draw_counts(
    panel: Axes, month: pd.Series, counts: pd.Series, hollow: pd.Series, place: str
) -> None:
    """Draw SESNSP's monthly counts: a thin line and a dot a month, hollow where preliminary."""
    color = LIGHT["sesnsp"]
    panel.plot(month, counts, color=color, lw=0.9, label=place)
    for chosen, face in ((hollow, LIGHT["paper"]), (~hollow, color)):
        style: dict[str, Any] = {"facecolor": face, "edgecolor": color, "s": 9, "zorder": 3}
        panel.scatter(month[chosen], counts[chosen], linewidth=0.9, **style)


@styled
def plot_city_change(change: pd.DataFrame, *, ax: Axes | None = None) -> Axes:
    """Draw each city's change in files with both intervals, coloured by the evidence.

    Parameters
    ----------
    change : pandas.DataFrame
        From `analysis.select_city_change`: the thick line is chance alone, the thin one allows
        for months that vary more.

    Examples
    --------
    >>> from analysis import load_table, select_city_change, select_city_files
    >>> files = select_city_files(load_table("homicides_priority_cities"))
    >>> plot_city_change(select_city_change(files)).get_xlabel()
    '% change in files, with 95% intervals'
    """
    ax = new_axes(ax, height=4.2)
    rows = change.sort_values("estimate", ascending=False, ignore_index=True)
    colors = rows["direction"].map(LIGHT)
    ax.hlines(rows.index, rows["conf_low"], rows["conf_high"], color=colors, linewidth=1.2)
    ax.hlines(rows.index, rows["exact_low"], rows["exact_high"], color=colors, linewidth=3.4)
    for direction, marker in (("rising", "^"), ("falling", "v"), ("unclear", "o")):
        some = rows[rows["direction"] == direction]
        style: dict[str, Any] = {"marker": marker, "edgecolor": LIGHT[direction], "s": 62}
        style |= {"facecolor": LIGHT["paper"], "linewidth": 1.8, "zorder": 3}
        ax.scatter(some["estimate"], some.index, label=_(DIRECTIONS[direction]), **style)
    for place, row in rows.iterrows():
        words = _("{before} to {after}").format(
            before=number(row["before"]), after=number(row["after"])
        )
        ax.annotate(
            words,
            (1.01, place),
            xycoords=ax.get_yaxis_transform(),
            va="center",
            fontsize=9.5,
            color=LIGHT["muted"],
        )
    ax.set_yticks(rows.index, rows["place"])
    ax.set_ylim(-0.7, len(rows) - 0.3)
    ax.axvline(0, color=LIGHT["muted"], linewidth=1)
    ax.grid(visible=False, axis="y")
    ax.set_xlabel(_("% change in files, with 95% intervals"))
    ax.legend(loc="lower left", ncols=3, bbox_to_anchor=(0, 1))
    return ax
