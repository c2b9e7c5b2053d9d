"""The words of the report on priority areas: its head and the ten cities."""

import pandas as pd

from analysis.modelling.priority import CITIES
from analysis.reporting.captions.common import covered
from analysis.reporting.parts import Caption, Point, Title
from analysis.reporting.text import listing, months, number
from analysis.reporting.text import translate as _


def title_priority_areas() -> Title:
    """Give the head of the report on priority areas.

    Examples
    --------
    >>> title_priority_areas().title
    "Priority areas, the Guard's roles and the strategies"
    """
    return Title(
        title=_("Priority areas, the Guard's roles and the strategies"),
        question=_(
            "What do the figures hold for the ten priority cities, Michoacán and Chiapas; what was the Guard asked to do, and what did the strategies set out?"
        ),
        period=months(*covered(CITIES)),
        sources=(CITIES, "panel", "guard_roles", "strategy_timeline", "strategy_elements"),
        words={},
    )


def caption_city_coverage(coverage: pd.DataFrame, gaps: pd.DataFrame) -> Caption:
    """Say for how many cities and years no official series is held.

    Examples
    --------
    >>> from analysis import load_table, select_city_coverage, select_city_gaps
    >>> coverage = select_city_coverage(load_table("homicides_priority_cities"))
    >>> gaps = select_city_gaps(coverage)
    >>> caption_city_coverage(coverage, gaps).title
    '8 of 10 cities have no official series for 2016 to 2023'
    """
    facts = _gap_facts(coverage, gaps)
    return Caption(
        title=_("{long} of {cities} cities have no official series for {first} to {last}").format(
            **facts
        ),
        subtitle=_("What is held by city, year and kind of figure, {start} to {end}").format(
            **facts
        ),
        alt=_(
            "Three grids of ten cities by year. Deaths: all years to {deaths}. Files: from {files} in {long} cities, from {early} in {others}. Quoted counts: {quoted} of {cells} cells."
        ).format(**facts),
        notes=(
            _("Full square: the whole year. Open square: some months of it. Bare line: nothing."),
            _(
                "Three kinds that are never joined: deaths on certificates, investigation files, and counts that newspapers or offices give by rules of their own."
            ),
        ),
    )


def _gap_facts(coverage: pd.DataFrame, gaps: pd.DataFrame) -> dict[str, str]:
    longest = gaps[gaps["years"] == gaps["years"].max()]
    short = gaps[gaps["years"] < gaps["years"].max()]
    held = coverage[coverage["held"] != "none"]
    quoted = coverage[coverage["kind"] == "quoted"]
    return {
        "cities": number(coverage["cvegeo"].nunique()),
        "long": number(len(longest)),
        "first": str(longest["first"].min()),
        "last": str(longest["last"].max()),
        "others": listing(sorted(short["place"])),
        "other_last": str(short["last"].max()),
        "start": str(coverage["year"].min()),
        "end": str(coverage["year"].max()),
        "deaths": str(held.loc[held["kind"] == "deaths", "year"].max()),
        "files": str(longest["last"].max() + 1),
        "early": str(short["last"].max() + 1),
        "quoted": number((quoted["held"] != "none").sum()),
        "cells": number(len(quoted)),
    }


def caption_city_deaths(deaths: pd.DataFrame) -> Caption:
    """Say in which years the cities had their most deaths.

    Examples
    --------
    >>> from analysis import load_table, select_city_deaths
    >>> deaths = select_city_deaths(load_table("homicides_priority_cities"))
    >>> caption_city_deaths(deaths).title
    'Within 1990 to 2015 all 10 cities had their most deaths between 2010 and 2015, Ciudad ...
    """
    # A city may have its most deaths in several years: all of them count.
    peaks = deaths[deaths["deaths"] == deaths.groupby("place")["deaths"].transform("max")]
    top, tied = peaks.loc[peaks["deaths"].idxmax()], _tied_years(peaks)
    last = deaths[deaths["year"] == deaths["year"].max()].set_index("place")["deaths"]
    facts = {
        "cities": number(peaks["place"].nunique()),
        "first": str(peaks["year"].min()),
        "last": str(peaks["year"].max()),
        "top": top["place"],
        "peak": number(top["deaths"]),
        "year": str(top["year"]),
        "end": str(deaths["year"].max()),
        "start": str(deaths["year"].min()),
        "after": number(last[top["place"]]),
    }
    return Caption(
        title=_(
            "Within {start} to {end} all {cities} cities had their most deaths between {first} and {last}, {top} {peak} in {year}"
        ).format(**facts),
        subtitle=_(
            "INEGI homicides by municipality of occurrence and year of registration, deaths a year, {start} to {end}"
        ).format(**facts),
        alt=_(
            "Ten small line charts, one a city, that end in {end}; a shaded band marks years without data. {top}: {peak} deaths in {year}, {after} in {end}."
        ).format(**facts),
        notes=(
            _("Each city has its own scale; the highest year is written beside its point."),
            *[_("The highest figure stands twice or more: {tied}.").format(tied="; ".join(tied))]
            * bool(tied),
            _(
                "The table ends in {end}: shaded are years for which files are not held either."
            ).format(**facts),
            _("Counts, not rates: no population of the municipalities is held."),
        ),
    )


def _tied_years(peaks: pd.DataFrame) -> list[str]:
    """Say of each city that has its most deaths in several years which these are."""
    return [
        _("{place} has its {deaths} in {years}").format(
            place=place,
            deaths=number(rows["deaths"].iloc[0]),
            years=listing([str(year) for year in sorted(rows["year"])]),
        )
        for place, rows in peaks.groupby("place")
        if len(rows) > 1
    ]


def point_city_gaps(coverage: pd.DataFrame, gaps: pd.DataFrame) -> Point:
    """Say for how many cities nothing official is held, and for which years.

    Examples
    --------
    >>> from analysis import load_table, select_city_coverage, select_city_gaps
    >>> coverage = select_city_coverage(load_table("homicides_priority_cities"))
    >>> gaps = select_city_gaps(coverage)
    >>> point_city_gaps(coverage, gaps).text
    'For 8 of the 10 cities no official series is held from 2016 to 2023, for Celaya and ...
    """
    text = _(
        "For {long} of the {cities} cities no official series is held from {first} to {last}, for {others} from {first} to {other_last}: deaths end in {deaths}, files begin in {files} ({others}: {early}), and the two count different things."
    ).format(**_gap_facts(coverage, gaps))
    return Point(text, "coverage")
