"""Tables of the priority cities and states, and of the strategies."""

import pandas as pd

from analysis.calendar import PRESIDENTS
from analysis.modelling.result import Note
from analysis.reporting.figures.strategies import EVENT_KINDS
from analysis.reporting.figures.trends import ARROWS, DIRECTIONS
from analysis.reporting.marks import STATUS
from analysis.reporting.parts import Cells
from analysis.reporting.tables.cells import cells, ends
from analysis.reporting.text import change, code, day, given, number, p_value, period
from analysis.reporting.text import translate as _

ELEMENT_KINDS = {
    "pillar": Note("pillar"),
    "programme": Note("programme"),
    "joint force": Note("joint force"),
    "institution": Note("institution"),
}


def table_city_change(rows: pd.DataFrame) -> Cells:
    """Write the files of both half years, their change and both intervals, city by city.

    Parameters
    ----------
    rows : pandas.DataFrame
        Rows of `analysis.select_city_change`.

    Returns
    -------
    Cells
        One row a city: investigation files, change in %.

    Examples
    --------
    >>> from analysis import load_table, select_city_change, select_city_files
    >>> files = select_city_files(load_table("homicides_priority_cities"))
    >>> table_city_change(select_city_change(files)).body[0][:4]
    ['Colima', '143', '37', '−74.1%']
    """
    body = [
        [
            row["place"],
            number(row["before"]),
            number(row["after"]),
            change(row["estimate"]),
            _span(row["exact_low"], row["exact_high"]),
            ends(row),
            p_value(row["q_value"]),
            f"{ARROWS[row['direction']]} {_(DIRECTIONS[row['direction']])}",
        ]
        for __, row in rows.iterrows()
    ]
    labels = [
        _("City"),
        _("Before, files"),
        _("After, files"),
        _("Change"),
        _("Chance alone, %"),
        _("With the spread of months, %"),
        _("q"),
        _("Evidence"),
    ]
    return Cells(labels, body, [False, True, True, True, True, True, True, False], {})


def _span(low: float, high: float) -> str:
    return _("{low} to {high}").format(low=number(low, 1), high=number(high, 1))


def table_city_figures(figures: pd.DataFrame) -> Cells:
    """Write figures quoted for the cities, each with its measure and source.

    Parameters
    ----------
    figures : pandas.DataFrame
        Rows of `analysis.select_city_figures`.

    Returns
    -------
    Cells
        One row a figure.

    Examples
    --------
    >>> from analysis import load_table, select_city_figures
    >>> cells = table_city_figures(select_city_figures(load_table("homicides_priority_cities")))
    >>> cells.body[0][:3]
    ['Acapulco', '2011', '1,008']
    """
    body = [
        [
            row["place"],
            period(row["period"]),
            number(row["value"], 0 if row["value"] % 1 == 0 else 1),
            given(row["measure"]),
            given(row["source"]),
            _(STATUS[row["status"]]),
        ]
        for __, row in figures.iterrows()
    ]
    labels = [_("City"), _("Period"), _("Figure"), _("Measure"), _("Source"), _("Status")]
    return Cells(labels, body, [False, False, True, False, False, False], {})


def table_state_rates(rates: pd.DataFrame) -> Cells:
    """Write yearly counts and rates of each state, SESNSP and INEGI beside each other.

    Parameters
    ----------
    rates : pandas.DataFrame
        Rows of `analysis.select_state_rates`.

    Returns
    -------
    Cells
        One row a state and year: victims, deaths, rates per 100,000 person-years.

    Examples
    --------
    >>> from analysis import load_panel, select_state_rates
    >>> table_state_rates(select_state_rates(load_panel())).body[-1][:4]
    ['Chiapas', '2025', '204 p ½', '6.7']
    """
    known = rates.set_index(["state", "year", "source"])
    body = []
    for state, some in rates.groupby("state", sort=False):
        for year in sorted(some["year"].unique()):
            sides = [_counted(known, (state, year, source)) for source in ("sesnsp", "inegi")]
            body.append([state, code(year), *sides[0], *sides[1]])
    labels = [
        _("State"),
        _("Year"),
        _("SESNSP, victims"),
        _("Rate"),
        _("95% interval"),
        _("INEGI, deaths"),
        _("Rate"),
        _("95% interval"),
    ]
    marks = {
        "p": _("provisional: preliminary, part of a year, or an incomplete table"),
        "½": _("January to June only"),
    }
    return Cells(labels, body, [False, False, *[True] * 6], marks)


def _counted(known: pd.DataFrame, key: tuple) -> list[str]:
    if key not in known.index:
        return ["–", "–", "–"]
    row = known.loc[key]
    signs = " p" * bool(row["marked"]) + " ½" * bool(row["months"] < 12)
    return [number(row["homicides"]) + signs, number(row["rate"], 1), ends(row)]


def table_strategy_dates(dates: pd.DataFrame) -> Cells:
    """Write dated events of the strategies with where each can be looked up.

    Parameters
    ----------
    dates : pandas.DataFrame
        Rows of `analysis.select_strategy_dates`.

    Returns
    -------
    Cells
        One row an event.

    Examples
    --------
    >>> from analysis import load_table, select_strategy_dates
    >>> cells = table_strategy_dates(select_strategy_dates(load_table("strategy_timeline")))
    >>> cells.body[0][:2]
    ['December 1, 2006', 'Calderón']
    """
    body = [
        [
            day(row["day"]),
            PRESIDENTS[row["term"]],
            _(EVENT_KINDS[row["kind"]][0]),
            given(row["event"]),
            given(row["source"]),
            _(STATUS[row["status"]]),
        ]
        for __, row in dates.iterrows()
    ]
    labels = [_("Date"), _("In office"), _("Kind"), _("Event"), _("Where it stands"), _("Status")]
    return cells(body, labels, 6)


def table_strategies(strategies: pd.DataFrame) -> Cells:
    """Write the elements of both strategies side by side, with the sections they come from.

    Parameters
    ----------
    strategies : pandas.DataFrame
        Rows of `analysis.select_strategies`.

    Returns
    -------
    Cells
        One row a kind and place.

    Examples
    --------
    >>> from analysis import load_table, select_strategies
    >>> cells = table_strategies(select_strategies(load_table("strategy_elements")))
    >>> cells.labels, cells.body[0][0]
    (['Element', 'Strategy of 2018', 'Strategy of 2024', 'Section, IEEE 79/2024'], 'pillar 1')
    """
    body = [
        [
            _("{kind} {place}").format(kind=_(ELEMENT_KINDS[row["kind"]]), place=row["place"]),
            _element(row, 2018),
            _element(row, 2024),
            _sections(row),
        ]
        for __, row in strategies.iterrows()
    ]
    labels = [
        _("Element"),
        _("Strategy of 2018"),
        _("Strategy of 2024"),
        _("Section, IEEE 79/2024"),
    ]
    return cells(body, labels, 4)


def _element(row: pd.Series, year: int) -> str:
    if pd.isna(row[f"element_{year}"]):
        return "–"
    words = {"name": given(row[f"element_{year}"]), "what": given(row[f"description_{year}"])}
    return _("{name}: {what}").format(**words)


def _sections(row: pd.Series) -> str:
    named = [row[f"source_{year}"] for year in (2018, 2024) if pd.notna(row[f"source_{year}"])]
    before = _("IEEE 79/2024, section ")
    short = [given(text).removeprefix(before) for text in named]
    return "; ".join(dict.fromkeys(short))
