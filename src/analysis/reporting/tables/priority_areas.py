"""Tables of the priority cities and states, and of the strategies."""

import pandas as pd

from analysis.calendar import PRESIDENTS
from analysis.modelling.result import Note
from analysis.reporting.exhibits import Cells
from analysis.reporting.figures.strategies import EVENT_KINDS
from analysis.reporting.figures.trends import ARROWS, DIRECTIONS
from analysis.reporting.tables.cells import cells, ends
from analysis.reporting.text import change, code, day, given, number, p_value, period
from analysis.reporting.text import translate as _

STATUS = {
    "final": Note("final"),
    "preliminary": Note("preliminary"),
    "press-report": Note("press report"),
    "gazette": Note("gazette"),
    "public record": Note("public record"),
    "document": Note("document"),
}
ELEMENT_KINDS = {
    "pillar": Note("pillar"),
    "programme": Note("programme"),
    "joint force": Note("joint force"),
    "institution": Note("institution"),
}


def table_city_change(rows: pd.DataFrame) -> Cells:
    """Write the files of both half years, their change and both intervals, city by city.

    ``rows`` are from `analysis.select_city_change`.
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

    ``figures`` are from `analysis.select_city_figures`.
    """
    body = [
        [
            row["place"],
            period(row["period"]),
            number(row["value"], 0 if row["value"] % 1 == 0 else 1),
            given(row["measure"]),
            code(row["source"]),
            _(STATUS[row["status"]]),
        ]
        for __, row in figures.iterrows()
    ]
    labels = [_("City"), _("Period"), _("Figure"), _("Measure"), _("Source"), _("Status")]
    return Cells(labels, body, [False, False, True, False, False, False], {})


def table_state_rates(rates: pd.DataFrame) -> Cells:
    """Write yearly counts and rates of each state, SESNSP and INEGI beside each other.

    ``rates`` are from `analysis.select_state_rates`.
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

    ``dates`` are from `analysis.select_strategy_dates`.
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

    ``strategies`` are from `analysis.select_strategies`.
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
