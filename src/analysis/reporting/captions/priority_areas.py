"""The words of the report on priority areas: its head and the ten cities."""

import pandas as pd

from analysis.modelling.priority import CITIES
from analysis.reporting.exhibits import Caption, Point, Title
from analysis.reporting.text import change, interval, listing, month, months, name_value, number
from analysis.reporting.text import translate as _


def title_priority_areas() -> Title:
    """Give the head of the report on priority areas."""
    return Title(
        title=_("Priority areas, the Guard's roles and the strategies"),
        question=_(
            "What do the figures hold for the ten priority cities, Michoacán and Chiapas; what was the Guard asked to do, and what did the strategies set out?"
        ),
        period=months("1990-01", "2025-11"),
        sources=(CITIES, "panel", "guard_roles", "strategy_timeline", "strategy_elements"),
        words={},
    )


def caption_city_coverage(coverage: pd.DataFrame, gaps: pd.DataFrame) -> Caption:
    """Say for how many cities and years no official series is held."""
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
    """Say in which years the cities had their most deaths."""
    peaks = deaths.loc[deaths.groupby("place")["deaths"].idxmax()]
    top = peaks.loc[peaks["deaths"].idxmax()]
    last = deaths[deaths["year"] == deaths["year"].max()].set_index("place")["deaths"]
    facts = {
        "cities": number(len(peaks)),
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
            "All {cities} cities had their most deaths between {first} and {last}, {top} {peak} in {year}"
        ).format(**facts),
        subtitle=_(
            "INEGI homicides by municipality of occurrence and year of registration, deaths a year, {start} to {end}"
        ).format(**facts),
        alt=_(
            "Ten small line charts, one a city, that end in {end}; a shaded band marks years without data. {top}: {peak} deaths in {year}, {after} in {end}."
        ).format(**facts),
        notes=(
            _("Each city has its own scale; the highest year is written beside its point."),
            _(
                "The table ends in {end}: shaded are years for which files are not held either."
            ).format(**facts),
            _("Counts, not rates: no population of the municipalities is held."),
        ),
    )


def caption_city_files(files: pd.DataFrame) -> Caption:
    """Say how many files the cities had in the first half of both years."""
    halves = half_sums(files.rename(columns={"place": "state", "files": "count"}))
    both = halves.sum()
    before, after = both.index
    zeros = [
        _("{place}, {month}").format(place=row["place"], month=month(row["month"]))
        for __, row in files[files["files"] == 0].iterrows()
    ]
    facts = {
        "cities": number(len(halves)),
        "before": str(before),
        "after": str(after),
        "old": number(both[before]),
        "new": number(both[after]),
        "change": change((both[after] / both[before] - 1) * 100),
        "zeros": "; ".join(zeros) or "–",
        "first": month(files["month"].min()),
        "last": month(files["month"].max()),
    }
    return Caption(
        title=_(
            "The {cities} cities had {old} files in January to June {before} and {new} in {after}"
        ).format(**facts),
        subtitle=_(
            "SESNSP investigation files of intentional homicide, files a month, {first} to {last}"
        ).format(**facts),
        alt=_(
            "Ten small line charts, one a city, most with 18 months; a shaded band marks years without data. Together {old} files, then {new} ({change})."
        ).format(**facts),
        notes=(
            _("A file may hold several victims: files are not victims and not deaths."),
            _("Hollow months are preliminary. Each city has its own scale."),
            _(
                "Months with zero files, as found: {zeros}; a zero in the latest months may be late reporting."
            ).format(**facts),
        ),
    )


def half_sums(months_: pd.DataFrame) -> pd.DataFrame:
    """Sum January to June of the last two years with both halves, places by year."""
    rows = months_[months_["month"].dt.month <= 6]
    sums = rows.pivot_table(
        index="state", columns=rows["month"].dt.year, values="count", aggfunc="sum", sort=False
    )
    return sums.dropna(axis="columns").iloc[:, -2:]


def caption_city_change(rows: pd.DataFrame) -> Caption:
    """Say in how many cities the files changed beyond the spread of months."""
    facts = _change_facts(rows)
    return Caption(
        title=_(
            "Files fell clearly in {falling} of {cities} cities and rose clearly in {rising}; in {unclear} the change is unclear"
        ).format(**facts),
        subtitle=_(
            "SESNSP investigation files of intentional homicide, January to June, {before} to {after}, % change"
        ).format(**facts),
        alt=_(
            "Dots with two intervals, one city a row: {low_city} {low} ({low_interval}), {high_city} {high} ({high_interval})."
        ).format(**facts),
        notes=(
            _(
                "Thick: exact interval were months Poisson, chance alone. Thin: months vary {dispersion} times as much, pooled over the cities."
            ).format(**facts),
            _(
                "Coloured and shaped by the evidence: rising or falling where q < 0.05 with the spread of months, allowing for {cities} cities."
            ).format(**facts),
            _(
                "{before} is a leap year; its half year has one day more. {after} is preliminary."
            ).format(**facts),
        ),
    )


def _change_facts(rows: pd.DataFrame) -> dict[str, str]:
    ordered = rows.sort_values("estimate")
    directions = rows["direction"].value_counts()
    facts = {name: number(directions.get(name, 0)) for name in ("falling", "rising", "unclear")}
    facts |= {
        "cities": number(len(rows)),
        "before": str(rows["year_before"].iloc[0]),
        "after": str(rows["year_after"].iloc[0]),
        "dispersion": number(rows["dispersion"].iloc[0], 1),
    }
    for end, row in (("low", ordered.iloc[0]), ("high", ordered.iloc[-1])):
        facts |= {
            f"{end}_city": row["place"],
            end: change(row["estimate"]),
            f"{end}_interval": interval(row["conf_low"], row["conf_high"]),
            f"{end}_old": number(row["before"]),
            f"{end}_new": number(row["after"]),
            f"{end}_q": name_value("q", row["q_value"]),
        }
    return facts


def caption_city_figures(figures: pd.DataFrame, files: pd.DataFrame) -> Caption:
    """Head the table of quoted figures, with one that disagrees with the files."""
    quoted = figures[figures["measure"] == "SESNSP"].iloc[0]
    half = files[(files["place"] == quoted["place"]) & (files["month"].dt.year == 2025)]
    facts = {
        "rows": number(len(figures)),
        "measures": number(figures["measure"].nunique()),
        "place": quoted["place"],
        "period": quoted["period"],
        "quoted": number(quoted["value"]),
        "files": number(half["files"].sum()),
        "last": month(half["month"].max()),
        "first": figures["period"].str[:4].min(),
        "end": figures["period"].str[:4].max(),
    }
    return Caption(
        title=_("{rows} quoted figures of {measures} measures, none joined to a series").format(
            **facts
        ),
        subtitle=_(
            "Victims, files, rates and newspaper counts as their sources give them, {first} to {end}"
        ).format(**facts),
        alt=_("Table of figures by city and period with measure, source and status."),
        notes=(
            _("The measure of each row is what its source says it counts."),
            _(
                "{place}, {period}: {quoted} quoted as SESNSP, while the table of files holds {files} up to {last}; the quoted figure does not say what it counts."
            ).format(**facts),
        ),
    )


def point_city_change(rows: pd.DataFrame) -> Point:
    """Say in how many cities the files changed clearly, and the two ends of the range."""
    text = _(
        "From January to June {before} to the same months of {after}, investigation files fell clearly in {falling} of {cities} cities and rose clearly in {rising}: {low_city} {low_old} to {low_new} ({low}; {low_interval}), {high_city} {high_old} to {high_new} ({high}; {high_interval}, {high_q})."
    ).format(**_change_facts(rows))
    return Point(text, "city-change")


def point_city_gaps(coverage: pd.DataFrame, gaps: pd.DataFrame) -> Point:
    """Say for how many cities nothing official is held, and for which years."""
    text = _(
        "For {long} of the {cities} cities no official series is held from {first} to {last}, for {others} from {first} to {other_last}: deaths end in {deaths}, files begin in {files} ({others}: {early}), and the two count different things."
    ).format(**_gap_facts(coverage, gaps))
    return Point(text, "coverage")
