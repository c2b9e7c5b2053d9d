"""What is spent on the military, the Guard and security, and the size of the economy.

Every ``select_*`` that gives series gives the columns of
`analysis.modelling.periods.tidy_series`, one row a figure as its source prints it.
"""

import pandas as pd

from analysis.columns import credit
from analysis.modelling.periods import tidy_series

# Claims of the audited paper on the economy, for which no table is held.
ECONOMY = ("c61", "c64", "c65", "c66", "c67", "c68")
GUARD = "Guardia Nacional"
MINISTRIES = {
    "Defensa Nacional": "defence",
    "Marina": "navy",
    "Seguridad y Protección Ciudadana": "security",
}
# The World Bank revises its series; the one kept here has no date, so no year of it is final.
KEPT = "as kept"


def select_expenditure(military_expenditure: pd.DataFrame) -> pd.DataFrame:
    """Give military expenditure by year: in dollars of the year, % of GDP, and dollars of 2019.

    Dollars of the year are the World Bank's share times its GDP: the current series. What was
    quoted when it was released is left to `select_releases`.

    Parameters
    ----------
    military_expenditure : pandas.DataFrame
        Table of that name.

    Returns
    -------
    pandas.DataFrame
        One row a figure, columns of `analysis.modelling.periods.tidy_series`; ``panel`` is
        ``dollars`` (of the year), ``gdp_share`` (%) or ``constant_2019`` (dollars of 2019).

    Examples
    --------
    >>> from analysis import load_table
    >>> rows = select_expenditure(load_table("military_expenditure"))
    >>> rows.query("panel == 'gdp_share' and period == '2024'")["value"].round(2).item()
    0.89
    """
    table = military_expenditure
    parts = {
        "dollars": table["indicator"].str.contains("derived"),
        "gdp_share": table["unit"] == "% of GDP",
        "constant_2019": table["unit"] == "constant 2019 USD",
    }
    rows = pd.concat([table[some].assign(panel=key, series=key) for key, some in parts.items()])
    rows["status"] = rows["status"].mask(rows["panel"] == "gdp_share", KEPT)
    return tidy_series(rows.rename(columns={"year": "period"}), "military_expenditure")


def select_releases(military_expenditure: pd.DataFrame) -> pd.DataFrame:
    """Give figures in dollars of the year as quoted from releases of SIPRI, and the current series.

    Each release is a series, named by its year; the current series begins with the first year
    that was quoted.

    Parameters
    ----------
    military_expenditure : pandas.DataFrame
        Table of that name.

    Returns
    -------
    pandas.DataFrame
        One row a figure, columns of `analysis.modelling.periods.tidy_series`; ``series`` is
        ``current`` or ``sipri_`` and the year of the release, ``value`` in dollars of the year.

    Examples
    --------
    >>> from analysis import load_table
    >>> rows = select_releases(load_table("military_expenditure")).query("period == '2022'")
    >>> (rows.set_index("series")["value"] / 1e9).round(1).to_dict()
    {'current': 10.1, 'sipri_2023': 8.5}
    """
    table = military_expenditure
    release = _release(table).where(table["unit"].str.startswith("current USD"))
    quoted = table[release.notna()].assign(series="sipri_" + release.dropna().astype("str"))
    derived = table["indicator"].str.contains("derived") & (table["year"] >= quoted["year"].min())
    rows = pd.concat([table[derived].assign(series="current"), quoted.sort_values("series")])
    rows = rows.rename(columns={"year": "period"}).assign(panel="releases")
    return tidy_series(rows, "military_expenditure")


def _release(table: pd.DataFrame) -> pd.Series:
    """Read the year of SIPRI's release from a unit; missing where it names none."""
    year = table["unit"].str.extract(r"SIPRI.*?(\d{4}) vintage", expand=False)
    return year.astype("Int64")


def select_vintages(military_expenditure: pd.DataFrame) -> pd.DataFrame:
    """Put each figure quoted from a release of SIPRI beside the current series.

    Parameters
    ----------
    military_expenditure : pandas.DataFrame
        Table of that name.

    Returns
    -------
    pandas.DataFrame
        One row a quoted figure: ``year, vintage`` (year of the release), ``unit, released,
        current`` (dollars; missing where the unit is another), ``difference`` of the current
        to the released figure in %, ``source, source_url``.

    Examples
    --------
    >>> from analysis import load_table
    >>> rows = select_vintages(load_table("military_expenditure"))
    >>> rows.query("year == 2022 and vintage == 2023")["difference"].round(1).item()
    17.9
    """
    table = military_expenditure
    rows = table.assign(vintage=_release(table)).dropna(subset="vintage")
    rows["unit"] = rows["unit"].str.partition(" (")[0]
    derived = table[table["indicator"].str.contains("derived")].set_index("year")["value"]
    rows["current"] = rows["year"].map(derived).where(rows["unit"] == "current USD")
    rows["difference"] = (rows["current"] / rows["value"] - 1) * 100
    rows = rows.rename(columns={"value": "released"}).sort_values(["year", "vintage"])
    columns = ["year", "vintage", "unit", "released", "current", "difference"]
    out = rows[[*columns, "source", "source_url"]].reset_index(drop=True)
    return credit(out, ["military_expenditure"], difference="%")


def select_budget(security_budget: pd.DataFrame) -> pd.DataFrame:
    """Give money approved for and spent by three ministries in pesos of the year.

    A zero approved is marked ``nil``: the ministry was not yet in that year's budget.

    Parameters
    ----------
    security_budget : pandas.DataFrame
        Table of that name.

    Returns
    -------
    pandas.DataFrame
        One row a figure, columns of `analysis.modelling.periods.tidy_series`; ``panel`` is
        ``defence, navy`` or ``security``, ``series`` ``approved`` or ``exercised``, ``value`` in
        pesos of the year.

    Examples
    --------
    >>> from analysis import load_table
    >>> rows = select_budget(load_table("security_budget")).query("period == '2023'")
    >>> (rows.query("panel == 'navy'").set_index("series")["value"] / 1e9).round(1).to_dict()
    {'approved': 41.9, 'exercised': 57.6}
    """
    rows = security_budget[security_budget["entity"].isin(list(MINISTRIES))]
    rows = rows.assign(
        panel=rows["entity"].map(MINISTRIES),
        series=rows["concept"],
        mark=(rows["value"] == 0).map({True: "nil", False: ""}),
    )
    return tidy_series(rows.rename(columns={"year": "period"}), "security_budget")


def select_guard_money(security_budget: pd.DataFrame) -> pd.DataFrame:
    """Give the single figures of the Guard's money, which have four definitions between them.

    ``series`` is the entity and the concept as the table names them.

    Parameters
    ----------
    security_budget : pandas.DataFrame
        Table of that name.

    Returns
    -------
    pandas.DataFrame
        One row a figure, columns of `analysis.modelling.periods.tidy_series`; ``unit`` says which
        pesos.

    Examples
    --------
    >>> from analysis import load_table
    >>> rows = select_guard_money(load_table("security_budget"))
    >>> rows.loc[rows["period"] == "2024", "unit"].unique().tolist()
    ['constant 2018 MXN', 'current MXN']
    """
    rows = security_budget[security_budget["entity"].str.contains(GUARD)]
    rows = rows.assign(panel="guard_money", series=rows["entity"] + ", " + rows["concept"])
    return tidy_series(rows.rename(columns={"year": "period"}), "security_budget")


def select_gdp(military_expenditure: pd.DataFrame) -> pd.DataFrame:
    """Give gross domestic product in dollars of the year.

    Parameters
    ----------
    military_expenditure : pandas.DataFrame
        Table of that name, which holds the product for the shares.

    Returns
    -------
    pandas.DataFrame
        One row a year, columns of `analysis.modelling.periods.tidy_series`; ``value`` in dollars of
        the year.

    Examples
    --------
    >>> from analysis import load_table
    >>> rows = select_gdp(load_table("military_expenditure"))
    >>> (rows.set_index("period")["value"] / 1e12).round(2).loc["2024"].item()
    1.83
    """
    rows = military_expenditure[military_expenditure["indicator"] == "GDP"]
    rows = rows.assign(panel="gdp", series="gdp", status=KEPT).rename(columns={"year": "period"})
    return tidy_series(rows, "military_expenditure")


def select_unheld(paper_claims: pd.DataFrame) -> pd.DataFrame:
    """Give the audited paper's claims on the economy, for which no table is held.

    Parameters
    ----------
    paper_claims : pandas.DataFrame
        Table of that name.

    Returns
    -------
    pandas.DataFrame
        One row a claim: ``id, subject, claimed`` (as printed), ``unit, period, qualifier``.

    Examples
    --------
    >>> from analysis import load_table
    >>> select_unheld(load_table("paper_claims"))["subject"].tolist()[2:5]
    ['fiscal deficit', 'annual inflation', 'economic growth']
    """
    rows = paper_claims[paper_claims["id"].isin(ECONOMY)]
    out = rows[["id", "subject", "claimed", "unit", "period", "qualifier"]].reset_index(drop=True)
    return credit(out, ["paper_claims"])
