"""What surrounds homicide: troops, perception, arms and other crimes as tidy series.

Every ``select_*`` that gives series gives the columns of
`analysis.modelling.periods.tidy_series`, one row a figure as its source prints it.
"""

import re

import pandas as pd

from analysis.modelling.periods import tidy_series
from analysis.sources import describe

TERM = r"\d{4}-(\d{4}) \("
TRACED = "firearms recovered in Mexico and traced by ATF"
FORCES = {"SEDENA": "army", "SEMAR": "navy_troops", "total": "forces"}
INDICATORS = {
    "state perceived unsafe (18+), headline": ("unsafe", "headline"),
    "insecurity named a main problem (18+)": ("main_problem", "main_problem"),
    "cifra negra (not reported or no investigation)": ("unreported", "unreported"),
    "crimes reported": ("outcome", "reported"),
    "crimes with a positive outcome for the victim (share of all crimes)": ("outcome", "positive"),
}
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


def select_troops(troops_public_security: pd.DataFrame) -> pd.DataFrame:
    """Give soldiers, marines and all forces deployed in public security, in persons.

    ``series`` tells apart a narrower count of the Army, and totals of soldiers and marines only.
    A total given for a presidential term is marked ``term``; a force's figure is marked
    ``listed`` where it is a part of a total that its parts do not reach.

    Examples
    --------
    >>> from analysis import load_table
    >>> rows = select_troops(load_table("troops_public_security"))
    >>> rows.query("panel == 'army' and period == '2024-11'")["value"].tolist()
    [100226.0]
    """
    table = troops_public_security
    narrow, only = table["series"].str.contains(r"\+"), table["unit_or_note"].str.contains("sold")
    series = pd.Series("deployed", index=table.index).mask(narrow, "narrow").mask(only, "military")
    series = series.mask(series.eq("deployed") & table["series"].str.startswith("total"), "quoted")
    panel = table["series"].str.extract(r"^(\w+)", expand=False).map(FORCES)
    note = table["unit_or_note"].where(table["unit_or_note"] != "persons", "")
    parts = select_parts(table)
    short = parts.loc[parts["difference"] > 0, ["period", "parts"]]
    lists = table["period"].map(short.set_index("period")["parts"].str.split(" + ", regex=False))
    listed = [
        isinstance(some, list) and str(value) in some
        for some, value in zip(lists, table["value"], strict=True)
    ]
    mark = pd.Series("", index=table.index).mask(pd.Series(listed, index=table.index), "listed")
    mark = mark.mask(table["period"].str.match(TERM), "term")
    rows = table.assign(panel=panel, series=series, unit="persons", note=note, mark=mark)
    return tidy_series(rows, "troops_public_security")


def select_parts(troops_public_security: pd.DataFrame) -> pd.DataFrame:
    """Set each total of troops against the sum of its parts.

    Parts are those that the total's source lists with it. With a total given for a presidential
    term none are listed: it is set against the Army's and the Navy's figures of the term's last
    year, whose sources are others.

    Returns
    -------
    pandas.DataFrame
        One row a total: ``period, total, parts`` (as listed), ``sum, difference`` (persons, total
        less sum), ``source, source_url``, ``parts_source``.

    Examples
    --------
    >>> from analysis import load_table
    >>> parts = select_parts(load_table("troops_public_security")).set_index("period")
    >>> int(parts.loc["2024-06", "difference"])
    93100
    """
    table = troops_public_security
    rows = table[table["series"] == "total deployed"].rename(columns={"value": "total"})
    found = [_parts(row, table) for row in rows.itertuples()]
    rows["parts"] = [parts for parts, __ in found]
    rows["parts_source"] = ["; ".join(sources) for __, sources in found]
    rows = rows[rows["parts"].str.len() > 1].sort_values("period", ignore_index=True)
    rows["sum"] = rows["parts"].map(sum)
    rows["difference"] = rows["total"] - rows["sum"]
    rows["parts"] = rows["parts"].map(lambda parts: " + ".join(str(part) for part in parts))
    columns = ["period", "total", "parts", "sum", "difference", "source", "source_url"]
    out = rows[[*columns, "parts_source"]]
    out.attrs = {"sources": ["troops_public_security"]}
    return out


def _parts(row: object, table: pd.DataFrame) -> tuple[list[int], list[str]]:
    """List a total's parts and their sources: its note's, or two forces' at the term's end."""
    period, note = row.period, row.unit_or_note  # type: ignore[attr-defined]
    if term := re.match(TERM, period):
        forces = table["series"].isin(["SEDENA deployed", "SEMAR deployed"])
        year = table[(table["period"] == term[1]) & forces]
        return year["value"].tolist(), year["source"].unique().tolist()
    listed = re.sub(r"adds? to [\d,]+", "", note)
    found = [int(part.replace(",", "")) for part in re.findall(r"\d+,\d{3}", listed)]
    return found, [row.source]  # type: ignore[attr-defined]


def select_survey(
    envipe_national: pd.DataFrame, envipe_state_perception: pd.DataFrame
) -> pd.DataFrame:
    """Give what the victimisation survey finds for the nation, in %.

    Perception stands at the year of the survey, crimes at the year before, to which they refer. The
    nation's row of the table by state is a series of its own beside the published headlines.

    Examples
    --------
    >>> from analysis import load_table
    >>> rows = select_survey(load_table("envipe_national"), load_table("envipe_state_perception"))
    >>> rows.query("series == 'unreported' and period == '2023'")["value"].tolist()
    [92.9]
    """
    keys = pd.DataFrame(INDICATORS, index=["panel", "series"]).T
    rows = envipe_national.join(keys, on="indicator")
    unverified = rows["source"].str.contains("not verified")
    rows = rows.rename(columns={"reference_year": "period", "value_pct": "value"}).assign(
        unit=rows["panel"].map({"unsafe": "% of adults", "main_problem": "% of adults"}),
        mark=unverified.map({True: "unverified", False: ""}),
    )
    rows["unit"] = rows["unit"].fillna("% of crimes")
    nation = envipe_state_perception[envipe_state_perception["cve_ent"] == "00"]
    about = describe("envipe_state_perception")["sources"][0]
    nation = nation.assign(
        period=nation["year"],
        value=nation["unsafe_per_100k_adults"] / 1000,
        panel="unsafe",
        series="rates",
        unit="% of adults",
        status="final",
        mark="",
        source=about["title"],
        source_url=about["path"],
    )
    rows = pd.concat([rows[rows["panel"] == "unsafe"], nation, rows[rows["panel"] != "unsafe"]])
    return tidy_series(rows, "envipe_national", "envipe_state_perception")


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
    out.attrs["sources"] = ["disappeared_state_year"]
    return out


def date_register() -> pd.Timestamp:
    """Give the month in which the register by state was consulted."""
    vintage = describe("disappeared_state_year")["vintage"]
    return pd.to_datetime(" ".join(vintage.split()[-2:]), format="%B %Y")
