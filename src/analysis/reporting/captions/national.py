"""The words of the national report."""

import pandas as pd

from analysis.calendar import PRESIDENTS
from analysis.geography import find_state
from analysis.modelling.result import ModelResult
from analysis.parameters import check_period
from analysis.reporting.captions.common import last_months, trend_notes
from analysis.reporting.exhibits import Caption, Point, Title
from analysis.reporting.figures.homicides import SOURCE_NAMES
from analysis.reporting.text import change, interval, listing, month, months, number
from analysis.reporting.text import translate as _

# With fewer months a Newey-West interval is too narrow to carry a headline.
SHORT = 24


def title_national(source: str, start: str, end: str) -> Title:
    """Give the head of the national report."""
    first, last = check_period(start, end, source)
    return Title(
        title=_("Homicides in Mexico"),
        question=_(
            "How high is the homicide rate, how does it compare across administrations, and in "
            "which states is it rising or falling?"
        ),
        period=months("2000-01", "2025-06"),
        sources=("panel", "national_year"),
        words={_("Homicide source"): _(SOURCE_NAMES[source]), _("Trends"): months(first, last)},
    )


def caption_national_rates(national_month: pd.DataFrame) -> Caption:
    """Say where the national rate stands against its peak."""
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
    """Say how the last administration compares with the one before."""
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
        notes=_administration_notes(),
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
    """Say which administration has the highest mean rate in each source."""
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


def caption_trends(trend: ModelResult) -> Caption:
    """Say in how many states the rate rises, falls, or can not be told."""
    facts = _trend_facts(trend)
    return Caption(
        title=_(
            "The homicide rate falls in {falling} states, rises in {rising}, and is unclear in {unclear}"
        ).format(**facts),
        subtitle=_("Trend of the homicide rate, % a year, {period}").format(**facts),
        alt=_(
            "Chart of 32 states. Rising: {risers}. The pooled trend is {pooled} a year ({interval})."
        ).format(**facts),
        notes=(
            _("Coloured and shaped by the evidence: rising or falling where q < 0.05."),
            _(
                "A straight line does not fit every state; read a trend with the state's own report."
            ),
        ),
    )


def caption_trend_intervals(trend: ModelResult, early: ModelResult) -> Caption:
    """Say what the pooled trend is, where a further state could lie, and what a window does."""
    facts = _trend_facts(trend) | {f"early_{k}": v for k, v in _trend_facts(early).items()}
    return Caption(
        title=_("The mean of the states' trends is {pooled} a year ({interval})").format(**facts),
        subtitle=_("Trend of the homicide rate by state, % a year, {period}").format(**facts),
        alt=_(
            "Dots with intervals for 32 states in order, and a diamond for the pooled trend."
        ).format(**facts),
        notes=(
            _("Grey bar: where a further state could lie, {predict_low} to {predict_high}.").format(
                **facts
            ),
            _("Over {early_period} the mean trend is {early_pooled} ({early_interval}).").format(
                **facts
            ),
            *trend_notes(trend),
        ),
    )


def caption_trend_table(trend: ModelResult) -> Caption:
    """Head the table of trends with the steepest fall and rise."""
    rows = trend.tidy().dropna(subset=["cve_ent"]).sort_values("estimate")
    facts = {
        "first": find_state(rows["cve_ent"].iloc[0]).name,
        "low": change(rows["estimate"].iloc[0]),
        "last": find_state(rows["cve_ent"].iloc[-1]).name,
        "high": change(rows["estimate"].iloc[-1]),
        "period": months(*trend.period),
    }
    return Caption(
        title=_("From {low} a year in {first} to {high} in {last}").format(**facts),
        subtitle=_("Trend of the homicide rate by state, % a year, {period}").format(**facts),
        alt=_("Table of trends with interval, q-value, homicides and dispersion by state."),
        notes=(_("q-values: Benjamini-Hochberg over the 32 states."),),
    )


def _trend_facts(trend: ModelResult) -> dict[str, str]:
    rows, pooled = trend.tidy(), trend.row("pooled")
    counts = rows["direction"].value_counts()
    risers = rows.loc[rows["direction"] == "rising", "cve_ent"]
    return {
        "falling": number(counts.get("falling", 0)),
        "rising": number(counts.get("rising", 0)),
        "unclear": number(counts.get("unclear", 0)),
        "risers": listing([find_state(code).name for code in risers]) or _("none"),
        "pooled": change(pooled["estimate"]),
        "interval": interval(pooled["conf_low"], pooled["conf_high"]),
        "predict_low": change(pooled["predict_low"], 0),
        "predict_high": change(pooled["predict_high"], 0),
        "period": months(*trend.period),
    }


def caption_tile_rates(panel: pd.DataFrame) -> Caption:
    """Say in which state the rate of twelve months was highest."""
    top = panel.loc[panel["year_rate_sesnsp"].idxmax(), "state"]
    return Caption(
        title=_("The states differ in level and in shape; the highest rate was in {top}").format(
            top=top
        ),
        subtitle=_("Rate of twelve months by state, quarter by quarter, {period}").format(
            period=months(panel["month"].min(), panel["month"].max())
        ),
        alt=_("Tile-grid map of small line charts, one a state. {top} is highest.").format(top=top),
        notes=(
            _("One scale for all states, from 0 to {top} per 100,000 person-years. SESNSP.").format(
                top=number(panel["year_rate_sesnsp"].max())
            ),
            _("Oaxaca begins later: nine of its months were not reported."),
        ),
    )


def point_administration(rates: pd.DataFrame, source: str) -> Point:
    """Give the last administration's rate with interval and comparison."""
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
    """Give the twelve-month rate today against its peak."""
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


def point_trends(trend: ModelResult, early: ModelResult) -> Point:
    """Give the pooled trend with interval and count of states, and what an earlier start does."""
    facts = _trend_facts(trend) | {f"early_{k}": v for k, v in _trend_facts(early).items()}
    text = _(
        "{period}: the mean of the states' trends is {pooled} a year ({interval}), falling in {falling} "
        "states, rising in {rising} ({risers}), unclear in {unclear}; over {early_period} it is "
        "{early_pooled} ({early_interval})."
    ).format(**facts)
    return Point(text, "trends")


def say_national_sureness() -> tuple[list[str], list[str], list[str]]:
    """Say how sure we are of the national report: strengths, limitations, what would change it."""
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
