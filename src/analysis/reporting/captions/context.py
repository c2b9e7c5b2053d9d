"""The words of the report on what surrounds homicide: its head, troops and perception."""

import pandas as pd

from analysis.modelling.coverage import select_coverage, select_gaps
from analysis.modelling.periods import QUOTED
from analysis.reporting.figures.surroundings import name_line, write_years
from analysis.reporting.parts import Caption, Point, Title
from analysis.reporting.text import listing, month, number, period
from analysis.reporting.text import translate as _
from analysis.sources import describe

TABLES = (
    *("military_expenditure", "security_budget", "troops_public_security", "envipe_national"),
    *("envipe_state_perception", "homicide_firearm_share", "us_firearms_and_fentanyl"),
    *("fuel_theft_and_kidnapping", "disappeared_national_year", "disappeared_state_year"),
    "paper_claims",
)


def title_context() -> Title:
    """Give the head of the report on what surrounds homicide.

    Examples
    --------
    >>> title_context().title
    'What surrounds homicide'
    """
    first = describe("military_expenditure")["coverage"]["first"]
    last = describe("disappeared_national_year")["coverage"]["last"]
    return Title(
        title=_("What surrounds homicide"),
        question=_(
            "What surrounds homicide in Mexico: money, troops, perception, arms, other crimes, "
            "missing persons and the economy? What is known of each, from whom, and where are the gaps?"
        ),
        period=_("{first} to {last}").format(first=first, last=last),
        sources=TABLES,
        words={},
    )


def series_notes(rows: pd.DataFrame, *own: str) -> tuple[str, ...]:
    """Give a figure's own notes, the years it lacks, and how to read its marks."""
    notes = [*own, _gap_note(rows)]
    if rows["run"].duplicated().any():
        notes.append(
            _(
                "Lines join consecutive years of series whose producer's table is held, nothing else."
            )
        )
    if rows["status"].isin(QUOTED).any():
        notes.append(
            _(
                "A series with press reports or preliminary figures is drawn as points that no line joins; its missing years are those listed."
            )
        )
    if rows["mark"].isin(["part", "preliminary"]).any():
        notes.append(_("Hollow: a part of a year, an average or a preliminary figure."))
    return tuple(notes)


def _gap_note(rows: pd.DataFrame) -> str:
    gaps = select_gaps(select_coverage(rows))
    lacking = [
        f"{name_line(row.panel, row.series)} ({write_years(row.years_lacking)})"
        for row in gaps[gaps["lacking"] > 0].itertuples()
    ]
    if not lacking:
        return _("No year is missing between the first and the last figure of a series.")
    return _("Years without any figure: {lacking}.").format(lacking="; ".join(lacking))


def pick(rows: pd.DataFrame, series: str, period: str | None = None) -> pd.Series:
    """Give a series' figure of a period, or its last one of a whole year."""
    some = rows[rows["series"] == series]
    if period is not None:
        return some[some["period"] == period].iloc[-1]
    return some[~some["mark"].isin(["part", "unverified", "nil"])].iloc[-1]


def _part_facts(parts: pd.DataFrame) -> dict[str, str]:
    row = parts.loc[parts["difference"].abs().idxmax()]
    terms = parts["period"].str.contains("(", regex=False) & (parts["difference"] == 0)
    return {
        "period": month(row["period"])
        if len(row["period"]) == len("2024-06")
        else period(row["period"]),
        "total": number(row["total"]),
        "sum": number(row["sum"]),
        "difference": number(row["difference"]),
        "equal": number((parts["difference"] == 0).sum()),
        "all": number(len(parts)),
        "terms": number(terms.sum()),
        "sources": listing(sorted({*parts[terms]["parts_source"].str.split("; ").explode()})),
    }


def caption_troops(rows: pd.DataFrame, parts: pd.DataFrame) -> Caption:
    """Say what the last total is and what its parts add to.

    Examples
    --------
    >>> from analysis import load_table, select_parts, select_troops
    >>> table = load_table("troops_public_security")
    >>> caption_troops(select_troops(table), select_parts(table)).title
    '274,584 persons in public security in June 2024, but the listed parts add to 181,484'
    """
    listed = rows[rows["mark"] == "listed"].set_index("panel")["value"]
    facts = _part_facts(parts) | {
        "figures": number(len(rows)),
        "army": number(listed["army"]),
        "navy": number(listed["navy_troops"]),
    }
    return Caption(
        title=_(
            "{total} persons in public security in {period}, but the listed parts add to {sum}"
        ).format(**facts),
        subtitle=_("Persons deployed in public security as quoted, thousand, by date and force"),
        alt=_(
            "Three panels of {figures} points in time, none joined. Total of {period}: {total}, its parts {sum}."
        ).format(**facts),
        notes=series_notes(
            rows,
            _(
                "The listed parts of {period}, Army {army} and Navy {navy}, belong to a total that leaves {difference} persons without a force: no fall can be read from them."
            ).format(**facts),
            _(
                "Totals quoted for a presidential term stand at its last year, whose figures they equal. Other figures of a year stand in its middle. Hollow: listed parts, totals of terms and averages. What counts as deployed differs between sources."
            ),
        ),
    )


def caption_parts(parts: pd.DataFrame) -> Caption:
    """Head the table of totals against their parts.

    Examples
    --------
    >>> from analysis import load_table, select_parts
    >>> parts = select_parts(load_table("troops_public_security"))
    >>> caption_parts(parts).title
    '3 of 5 totals equal their parts; that of June 2024 exceeds them by 93,100'
    """
    facts = _part_facts(parts)
    return Caption(
        title=_(
            "{equal} of {all} totals equal their parts; that of {period} exceeds them by {difference}"
        ).format(**facts),
        subtitle=_("Totals of persons deployed in public security against the sum of their parts"),
        alt=_("Table of {all} totals, their parts and the difference.").format(**facts),
        notes=(
            _(
                "Parts are those that the total's source lists, but for totals given for a term, with which none are listed. These are set against the Army's and the Navy's figures of the term's last year, quoted by {sources}: {terms} are their sum, so they are of that year and no average."
            ).format(**facts),
        ),
    )


def _survey_facts(rows: pd.DataFrame) -> dict[str, str]:
    unsafe, hidden = rows[rows["series"] == "rates"], pick(rows, "unreported")
    peak, last = unsafe.loc[unsafe["value"].idxmax()], unsafe.iloc[-1]
    doubtful = rows[rows["mark"] == "unverified"].iloc[-1]
    hidden_all = rows.loc[rows["series"] == "unreported", "value"]
    both = rows[rows["panel"] == "unsafe"].pivot_table(
        index="period", columns="series", values="value"
    )
    apart = (both["rates"] - both["headline"]).dropna()
    headline = both["headline"].dropna()
    return {
        "unsafe": number(last["value"], 1),
        "year": last["period"],
        "peak": number(peak["value"], 1),
        "peak_year": peak["period"],
        "peak_headline": number(both.loc[peak["period"], "headline"], 1),
        "headline": number(headline.iloc[-1], 1),
        "headline_year": str(headline.index[-1]),
        "hidden": number(hidden["value"], 1),
        "hidden_year": hidden["period"],
        "hidden_low": number(hidden_all.min(), 1),
        "hidden_high": number(hidden_all.max(), 1),
        "doubtful": number(doubtful["value"], 1),
        "doubtful_year": doubtful["period"],
        "apart_low": number(apart.min(), 1),
        "apart_high": number(apart.max(), 1),
    }


def caption_survey(rows: pd.DataFrame) -> Caption:
    """Say how many adults call their state unsafe and how many crimes stay unreported.

    Examples
    --------
    >>> from analysis import load_table, select_survey
    >>> survey = map(load_table, ["envipe_national", "envipe_state_perception"])
    >>> caption_survey(select_survey(*survey)).title
    '79.4% of adults called their state unsafe in 2025 in the table by state (last headline ...
    """
    facts = _survey_facts(rows)
    return Caption(
        title=_(
            "{unsafe}% of adults called their state unsafe in {year} in the table by state (last headline held: {headline}% in {headline_year}); {hidden}% of the crimes of {hidden_year} were not reported or not investigated"
        ).format(**facts),
        subtitle=_("ENVIPE, nation: % of adults by year of survey, % of crimes by year of crimes"),
        alt=_(
            "Four panels by year. Unsafe, nation in the table by state: {peak}% in {peak_year}, {unsafe}% in {year}; headline: {peak_headline}% in {peak_year}, {headline}% in {headline_year}. Not reported or not investigated: {hidden_low} to {hidden_high}%."
        ).format(**facts),
        notes=series_notes(
            rows,
            _(
                "The cross, {doubtful}% in {doubtful_year}, is found in IEEE Analysis Document 79/2024 only and is not verified."
            ).format(**facts),
            _(
                "Published headlines lie {apart_low} to {apart_high} points below the table by state; the two are not mixed. No sampling errors are held."
            ).format(**facts),
            _("The axes of the upper three panels do not begin at zero."),
        ),
    )


def point_troops(parts: pd.DataFrame) -> Point:
    """Give the total of troops that its parts do not reach.

    Examples
    --------
    >>> from analysis import load_table, select_parts
    >>> parts = select_parts(load_table("troops_public_security"))
    >>> point_troops(parts).text
    'For June 2024 274,584 persons are quoted in public security, but the parts listed with ...
    """
    text = _(
        "For {period} {total} persons are quoted in public security, but the parts listed with the total add to "
        "{sum}: {difference} are not accounted for."
    )
    return Point(text.format(**_part_facts(parts)), "parts")


def point_survey(rows: pd.DataFrame) -> Point:
    """Give the share of adults who call their state unsafe, by the table and by the headline.

    Examples
    --------
    >>> from analysis import load_table, select_survey
    >>> survey = map(load_table, ["envipe_national", "envipe_state_perception"])
    >>> point_survey(select_survey(*survey)).text
    "In the nation's row of ENVIPE's table by state 79.4% of adults called their state ...
    """
    text = _(
        "In the nation's row of ENVIPE's table by state {unsafe}% of adults called their state unsafe in {year}, after "
        "{peak}% in {peak_year}; INEGI's published headline is lower: {peak_headline}% in {peak_year}, and "
        "{headline}% in {headline_year}, the last held."
    )
    return Point(text.format(**_survey_facts(rows)), "survey")
