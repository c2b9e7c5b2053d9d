"""The words of what is held of each series, and where the gaps are."""

import pandas as pd

from analysis.reporting.figures.surroundings import name_line
from analysis.reporting.parts import Caption, Point
from analysis.reporting.text import number
from analysis.reporting.text import translate as _


def caption_coverage(gaps: pd.DataFrame) -> Caption:
    """Say how many series have no gap and how many years are missing from the others.

    Examples
    --------
    >>> from analysis import load_table, select_coverage, select_gaps, select_gdp
    >>> gdp = select_gdp(load_table("military_expenditure"))
    >>> gaps = select_gaps(select_coverage(gdp))
    >>> caption_coverage(gaps).title
    '0 of 1 series lack years between their first and last: 0 years in all'
    """
    facts = _gap_facts(gaps)
    return Caption(
        title=_(
            "{broken} of {series} series lack years between their first and last: {lacking} years in all"
        ).format(**facts),
        subtitle=_("Years held by series, {first} to {last}").format(**facts),
        alt=_(
            "Grid of series by year; a filled square is a year held, an empty place a missing one. {unbroken} series have no gap."
        ).format(**facts),
        notes=(
            _("A fiscal year stands at the year in which it ends; totals for a term hold no year."),
            _(
                "Releases of military expenditure, figures that stand in tables only and the register by category are not among these series."
            ),
        ),
    )


def caption_gaps(gaps: pd.DataFrame) -> Caption:
    """Head the table of what is known and what is missing.

    Examples
    --------
    >>> from analysis import load_table, select_coverage, select_gaps, select_gdp
    >>> gdp = select_gdp(load_table("military_expenditure"))
    >>> gaps = select_gaps(select_coverage(gdp))
    >>> caption_gaps(gaps).title
    '0 of 1 series rest on press reports, wholly or in part'
    """
    facts = _gap_facts(gaps)
    return Caption(
        title=_("{press} of {series} series rest on press reports, wholly or in part").format(
            **facts
        ),
        subtitle=_("What is known and what is missing, by series, {first} to {last}").format(
            **facts
        ),
        alt=_("Table of {series} series with years held and missing and kind of source.").format(
            **facts
        ),
        notes=(
            _("Years before the first and after the last figure are not counted as missing."),
            _(
                "Some final and preliminary figures were read in the press too; the download of each figure names its source row by row."
            ),
        ),
    )


def _gap_facts(gaps: pd.DataFrame) -> dict[str, str]:
    broken = gaps["lacking"] > 0
    press = gaps["status"].str.contains("press-report")
    worst = gaps.loc[gaps["lacking"].idxmax()]
    return {
        "series": number(len(gaps)),
        "broken": number(broken.sum()),
        "unbroken": number((~broken).sum()),
        "lacking": number(gaps["lacking"].sum()),
        "press": number(press.sum()),
        "first": str(gaps["first"].min()),
        "last": str(gaps["last"].max()),
        "worst": name_line(worst["panel"], worst["series"]),
        "worst_lacking": number(worst["lacking"]),
        "worst_first": str(worst["first"]),
        "worst_last": str(worst["last"]),
    }


def point_gaps(gaps: pd.DataFrame) -> Point:
    """Give how many series have gaps, and the largest.

    Examples
    --------
    >>> from analysis import load_table, select_coverage, select_fuel, select_gaps
    >>> fuel = select_fuel(load_table("fuel_theft_and_kidnapping"))
    >>> gaps = select_gaps(select_coverage(fuel))
    >>> point_gaps(gaps).text
    'Of 8 series from 2016 to 2024, 2 lack years between their first and last, 3 in all; ...
    """
    text = _(
        "Of {series} series from {first} to {last}, {broken} lack years between their first and last, {lacking} in all; "
        "the series with most gaps is “{worst}”, with {worst_lacking} missing between {worst_first} and {worst_last}."
    )
    return Point(text.format(**_gap_facts(gaps)), "coverage")
