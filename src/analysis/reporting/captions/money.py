"""The words of the report on what surrounds homicide: money and the economy."""

import pandas as pd

from analysis.reporting.captions.context import pick, series_notes
from analysis.reporting.parts import Caption, Point
from analysis.reporting.text import change, listing, number
from analysis.reporting.text import translate as _

BILLION = 1e9
# A revision of more than this many percent is worth a word.
LARGE = 10


def _vintage_facts(vintages: pd.DataFrame) -> dict[str, str]:
    known = vintages.dropna(subset="difference")
    large = known[known["difference"].abs() > LARGE]
    last, greatest = large.iloc[-1], large.loc[large["difference"].abs().idxmax()]
    return {
        "year": str(last["year"]),
        "release": str(last["vintage"]),
        "released": number(last["released"] / BILLION, 1),
        "current": number(last["current"] / BILLION, 1),
        "difference": change(last["difference"], 0),
        "greatest": change(greatest["difference"], 0),
        "greatest_year": str(greatest["year"]),
        "large": number(len(large)),
        "known": number(len(known)),
        "limit": number(LARGE),
    }


def caption_releases(releases: pd.DataFrame, vintages: pd.DataFrame) -> Caption:
    """Say what the last year that was much revised cost in each vintage.

    Examples
    --------
    >>> from analysis import load_table, select_releases, select_vintages
    >>> table = load_table("military_expenditure")
    >>> caption_releases(select_releases(table), select_vintages(table)).title
    'Military expenditure of 2022: 8.5 billion dollars as released, 10.1 in the current series'
    """
    facts = _vintage_facts(vintages)
    return Caption(
        title=_(
            "Military expenditure of {year}: {released} billion dollars as released, {current} in the current series"
        ).format(**facts),
        subtitle=_("Military expenditure by release, billion dollars of the year, by year"),
        alt=_(
            "Line of the current series with a marker for each figure as released. {year}: {released} released "
            "in {release}, {current} now; the largest difference is {greatest} in {greatest_year}."
        ).format(**facts),
        notes=series_notes(
            releases,
            _(
                "The current series is the World Bank's share of GDP times its GDP; the others are figures of SIPRI as the press quoted each release. A vintage is never continued by another."
            ),
        ),
    )


def caption_vintages(vintages: pd.DataFrame) -> Caption:
    """Head the table of figures as released and now.

    Examples
    --------
    >>> from analysis import load_table, select_vintages
    >>> vintages = select_vintages(load_table("military_expenditure"))
    >>> caption_vintages(vintages).title
    '2 of 8 figures differ by more than 10% from the current series'
    """
    facts = _vintage_facts(vintages)
    return Caption(
        title=_(
            "{large} of {known} figures differ by more than {limit}% from the current series"
        ).format(**facts),
        subtitle=_("Military expenditure as released and in the current series, billion dollars"),
        alt=_(
            "Table of quoted figures by year and release. Largest difference: {greatest} in {greatest_year}."
        ).format(**facts),
        notes=(_("A figure in dollars of another year's prices has nothing to be compared with."),),
    )


def caption_expenditure(rows: pd.DataFrame) -> Caption:
    """Say what share of GDP went to the military in the last year and when it was least.

    Examples
    --------
    >>> from analysis import load_table, select_expenditure
    >>> rows = select_expenditure(load_table("military_expenditure"))
    >>> caption_expenditure(rows).title
    'The military took 0.89% of GDP in 2024, against 0.30% in 2006, the lowest share since 1990'
    """
    share = rows[rows["panel"] == "gdp_share"]
    least, last = share.loc[share["value"].idxmin()], share.iloc[-1]
    facts = {
        "last": number(last["value"], 2),
        "year": last["period"],
        "least": number(least["value"], 2),
        "least_year": least["period"],
        "first": share["period"].min(),
        "dollars": number(pick(rows, "dollars")["value"] / BILLION, 1),
        "fixed_year": pick(rows, "constant_2019")["period"],
    }
    return Caption(
        title=_(
            "The military took {last}% of GDP in {year}, against {least}% in {least_year}, the lowest share since {first}"
        ).format(**facts),
        subtitle=_(
            "Military expenditure in dollars of the year, % of GDP and dollars of 2019, {first} to {year}"
        ).format(**facts),
        alt=_(
            "Three panels of lines by year. Share of GDP: lowest {least}% in {least_year}, {last}% in {year}; {dollars} billion dollars in {year}."
        ).format(**facts),
        notes=series_notes(
            rows,
            _(
                "The series in dollars of 2019 is SIPRI's release of February 2022 and ends in {fixed_year}. Dollars of the year hold inflation and exchange rates too."
            ).format(**facts),
        ),
    )


def caption_budget(rows: pd.DataFrame) -> Caption:
    """Say how spending differed from what was approved in the last year, by ministry.

    Examples
    --------
    >>> from analysis import load_table, select_budget
    >>> rows = select_budget(load_table("security_budget"))
    >>> caption_budget(rows).title
    'In 2023 defence spent 144.1 billion pesos, +29% against what was approved, and ...
    """
    facts: dict[str, str] = {}
    for panel, some in rows.groupby("panel"):
        spent, approved = pick(some, "exercised"), pick(some, "approved")
        facts |= {
            f"{panel}_spent": number(spent["value"] / BILLION, 1),
            f"{panel}_approved": number(approved["value"] / BILLION, 1),
            f"{panel}_change": change((spent["value"] / approved["value"] - 1) * 100, 0),
            "year": spent["period"],
        }
    nil = rows.loc[rows["mark"] == "nil", "period"]
    return Caption(
        title=_(
            "In {year} defence spent {defence_spent} billion pesos, {defence_change} against what was approved, and security {security_spent}, {security_change}"
        ).format(**facts),
        subtitle=_("Money approved and spent by ministry, billion pesos of the year, by year"),
        alt=_(
            "Three panels of two lines by year. {year}, spent against approved: defence {defence_spent} and {defence_approved}, "
            "Navy {navy_spent} and {navy_approved}, security {security_spent} and {security_approved}."
        ).format(**facts),
        notes=series_notes(
            rows,
            _(
                "Pesos of public accounts, not dollars of SIPRI: another definition and another currency, on no common axis. Not adjusted for inflation."
            ),
            _(
                "Nothing was approved under the name of the ministry of security for {years}; the table's zero is not drawn."
            ).format(years=listing(list(nil))),
        ),
    )


def caption_guard_money(figures: pd.DataFrame) -> Caption:
    """Head the table of the Guard's money.

    Examples
    --------
    >>> from analysis import load_table, select_guard_money
    >>> figures = select_guard_money(load_table("security_budget"))
    >>> caption_guard_money(figures).title
    "5 figures of the Guard's money under 4 definitions make no series"
    """
    kinds = figures[["series", "unit"]].drop_duplicates()
    facts = {"figures": number(len(figures)), "kinds": number(len(kinds))}
    return Caption(
        title=_(
            "{figures} figures of the Guard's money under {kinds} definitions make no series"
        ).format(**facts),
        subtitle=_(
            "Money assigned to or spent by the National Guard, pesos as the source has them"
        ),
        alt=_("Table of {figures} figures with period, definition, unit and source.").format(
            **facts
        ),
        notes=(
            _("One figure joins the Guard with the state police; one is in pesos of 2018."),
            _("Years with a figure: {years}.").format(years=listing(sorted({*figures["period"]}))),
        ),
    )


def caption_gdp(rows: pd.DataFrame) -> Caption:
    """Say what GDP was in the last year.

    Examples
    --------
    >>> from analysis import load_table, select_gdp
    >>> rows = select_gdp(load_table("military_expenditure"))
    >>> caption_gdp(rows).title
    "GDP was 1,833 billion dollars in 2025 as the World Bank's series is kept here; it is ...
    """
    first, last = rows.iloc[0], rows.iloc[-1]
    facts = {
        "value": number(last["value"] / BILLION),
        "year": last["period"],
        "first": first["period"],
        "start": number(first["value"] / BILLION),
    }
    return Caption(
        title=_(
            "GDP was {value} billion dollars in {year} as the World Bank's series is kept here; it is the only economic series held"
        ).format(**facts),
        subtitle=_("Gross domestic product, billion dollars of the year, {first} to {year}").format(
            **facts
        ),
        alt=_("Line by year, from {start} in {first} to {value} in {year}.").format(**facts),
        notes=series_notes(
            rows,
            _("Dollars of the year hold inflation and the exchange rate: this is no growth."),
            _(
                "The World Bank revises its series. When the one kept here was consulted is not recorded, so its last years, {year} above all, are not to be taken as final."
            ).format(**facts),
        ),
    )


def caption_unheld(claims: pd.DataFrame) -> Caption:
    """Head the table of economic figures without data.

    Examples
    --------
    >>> from analysis import load_table, select_unheld
    >>> claims = select_unheld(load_table("paper_claims"))
    >>> caption_unheld(claims).title
    'No data are held for 6 economic figures of the audited paper'
    """
    facts = {"claims": number(len(claims))}
    return Caption(
        title=_("No data are held for {claims} economic figures of the audited paper").format(
            **facts
        ),
        subtitle=_("Figures on the economy printed in IEEE Analysis Document 79/2024"),
        alt=_("Table of {claims} figures with unit and year, each without data.").format(**facts),
        notes=(
            _(
                "They are what the paper prints, neither confirmed nor refuted here. GDP in dollars of the year can not test growth."
            ),
        ),
    )


def point_releases(vintages: pd.DataFrame) -> Point:
    """Give the vintages of the last year that was much revised.

    Examples
    --------
    >>> from analysis import load_table, select_vintages
    >>> vintages = select_vintages(load_table("military_expenditure"))
    >>> point_releases(vintages).text
    'Military expenditure of 2022 was 8.5 billion dollars in the release of 2023 and is ...
    """
    text = _(
        "Military expenditure of {year} was {released} billion dollars in the release of {release} and is "
        "{current} billion in the current series ({difference}): a figure without its vintage can not be compared."
    )
    return Point(text.format(**_vintage_facts(vintages)), "releases")
