"""The words on how good the counts are."""

import pandas as pd

from analysis.modelling.result import ModelResult
from analysis.reporting.parts import Caption, Point
from analysis.reporting.text import change, number, percent
from analysis.reporting.text import translate as _


def caption_years(years: pd.DataFrame) -> Caption:
    """Say what INEGI's last final total is against SESNSP's.

    Examples
    --------
    >>> from analysis import load_table
    >>> years = load_table("national_year")
    >>> caption_years(years).title
    'In 2024 INEGI counted 33,550 deaths by homicide, SESNSP 30,046 victims'
    """
    last = years.dropna(subset=["homicides_inegi", "homicides_sesnsp"]).iloc[-1]
    facts = {
        "year": last["year"],
        "inegi": number(last["homicides_inegi"]),
        "sesnsp": number(last["homicides_sesnsp_filled"]),
    }
    return Caption(
        title=_(
            "In {year} INEGI counted {inegi} deaths by homicide, SESNSP {sesnsp} victims"
        ).format(**facts),
        subtitle=_("Homicides by year, Mexico; rates per 100,000 person-years"),
        alt=_("Table of yearly homicides, both sources side by side."),
        notes=(
            _(
                "INEGI totals are by year of registration; the monthly table is by month of "
                "occurrence and drops deaths without municipality or month."
            ),
        ),
    )


def caption_measurement(measurement: ModelResult, panel: pd.DataFrame) -> Caption:
    """Say how much of INEGI's total SESNSP counts in the last common year, and of what.

    Examples
    --------
    >>> from analysis import fit_measurement, load_panel, load_table
    >>> panel, totals = load_panel(), load_table("inegi_homicides_national")
    >>> measurement = fit_measurement(panel, load_table("national_year"), totals)
    >>> caption_measurement(measurement, panel).title
    "SESNSP counted 90% of INEGI's deaths in 2024, 95% in 2019"
    """
    rows = measurement.tidy()
    years = rows[rows["kind"] == "sources by year"].sort_values("term")
    last, top = years.iloc[-1], years.loc[years["estimate"].idxmax()]
    femicides = panel.loc[panel["month"].dt.year == int(last["term"]), "femicides"].sum()
    facts = {
        "year": last["term"],
        "share": percent(last["estimate"]),
        "top_year": top["term"],
        "top": percent(top["estimate"]),
        "femicides": number(femicides),
        "both": percent((last["numerator"] + femicides) / last["denominator"]),
    }
    return Caption(
        title=_("SESNSP counted {share} of INEGI's deaths in {year}, {top} in {top_year}").format(
            **facts
        ),
        subtitle=_("SESNSP victims and INEGI's monthly table as % of INEGI's final total"),
        alt=_("Two lines by year against a line at 100%. SESNSP: {share} in {year}.").format(
            **facts
        ),
        notes=(
            _("Ratios of counts, not of samples: there is no interval."),
            _(
                "INEGI's deaths include femicides, SESNSP's intentional homicides do not: with its "
                "{femicides} victims of femicide the share in {year} is {both}."
            ).format(**facts),
            _(
                "Against INEGI's monthly table, which is incomplete from 2018 on, SESNSP looks "
                "closer than it is."
            ),
        ),
    )


def caption_marks(marks: pd.DataFrame) -> Caption:
    """Say how many kinds of marks the panel carries.

    Examples
    --------
    >>> from analysis import load_panel, select_marks
    >>> marks = select_marks(load_panel())
    >>> caption_marks(marks).title
    '7 kinds of marks stand in the data'
    """
    return Caption(
        title=_("{kinds} kinds of marks stand in the data").format(
            kinds=number(marks["flag"].nunique())
        ),
        subtitle=_("Flagged and corrected cells of the state-month panel"),
        alt=_("Table of marks: what, where, from when to when, how many cells."),
        notes=(_("Corrections are recorded with reason and proof in data/raw/datapackage.json."),),
    )


def caption_half_years(halves: pd.DataFrame) -> Caption:
    """Say how January to June changed in both sources.

    Examples
    --------
    >>> from analysis import load_table, select_half_years
    >>> totals, months = load_table("inegi_homicides_national"), load_table("national_month")
    >>> halves = select_half_years(totals, months)
    >>> caption_half_years(halves).title
    'January to June 2025: −11.1% by INEGI, −15.6% by SESNSP, against 2024'
    """
    facts = _half_facts(halves)
    return Caption(
        title=_(
            "January to June {year}: {inegi} by INEGI, {sesnsp} by SESNSP, against {before}"
        ).format(**facts),
        subtitle=_("Homicides from January to June, both sources"),
        alt=_("Table of homicides from January to June by year and source."),
        notes=(
            _(
                "INEGI's half-years are preliminary; its preliminary totals of years were revised upwards."
            ),
        ),
    )


def _half_facts(halves: pd.DataFrame) -> dict[str, str]:
    last, before = halves.iloc[-1], halves.iloc[-2]
    names = ("homicides_inegi", "homicides_sesnsp")
    inegi, sesnsp = (change((last[name] / before[name] - 1) * 100) for name in names)
    years = {"year": str(last["year"]), "before": str(before["year"])}
    return years | {"inegi": inegi, "sesnsp": sesnsp}


def caption_revisions(measurement: ModelResult) -> Caption:
    """Say by how much INEGI's preliminary totals grew, and what that lets expect.

    Examples
    --------
    >>> from analysis import fit_measurement, load_panel, load_table
    >>> panel, totals = load_panel(), load_table("inegi_homicides_national")
    >>> measurement = fit_measurement(panel, load_table("national_year"), totals)
    >>> caption_revisions(measurement).title
    '7 preliminary totals of INEGI were revised by +0.2% to +3.8%'
    """
    rows = measurement.tidy()
    mean = rows[rows["kind"] == "mean revision"].iloc[-1]
    last = rows[rows["kind"] == "expected final"].sort_values("term").iloc[-1]
    facts = {
        "n": number(mean["revisions"]),
        "low": change((mean["low"] - 1) * 100),
        "high": change((mean["high"] - 1) * 100),
        "period": last["term"],
        "preliminary": number(last["denominator"]),
        "expected": number(last["estimate"]),
        "least": number(last["low"]),
        "most": number(last["high"]),
    }
    return Caption(
        title=_("{n} preliminary totals of INEGI were revised by {low} to {high}").format(**facts),
        subtitle=_("Deaths by homicide, Mexico: preliminary against final totals"),
        alt=_(
            "Table of revisions. Expected of {period}: {expected} after {preliminary}, between "
            "{least} and {most} by the smallest and largest revision."
        ).format(**facts),
        notes=(
            _(
                "Intervals rest on {n} revisions of whole years: of the mean, or of one further "
                "total (t). No final total of a half-year is known to check them."
            ).format(**facts),
            _("The total of January to June 2024 is quoted from 2026 and may be revised already."),
        ),
    )


def point_measurement(measurement: ModelResult, halves: pd.DataFrame) -> Point:
    """Give SESNSP's share of INEGI's deaths, and how the last half-year changed in both.

    Examples
    --------
    >>> from analysis import fit_measurement, load_panel, load_table, select_half_years
    >>> totals, months = load_table("inegi_homicides_national"), load_table("national_month")
    >>> halves = select_half_years(totals, months)
    >>> measurement = fit_measurement(load_panel(), load_table("national_year"), totals)
    >>> point_measurement(measurement, halves).text
    "In 2024 SESNSP counted 30,046 victims, 90% of INEGI's 33,550 deaths, 95% in 2019. ...
    """
    rows = measurement.tidy()
    years = rows[rows["kind"] == "sources by year"].sort_values("term")
    last, top = years.iloc[-1], years.loc[years["estimate"].idxmax()]
    text = _(
        "In {year} SESNSP counted {sesnsp} victims, {share} of INEGI's {inegi} deaths, {top} in "
        "{top_year}. January to June {half} against {before}: {half_inegi} by INEGI (preliminary), "
        "{half_sesnsp} by SESNSP."
    ).format(
        half=halves["year"].iloc[-1],
        before=halves["year"].iloc[-2],
        half_inegi=_half_facts(halves)["inegi"],
        half_sesnsp=_half_facts(halves)["sesnsp"],
        year=last["term"],
        sesnsp=number(last["numerator"]),
        share=percent(last["estimate"]),
        inegi=number(last["denominator"]),
        top=percent(top["estimate"]),
        top_year=top["term"],
    )
    return Point(text, "half-years")
