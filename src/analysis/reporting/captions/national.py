"""The words of the national report."""

import pandas as pd

from analysis.calendar import PRESIDENTS
from analysis.parameters import check_period
from analysis.reporting.captions.common import covered, last_months
from analysis.reporting.figures.homicides import SOURCE_NAMES
from analysis.reporting.parts import Caption, Point, Title
from analysis.reporting.text import change, interval, listing, month, months, number
from analysis.reporting.text import translate as _

# With fewer months a Newey-West interval is too narrow to carry a headline.
SHORT = 24


def title_national(source: str, start: str, end: str) -> Title:
    """Give the head of the national report.

    Examples
    --------
    >>> title_national("sesnsp", "2019-07", "").question
    'How high is the homicide rate, how does it compare across administrations, and in ...
    """
    first, last = check_period(start, end, source)
    return Title(
        title=_("Homicides in Mexico"),
        question=_(
            "How high is the homicide rate, how does it compare across administrations, and in "
            "which states is it rising or falling?"
        ),
        period=months(*covered("panel")),
        sources=("panel", "national_year"),
        words={_("Homicide source"): _(SOURCE_NAMES[source]), _("Trends"): months(first, last)},
    )


def caption_national_rates(national_month: pd.DataFrame) -> Caption:
    """Say where the national rate stands against its peak.

    Examples
    --------
    >>> from analysis import load_table, select_twelve_months
    >>> months = select_twelve_months(load_table("national_month"))
    >>> caption_national_rates(months).title
    "In the year to June 2025 SESNSP's rate was 24% below its highest, the year to April 2020"
    """
    mean = national_month.set_index("month")["year_rate_sesnsp"].dropna()
    peak, last = mean.idxmax(), mean.index[-1]
    fall = (mean.iloc[-1] / mean.max() - 1) * 100
    facts = {
        "fall": number(abs(fall)),
        "peak": month(peak),
        "last": month(last),
        "high": number(mean.max(), 1),
        "low": number(mean.iloc[-1], 1),
    }
    return Caption(
        title=_(
            "In the year to {last} SESNSP's rate was {fall}% below its highest, the year to {peak}"
        ).format(**facts),
        subtitle=_(
            "Homicides per 100,000 person-years, Mexico: months (dots) and twelve months (lines)"
        ),
        alt=_(
            "Dots and two lines over time. The rate of twelve months by SESNSP goes from "
            "{high} at its peak in {peak} to {low} in {last}."
        ).format(**facts),
        notes=(
            _("Bands are administrations, dashed lines the Guard's deployment and its transfer."),
            _(
                "Hollow dots: SESNSP months filled from INEGI or preliminary; INEGI months of "
                "years whose monthly table is incomplete."
            ),
        ),
    )


def caption_administrations(rates: pd.DataFrame) -> Caption:
    """Say how the last administration compares with the one before.

    Examples
    --------
    >>> from analysis import load_table, select_administrations
    >>> rates = select_administrations(load_table("national_month"))
    >>> caption_administrations(rates).title
    "In Sheinbaum's first 9 months the rate is 10% below a year before: too few to be sure"
    """
    ratio = _last_ratio(rates)
    later, earlier = ratio["term"].split("/")
    lower = ratio["estimate"] < 1
    facts = {
        "months": number(ratio["months"]),
        "later": PRESIDENTS[later],
        "earlier": PRESIDENTS[earlier],
        "size": number(abs(ratio["estimate"] - 1) * 100),
        "low": number((ratio["conf_low"] - 1) * 100),
        "high": number((ratio["conf_high"] - 1) * 100),
    }
    below = _(
        "Under {later} the rate is {size}% below the same months under {earlier} ({low}% to {high}%)"
    )
    if ratio["months"] < SHORT:
        below = _(
            "In {later}'s first {months} months the rate is {size}% below a year before: too few to be sure"
        )
    above = _(
        "Under {later} the rate is {size}% above the same months under {earlier} ({low}% to {high}%)"
    )
    return Caption(
        title=(below if lower else above).format(**facts),
        subtitle=_("Mean homicide rate by administration, with 95% interval"),
        alt=_(
            "Dot chart with intervals, one row an administration, one dot a source. Ratio of "
            "{later} to {earlier}: {low}% to {high}%."
        ).format(**facts),
        notes=(
            _("Hollow: some of its months are preliminary, filled or of an incomplete year."),
            *_administration_notes(),
        ),
    )


def _administration_notes() -> tuple[str, ...]:
    return (
        _(
            "Newey-West intervals. Peña Nieto by SESNSP and López Obrador by INEGI cover only part "
            "of the term, as the table says."
        ),
        _("Ratios (×) compare equal calendar windows; below 24 months an interval is too narrow."),
    )


def caption_administration_table(rates: pd.DataFrame) -> Caption:
    """Say which administration has the highest mean rate in each source.

    Examples
    --------
    >>> from analysis import load_table, select_administrations
    >>> rates = select_administrations(load_table("national_month"))
    >>> caption_administration_table(rates).title
    'Highest mean rate: López Obrador 25.0 (SESNSP victims) and López Obrador 26.5 (INEGI ...
    """
    means = rates[~rates["term"].str.contains("/")]
    tops = means.loc[means.groupby("source", sort=False)["estimate"].idxmax()]
    highest = [
        f"{PRESIDENTS[row['term']]} {number(row['estimate'], 1)} ({_(SOURCE_NAMES[row['source']])})"
        for __, row in tops.iterrows()
    ]
    return Caption(
        title=_("Highest mean rate: {highest}").format(highest=listing(highest)),
        subtitle=_("Mean rate per 100,000 person-years by administration, and ratios"),
        alt=_("Table of rates and ratios with intervals by administration and source."),
        notes=_administration_notes(),
    )


def _last_ratio(rates: pd.DataFrame) -> pd.Series:
    ratios = rates[rates["term"].str.contains("/")]
    return ratios.sort_values("last", kind="stable").iloc[-1]


def point_administration(rates: pd.DataFrame, source: str) -> Point:
    """Give the last administration's rate with interval and comparison.

    Examples
    --------
    >>> from analysis import load_table, select_administrations
    >>> rates = select_administrations(load_table("national_month"))
    >>> point_administration(rates, "sesnsp").text
    'Under Sheinbaum (October 2024 to June 2025, SESNSP victims) the homicide rate is 20.2 ...
    """
    some = rates[rates["source"] == source]
    ratio = _last_ratio(some)
    later, earlier = ratio["term"].split("/")
    row = some[some["term"] == later].iloc[0]
    text = _(
        "Under {later} ({period}, {source}) the homicide rate is {rate} per 100,000 person-years "
        "({interval}); {change} ({ratio}) against the same months under {earlier}."
    ).format(
        later=PRESIDENTS[later],
        period=months(row["first"], row["last"]),
        rate=number(row["estimate"], 1),
        interval=interval(row["conf_low"], row["conf_high"]),
        change=change((ratio["estimate"] - 1) * 100, 0),
        ratio=interval((ratio["conf_low"] - 1) * 100, (ratio["conf_high"] - 1) * 100, 0),
        earlier=PRESIDENTS[earlier],
        source=_(SOURCE_NAMES[source]),
    )
    few = _("{months} months are few: these intervals are too narrow.")
    notes = [few.format(months=number(ratio["months"]))] if ratio["months"] < SHORT else []
    notes += [_("Some of the months are preliminary.")] if "preliminary" in row["flags"] else []
    return Point(" ".join([text, *notes]), "administrations")


def point_peak(national_month: pd.DataFrame) -> Point:
    """Give the twelve-month rate today against its peak.

    Examples
    --------
    >>> from analysis import load_table, select_twelve_months
    >>> months = select_twelve_months(load_table("national_month"))
    >>> point_peak(months).text
    "In the twelve months to June 2025 SESNSP's rate was 20.9 per 100,000 person-years, ...
    """
    mean = national_month.set_index("month")["year_rate_sesnsp"].dropna()
    text = _(
        "In the twelve months to {last} SESNSP's rate was {now} per 100,000 person-years, {fall} from its "
        "highest since 2015, {high} in the year to {peak}: counts, not a sample, so without interval."
    ).format(
        now=number(mean.iloc[-1], 1),
        last=month(mean.index[-1]),
        fall=change((mean.iloc[-1] / mean.max() - 1) * 100, 0),
        high=number(mean.max(), 1),
        peak=month(mean.idxmax()),
    )
    return Point(text, "rates")


def say_national_sureness() -> tuple[list[str], list[str], list[str]]:
    """Say how sure we are of the national report: strengths, limitations, what would change it.

    Examples
    --------
    >>> len(say_national_sureness())
    3
    """
    strengths = [
        _(
            "Two official sources made in different ways are shown side by side; where one stands in for the other, the cell is marked."
        ),
        _(
            "Every rate rests on exposure in person-years, so short months and growth do not mislead."
        ),
        _(
            "Intervals allow for months that resemble each other (Newey-West), except where a note says not."
        ),
        _("Named dates stand beside placebo dates, a forecast beside its errors on the past."),
    ]
    limitations = [
        _(
            "SESNSP counts victims in prosecutors' files: a homicide not investigated is not counted."
        ),
        _("INEGI's figures by month end in {inegi_year} and are incomplete from 2018 on.").format(
            **last_months()
        ),
        _(
            "The months of {sesnsp_year} are preliminary; SESNSP's totals of 2023 and 2024 were revised upwards."
        ).format(**last_months()),
        _("With few months, as under Sheinbaum, a Newey-West interval is too narrow."),
    ]
    changes = [
        _("INEGI's final monthly figures after {inegi_year} could move the recent fall.").format(
            **last_months()
        ),
        _("Another start of the window changes trends, as the figure of trends says."),
        _(
            "Where a trend is not straight its label can hinge on the variant of the standard error; "
            "the methods name the states."
        ),
        _("If disappearances hide homicides, the fall is overstated; see the states' reports."),
    ]
    return strengths, limitations, changes
