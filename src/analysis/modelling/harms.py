"""Harms beside homicide: firearms, fentanyl, fuel, kidnapping, disappearance."""

import pandas as pd

from analysis.columns import credit
from analysis.modelling.periods import tidy_series
from analysis.sources import describe

TRACED = "firearms recovered in Mexico and traced by ATF"
SHARES = {
    "SESNSP share of homicide victims by firearm": "sesnsp_all",
    "SESNSP share by firearm, known means": "sesnsp_known",
    "INEGI share of homicides by firearm": "inegi",
}
SEIZURES = {
    "CBP fentanyl seizures, nationwide (USBP+OFO)": "nationwide",
    "CBP fentanyl seizures, OFO ports of entry only": "ports",
}
FUEL = {
    "stolen fuel (Pemex SITRAC)": ("litres", "sitrac"),
    "fuel theft, average": ("barrels", "year_average"),
    "fuel theft": ("barrels", "one_month"),
    "fuel theft (Pemex 20-F)": ("barrels", "form_20f"),
    "fuel theft (daily security report)": ("barrels", "daily_report"),
}
KIDNAPPING = {
    "kidnapping victims (SESNSP, state jurisdiction)": "kidnapping_files",
    "kidnappings of household members (ENVIPE estimate)": "kidnapping_survey",
}


def select_firearms(
    homicide_firearm_share: pd.DataFrame, us_firearms_and_fentanyl: pd.DataFrame
) -> pd.DataFrame:
    """Give the firearm share of homicides by source and denominator (%), and firearms traced.

    Examples
    --------
    >>> from analysis import load_table
    >>> names = ["homicide_firearm_share", "us_firearms_and_fentanyl"]
    >>> rows = select_firearms(*map(load_table, names)).query("period == '2024'")
    >>> rows.set_index("series")["value"].to_dict()
    {'sesnsp_all': 72.98, 'sesnsp_known': 75.24, 'inegi_preliminary': 71.8, 'inegi_final': 71.5}
    """
    shares = homicide_firearm_share.assign(panel="firearm_share")
    status = shares["status"].where(shares["status"] != "computed", "")
    series = shares["series"].map(SHARES)
    shares["series"] = (series + "_" + status).str.removesuffix("_")
    half = (shares["unit"] + shares["source"]).str.extract(r"(Jan-Jun)", expand=False)
    shares["period"] = (shares["year"].astype("str") + " " + half.fillna("")).str.strip()
    # The months stand in the period; the unit keeps the denominator.
    shares["unit"] = shares["unit"].str.removesuffix(" (Jan-Jun)")
    table = us_firearms_and_fentanyl
    traced = table[table["series"] == TRACED].assign(panel="traced", series="traced")
    rows = pd.concat([shares, traced])
    return tidy_series(rows, "homicide_firearm_share", "us_firearms_and_fentanyl")


def select_arms(us_firearms_and_fentanyl: pd.DataFrame) -> pd.DataFrame:
    """Give every figure on firearms from the United States, most of them over several years.

    ``series`` is what the source counts; ``unit`` and ``note`` say how it words the figure.

    Examples
    --------
    >>> from analysis import load_table
    >>> arms = select_arms(load_table("us_firearms_and_fentanyl"))
    >>> arms.set_index("period")["value"].head(1).to_dict()
    {'2007-2011': 99000.0}
    """
    rows = us_firearms_and_fentanyl[us_firearms_and_fentanyl["series"].str.contains("firearm")]
    # One unit holds its reservation only.
    unit = rows["unit"].replace({"more than": "firearms (more than)"})
    return tidy_series(rows.assign(panel="arms", unit=unit), "us_firearms_and_fentanyl")


def select_fentanyl(us_firearms_and_fentanyl: pd.DataFrame) -> pd.DataFrame:
    """Give fentanyl seized by US Customs and Border Protection, in pounds, by fiscal year.

    Examples
    --------
    >>> from analysis import load_table
    >>> select_fentanyl(load_table("us_firearms_and_fentanyl"))["period"].tolist()[:4]
    ['FY2020', 'FY2022', 'FY2023', 'FY2024']
    """
    table = us_firearms_and_fentanyl
    rows = table.assign(panel="fentanyl", series=table["series"].map(SEIZURES))
    return tidy_series(rows.dropna(subset="series"), "us_firearms_and_fentanyl")


def select_fuel(fuel_theft_and_kidnapping: pd.DataFrame) -> pd.DataFrame:
    """Give fuel theft: taps under three definitions, million litres, and barrels a day.

    Examples
    --------
    >>> from analysis import load_table
    >>> rows = select_fuel(load_table("fuel_theft_and_kidnapping"))
    >>> rows.query("panel == 'taps_year' and period == '2023'")["value"].tolist()
    [14890.0]
    """
    table, keys = fuel_theft_and_kidnapping, pd.DataFrame(FUEL, index=["panel", "series"]).T
    taps = table[table["series"] == "illegal pipeline taps"]
    kind = pd.Series("taps_year", index=taps.index)
    kind = kind.mask(taps["period"].str.contains("Jan-Sep"), "taps_nine_months")
    kind = kind.mask(taps["period"].str.contains("liquid"), "taps_liquid")
    taps = taps.assign(panel=kind, series=kind)
    volumes = table[table["series"].isin(list(FUEL))].rename(columns={"series": "name"})
    rows = pd.concat([taps, volumes.join(keys, on="name")])
    out = tidy_series(rows, "fuel_theft_and_kidnapping")
    # Nine months are this series' own measure, not a part of it.
    return out.assign(mark=out["mark"].mask(out["panel"] == "taps_nine_months", ""))


def select_kidnapping(fuel_theft_and_kidnapping: pd.DataFrame) -> pd.DataFrame:
    """Give kidnapping victims in prosecutors' files, and the survey's estimate for households.

    Examples
    --------
    >>> from analysis import load_table
    >>> select_kidnapping(load_table("fuel_theft_and_kidnapping"))["series"].unique().tolist()
    ['kidnapping_files', 'kidnapping_survey']
    """
    table = fuel_theft_and_kidnapping
    series = table["series"].map(KIDNAPPING)
    rows = table.assign(panel=series, series=series).dropna(subset="series")
    return tidy_series(rows, "fuel_theft_and_kidnapping")


def select_missing(disappeared_national_year: pd.DataFrame) -> pd.DataFrame:
    """Give persons still missing by year of the event, one series a consultation of the register.

    ``series`` is the date of the consultation; its year in course is a ``part``.

    Examples
    --------
    >>> from analysis import load_table
    >>> select_missing(load_table("disappeared_national_year"))["series"].unique().tolist()
    ['2025-05-01', '2026-07']
    """
    table = disappeared_national_year
    consulted = table["source"].str.extract(r"RNPDNO (\d{4}-\d{2}(?:-\d{2})?)", expand=False)
    part = table["year"].astype("str") + " to " + consulted
    rows = table.rename(columns={"still_missing": "value"}).assign(
        panel="still_missing",
        series=consulted,
        unit="persons",
        # Without a figure a day the year was in course when the register was consulted.
        period=table["year"].astype("str").mask(table["per_day"].isna(), part),
    )
    return tidy_series(rows, "disappeared_national_year")


def select_register(disappeared_state_year: pd.DataFrame) -> pd.DataFrame:
    """Sum the register of the disappeared over states: ``year, category, persons, consulted``.

    ``year`` is that of the event or ``undated``; ``consulted`` the month of the consultation.

    Examples
    --------
    >>> from analysis import load_table
    >>> int(select_register(load_table("disappeared_state_year"))["persons"].sum())
    390122
    """
    sums = disappeared_state_year.groupby(["year", "category"], sort=True)["persons"].sum()
    out = sums.reset_index().assign(consulted=date_register())
    return credit(out, ["disappeared_state_year"])


def date_register() -> pd.Timestamp:
    """Give the month in which the register by state was consulted."""
    vintage = describe("disappeared_state_year")["vintage"]
    return pd.to_datetime(" ".join(vintage.split()[-2:]), format="%B %Y")
