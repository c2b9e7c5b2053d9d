"""Tables of homicides: years, halves, administrations, trends, neighbours, marks."""

import pandas as pd

from analysis.calendar import PRESIDENTS
from analysis.geography import find_state
from analysis.reporting.exhibits import Cells
from analysis.reporting.figures.homicides import SOURCE_NAMES
from analysis.reporting.figures.trends import ARROWS, DIRECTIONS
from analysis.reporting.marks import marked
from analysis.reporting.tables.cells import cells, ends
from analysis.reporting.text import change, code, number, p_value, percent
from analysis.reporting.text import translate as _


def _window(row: pd.Series, which: str) -> str:
    ends = {"first": code(row[f"{which}first"]), "last": code(row[f"{which}last"])}
    return _("{first} to {last}").format(**ends)


def table_years(years: pd.DataFrame) -> Cells:
    """Write national totals by year: both sources, preliminary and final, rates, ratio.

    ``years`` are rows of ``national_year``.
    """
    rows = []
    for __, row in years.sort_values("year", ascending=False).iterrows():
        flags = str(row["flags"])
        rows.append(
            [
                str(row["year"]),
                marked(number(row["homicides_sesnsp_filled"]), flags, "sesnsp"),
                number(row["rate_sesnsp"], 1),
                marked(number(row["homicides_inegi"]), flags, "inegi"),
                number(row["preliminary_inegi"]),
                number(row["rate_inegi"], 1),
                percent(row["homicides_sesnsp_filled"] / row["homicides_inegi"]),
                percent(row["completeness_inegi"]),
            ]
        )
    labels = [
        _("Year"),
        _("SESNSP victims"),
        _("SESNSP rate"),
        _("INEGI deaths"),
        _("INEGI preliminary"),
        _("INEGI rate"),
        _("SESNSP / INEGI"),
        _("INEGI monthly table, completeness"),
    ]
    return cells(rows, labels, 1, ";".join(years["flags"]))


def table_half_years(halves: pd.DataFrame) -> Cells:
    """Write both sources' January to June, year by year.

    ``halves`` are rows of `select_half_years`.
    """
    rows = [
        [
            str(row["year"]),
            number(row["homicides_inegi"]) + (" p" if row["status_inegi"] == "preliminary" else ""),
            marked(number(row["homicides_sesnsp"]), row["flags"], "sesnsp"),
            percent(row["ratio"], 1),
        ]
        for __, row in halves.iterrows()
    ]
    labels = [_("January to June"), _("INEGI deaths"), _("SESNSP victims"), _("SESNSP / INEGI")]
    flags = ";".join(["inegi_preliminary", *halves["flags"]])
    return cells(rows, labels, 1, flags)


def table_administrations(rates: pd.DataFrame) -> Cells:
    """Write rates by administration and their ratios over equal windows, with intervals.

    ``rates`` are rows of `fit_administrations` with a column ``source``.
    """
    rows = []
    for __, row in rates.iterrows():
        later, __, earlier = str(row["term"]).partition("/")
        name = PRESIDENTS[later]
        if earlier:
            name = _("{later} against {earlier}").format(later=name, earlier=PRESIDENTS[earlier])
        window = _window(row, "")
        if earlier:
            window += ", " + _window(row, "against_")
        digits = 2 if earlier else 1
        rows.append(
            [
                name,
                _(SOURCE_NAMES[row["source"]]),
                window,
                number(row["months"]),
                marked(number(row["deaths"]), str(row["flags"]), row["source"]),
                number(row["estimate"], digits) + (" ×" if earlier else ""),
                ends(row, digits),
            ]
        )
    labels = [
        _("Administration"),
        _("Count"),
        _("Months"),
        _("Length"),
        _("Homicides"),
        _("Rate or ratio"),
        _("95% interval"),
    ]
    return cells(rows, labels, 3, ";".join(rates["flags"]))


def table_trends(trends: pd.DataFrame) -> Cells:
    """Write the states' trends with interval, q-value and direction, the pooled one last."""
    ordered = trends.assign(last=trends["term"] == "pooled").sort_values(["last", "estimate"])
    rows = []
    for __, row in ordered.iterrows():
        pooled = row["term"] == "pooled"
        direction = row["direction"]
        rows.append(
            [
                _("Pooled over the states") if pooled else find_state(row["cve_ent"]).name,
                "–" if pooled else f"{ARROWS[direction]} {_(DIRECTIONS[direction])}",
                change(row["estimate"]),
                ends(row),
                "–" if pooled else p_value(row["q_value"]),
                number(row["deaths"]),
                number(row["alpha"], 3),
            ]
        )
    labels = [
        _("State"),
        _("Direction"),
        _("% a year"),
        _("95% interval"),
        _("q-value"),
        _("Homicides"),
        _("Dispersion α"),
    ]
    return cells(rows, labels, 2)


def table_state_years(years: pd.DataFrame) -> Cells:
    """Write a state's yearly homicides, rate and rank from both sources, latest first."""
    rows = []
    for __, row in years.sort_values("year", ascending=False).iterrows():
        flags = str(row["flags"])
        rows.append(
            [
                str(row["year"]),
                marked(number(row["homicides_sesnsp"]), flags, "sesnsp"),
                number(row["rate_sesnsp"], 1),
                number(row["rank_sesnsp"]),
                marked(number(row["homicides_inegi"]), flags, "inegi"),
                number(row["rate_inegi"], 1),
                number(row["rank_inegi"]),
            ]
        )
    labels = [
        _("Year"),
        _("SESNSP victims"),
        _("SESNSP rate"),
        _("SESNSP rank"),
        _("INEGI deaths"),
        _("INEGI rate"),
        _("INEGI rank"),
    ]
    every = ";".join(years["flags"]).split(";")
    shown = [flag for flag in every if flag.startswith(("sesnsp", "inegi"))]
    return cells(rows, labels, 1, ";".join(shown))


def table_neighbours(rates: pd.DataFrame) -> Cells:
    """Write a state and its neighbours: rate, rank and trend with intervals."""
    rows = []
    for __, row in rates.iterrows():
        trend_low, trend_high = number(row["trend_low"], 1), number(row["trend_high"], 1)
        rows.append(
            [
                row["state"],
                number(row["homicides"]),
                number(row["rate"], 1),
                ends(row),
                number(row["rank"]),
                change(row["trend"]),
                _("{low} to {high}").format(low=trend_low, high=trend_high),
                f"{ARROWS[row['direction']]} {_(DIRECTIONS[row['direction']])}",
            ]
        )
    labels = [
        _("State"),
        _("Homicides, 12 months"),
        _("Rate"),
        _("95% interval"),
        _("Rank"),
        _("Trend, % a year"),
        _("95% interval of the trend"),
        _("Direction"),
    ]
    return Cells(labels, rows, [False, True, True, True, True, True, True, False], {})
