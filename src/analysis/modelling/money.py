"""What is spent on the military, the Guard and security, and the size of the economy.

Every ``select_*`` that gives series gives the columns of
`analysis.modelling.periods.tidy_series`, one row a figure as its source prints it.
"""

import pandas as pd

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

    Returns
    -------
    pandas.DataFrame
        One row a quoted figure: ``year, vintage`` (year of the release), ``unit, released,
        current`` (dollars; missing where the unit is another), ``difference`` of the current
        to the released figure in %, ``source, source_url``.
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
    out.attrs = {"sources": ["military_expenditure"]}
    return out


def select_budget(security_budget: pd.DataFrame) -> pd.DataFrame:
    """Give money approved for and spent by three ministries in pesos of the year.

    A zero approved is marked ``nil``: the ministry was not yet in that year's budget.
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
    """
    rows = security_budget[security_budget["entity"].str.contains(GUARD)]
    rows = rows.assign(panel="guard_money", series=rows["entity"] + ", " + rows["concept"])
    return tidy_series(rows.rename(columns={"year": "period"}), "security_budget")


def select_gdp(military_expenditure: pd.DataFrame) -> pd.DataFrame:
    """Give gross domestic product in dollars of the year."""
    rows = military_expenditure[military_expenditure["indicator"] == "GDP"]
    rows = rows.assign(panel="gdp", series="gdp", status=KEPT).rename(columns={"year": "period"})
    return tidy_series(rows, "military_expenditure")


def select_unheld(paper_claims: pd.DataFrame) -> pd.DataFrame:
    """Give the audited paper's claims on the economy, for which no table is held."""
    rows = paper_claims[paper_claims["id"].isin(ECONOMY)]
    out = rows[["id", "subject", "claimed", "unit", "period", "qualifier"]].reset_index(drop=True)
    out.attrs = {"sources": ["paper_claims"]}
    return out
