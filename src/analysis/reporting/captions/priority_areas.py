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
            *_change_notes(rows),
        ),
    )


def caption_city_change_table(rows: pd.DataFrame) -> Caption:
    """Say how many intervals leave out zero, by chance alone and with the spread of months."""
    exact = (rows["exact_low"] > 0) | (rows["exact_high"] < 0)
    wide = (rows["conf_low"] > 0) | (rows["conf_high"] < 0)
    facts = _change_facts(rows) | {"exact": number(exact.sum()), "wide": number(wide.sum())}
    return Caption(
        title=_(
            "By chance alone {exact} of {cities} intervals leave out zero, with the spread of months {wide}"
        ).format(**facts),
        subtitle=_(
            "SESNSP investigation files by city, January to June {before} and {after}, with both 95% intervals of the change"
        ).format(**facts),
        alt=_(
            "Table of files by city in both half years, their change, both intervals, q and the evidence."
        ),
        notes=(
            _(
                "The evidence rests on the wider interval and on q, which allows for {cities} cities."
            ).format(**facts),
            *_change_notes(rows),
        ),
    )


def _change_notes(rows: pd.DataFrame) -> list[str]:
    """Say which months are preliminary or zero, and of a day that one half year has more."""
    facts, notes = _change_facts(rows), []
    for side in ("before", "after"):
        some = rows[rows[f"preliminary_{side}"] > 0]
        whole = rows.loc[rows[f"preliminary_{side}"] == 0, "place"]
        words = (
            _("{year}: months are preliminary in {count} of {cities} cities; final in {whole}.")
            if len(some) and len(whole)
            else _("{year}: months are preliminary in {count} of {cities} cities.")
        )
        notes.append(
            words.format(
                year=facts[side],
                count=number(len(some)),
                cities=facts["cities"],
                whole=listing(sorted(whole)),
            )
        )
    if facts["zeros"]:
        notes.append(_("A month of zero files may be late reporting: {zeros}.").format(**facts))
    for year in (facts["before"], facts["after"]):
        if pd.Timestamp(year).is_leap_year:
            notes.append(
                _("{year} is a leap year; its half year has one day more.").format(year=year)
            )
    return notes


def _change_facts(rows: pd.DataFrame) -> dict[str, str]:
    ordered = rows.sort_values("estimate")
    directions = rows["direction"].value_counts()
    facts = {
        name: number(directions[name]) if name in directions else _("none")
        for name in ("falling", "rising", "unclear")
    }
    zeros = rows[rows["zeros"] != ""]
    facts |= {
        "cities": number(len(rows)),
        "before": str(rows["year_before"].iloc[0]),
        "after": str(rows["year_after"].iloc[0]),
        "dispersion": number(rows["dispersion"].iloc[0], 1),
        "marked_before": number((rows["preliminary_before"] > 0).sum()),
        "marked_after": number((rows["preliminary_after"] > 0).sum()),
        "zeros": listing(
            [
                _("{place} ({months})").format(
                    place=row["place"], months=listing([month(m) for m in row["zeros"].split()])
                )
                for __, row in zeros.iterrows()
            ]
        ),
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


def point_city_change(rows: pd.DataFrame) -> Point:
    """Say in how many cities the files changed clearly, and the two ends of the range."""
    facts = _change_facts(rows)
    text = _(
        "From January to June {before} to the same months of {after}, investigation files fell clearly in {falling} of {cities} cities and rose clearly in {rising}; the ends of the range are {low_city}, {low_old} to {low_new} ({low}; {low_interval}), and {high_city}, {high_old} to {high_new} ({high}; {high_interval}, {high_q})."
    )
    held = _(
        "The figures are preliminary in {marked_before} cities for {before} and in {marked_after} for {after}."
    )
    late = _("Zero files in {zeros} may be late reporting.")
    sentences = [text, held, late] if facts["zeros"] else [text, held]
    return Point(" ".join(sentence.format(**facts) for sentence in sentences), "city-change")


def point_city_gaps(coverage: pd.DataFrame, gaps: pd.DataFrame) -> Point:
    """Say for how many cities nothing official is held, and for which years."""
    text = _(
        "For {long} of the {cities} cities no official series is held from {first} to {last}, for {others} from {first} to {other_last}: deaths end in {deaths}, files begin in {files} ({others}: {early}), and the two count different things."
    ).format(**_gap_facts(coverage, gaps))
    return Point(text, "coverage")
