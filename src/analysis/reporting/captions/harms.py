"""The words of the report on what surrounds homicide: arms, fentanyl, fuel, kidnapping, missing."""

import re

import pandas as pd

from analysis.reporting.captions.context import pick, series_notes
from analysis.reporting.exhibits import Caption, Point
from analysis.reporting.text import change, day, listing, month, number, period
from analysis.reporting.text import translate as _


def caption_firearms(rows: pd.DataFrame) -> Caption:
    """Say which share of homicides was by firearm in the last whole year, by source."""
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
    """Head the table of firearms recovered, traced and trafficked."""
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
    """Say how much fentanyl was seized in the last whole fiscal year."""
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
    """Say how litres and taps of whole years changed over the year of the greatest fall."""
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
    """Say how far files and survey are apart in the last year that both have."""
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


def _consulted(text: str) -> str:
    """Write the date of a consultation: a day where it is known, else a month."""
    return day(text) if len(text) > len("2026-07") else month(text)


def _missing_facts(rows: pd.DataFrame) -> dict[str, str]:
    first, second = sorted(rows["series"].unique())
    year = rows[(rows["series"] == first) & (rows["mark"] == "")]["period"].iloc[-1]
    before, after = (pick(rows, series, year)["value"] for series in (first, second))
    return {
        "year": year,
        "before": number(before),
        "after": number(after),
        "first": _consulted(first),
        "second": _consulted(second),
    }


def caption_missing(rows: pd.DataFrame) -> Caption:
    """Say how many are still missing from one year by two consultations of the register."""
    facts = _missing_facts(rows)
    return Caption(
        title=_(
            "Still missing from {year}: {before} as consulted on {first}, {after} as consulted in {second}"
        ).format(**facts),
        subtitle=_(
            "Persons still missing by year of the event, register consulted {first} and {second}"
        ).format(**facts),
        alt=_(
            "Two lines by year of the event, one a consultation. {year}: {before} on {first}, {after} in {second}."
        ).format(**facts),
        notes=series_notes(
            rows,
            _(
                "A living register: persons are added, dated and found long after. The first consultation leaves confidential records out and was read from a chart, so the difference is not growth alone."
            ),
        ),
    )


def caption_register(register: pd.DataFrame) -> Caption:
    """Say how many are missing, found alive and found dead, and how many have no date."""
    sums = register.groupby("category")["persons"].sum()
    undated = register[register["year"] == "undated"].set_index("category")["persons"]
    facts = {
        "missing": number(sums["missing"]),
        "dead": number(sums["found_dead"]),
        "alive": number(sums["found_alive"]),
        "undated": number(undated.sum()),
        "undated_missing": number(undated["missing"]),
        "undated_dead": number(undated["found_dead"]),
        "undated_alive": number(undated["found_alive"]),
        "consulted": month(register["consulted"].iloc[0]),
        "first": register["year"].min(),
        "last": register.loc[register["year"] != "undated", "year"].max(),
    }
    return Caption(
        title=_(
            "{missing} still missing, {dead} found dead, {alive} found alive, as the register of {consulted} has events from {first} on or undated; {undated} have no date"
        ).format(**facts),
        subtitle=_(
            "Persons in the register by year of the event, {first} to {last}, consulted {consulted}"
        ).format(**facts),
        alt=_(
            "Stacked bars by year of the event: still missing, found dead, found alive; the hatched bar is {last} to {consulted}. {undated} undated persons are not drawn."
        ).format(**facts),
        notes=(
            _(
                "Not drawn, for they have no date: {undated_missing} missing, {undated_dead} found dead, {undated_alive} found alive."
            ).format(**facts),
            _(
                "As the register stood in {consulted}; the hatched bar, {last}, is a part of a year. Years before {first} are not in this table."
            ).format(**facts),
        ),
    )


def point_missing(rows: pd.DataFrame) -> Point:
    """Give how the count of one year depends on the consultation."""
    text = _(
        "Of persons who disappeared in {year}, {before} were still missing as the register stood on {first}, read by eye from a "
        "chart without confidential records, and {after} of all public records as it stood in {second}: counts of two kinds, so "
        "their difference is not growth alone."
    )
    return Point(text.format(**_missing_facts(rows)), "missing")


def say_context_sureness() -> tuple[list[str], list[str], list[str]]:
    """Say how sure we are of the report on what surrounds homicide."""
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
