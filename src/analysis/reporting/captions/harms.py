"""The words of the report on what surrounds homicide: arms, fentanyl, fuel, kidnapping."""

import re

import pandas as pd

from analysis.reporting.captions.context import pick, series_notes
from analysis.reporting.parts import Caption
from analysis.reporting.text import change, listing, number, period
from analysis.reporting.text import translate as _


def caption_firearms(rows: pd.DataFrame) -> Caption:
    """Say which share of homicides was by firearm in the last whole year, by source.

    Examples
    --------
    >>> from analysis import load_table, select_firearms
    >>> names = ["homicide_firearm_share", "us_firearms_and_fentanyl"]
    >>> caption_firearms(select_firearms(*map(load_table, names))).title
    "Homicides by firearm in 2024: 73.0% of SESNSP's victims, 71.5% of INEGI's deaths"
    """
    final = pick(rows, "inegi_final")
    year = final["period"]
    first = rows[rows["series"] == "sesnsp_known"].iloc[0]
    traced = rows[rows["panel"] == "traced"]
    disputed = rows.loc[rows["source"].str.contains("print"), "period"]
    facts = {
        "year": year,
        "all": number(pick(rows, "sesnsp_all", year)["value"], 1),
        "known": number(pick(rows, "sesnsp_known", year)["value"], 1),
        "final": number(final["value"], 1),
        "preliminary": number(pick(rows, "inegi_preliminary", year)["value"], 1),
        "first": first["period"],
        "start": number(first["value"], 1),
        "traced": number(len(traced)),
        "traced_years": listing(list(traced["period"])),
        "disputed": listing(list(disputed)),
    }
    return Caption(
        title=_(
            "Homicides by firearm in {year}: {all}% of SESNSP's victims, {final}% of INEGI's deaths"
        ).format(**facts),
        subtitle=_(
            "Firearm share by source and denominator, %; firearms traced, thousand; by year"
        ),
        alt=_(
            "Lines and points by year in two panels. SESNSP, known means: {start}% in {first}, {known}% in {year}; INEGI, final: {final}%. "
            "Firearms traced: {traced} points."
        ).format(**facts),
        notes=series_notes(
            rows,
            _(
                "INEGI gave {preliminary}% for {year} in its preliminary release. Newspapers print other counts for {disputed}; the download quotes them."
            ).format(**facts),
            _(
                "Firearms traced are held for {traced_years} only. They are a selection of those recovered and say nothing of the share used in homicides. The upper axis does not begin at zero."
            ).format(**facts),
        ),
    )


def caption_arms(figures: pd.DataFrame) -> Caption:
    """Head the table of firearms recovered, traced and trafficked.

    Examples
    --------
    >>> from analysis import load_table, select_arms
    >>> figures = select_arms(load_table("us_firearms_and_fentanyl"))
    >>> caption_arms(figures).title
    '70% of the firearms traced in 2014‑2018 were from the United States'
    """
    share = figures[figures["unit"] == "%"].iloc[-1]
    facts = {
        "share": number(share["value"]),
        "period": period(share["period"]),
        "figures": number(len(figures)),
    }
    return Caption(
        title=_("{share}% of the firearms traced in {period} were from the United States").format(
            **facts
        ),
        subtitle=_("Firearms recovered, traced or trafficked, as each source counts them"),
        alt=_("Table of {figures} figures with period, unit, reservation and source.").format(
            **facts
        ),
        notes=(
            _(
                "Periods overlap and definitions differ, so the figures are not added or drawn together. A share of firearms traced is no share of homicides."
            ),
        ),
    )


def caption_fentanyl(rows: pd.DataFrame) -> Caption:
    """Say how much fentanyl was seized in the last whole fiscal year.

    Examples
    --------
    >>> from analysis import load_table, select_fentanyl
    >>> rows = select_fentanyl(load_table("us_firearms_and_fentanyl"))
    >>> caption_fentanyl(rows).title
    '21,889 pounds of fentanyl in FY2024, after 27,023 in FY2023'
    """
    whole = rows[(rows["series"] == "nationwide") & (rows["mark"] == "")]
    last, before, parts = whole.iloc[-1], whole.iloc[-2], rows[rows["mark"] == "part"]
    facts = {
        "last": number(last["value"]),
        "year": period(last["period"]),
        "before": number(before["value"]),
        "year_before": period(before["period"]),
        "parts": listing([f"{period(r.period)} {number(r.value)}" for r in parts.itertuples()]),
    }
    return Caption(
        title=_("{last} pounds of fentanyl in {year}, after {before} in {year_before}").format(
            **facts
        ),
        subtitle=_("Fentanyl seized by US Customs and Border Protection, pounds, by fiscal year"),
        alt=_(
            "Dots by fiscal year, none joined; hollow ones are parts of a year. {year}: {last}, {year_before}: {before} pounds."
        ).format(**facts),
        notes=series_notes(
            rows,
            _(
                "A fiscal year runs from October to September. Parts of a year, in pounds: {parts}; they overlap and are not added."
            ).format(**facts),
            _("Seizures measure enforcement as much as flow. All figures are quoted by the press."),
        ),
    )


def caption_fuel(rows: pd.DataFrame) -> Caption:
    """Say how litres and taps of whole years changed over the year of the greatest fall.

    Examples
    --------
    >>> from analysis import load_table, select_fuel
    >>> rows = select_fuel(load_table("fuel_theft_and_kidnapping"))
    >>> caption_fuel(rows).title
    'From 2018 to 2019 stolen litres changed by −89%, taps found in the whole year by −12%'
    """
    facts = _fuel_facts(rows)
    return Caption(
        title=_(
            "From {before_year} to {year} stolen litres changed by {litres}, taps found in the whole year by {taps}"
        ).format(**facts),
        subtitle=_("Illegal pipeline taps by definition, litres and barrels stolen, by year"),
        alt=_(
            "Five panels by year. Litres: {before} million in {before_year}, {after} in {year}, {last} in {last_year}. Taps of whole years: {taps_before} in {before_year}, {taps_after} in {year}; taps of January to September: {nine} over the same years."
        ).format(**facts),
        notes=series_notes(
            rows,
            _(
                "Taps are holes found, not fuel lost. Nine months, whole years and liquid fuels only are three counts; barrels a day come from four sources."
            ),
            _(
                "Two newspapers give two totals of taps for {twice_year}: {twice}; either way the whole year changed by {taps} to {year}, but January to September by {nine}."
            ).format(**facts),
        ),
    )


def _fuel_facts(rows: pd.DataFrame) -> dict[str, str]:
    """Give what is said of litres, taps of whole years and of nine months, in words."""
    litres, taps = rows[rows["panel"] == "litres"], rows[rows["panel"] == "taps_nine_months"]
    follows = litres["period"].astype("int64").diff() == 1
    fell = litres["value"].pct_change().where(follows).idxmin()
    after = litres.loc[fell]
    before = litres.loc[fell - 1]
    nine = taps.assign(year=taps["period"].str[:4]).set_index("year")["value"]
    yearly = rows[rows["panel"] == "taps_year"]
    twice = yearly[yearly["period"].duplicated(keep=False)]
    # Newspapers may give several totals of a year; every change that follows from them is named.
    start, end = (yearly.loc[yearly["period"] == row["period"], "value"] for row in (before, after))
    whole = [change((b / a - 1) * 100, 0) for a in start for b in end]
    return {
        "before_year": before["period"],
        "year": after["period"],
        "before": number(before["value"]),
        "after": number(after["value"]),
        "litres": change((after["value"] / before["value"] - 1) * 100, 0),
        "taps": listing(list(dict.fromkeys(whole))),
        "taps_before": listing([number(value) for value in start]),
        "taps_after": listing([number(value) for value in end]),
        "nine": change((nine[after["period"]] / nine[before["period"]] - 1) * 100, 0),
        "last": number(litres["value"].iloc[-1]),
        "last_year": litres["period"].iloc[-1],
        "twice_year": listing(list(twice["period"].unique())),
        "twice": listing([number(value) for value in twice["value"]]),
    }


def caption_kidnapping(rows: pd.DataFrame) -> Caption:
    """Say how far files and survey are apart in the last year that both have.

    Examples
    --------
    >>> from analysis import load_table, select_kidnapping
    >>> rows = select_kidnapping(load_table("fuel_theft_and_kidnapping"))
    >>> caption_kidnapping(rows).title
    'Kidnapping in 2024: 908 victims in the files, 94,679 by the survey of households'
    """
    files, survey = (rows[rows["panel"] == f"kidnapping_{kind}"] for kind in ("files", "survey"))
    whole = files[files["mark"] == ""]
    year = sorted({*whole["period"]} & {*survey["period"]})[-1]
    peak = whole.loc[whole["value"].idxmax()]
    half = files[files["mark"] == "part"].iloc[-1]
    error = re.search(r"(\d+) % in (\d{4})", survey["note"].iloc[0])
    facts = {
        "year": year,
        "files": number(pick(files, "kidnapping_files", year)["value"]),
        "survey": number(pick(survey, "kidnapping_survey", year)["value"]),
        "peak": number(peak["value"]),
        "peak_year": peak["period"],
        "half": number(half["value"]),
        "half_year": period(half["period"]),
        "error": error[1] if error else "–",
        "error_year": error[2] if error else "–",
    }
    return Caption(
        title=_(
            "Kidnapping in {year}: {files} victims in the files, {survey} by the survey of households"
        ).format(**facts),
        subtitle=_(
            "SESNSP's victims in state jurisdiction; ENVIPE's estimate for households; by year"
        ),
        alt=_(
            "Two panels by year with axes of their own. Files: {peak} victims in {peak_year}, {files} in {year}. Survey: {survey} in {year}."
        ).format(**facts),
        notes=series_notes(
            rows,
            _("The hollow point, {half}, is {half_year}: half a year, not a fall.").format(**facts),
            _(
                "Files count reported cases; the survey counts kidnappings of household members, mostly unreported, with an error of ±{error}% in {error_year}."
            ).format(**facts),
        ),
    )


def say_context_sureness() -> tuple[list[str], list[str], list[str]]:
    """Say how sure we are of the report on what surrounds homicide.

    Examples
    --------
    >>> len(say_context_sureness())
    3
    """
    strengths = [
        _("Every figure keeps its own source, unit and vintage in the download of its figure."),
        _("No line crosses a missing year, and no missing figure stands as zero."),
        _(
            "Money, perception by state and SESNSP's counts come from complete series of one source."
        ),
    ]
    limitations = [
        _("Troops, fuel, fentanyl and most of the survey's headlines are quoted by the press."),
        _("The survey's sampling errors are not held, so small changes can not be judged."),
        _("Nothing here is an effect: what surrounds homicide is shown, not what causes it."),
        _("The register of the disappeared changes daily; each count is of its date only."),
    ]
    changes = [
        _("The survey's microdata would give every year and its error."),
        _(
            "The fiscal year that is missing of fentanyl, and Pemex's own series, would close gaps shown here."
        ),
        _("Data on trade, prices and the budget would let the paper's economic figures be tested."),
    ]
    return strengths, limitations, changes
