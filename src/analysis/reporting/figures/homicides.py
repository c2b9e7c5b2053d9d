"""Figures of homicide counts and rates."""

from typing import Any

import pandas as pd
from matplotlib.axes import Axes

from analysis.calendar import PRESIDENTS
from analysis.geography import find_state, states
from analysis.modelling.result import Note
from analysis.reporting.figures.frame import (
    PLACES,
    draw_places,
    label_ends,
    mark_time,
    name_rows,
    new_axes,
    styled,
    zero_based,
)
from analysis.reporting.style import LIGHT
from analysis.reporting.text import translate as _
from analysis.reporting.values import tell

SOURCE_NAMES = {"sesnsp": Note("SESNSP victims"), "inegi": Note("INEGI deaths")}
# Flags whose months are drawn hollow, by source.
MARKED = {
    "sesnsp": "sesnsp_filled|sesnsp_missing|sesnsp_preliminary|sesnsp_press",
    "inegi": "inegi_incomplete",
}


@styled
def plot_rates(months: pd.DataFrame, *, ax: Axes | None = None) -> Axes:
    """Draw monthly homicide rates of both sources and the rates of twelve months.

    Parameters
    ----------
    months : pandas.DataFrame
        One row a month, from `select_twelve_months`: ``month, rate_sesnsp, rate_inegi,
        year_rate_sesnsp, year_rate_inegi`` per 100,000 person-years, ``flags``. Months with a
        flag of a source are drawn hollow.
    ax : matplotlib.axes.Axes, optional
        Where to draw; without it, axes of a new figure.

    Examples
    --------
    >>> from analysis import load_table, select_twelve_months
    >>> ax = plot_rates(select_twelve_months(load_table("national_month")))
    >>> [text.get_text().strip() for text in ax.texts][-2:], ax.get_ylabel()
    (['SESNSP victims', 'INEGI deaths'], 'per 100,000 person-years')
    """
    ax = new_axes(ax)
    months, ends = months.sort_values("month"), []
    for source, name in SOURCE_NAMES.items():
        rate = months.set_index("month")[f"rate_{source}"].dropna()
        if rate.empty:
            continue
        color = LIGHT[source]
        flags = months.set_index("month")["flags"].reindex(rate.index)
        hollow = flags.str.contains(MARKED[source])
        style: dict[str, Any] = {"edgecolor": color, "label": _(name)}
        full, open_ = rate[~hollow], rate[hollow]
        ax.scatter(full.index, full, s=7, facecolor=color, alpha=0.55, linewidth=0, **style)
        ax.scatter(open_.index, open_, s=9, facecolor="none", lw=0.7, **style)
        year = months.set_index("month")[f"year_rate_{source}"]
        words = _("{source}, twelve months").format(source=_(name))
        ax.plot(year.index, year, color=color, label=words)
        last = year.dropna()
        ends += [(last.index[-1], last.iloc[-1], _(name), color)] if len(last) else []
    zero_based(ax)
    mark_time(ax, months["month"].min(), months["month"].max())
    label_ends(ax, ends)
    ax.set_ylabel(_("per 100,000 person-years"))
    return ax


@styled
def plot_administrations(rates: pd.DataFrame, *, ax: Axes | None = None) -> Axes:
    """Draw the mean rate of each administration with its interval, by source.

    Parameters
    ----------
    rates : pandas.DataFrame
        One row an administration and source: ``term, source, estimate, conf_low, conf_high,
        flags``, hollow where a month has a flag; ratio rows are left out.
    ax : matplotlib.axes.Axes, optional
        Where to draw; without it, axes of a new figure.

    Examples
    --------
    >>> from analysis import load_table, select_administrations
    >>> ax = plot_administrations(select_administrations(load_table("national_month")))
    >>> [label.get_text() for label in ax.get_yticklabels()]
    ['Fox', 'Calderón', 'Peña Nieto', 'López Obrador', 'Sheinbaum']
    """
    ax = new_axes(ax, height=3.2)
    rates = rates[rates["term"].isin(list(PRESIDENTS))]
    terms, named = [term for term in PRESIDENTS if term in set(rates["term"])], []
    for shift, marker, source in zip((-0.13, 0.13), "os", SOURCE_NAMES, strict=True):
        rows = rates[rates["source"] == source]
        y = rows["term"].map(terms.index) + shift
        ax.hlines(y, rows["conf_low"], rows["conf_high"], color=LIGHT[source], linewidth=2.2)
        style: dict[str, Any] = {"color": LIGHT[source], "label": _(SOURCE_NAMES[source]), "ms": 7}
        hollow = rows["flags"].ne("")
        named += ax.plot(rows["estimate"][~hollow], y[~hollow], marker, **style)
        ax.plot(rows["estimate"][hollow], y[hollow], marker, mfc=LIGHT["paper"], **style)
    ax.set_yticks(range(len(terms)), [PRESIDENTS[term] for term in terms])
    ax.invert_yaxis()
    ax.grid(visible=False, axis="y")
    ax.set_xlim(0)
    ax.set_xlabel(_("homicides per 100,000 person-years, with 95% interval"))
    ax.legend(handles=named, loc="lower left", ncols=2, bbox_to_anchor=(0, 1))
    return ax


@styled
def plot_ranking(
    rates: pd.DataFrame, *, highlight: str | None = None, ax: Axes | None = None
) -> Axes:
    """Draw the states' rates in order, one of them highlighted.

    Parameters
    ----------
    rates : pandas.DataFrame
        One row a state: ``cve_ent, state, rate, conf_low, conf_high``.
    highlight : str, optional
        Name, code or abbreviation of a state.
    ax : matplotlib.axes.Axes, optional
        Where to draw; without it, axes of a new figure.

    Examples
    --------
    >>> from analysis import load_panel, select_recent_rates
    >>> ax = plot_ranking(select_recent_rates(load_panel()), highlight="Colima")
    >>> [text.get_text() for text in ax.texts][-2:]  # the highest rates stand above
    ['Morelos', 'Colima']
    """
    ax = new_axes(ax, height=6.6)
    rows = rates.sort_values("rate", ignore_index=True)
    bold = find_state(highlight).name if highlight else ""
    colors = [LIGHT["ink"] if name == bold else LIGHT["unclear"] for name in rows["state"]]
    ax.hlines(rows.index, rows["conf_low"], rows["conf_high"], color=colors, linewidth=1.6)
    ax.scatter(rows["rate"], rows.index, color=colors, s=26, zorder=3)
    name_rows(ax, rows.index, rows["state"], bold=bold)
    ax.set_ylim(-0.7, len(rows) - 0.3)
    ax.set_xlim(0)
    ax.grid(visible=False, axis="y")
    ax.set_xlabel(_("per 100,000 person-years, with 95% interval"))
    return ax


@styled
def plot_tile_rates(panel: pd.DataFrame, *, column: str, ax: Axes | None = None) -> Axes:
    """Draw one small line a state on the tile grid, all on the same scale.

    Parameters
    ----------
    panel : pandas.DataFrame
        One row a state and month: ``cve_ent, month`` and ``column``; drawn as given, gaps kept.
    column : str
        What is drawn.
    ax : matplotlib.axes.Axes, optional
        Where to draw; without it, axes of a new figure.

    Examples
    --------
    >>> from analysis import load_panel, select_known
    >>> known = select_known(load_panel(), "guards_per_100k")
    >>> ax = plot_tile_rates(known, column="guards_per_100k")
    >>> len(ax.get_lines()), ax.get_lines()[0].get_label()
    (32, 'Aguascalientes')
    """
    ax = new_axes(ax, height=6.0)
    first, last = panel["month"].min(), panel["month"].max()
    top = panel[column].max()
    for state in states():
        rows = panel[panel["cve_ent"] == state.cve_ent].sort_values("month")
        x = state.tile_col + 0.06 + 0.84 * ((rows["month"] - first) / (last - first))
        y = -state.tile_row - 0.94 + 0.66 * rows[column].astype("float64") / top
        [line] = ax.plot(x, y, color=LIGHT["sesnsp"], linewidth=1.2, label=state.name)
        known = rows.dropna(subset=column)
        tell(line, known[column], along=known["month"])
        place = (state.tile_col + 0.06, -state.tile_row - 0.06)
        ax.text(*place, state.abbreviation, fontsize=9, va="top", fontweight="bold")
        ax.hlines(-state.tile_row - 0.94, x.min(), x.max(), color=LIGHT["muted"], linewidth=0.6)
    ax.set_xlim(0, 10)
    ax.set_ylim(-6, 0)
    ax.axis("off")
    return ax


@styled
def plot_weapons(years: pd.DataFrame, *, ax: Axes | None = None) -> Axes:
    """Draw the share of homicide victims killed with a firearm, state and nation.

    Parameters
    ----------
    years : pandas.DataFrame
        One row a place and year: ``place`` (``state`` or ``nation``), ``name, year`` and
        ``share`` (of victims with known means) with ``conf_low, conf_high``, shares of one.
    ax : matplotlib.axes.Axes, optional
        Where to draw; without it, axes of a new figure.

    Examples
    --------
    >>> from analysis import load_table, select_weapons
    >>> ax = plot_weapons(select_weapons(load_table("sesnsp_victims_state_month"), "Guanajuato"))
    >>> [line.get_label() for line in ax.get_lines()], ax.get_ylabel()
    (['Mexico', 'Guanajuato'], '% of victims with known means')
    """
    ax = new_axes(ax, height=3.6)
    percent = years.assign(percent=years["share"] * 100)
    for place, color in PLACES.items():
        rows = years[years["place"] == place].sort_values("year")
        low, high = rows["conf_low"] * 100, rows["conf_high"] * 100
        ax.fill_between(rows["year"], low, high, color=LIGHT[color], alpha=0.18, linewidth=0)
    draw_places(ax, percent, "percent")
    ax.set_ylabel(_("% of victims with known means"))
    return ax


@styled
def plot_source_ratio(ratios: pd.DataFrame, *, ax: Axes | None = None) -> Axes:
    """Draw SESNSP victims over official INEGI deaths by year, beside the table's completeness.

    Parameters
    ----------
    ratios : pandas.DataFrame
        One row a year and kind: ``term`` (year), ``kind`` (``sources by year`` or
        ``completeness``) and ``estimate``, a share of one.
    ax : matplotlib.axes.Axes, optional
        Where to draw; without it, axes of a new figure.

    Examples
    --------
    >>> from analysis import fit_measurement, load_panel, load_table
    >>> names = ["national_year", "inegi_homicides_national"]
    >>> rows = fit_measurement(load_panel(), *map(load_table, names)).tidy()
    >>> plot_source_ratio(rows).get_ylabel()
    "% of INEGI's official total"
    """
    ax, ends = new_axes(ax, height=3.4), []
    names = {
        "sources by year": (_("SESNSP victims"), "sesnsp", "o"),
        "completeness": (_("INEGI monthly table"), "inegi", "s"),
    }
    for kind, (name, color, marker) in names.items():
        rows = ratios[ratios["kind"] == kind].sort_values("term")
        x, y = rows["term"].astype("int64"), rows["estimate"] * 100
        ax.plot(x, y, color=LIGHT[color], marker=marker, ms=4, label=name)
        ends.append((x.iloc[-1], y.iloc[-1], name, LIGHT[color]))
    ax.axhline(100, color=LIGHT["muted"], linewidth=1)
    ax.set_ylabel(_("% of INEGI's official total"))
    ax.grid(visible=False, axis="x")
    label_ends(ax, ends)
    return ax
