"""The words of the priority cities' investigation files."""

import pandas as pd

from analysis.reporting.parts import Caption, Point
from analysis.reporting.text import change, interval, listing, month, name_value, number
from analysis.reporting.text import translate as _


def caption_city_files(files: pd.DataFrame) -> Caption:
    """Say how many files the cities had in the first half of both years.

    Examples
    --------
    >>> from analysis import load_table, select_city_files
    >>> files = select_city_files(load_table("homicides_priority_cities"))
    >>> caption_city_files(files).title
    'The 10 cities had 2,899 files in January to June 2024 and 2,218 in 2025'
    """
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


def caption_city_change(rows: pd.DataFrame) -> Caption:
    """Say in how many cities the files changed beyond the spread of months.

    Examples
    --------
    >>> from analysis import load_table, select_city_change, select_city_files
    >>> files = select_city_files(load_table("homicides_priority_cities"))
    >>> rows = select_city_change(files)
    >>> caption_city_change(rows).title
    'Files fell clearly in 4 of 10 cities and rose clearly in none; in 6 the change is unclear'
    """
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
    """Say how many intervals leave out zero, by chance alone and with the spread of months.

    Examples
    --------
    >>> from analysis import load_table, select_city_change, select_city_files
    >>> files = select_city_files(load_table("homicides_priority_cities"))
    >>> rows = select_city_change(files)
    >>> caption_city_change_table(rows).title
    'By chance alone 6 of 10 intervals leave out zero, with the spread of months 4'
    """
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
    """Say in how many cities the files changed clearly, and the two ends of the range.

    Examples
    --------
    >>> from analysis import load_table, select_city_change, select_city_files
    >>> files = select_city_files(load_table("homicides_priority_cities"))
    >>> rows = select_city_change(files)
    >>> point_city_change(rows).text
    'From January to June 2024 to the same months of 2025, investigation files fell clearly ...
    """
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


def half_sums(months_: pd.DataFrame) -> pd.DataFrame:
    """Sum January to June of the last two years with both halves, places by year."""
    rows = months_[months_["month"].dt.month <= 6]
    sums = rows.pivot_table(
        index="state", columns=rows["month"].dt.year, values="count", aggfunc="sum", sort=False
    )
    return sums.dropna(axis="columns").iloc[:, -2:]
