"""Tables of homicides: years, halves, administrations, neighbours."""

import pandas as pd

from analysis.calendar import PRESIDENTS
from analysis.modelling.selection import join_flags
from analysis.reporting.figures.homicides import SOURCE_NAMES
from analysis.reporting.figures.trends import ARROWS, DIRECTIONS
from analysis.reporting.marks import marked
from analysis.reporting.parts import Cells
from analysis.reporting.tables.cells import cells, ends
from analysis.reporting.text import change, code, number, percent
from analysis.reporting.text import translate as _

# Of the months of a rate, and of those it is compared with.
FLAGS = ["flags", "against_flags"]


def _window(row: pd.Series, which: str) -> str:
    ends = {"first": code(row[f"{which}first"]), "last": code(row[f"{which}last"])}
    return _("{first} to {last}").format(**ends)


def table_years(years: pd.DataFrame) -> Cells:
    """Write national totals by year: both sources, preliminary and final, rates, ratio.

    Parameters
    ----------
    years : pandas.DataFrame
        Rows of table ``national_year``.

    Returns
    -------
    Cells
        One row a year, the latest first: victims, deaths, rates per 100,000 person-years.

    Examples
    --------
    >>> from analysis import load_table
    >>> cells = table_years(load_table("national_year").query("year == 2023"))
    >>> cells.body[0][:3]
    ['2023', '29,721', '22.7']
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

    Parameters
    ----------
    halves : pandas.DataFrame
        Rows of `analysis.select_half_years`.

    Returns
    -------
    Cells
        One row a year: deaths, victims, the second in % of the first.

    Examples
    --------
    >>> from analysis import load_table, select_half_years
    >>> names = ["inegi_homicides_national", "national_month"]
    >>> table_half_years(select_half_years(*map(load_table, names))).body[0]
    ['2024', '16,306 p', '15,104', '92.6%']
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

    Parameters
    ----------
    rates : pandas.DataFrame
        Rows of `analysis.select_administrations`.

    Returns
    -------
    Cells
        One row an administration, or a pair of them, and source.

    Examples
    --------
    >>> from analysis import load_table, select_administrations
    >>> cells = table_administrations(select_administrations(load_table("national_month")))
    >>> cells.body[0][0], cells.body[0][5]
    ('Peña Nieto', '20.7 +')
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
        estimate = number(row["estimate"], digits) + (" ×" if earlier else "")
        rows.append(
            [
                name,
                _(SOURCE_NAMES[row["source"]]),
                window,
                number(row["months"]),
                marked(number(row["deaths"]), str(row["flags"]), row["source"]),
                marked(estimate, join_flags(row[FLAGS]), row["source"]),
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
    return cells(rows, labels, 3, join_flags(rates[FLAGS].stack()))


def table_state_years(years: pd.DataFrame) -> Cells:
    """Write a state's yearly homicides, rate and rank from both sources, latest first.

    Parameters
    ----------
    years : pandas.DataFrame
        Rows of `analysis.select_years`.

    Returns
    -------
    Cells
        One row a year: victims, deaths, rates per 100,000 person-years, ranks among the states.

    Examples
    --------
    >>> from analysis import load_panel, select_years
    >>> cells = table_state_years(select_years(load_panel(), "Colima"))
    >>> cells.body[0][:4]
    ['2024', '838', '109.7', '1']
    """
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
    """Write a state and its neighbours: rate, rank and trend with intervals.

    Parameters
    ----------
    rates : pandas.DataFrame
        Rows of `analysis.select_neighbours`.

    Returns
    -------
    Cells
        One row a state: homicides, rate per 100,000 person-years, trend in % a year.

    Examples
    --------
    >>> from analysis import fit_state_trend, load_panel, select_neighbours, select_recent_rates
    >>> panel = load_panel()
    >>> near = [fit_state_trend(panel, state=name).tidy() for name in ("COL", "JAL", "MICH")]
    >>> rows = select_neighbours(select_recent_rates(panel), pd.concat(near), "Colima")
    >>> table_neighbours(rows).body[0][:3]
    ['Colima', '718', '94.0']
    """
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
